"""Which catheter engages which arch: standard hands on the rod alone, without course, bot or score.

Shapes and stiffness come from the instruments' YAML, vessels from the packages; nothing here knows a catheter by name.
"""
