"""A kernel that dies in mid-training, as where memory runs out: the page says so, and "Run all" brings all back."""

import os
import re
import signal

import pytest

SET_UP = "import os, time, torch\nfrom pathlib import Path\nfrom helpers.training import fit, set_seed"
TRAIN = """
set_seed(0)
again = Path("killed_once").exists()
Path("killed_once").touch()
print("training in process", os.getpid(), flush=True)
model = torch.nn.Linear(2, 1)
wait = lambda model: 0.0 if again else time.sleep(0.02) or 0.0
loss = lambda model, x: (model(x) ** 2).mean()
print(fit(model, loss, [torch.ones(4, 2)], wait, n_steps=20 if again else 100_000, check_every=1))
"""


@pytest.mark.skipif(os.name == "nt", reason="ended by a signal")
def test_a_kernel_killed_in_mid_training_is_announced_and_run_all_brings_everything_back(open_notebook):
    notebook = open_notebook(SET_UP, TRAIN)
    notebook._noise += ["websocket", "WebSocket", "Canceled future for", "Kernel"]  # what JupyterLab logs when it dies
    page = notebook.page
    page.evaluate("void courseDriver.runAll().catch(() => {})")
    started = page.get_by_text(re.compile(r"training in process \d+"))
    started.wait_for(timeout=60_000)
    os.kill(int(re.search(r"process (\d+)", started.text_content()).group(1)), signal.SIGKILL)
    dialog = page.locator(".jp-Dialog")
    dialog.get_by_text("appears to have died. It will restart automatically").wait_for(timeout=60_000)
    dialog.get_by_role("button", name="Ok").press("Enter")
    dialog.wait_for(state="detached")
    page.wait_for_function("courseDriver.state !== undefined")
    notebook.run_all()
    page.get_by_text("History(20 steps; finished)").wait_for(timeout=60_000)
