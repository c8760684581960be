"""Does every notebook give the same outputs each time, and what does its kernel take? nbval, strict, again and again.

    python course.py bench notebooks                          all: with one thread, with two, and interrupted
    python course.py bench notebooks 05 08 --times 10         two of them, ten times; threads take turns
    python course.py bench notebooks --times 10 --rows FILE   writes each run down, and goes on where FILE ends

A run is what `course.py test NN` does: a fresh kernel, every cell, every output compared. One more run a notebook first
goes into its training, interrupts it at the tenth step (a notebook that trains nothing: in its middle), restarts the
kernel and then runs all. Memory is the kernel's largest: RSS counts all that it holds, USS only what no other
process shares. The first rows are the floor: a notebook of one cell that imports torch, and one that takes a step of
training, for which torch loads its compiler. About ten minutes of processor time for each time.
"""

import argparse
import itertools
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import psutil

from bench import _table
from commands.environment import ROOT
from commands.suite import NBVAL

COLUMNS = "notebook", "run", "threads", "failed", "cpu_seconds", "rss_mb", "uss_mb"
INTERRUPTED = "interrupted"  # in place of the number of a run
FLOOR = {
    "import torch": "import torch",
    "one step of Adam": "import torch\nlayer = torch.nn.Linear(2, 1)\nadam = torch.optim.Adam(layer.parameters())\n"
    "layer(torch.ones(4, 2)).sum().backward()\nadam.step()",
}
SECONDS = 1200  # for a cell: a busy machine is no reason to fail here
AT_MOST = {"a toy notebook": 350, "one with the pretrained model": 450}  # MB: what the course promises
WANTED = (statistics.median, "cpu_seconds"), (max, "rss_mb"), (max, "uss_mb")  # what is shown of the runs


def measure(path, run, threads):
    """Run one notebook -> a row of the table; what nbval says of a failure is printed."""
    plugin = ["-p", "bench._interrupt"] if run == INTERRUPTED else []
    quiet = "-q", "--color=no", "-p", "no:cacheprovider", f"--nbval-cell-timeout={SECONDS}"
    command = [sys.executable, "-m", "pytest", *NBVAL, *quiet, *plugin, str(path)]
    environment = os.environ | {"OMP_NUM_THREADS": str(threads)}
    most = dict.fromkeys(("cpu", "rss", "uss"), 0)
    with tempfile.TemporaryFile("w+", encoding="utf-8") as log:
        with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT) as tests:
            while tests.poll() is None:
                look(tests.pid, most)
                time.sleep(0.2)
        log.seek(0)
        said = log.read()
    failed = re.findall(r"^(?:FAILED|ERROR) .*?(?:::(Cell \d+)|$)", said, re.MULTILINE)
    if tests.returncode:
        print(said, flush=True)
        failed = failed or [f"pytest ended with {tests.returncode}"]
    cpu, rss, uss = most.values()
    return dict(zip(COLUMNS, (path.stem, run, threads, "; ".join(failed), cpu, rss, uss), strict=True))


def look(pid, most):
    """Note the largest that any kernel below a process has reached: seconds, and megabytes of both kinds."""
    for process in psutil.Process(pid).children(recursive=True):
        try:
            memory, cpu = process.memory_full_info(), process.cpu_times()
        except psutil.Error:  # it has just ended
            continue
        now = {"cpu": round(cpu.user + cpu.system, 1), "rss": memory.rss // 10**6, "uss": memory.uss // 10**6}
        most.update({name: max(value, most[name]) for name, value in now.items()})


def plan(paths, floors, times, threads):
    """Yield (path, run, threads): the notebooks take turns, and so do the numbers of threads."""
    for run, (number, path) in itertools.product(range(times), enumerate([*floors, *paths])):
        yield path, str(run + 1), threads[(run + number) % len(threads)]
    yield from ((path, INTERRUPTED, threads[0]) for path in paths)


def show(rows):
    """Print a line for each notebook."""
    print(f"\n{'notebook':26}{'runs':>5}{'failed':>8}   {'interrupted':12}{'CPU s':>7}{'RSS MB':>9}{'USS MB':>9}")
    for name in dict.fromkeys(row["notebook"] for row in rows):
        mine = [row for row in rows if row["notebook"] == name and row["run"] != INTERRUPTED]
        again = [row for row in rows if row["notebook"] == name and row["run"] == INTERRUPTED]
        after = "".join("failed" if row["failed"] else "green" for row in again) or "-"
        failed = sum(bool(row["failed"]) for row in mine)
        middle, *most = (f([float(row[key]) for row in mine or again]) for f, key in WANTED)
        print(f"{name:26}{len(mine):5}{failed:8}   {after:12}{middle:7.0f}{most[0]:9.0f}{most[1]:9.0f}")
    print(f"\n{len(rows)} runs, {sum(bool(row['failed']) for row in rows)} failed.")
    print("Promised, MB:", "; ".join(f"{kind} {limit}" for kind, limit in AT_MOST.items()))


def main(arguments):
    """Run what is missing, writing each row down as it comes, and print the table."""
    parser = argparse.ArgumentParser(prog="python course.py bench notebooks")
    parser.add_argument("number", nargs="*", help="such as 05 (default: all)")
    parser.add_argument("--times", type=int, default=2, help="runs of each notebook (default: %(default)s)")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2], help="which take turns (default: 1 2)")
    parser.add_argument("--rows", type=Path, help="a CSV file for the rows; those it has are not run again")
    options = parser.parse_args(arguments)
    every = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    paths = [path for path in every if not options.number or path.name[:2] in options.number]
    rows = _table.read(options.rows) if options.rows else []
    done = {(row["notebook"], row["run"]) for row in rows}
    with tempfile.TemporaryDirectory() as folder:
        floors = [Path(folder, f"{name}.ipynb") for name in FLOOR]
        for floor, code in zip(floors, FLOOR.values(), strict=True):
            cell = nbformat.v4.new_code_cell(code, execution_count=1)
            nbformat.write(nbformat.v4.new_notebook(cells=[cell]), floor)
        for path, run, threads in plan(paths, floors, options.times, options.threads):
            if (path.stem, run) in done:
                continue
            rows.append(measure(path, run, threads))
            print(*rows[-1].values(), sep="  ", flush=True)
            if options.rows:
                _table.write(options.rows, rows)
    show(rows)


if __name__ == "__main__":
    main(sys.argv[1:])
