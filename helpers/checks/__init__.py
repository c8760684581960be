"""What exercise cells call: check(my_function) says what is right, or names the mistake.

    check(fn)             run fn on many cases and return a Report
    hint("softmax")       the next of three hints
    show_source("softmax") the reference, folded
    progress()            every exercise with its state

To add an exercise to notebook 07, write a module nb07_*.py (nb05_attention.py is the example to follow):

1. a case maker: seed -> list of argument tuples, the first one small enough for paper, the others awkward;
2. a table of misconceptions: id -> the wrong function (`also=` holds other ways to the same mistake) and the sentence
   that helps, never the solution;
3. an Exercise with the package's own function as reference, the names of what it returns, and three hints;
4. the module in registry.py, and inputs for its mutants in tests/inputs. The tests iterate over the registry: they need
   no change. `python -m tests.mutants NAME` shows what became of every small change of the reference.

Where many answers are right, give a judge: judge(outputs, *arguments) -> None or a Finding;
where only all cases together tell, a jury (nb11_bench.py).

exercise, registry, nbXX           what there is       engine, values, failing, observe, explain   what is said
sandbox, guards, watch, ending     how it is run       report, card, hints, logbook, overview      what is shown
sending                            what the class board of a hub is told
"""

from helpers.checks.engine import check
from helpers.checks.hints import hint, show_source
from helpers.checks.overview import progress
from helpers.checks.registry import EXERCISES
from helpers.checks.report import Report

__all__ = ["EXERCISES", "Report", "check", "hint", "progress", "show_source"]
