"""Programs that play the procedure by what they see and feel, and nothing else.

A software test, not evidence of validity: they show that the course can be passed, and failed, for its own reasons.
"""
