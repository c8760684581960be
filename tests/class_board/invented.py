"""Invented reports of a class in the middle of a notebook: for pictures, and for who wants to see a board that lives.

python -m tests.class_board.invented --out pictures      the two pages: light, dark, and as a projector shows them
"""

import argparse
import random
import tempfile
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import sync_playwright

from board import store
from board.report import Report

from .running import RunningBoard, StubHub

# exercise -> learners done, minutes they took, and how many stand at which mistake
SCENE = {
    "softmax": (24, 5, {"overflows": 3, "columns": 1}),
    "scaled_dot_product_attention": (
        9,
        9,
        {"divided_by_d": 7, "over_the_queries": 3, "no_scale": 2, "weights_only": 1, "sigmoid": 1, None: 2},
    ),
    "big_dog": (2, 8, {"same_matrix": 1}),
}


def write(file, learners=30, seed=0):
    """Fill a board's file with the scene, for so many learners."""
    draw, now = random.Random(seed), datetime.now(UTC)
    kept = store.Store(file)
    moments = {f"learner {number:02}": now - timedelta(minutes=40) for number in range(1, learners + 1)}

    def tell(name, exercise, status, diagnosis=None, minutes=0.0):
        moments[name] += timedelta(minutes=minutes)
        time = moments[name].isoformat(timespec="seconds")
        kept.add(name, Report(uuid.UUID(int=draw.getrandbits(128)).hex, exercise, status, diagnosis, time))

    for exercise in SCENE:
        for name in moments:
            tell(name, exercise, "not attempted")
    for exercise, (done, minutes, mistakes) in SCENE.items():
        stuck = [mistake for mistake, n in mistakes.items() for _ in range(n)]
        for name, mistake in zip(moments, [""] * round(done * learners / 30) + stuck, strict=False):
            status = "passed" if mistake == "" else "failed"
            tell(name, exercise, status, mistake or None, max(1, draw.gauss(minutes, 2)))
    kept.close()


def main(arguments=None):
    """Take the pictures."""
    parser = argparse.ArgumentParser(prog="python -m tests.class_board.invented", description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="the folder for the pictures")
    parser.add_argument("--learners", type=int, default=30)
    wanted = parser.parse_args(arguments)
    wanted.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, StubHub() as hub, sync_playwright() as playwright:
        write(Path(folder) / "board.sqlite", wanted.learners)
        hub.browsing = hub.instructor()
        with RunningBoard(folder, hub) as board:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            for theme, projector, width, height in (
                ("light", "", 1280, 800),
                ("dark", "", 1280, 800),
                ("light", "on", 1920, 1080),
                ("dark", "on", 1920, 1080),
                ("light", "", 390, 844),
            ):
                page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=theme)
                for name in ("",) if projector else ("", "names"):
                    page.goto(board.address + name)
                    if projector and page.locator("#projector").get_attribute("aria-pressed") == "false":
                        page.locator("#projector").click()
                    page.locator("#main :is(section, table)").first.wait_for()
                    page.wait_for_timeout(400)
                    path = wanted.out / f"{name or 'board'}_{theme}_{projector and 'projector_'}{width}.png"
                    page.screenshot(path=path)
                    print(path)
                page.close()


if __name__ == "__main__":
    main()
