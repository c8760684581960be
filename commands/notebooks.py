"""Build notebooks from their sources: notebooks/source/NN_*.py, run in a fresh kernel -> notebooks/NN_*.ipynb."""

import argparse
import subprocess

from commands.environment import ROOT, ensure


def main(arguments):
    """Run the verb."""
    parser = argparse.ArgumentParser(prog="python course.py notebooks", description=__doc__)
    parser.add_argument("number", nargs="*", help="the numbers of the notebooks to build, such as 05 (default: all)")
    numbers = parser.parse_args(arguments).number
    return subprocess.call([str(ensure("dev")), str(ROOT / "notebooks" / "build.py"), *numbers])
