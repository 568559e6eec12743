"""Selective catheterisation of a branch of the aorta from the groin, under fluoroscopy."""

from simtrainer.procedures import procedures
from simtrainer.procedures.selective_catheterisation.exercise import EXERCISE

procedures.put(EXERCISE.name, EXERCISE)
