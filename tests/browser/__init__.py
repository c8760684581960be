"""Tests that drive a real JupyterLab in a real browser; lab.py is the driver, conftest.py the fixtures."""
