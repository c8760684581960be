"""Tests of the web edition on notebooks written by hand; tests/browser/test_web_edition.py reads the real pages."""
