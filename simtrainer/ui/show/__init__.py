"""The demonstration: bots play a patient side by side, and an index page leads to all that came of it."""
