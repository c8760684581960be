"""The tables of the benches: the rows of a CSV file, each a dict, and how fast a column grows."""

import csv

import numpy as np


def read(path):
    """The rows that are there, their values as text."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write(path, rows):
    """Write the table anew."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, rows[0], lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


def add(path, columns, values):
    """Write one more row, and print it."""
    write(path, [*read(path), dict(zip(columns, values, strict=True))])
    print(*values, flush=True)


def exponent(sizes, values):
    """The p of the power law values ~ sizes^p, by least squares on logarithms."""
    return np.polyfit(np.log(sizes), np.log(values), 1)[0]
