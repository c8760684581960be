"""What the class board bears: 300 learners, each with five reports in a minute, and a crash in the middle.

    python course.py bench board [--learners 300] [--seconds 60]

A real board in a process of its own; in place of the hub a stub that answers each look-up of a token honestly. Every
report comes over a connection of its own, as from the learners' kernels, at a random moment. Twice: undisturbed, and
with `kill -9` after a third of the time; what was not acknowledged is sent again with the same id. Then every id that
was acknowledged is looked for in the file. At last: how long until a report is on the instructor's page?
"""

import argparse
import asyncio
import json
import os
import random
import sqlite3
import statistics
import tempfile
import time
from contextlib import closing

from tornado.httpclient import AsyncHTTPClient, HTTPClientError

from board.catalogue import load
from tests.class_board.running import RunningBoard, StubHub, report

REPORTS = 5  # of each learner
PROMISED = 100  # milliseconds, 95% of the answers


def verdict(draw, exercises):
    """A report as it might come from a class."""
    exercise = draw.choice(exercises)
    status = draw.choice(["not attempted", "failed", "failed", "passed"])
    mistake = draw.choice([None, *exercise.mistakes]) if status == "failed" else None
    return report(exercise.name, status, mistake)


class Load:
    """One class before one board."""

    def __init__(self, board, tokens, seconds, seed=0):
        self.board, self.tokens, self.seconds = board, tokens, seconds
        self.draw, self.exercises = random.Random(seed), [*load().exercises.values()]
        self.client = AsyncHTTPClient(force_instance=True, max_clients=1000)
        self.acknowledged, self.answers, self.again = set(), [], 0

    async def run(self, crash_after=None):
        """Post everything; returns when all is acknowledged."""
        moments = [self.draw.uniform(0, self.seconds) for _ in range(REPORTS * len(self.tokens))]
        posts = [self.post(token, moment) for token, moment in zip(self.tokens * REPORTS, moments, strict=True)]
        await asyncio.gather(*posts, *([self.crash(crash_after)] if crash_after else []))

    async def crash(self, after):
        """Kill the board, as a crash does, and start it again as the hub does."""
        await asyncio.sleep(after)
        self.board.kill()
        await asyncio.to_thread(self.board.start)

    async def post(self, token, moment):
        """Send one report at its moment, again each second until it is acknowledged."""
        await asyncio.sleep(moment)
        content = verdict(self.draw, self.exercises)
        while True:
            began = time.perf_counter()
            try:
                await self.client.fetch(
                    f"{self.board.address}reports",
                    method="POST",
                    body=json.dumps(content),
                    headers={"Authorization": f"token {token}"},
                )
            except (HTTPClientError, OSError) as error:
                if getattr(error, "code", 0) == 409:  # the answer was lost, the report was not
                    break
                self.again += 1
                await asyncio.sleep(1)
            else:
                self.answers.append(1000 * (time.perf_counter() - began))
                break
        self.acknowledged.add(content["id"])


def kept(board):
    """The ids in the file."""
    with closing(sqlite3.connect(board.file)) as file:
        return {name for (name,) in file.execute("SELECT id FROM reports")}


def measure(name, learners, seconds, crash_after=None):
    """One run, as a line of the table."""
    with tempfile.TemporaryDirectory() as folder, StubHub() as hub, RunningBoard(folder, hub) as board:
        tokens = [hub.learner(f"learner-{number}") for number in range(learners)]

        async def run():
            load = Load(board, tokens, seconds)
            await load.run(crash_after)
            return load

        load = asyncio.run(run())
        lost = len(load.acknowledged - kept(board))
        answers = sorted(load.answers)
        print(
            f"{name:12}{len(load.acknowledged):8}{lost:6}{load.again:12}{statistics.median(answers):9.0f}"
            f"{answers[int(0.95 * len(answers))]:7.0f}{answers[-1]:8.0f}{hub.asked:10}",
            flush=True,
        )
        return None if crash_after else delays(board, hub, tokens)


def delays(board, hub, tokens, times=20):
    """Milliseconds from sending a report to the state that shows it, on a board that holds the class."""
    found, states = [], board.stream(hub.instructor())
    next(states)
    for token in tokens[:times]:
        time.sleep(0.4)
        began = time.perf_counter()
        board.post(token, report("softmax", "failed"))
        next(states)
        found.append(1000 * (time.perf_counter() - began))
    states.close()
    return found


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python course.py bench board", description=__doc__.splitlines()[0])
    parser.add_argument("--learners", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=60)
    chosen = parser.parse_args()
    reports = REPORTS * chosen.learners
    print(f"{chosen.learners} learners, {reports} reports in {chosen.seconds:.0f} s, on {os.cpu_count()} cores\n")
    print("             acknowl.  lost  sent again  median    95%  slowest  look-ups   (milliseconds)")
    shown = sorted(measure("undisturbed", chosen.learners, chosen.seconds))
    measure("killed once", chosen.learners, chosen.seconds, crash_after=chosen.seconds / 3)
    print(f"\npromised: none lost, 95% of the answers within {PROMISED} ms")
    print(f"on the page after {statistics.median(shown):.0f} ms in the median, {shown[-1]:.0f} ms at most")


if __name__ == "__main__":
    main()
