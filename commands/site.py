"""Build the web edition: every notebook as one page that needs no Python, for any static host or from disk."""

import argparse
import subprocess
import sys

from commands.environment import ROOT, ensure


def main(arguments):
    """Run the verb."""
    parser = argparse.ArgumentParser(prog="python course.py site", description=__doc__)
    parser.add_argument("--here", action="store_true", help="use the Python that runs this (conda), not .venv")
    parser.add_argument("--out", default="_site", help="the folder to write (default: _site)")
    parser.add_argument("--jobs", default="2", help="how many notebooks run at a time (default: 2)")
    chosen = parser.parse_args(arguments)
    python = sys.executable if chosen.here else ensure("dev")
    return subprocess.call([str(python), "-m", "web.build", "--out", chosen.out, "--jobs", chosen.jobs], cwd=ROOT)
