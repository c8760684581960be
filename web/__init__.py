"""The web edition: every notebook as one page that needs no Python. build.py makes it."""
