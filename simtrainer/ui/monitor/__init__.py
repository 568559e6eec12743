"""View models of strip, step list, time line, captions and force bar: pure functions, no toolkit, for any screen."""
