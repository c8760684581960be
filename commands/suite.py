"""Run the tests: lint, unit tests, doctests, JavaScript, every notebook, and a real browser; one summary at the end.

Without arguments everything runs. A number runs that lesson: its notebook, and the tests that carry the number in their
name. Anything else is handed to pytest: files, folders, patterns such as notebooks/05*, options such as -x or -k name.
"""

import argparse
import os
import shutil
import subprocess
import sys

from commands.environment import ROOT, SetUpError, ensure

TWO_AT_A_TIME = ["-n", "2", "--dist", "loadfile"]  # files stay whole: their tests share a notebook, or are its cells
NBVAL = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=240"]
TAKES_VALUE = {"-k", "-m", "-n", "-p", "-c", "-W", "-o"}


def main(arguments):
    """Run the verb; the exit code is pytest's."""
    parser = argparse.ArgumentParser(
        prog="python course.py test", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--here", action="store_true", help="use the Python that runs this (conda), not .venv")
    parser.add_argument("what", nargs="*", help="05, notebooks/05*, tests/test_shapes.py, or any option of pytest")
    options, _ = parser.parse_known_args([a for a in arguments if a in ("-h", "--help", "--here")])
    python = sys.executable if options.here else ensure("dev")
    selection = select([a for a in arguments if a != "--here"])
    install_packages_of_npm(ROOT / "tests", shutil.which("npm"))
    # two processes that each compute with all cores wait for one another, and take ten times as long
    threads = {} if arguments else {"OMP_NUM_THREADS": "1"}
    return subprocess.call([str(python), "-m", "pytest", *NBVAL, *selection], cwd=ROOT, env={**os.environ, **threads})


def install_packages_of_npm(folder, npm):
    """Install what package-lock.json names, unless it is there; tests that miss it skip, or fail in CI."""
    wanted, installed = folder / "package-lock.json", folder / "node_modules" / ".package-lock.json"
    if not npm or (installed.exists() and installed.stat().st_mtime >= wanted.stat().st_mtime):
        return
    print("The accessibility checker, from npm ...", flush=True)
    if subprocess.call(
        [npm, "ci", "--prefix", str(folder), "--no-fund", "--no-audit", "--silent", "--fetch-retries=1"]
    ):
        print("npm could not install it: the tests that need it are skipped.")


def select(arguments, root=ROOT):
    """Translate what the user wrote into arguments for pytest.

    Raises:
        SetUpError: a lesson or pattern that matches nothing; green for no tests at all would be a lie.
    """
    if not arguments:
        return [*TWO_AT_A_TIME, *_everything(root)]
    options, chosen, lessons, is_value = [], [], [], False
    for argument in arguments:
        if is_value or argument.startswith("-"):
            options.append(argument)
            is_value = not is_value and argument in TAKES_VALUE
        elif argument.isdigit():
            lessons.append(f"{int(argument):02d}")
        elif any(sign in argument for sign in "*?["):
            chosen += _matches(root, argument) if "::" not in argument else [argument]
        else:
            chosen.append(argument)
    if lessons:
        for number in lessons:
            chosen += _matches(root, f"notebooks/{number}_*.ipynb")
        chosen += ["tests", "-k", " or ".join(lessons)]
    return [*(chosen or _everything(root)), *options]


def _everything(root):
    return ["tests", "helpers", "commands", *_matches(root, "notebooks/*.ipynb")]


def _matches(root, pattern):
    found = sorted(path.relative_to(root).as_posix() for path in root.glob(pattern))
    if not found:
        raise SetUpError(f"Nothing here is called {pattern}.")
    return found
