"""Every public function and widget: what fits its docstring is taken, everything else is refused in a sentence.

A refusal is a ValueError or TypeError, raised by the course's own code, that names the argument and what came: never
a traceback from inside torch or numpy, never a wrong answer, never a wait. The tables are in tests/arguments.
"""

import importlib
import inspect
import pkgutil
import random
import signal
import traceback
import warnings
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
import torch._dynamo  # the first optimiser of a session imports it, in half a minute on a busy machine
from hypothesis import given, settings
from hypothesis import strategies as st

import helpers
from helpers import plots
from tests import arguments
from tests.arguments import tables

settings.register_profile("ci", derandomize=True, deadline=None, database=None)
settings.load_profile("ci")

ROOT = Path(helpers.__file__).parent
CALLS = tables.CALLS


def resolve(name):
    """ "models.recurrent_layers.Recurrent.forward" -> the module's attribute."""
    parts = name.split(".")
    if parts[0] == "plots":
        return getattr(plots, parts[1])
    for cut in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(["helpers", *parts[:cut]]))
        except ModuleNotFoundError:
            continue
        for part in parts[cut:]:
            found = getattr(found, part)
        return found
    raise LookupError(name)


def drawn_by(data):
    return lambda least, most: data.draw(st.integers(least, most))


def run(name, entry, sizes, values):
    """Call it; a method is called on an object of the same sizes."""
    function = resolve(name) if entry.of is None else getattr(entry.of(sizes), name.rpartition(".")[2])
    with torch.random.fork_rng(devices=[]), alarm(name):
        positional, named = [], {}
        parameters = inspect.signature(function).parameters
        for argument, value in values.items():
            if argument in parameters and parameters[argument].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD:
                named[argument] = value
            elif argument in parameters and parameters[argument].kind is inspect.Parameter.VAR_POSITIONAL:
                positional += [value]
            else:
                named[argument] = value
        return function(*positional, **named)


@contextmanager
def alarm(name, seconds=60):
    """Whatever was handed in, an answer comes; where there are no signals the test would wait."""

    def ring(*_):
        raise AssertionError(f"{name} did not come back within {seconds} s")

    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture(autouse=True)
def _quiet(course_style):
    """Figures are drawn without a screen."""


@pytest.mark.parametrize("name", CALLS)
def test_what_fits_is_taken(name):
    entry = CALLS[name]

    @settings(max_examples=entry.examples)
    @given(st.data())
    def holds(data):
        sizes = arguments.Sizes(drawn_by(data), entry.sizes)
        values = {argument: kind.right(sizes) for argument, kind in entry.arguments.items()}
        run(name, entry, sizes, values)

    holds()
    tidy()


@pytest.mark.parametrize("name", CALLS)
def test_what_does_not_fit_gets_a_sentence(name):
    entry, draw, complaints = CALLS[name], random.Random(0), []
    sizes = arguments.Sizes(lambda least, most: draw.randint(max(least, min(2, most)), most), entry.sizes)
    values = {argument: kind.right(sizes) for argument, kind in entry.arguments.items()}
    for argument, kind in entry.arguments.items():
        for label, wrong in kind.mistakes(sizes, values[argument]).items():
            named = [argument, *filter(None, [kind.key])]
            named += values if label.endswith("too long") else ()  # two do not fit each other: either one may be named
            complaint = refusal(name, entry, sizes, values | {argument: wrong}, named, wrong, label not in kind.wrong)
            if complaint:
                complaints.append(f"{argument} = {label}: {complaint}")
    tidy()
    assert not complaints, "\n" + "\n".join(complaints)


def refusal(name, entry, sizes, values, named, wrong, whole):
    """What is wrong with how a wrong argument is refused, "" when nothing is; `whole`: it has to say what came."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            run(name, entry, sizes, values)
    except (ValueError, TypeError, *entry.also) as error:
        innermost = Path(traceback.extract_tb(error.__traceback__)[-1].filename)
        said = f"{type(error).__name__}: {error}"
        if ROOT not in innermost.parents:
            return f"a bare error of {innermost.name}: {said:.150}"
        if not any(argument in str(error) for argument in named):
            return f"the argument is not named: {said:.150}"
        return "" if not whole or arguments.says_what_came(str(error), wrong) else f"what came is not said: {said:.150}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:150]
    return "taken without a word"


def public():
    """The names of everything that can be called: functions, classes that are made by hand, their own methods."""
    for module in pkgutil.walk_packages(helpers.__path__, "helpers."):
        if "._" in module.name or module.name.startswith("helpers.checks.nb"):
            continue
        loaded = importlib.import_module(module.name)
        part = module.name.removeprefix("helpers.")
        for name, thing in vars(loaded).items():
            if name.startswith("_") or getattr(thing, "__module__", "") != module.name or not callable(thing):
                continue
            yield f"{part}.{name}", thing
            if isinstance(thing, type):
                own = (each for each in vars(thing) if not each.startswith("_"))
                yield from ((f"{part}.{name}.{each}", thing) for each in own if callable(getattr(thing, each)))


def test_every_public_function_has_its_line():
    def same(name):  # plots.lines, not plots.charts.lines
        parts = name.split(".")
        return ".".join([parts[0], *parts[2:]]) if parts[0] in ("plots", "widgets") else name

    names = {same(name) for name, thing in public() if takes_something(name, thing)}
    left_out = {name for name in names if any(name.startswith(part) for part in tables.LEFT_OUT)} - set(CALLS)
    missing = names - left_out - set(CALLS)
    assert not missing, "without a line in tests/arguments, or a reason in tables.LEFT_OUT"
    assert not set(CALLS) - names, "no longer public"
    assert not {part for part in tables.LEFT_OUT if not any(name.startswith(part) for name in names)}, "needs no reason"


def takes_something(name, thing):
    """Whether there is an argument that could be wrong."""
    if isinstance(thing, type) and name.rpartition(".")[2] != thing.__name__:
        thing = getattr(thing, name.rpartition(".")[2])
    try:
        parameters = inspect.signature(thing).parameters
    except (ValueError, TypeError):
        return False
    return bool(set(parameters) - {"self"})


def tidy():
    from matplotlib import pyplot as plt

    plt.close("all")
