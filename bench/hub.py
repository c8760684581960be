"""What a class needs: N learners on a real hub run 05's cells and train 08's decoder, all at the same time.

    python course.py bench hub                 1, 2, 4 and 8 seats on this machine; four minutes on two cores
    python course.py bench hub --seats 2       1 and 2 seats

Each learner logs in through the form, starts a server, opens 05 and runs every code cell of their own copy over the
kernel's websocket; then, with 05 still open, trains 08's decoder in a second notebook. Memory is PSS, the share of each
page that falls to a process, over the seat's server and kernels: what a seat adds to a machine that many share. At the
end hub and proxy are killed and started again, and every learner's file is read back. A straight line through the
rounds says what 30 and 300 seats need.
"""

import argparse
import os
import statistics
import tempfile
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
import psutil

from bench._table import exponent
from tests.hub.rehearsal import Rehearsal, wait_until

FIRST_CELL = "import torch; torch.ones(2) @ torch.ones(2)"
DECODER = """
import time
import torch
from helpers.batches import Batches
from helpers.datasets import load_names
from helpers.models import letters, text
from helpers.models.transformer import TransformerConfig
from helpers.training import fit, set_seed

set_seed(1)
names, labels = load_names().part("train")
signs = letters.Alphabet([["<", *name, ">"] for name in names])
rows = signs.encode([["<", *name, ">"] for name in names])
size = TransformerConfig(d_model=64, n_heads=4, n_layers=2, d_ff=256, norm_first=True)
decoder = text.LanguageModel(len(signs), rows[0].shape[1], size)
optimiser = torch.optim.Adam(decoder.parameters())
began = time.process_time()
fit(decoder, text.writing_loss, Batches(*rows, size=32), n_steps={steps}, optimiser=optimiser)
print(time.process_time() - began)
"""
AT_MOST = 450  # MB for a seat with one notebook open: what the course promises
SEATS_PER_CORE = 4  # so many times as long as a learner alone waits a class that trains all at once


@dataclass
class Round:
    """What was measured with some number of seats: one number a seat."""

    seats: int
    spawn: list = field(default_factory=list)  # seconds, of those who came in this round
    first: list = field(default_factory=list)  # seconds from opening 05 to the answer of its first torch cell
    cells: list = field(default_factory=list)  # seconds for all of 05
    train: list = field(default_factory=list)  # seconds for 08's decoder
    cpu: list = field(default_factory=list)  # seconds of processor time for the same: what it takes on a free core
    one: list = field(default_factory=list)  # MB with 05 open
    two: list = field(default_factory=list)  # MB with 05 and 08 open
    failed: list = field(default_factory=list)

    @property
    def times(self):
        """The seconds that the last one waited, one number a column."""
        return [max(values, default=0) for values in (self.spawn, self.first, self.cells, self.train)]

    @property
    def memory(self):
        """The MB of a seat, in the mean, one number a column."""
        return [statistics.mean(values or [0]) for values in (self.one, self.two)]

    def __str__(self):
        times = "".join(f"{seconds:12.1f}" for seconds in self.times)
        memory = "".join(f"{megabytes:12.0f}" for megabytes in self.memory)
        return f"{self.seats:5}{times}{memory}{len(self.failed):9}"


def main():
    """Run the rounds, print the table and what it means."""
    parser = argparse.ArgumentParser(prog="python course.py bench hub", description=__doc__.partition("\n")[0])
    parser.add_argument("--seats", type=int, default=8, help="the largest class (default: 8)")
    parser.add_argument("--steps", type=int, default=200, help="of training 08's decoder (default: 200)")
    options = parser.parse_args()
    counts = sorted({count for count in (1, 2, 4, 8, 16, 32) if count < options.seats} | {options.seats})
    print(f"{os.cpu_count()} cores; at most seconds, then PSS in MB for one seat in the mean\n")
    print("seats       spawn  first cell    05 cells  08 decoder     05 open   05 and 08   failed", flush=True)
    with tempfile.TemporaryDirectory() as folder, Rehearsal(folder) as hub:
        seats, rounds = [], []
        for count in counts:
            rounds.append(play(hub, seats, count, options.steps))
            print(rounds[-1], flush=True)
            print(*rounds[-1].failed, sep="\n", end="")
        print(growth(rounds))
        shared = pss(int((hub.folder / "hub.pid").read_text(encoding="utf-8")))
        print(f"\nHub, proxy and services besides: {shared:.0f} MB.")
        print(crash(hub, seats))
    conclude(rounds, shared)


