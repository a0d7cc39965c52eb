"""Whether a model fits a machine, what it needs of it, and what sizes would do."""
