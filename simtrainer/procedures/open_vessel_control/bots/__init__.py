"""Hands that are programs; they get an Observation and nothing else."""
