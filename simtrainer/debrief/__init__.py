"""From the effects track of an attempt to a page worth reading: score, reasons, plots, pictures, words, curves."""
