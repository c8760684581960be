"""What stands behind the verbs of course.py: one module each, and environment.py. Standard library only."""
