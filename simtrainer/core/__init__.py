"""The headless, deterministic house: tick, actions, events, snapshots, session, attempts, replay.

Knows no organ, no screen and no file format of medicine; imports nothing else of simtrainer.
"""
