"""No network, from the first minute on."""

import shutil

from . import ROOT, apart, needs_root

USED = """
from helpers import datasets, plots, prepared, vocabulary
from helpers.checks import check
from helpers.models.attention import softmax
from helpers.widgets import HeadsView, Predict
for load in (datasets.load_co2, datasets.load_names, datasets.load_digits, datasets.load_photo, datasets.load_sound):
    load()
print(HeadsView(prepared.load_minilm()))
print(check(softmax).passed)
"""
SET_UP = """
import sys
from pathlib import Path
from commands import install
from commands.environment import SetUpError
run = install.Runner()
run.environment |= {"PIP_CONFIG_FILE": "/dev/null", "PIP_NO_INDEX": ""}  # as on a bare machine
try:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"]
    install.install_torch(run, sys.executable, pip, Path(sys.argv[1]))
except SetUpError as error:
    print(error)
"""


@needs_root
def test_what_is_set_up_needs_no_network():
    done = apart(f"exec $PYTHON -c '{USED}'", "n", cwd=ROOT)
    assert "HeadsView(The big red dog chased the small cat; layer 1, head 1)\nTrue" in done.stdout, done.stderr
    assert not done.stderr


@needs_root
def test_the_lab_opens_without_a_network(tmp_path):
    for name in ("course.py", "commands", "helpers", "notebooks"):
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, tmp_path / name)
    command = "$PYTHON -u course.py lab --here --no-browser > said & for i in $(seq 900); do sleep 0.1; "
    command += "grep -q token= said && break; done; cat said; kill -TERM $!; wait $!"
    done = apart(command, "n", cwd=tmp_path, env={"PYTHONPATH": ""})
    assert "JupyterLab: http://localhost:8888/lab/tree/00_start.ipynb?token=" in done.stdout, done.stderr


@needs_root
def test_a_set_up_without_a_network_ends_in_our_sentence(tmp_path):
    (tmp_path / "requirements.lock").write_text("torch==99.0\n")
    done = apart(f"exec $PYTHON -c '{SET_UP}' {tmp_path}/requirements.lock", "n", cwd=ROOT)
    assert "This step failed: torch 99.0, about 200 MB." in done.stdout, done.stderr
    assert "Check the network and the space on the disk" in done.stdout
