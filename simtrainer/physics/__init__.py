"""Solvers over their own state: rods, contact and friction; never what a device is called or who pushes it."""
