"""Patient geometry: import, repair, structures, centrelines, contact fields, parametric generators."""
