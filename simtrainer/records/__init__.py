"""Attempts in a database: who tried what, when, with which score; a score is a cache beside the attempt's file."""
