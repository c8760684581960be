"""What is kept in a folder: the model as numbers (no pickle), the settings as JSON, a table, and a page to read."""

import base64
import csv
import io
import json
import platform
from dataclasses import asdict
from html import escape
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from helpers.forecasting.candidates import build
from helpers.forecasting.grid import show
from helpers.forecasting.race import short
from helpers.forecasting.settings import Settings

FILES = "settings.json", "model.safetensors", "errors.csv", "forecasts.csv", "results.html"
PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 1.1rem/1.5 system-ui, sans-serif; color: #1b1f24 }}
body {{ max-width: 50rem; margin: 2rem auto; padding: 0 1rem }}
.verdict {{ font-size: 1.3rem; border-left: .4rem solid #7a3e9d; padding-left: 1rem }}
table {{ border-collapse: collapse }}
th, td {{ padding: .3rem 1rem; border-bottom: 1px solid #d5d9de; text-align: right }}
th:first-child, td:first-child {{ text-align: left; padding-left: 0 }} caption {{ text-align: left }}
img {{ max-width: 100%; margin-top: 2rem }}
</style>
<h1>{title}</h1>
<p class="verdict">{verdict}</p>
<table><caption>Mean absolute error{unit}; the test was looked at once</caption>
<tr><th scope="col">forecast<th scope="col">validation<th scope="col">test</tr>
{rows}
</table>
{picture}
<h2>How it was made</h2>
<ul>{notes}</ul>
</html>
"""


def save(folder, outcome, reading, figure=None, overwrite=False):
    """Keep a result.

    Args:
        folder: is made where it is missing.
        outcome: of race.judge().
        reading: of read(settings), for the notes.
        figure: a matplotlib figure for the page, or None.
        overwrite: whether results that lie there already may go.

    Returns:
        the names of the files.

    Raises:
        FileExistsError: results lie there already.
    """
    folder, task = Path(folder), outcome.task
    there = [name for name in FILES if (folder / name).exists()]
    if there and not overwrite:
        raise FileExistsError(f"{folder} already holds {', '.join(there)}: choose another folder, or overwrite=True")
    folder.mkdir(parents=True, exist_ok=True)
    made = {"chosen": outcome.chosen, "verdict": outcome.verdict, "versions": versions()}
    text = json.dumps({"settings": asdict(task.settings), **made}, indent=2, ensure_ascii=False)
    (folder / "settings.json").write_text(text + "\n", encoding="utf-8")
    save_file({name: each.contiguous().cpu() for name, each in outcome.model.state_dict().items()}, folder / FILES[1])
    _write_csv(folder / "errors.csv", [("forecast", "validation", "test"), *outcome.rows()])
    columns = [[show(time) for time in outcome.times], *(level.tolist() for level in outcome.levels.values())]
    _write_csv(folder / "forecasts.csv", [("time", *outcome.levels), *zip(*columns, strict=True)])
    (folder / "results.html").write_text(_page(outcome, reading, figure), encoding="utf-8")
    return FILES


def load(folder):
    """Bring a saved model back.

    Returns:
        the model: windows (windows, length, columns), in the unit of the file -> levels (windows,); and its Settings.

    Raises:
        FileNotFoundError: nothing was saved there.
    """
    folder = Path(folder)
    if missing := [name for name in FILES[:2] if not (folder / name).is_file()]:
        raise FileNotFoundError(f"{folder} holds no {' and no '.join(missing)}")
    kept = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
    settings = Settings(**kept["settings"])
    model = build(kept["chosen"], settings)
    model.load_state_dict(load_file(folder / "model.safetensors"))
    return model.eval(), settings


def versions():
    """What a result depends on besides its settings: dict name -> version."""
    return {"python": platform.python_version(), "torch": torch.__version__, "numpy": np.__version__}


def _write_csv(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def _page(outcome, reading, figure):
    settings = outcome.task.settings
    rows = "\n".join(
        f"<tr><td>{escape(name)}<td>{short(validation)}<td>{'–' if test is None else short(test)}</tr>"
        for name, validation, test in outcome.rows()
    )
    windows = ", ".join(f"{len(starts):,} {part}" for part, starts in outcome.task.starts.items())
    steps = f"{settings.length} steps back, {settings.horizon} ahead; windows: {windows}"
    made_by = ", ".join(f"{name} {version}" for name, version in versions().items())
    title = f"{settings.target}, {settings.ahead}"
    notes = "".join(f"<li>{escape(note)}" for note in (*reading.notes, steps, made_by))
    unit = f" in {escape(settings.unit)}" if settings.unit else ""
    page = {"title": escape(title), "verdict": escape(outcome.verdict), "unit": unit, "rows": rows, "notes": notes}
    return PAGE.format(picture=_picture(figure) if figure else "", **page)


def _picture(figure):
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=150)
    alt = " ".join(ax.get_label() for ax in figure.axes if not ax.get_label().startswith("<"))
    return f'<img alt="{escape(alt)}" src="data:image/png;base64,{base64.b64encode(png.getvalue()).decode()}">'
