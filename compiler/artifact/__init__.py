"""What compilation ends with: the deployable folder, and what runs it."""
