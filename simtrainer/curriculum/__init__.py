"""Course files, protocol monitors, metrics, scoring, feedback: sees only events, snapshots and facts."""