def play(hub, seats, count, steps):
    """Let a class of `count` work at the same time; new learners are added to `seats`. Returns a Round."""
    result = Round(count)
    with ThreadPoolExecutor(count) as pool:

        def together(work, whom):
            """Let all do the same at once, and wait for the last."""

            def guarded(seat):
                try:
                    return work(seat)
                except Exception:  # whatever it is, it is a learner who could not go on
                    result.failed.append(f"{seat.name}: {traceback.format_exc(limit=-1)}")
                    return None

            return [answer for answer in pool.map(guarded, whom) if answer is not None]

        new = [hub.seat(f"learner{number}") for number in range(len(seats) + 1, count + 1)]
        result.spawn = together(lambda seat: seat.start(), new)
        together(lambda seat: seat.write("mine.txt", seat.name), new)
        seats += new
        open_05 = dict(together(lambda seat: read(seat, result), seats))
        result.one = together(lambda seat: pss(seat.pid()), seats)
        open_08 = dict(together(lambda seat: train(seat, result, steps), seats))
        result.two = together(lambda seat: pss(seat.pid()), seats)
        for kernels in open_05, open_08:
            together(lambda seat, kernels=kernels: kernels[seat].end(), kernels)
    return result


def growth(rounds):
    """A last row for the table: each column's p of seats^p; nothing, if there is but one round or one that failed."""
    columns = zip(*(each.times + each.memory for each in rounds), strict=True)
    seats = [each.seats for each in rounds]
    if len(rounds) < 2 or any(each.failed for each in rounds):
        return ""
    return "grows" + "".join(f"{f'seats^{exponent(seats, column):.2f}':>12}" for column in columns)


def read(seat, result):
    """Open 05 and run all its code cells."""
    cells = [cell["source"] for cell in seat.read("05_attention.ipynb")["cells"] if cell["cell_type"] == "code"]
    began = time.monotonic()
    kernel = seat.kernel("05_attention.ipynb")
    kernel.run(FIRST_CELL)
    result.first.append(time.monotonic() - began)
    for cell in cells:
        kernel.run(cell)
    result.cells.append(time.monotonic() - began)
    return seat, kernel


def train(seat, result, steps):
    """Open 08 and train its decoder."""
    kernel = seat.kernel("08_transformer_types.ipynb")
    kernel.run(FIRST_CELL)
    began = time.monotonic()
    said = kernel.run(DECODER.format(steps=steps))
    result.train.append(time.monotonic() - began)
    result.cpu.append(float(said.split()[-1]))
    return seat, kernel


def pss(pid):
    """Proportional set size of a process and all below it that belong to no other seat, in MB."""
    total, waiting = 0, [psutil.Process(pid)]
    while waiting:
        process = waiting.pop()
        with suppress(psutil.NoSuchProcess):
            total += process.memory_full_info().pss
            waiting += [child for child in process.children() if "jupyterhub.singleuser" not in child.cmdline()]
    return total / 1e6


def crash(hub, seats):
    """Kill hub and proxy, start them again; returns a sentence on what was found again."""
    before = {seat.name: seat.pid() for seat in seats}
    hub.kill()
    began = time.monotonic()
    hub.start()
    wait_until(lambda: all(seat.state().get("ready") for seat in seats), 120, "every server")
    seconds = time.monotonic() - began
    found = sum(seat.pid() == before[seat.name] for seat in seats)
    whole = sum(seat.read("mine.txt") == seat.name for seat in seats)
    return (
        f"Hub and proxy killed, {seconds:.0f} s to start them again: {found} of {len(seats)} servers still running, "
        f"{whole} of {len(seats)} files whole."
    )


def conclude(rounds, shared):
    """Print the verdict, and what larger classes need by a straight line through the rounds."""
    last = rounds[-1]
    finished, most = last.seats - len({line.partition(":")[0] for line in last.failed}), max(last.one, default=0)
    print(
        f"{finished} of {last.seats} finish; at most {most:.0f} MB a seat with one notebook open (promised: {AT_MOST})."
    )
    if len(rounds) < 2:
        return
    counts = [one.seats for one in rounds]
    totals = [(sum(one.one), sum(one.two)) for one in rounds]
    alone = statistics.median(last.cpu)
    print(
        f"\nBy a straight line through the rounds; a core for every {SEATS_PER_CORE} seats, so that 08's decoder takes "
        f"{alone:.0f} s alone and {SEATS_PER_CORE * alone:.0f} s when all train it at once:"
    )
    for seats in (30, 300):
        one, two = (extrapolate(counts, column, seats) + shared / 1e3 for column in zip(*totals, strict=True))
        cores = seats / SEATS_PER_CORE
        print(f"{seats:5} seats: {one:3.0f} GB with one notebook open, {two:3.0f} GB with two; {cores:2.0f} cores")


def extrapolate(counts, megabytes, seats):
    """What a straight line through what some counts of seats took says of more of them, in GB."""
    return np.polyval(np.polyfit(counts, megabytes, 1), seats) / 1e3


if __name__ == "__main__":
    main()
