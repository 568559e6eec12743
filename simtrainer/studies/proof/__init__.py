"""Proof of a course: which hands pass it and which fail it, and where; a software test, and called so, not validity."""
