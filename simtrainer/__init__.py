"""A surgical and procedure training simulator; start at `simtrainer.core`, the floors are in the README."""

__version__ = "0.1.0"
