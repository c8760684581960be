"""Measure: run one of the scripts in bench/, each of which prints a table; without a name, list them."""

import argparse
import ast
import subprocess
import sys

from commands.environment import ROOT, ensure


def benches(folder=ROOT / "bench"):
    """The scripts of bench/: name -> the first line of its docstring, which says what it measures; _x.py is shared."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("[!_]*.py"))}
    return {name: (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0] for name, text in texts.items()}


def main(arguments):
    """Run the verb; the exit code is the script's."""
    known = benches()
    lines = "\n".join(f"  {name.ljust(11)}{line}" for name, line in known.items())
    parser = argparse.ArgumentParser(
        prog="python course.py bench",
        description=f"{__doc__}\n\n{lines}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--here", action="store_true", help="use the Python that runs this (conda), not .venv")
    parser.add_argument("name", nargs="?", help="one of the above")
    parser.add_argument("options", nargs=argparse.REMAINDER, help="handed to the script")
    chosen = parser.parse_args(arguments)
    if chosen.name not in known:
        print(f"There is no measurement '{chosen.name}'.\n\n{lines}" if chosen.name else parser.format_help())
        return 2 if chosen.name else 0
    python = sys.executable if chosen.here else ensure("dev")
    return subprocess.call([str(python), "-m", f"bench.{chosen.name}", *chosen.options], cwd=ROOT)
