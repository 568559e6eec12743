"""Selective catheterisation of a branch of the aorta from the groin, under fluoroscopy."""
