"""The networks of the course: torch only, no plots, no widgets, no files."""
