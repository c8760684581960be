"""Lay a fresh copy of one notebook into my_notebooks/; the present one is kept beside it under a dated name."""

import argparse

from commands.environment import SetUpError
from helpers import workspace


def main(arguments):
    """Run the verb."""
    parser = argparse.ArgumentParser(prog="python course.py fresh", description=__doc__)
    parser.add_argument("number", help="the notebook's number, such as 05")
    try:
        laid = workspace.fresh(parser.parse_args(arguments).number)
    except ValueError as error:
        raise SetUpError(str(error)) from None
    print(laid.sentence)
    return 0
