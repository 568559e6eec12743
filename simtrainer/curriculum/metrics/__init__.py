"""One file for each metric; each puts itself into `simtrainer.curriculum.metric.metrics`."""
