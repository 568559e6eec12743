"""The window: pygame owns window, input, sound and the flat picture; PyVista renders off-screen in one thread."""
