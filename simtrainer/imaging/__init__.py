"""What a machine sees, as arrays, by deterministic CPU kernels: fluoroscopy."""
