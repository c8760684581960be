"""Inputs that tell a changed reference from the right one, made without looking at the cases of its check.

One file per notebook. INPUTS: exercise -> function(generator, scale) -> arguments. ORACLES: where many answers are
right, exercise -> function(outputs, *arguments) -> bool, a second judge that shares nothing with the first.
"""

import importlib
import pkgutil

import torch


def sizes(generator, count, most=5):
    """Draw `count` sizes of axes."""
    return torch.randint(1, most + 1, (count,), generator=generator).tolist()


def collected(table):
    """All entries of INPUTS or ORACLES, over the notebooks."""
    modules = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    return {name: entry for module in modules for name, entry in getattr(module, table, {}).items()}
