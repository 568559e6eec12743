"""Parametric bones and body outline: closed surfaces in the frame of the patient, good enough to X-ray."""
