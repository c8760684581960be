"""A real JupyterHub with real seats."""
