"""The house of docs/architecture.md: who may import whom, and what importing costs."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

HELPERS = Path(__file__).parents[1] / "helpers"
FILES = sorted(HELPERS.rglob("*.py"))
MODELS_LEVEL = {"shapes", "arguments"}
MAY_IMPORT = {  # part -> the parts it may import, besides itself
    "__init__": set(),
    "arguments": set(),
    "shapes": {"arguments"},
    "workspace": set(),
    "kernels": set(),
    "export": {"workspace", "checks"},
    "quiz": {"widgets", "models", "splits"},
    "start_page": {"workspace", "checks", "kernels", "export"},
    "class_board": {"checks", "start_page"},
    "models": MODELS_LEVEL,
    "museum": {"models", "splits"} | MODELS_LEVEL,
    "splits": MODELS_LEVEL,
    "baselines": MODELS_LEVEL,
    "datasets": MODELS_LEVEL,
    "tasks": MODELS_LEVEL,
    "batches": MODELS_LEVEL,
    "training": {"batches"} | MODELS_LEVEL,
    "forecasting": {"models", "splits", "baselines", "training", "batches"} | MODELS_LEVEL,
    "plots": {"arguments", "kernels"},
    "pretrained": {"models"} | MODELS_LEVEL,
    "prepared": {"pretrained", "datasets", "course_text", "arguments"},
    "course_text": set(),
    "vocabulary": {"pretrained", "datasets"} | MODELS_LEVEL,
    "widgets": {"models", "splits"} | MODELS_LEVEL,
    "projector": {"plots", "widgets"},
    "checks": {"models", "museum", "splits", "baselines", "workspace"} | MODELS_LEVEL,
}


def part_of(path):
    return path.relative_to(HELPERS).parts[0].removesuffix(".py")


def imported_parts(path):
    """The parts of helpers that a file imports, whatever the form of the import."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name.split(".")[1] for name in names if name.startswith("helpers."))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(HELPERS).as_posix())
def test_a_file_imports_only_what_its_part_may(path):
    part = part_of(path)
    forbidden = set(imported_parts(path)) - MAY_IMPORT[part] - {part}
    assert not forbidden, f"{part} must not import {', '.join(sorted(forbidden))}"


FRONT_ENDS = {"matplotlib", "ipywidgets", "anywidget", "IPython"}
SECONDS_TO_IMPORT = {"sklearn", "scipy", "pandas", "transformers", "torchvision"}  # and a hundred megabytes


@pytest.mark.parametrize(
    ("imported", "needs", "unwanted"),
    [
        ("helpers.workspace, helpers.kernels", set(), {"torch", "numpy", *FRONT_ENDS}),
        ("helpers.models.transformer", {"torch"}, FRONT_ENDS),
        ("helpers.plots", {"matplotlib"}, {"torch"}),
        ("helpers.widgets, helpers.checks, helpers.prepared", {"torch", "anywidget"}, {"matplotlib"}),
        ("helpers.start_page", {"torch", "ipywidgets"}, {"matplotlib", "anywidget"}),
        ("helpers.training, helpers.datasets, helpers.splits, helpers.baselines", {"torch"}, FRONT_ENDS),
    ],
)
def test_importing_loads_only_what_is_needed_at_once(imported, needs, unwanted):
    code = f"import sys, {imported}; print(*{{name.split('.')[0] for name in sys.modules}})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert needs <= set(loaded)
    assert not (unwanted | SECONDS_TO_IMPORT) & set(loaded)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(HELPERS).as_posix())
def test_a_file_has_one_reason_to_change(path):
    assert path.stem not in {"utils", "misc", "common"}
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 260
