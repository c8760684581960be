"""For bench.notebooks, a plugin of pytest: before nbval runs a notebook, its kernel is interrupted in mid-training.

The cells run one by one; at the tenth step of training the kernel gets the signal that JupyterLab's stop button sends.
Then it is restarted, as after "Restart Kernel", and nbval finds it so. A notebook that trains nothing is interrupted in
the middle of its cells.
"""

import pytest

ARM = """
def _arm():
    import itertools, signal
    from helpers import training

    step, taken = training._step, itertools.count(1)

    def armed(*arguments):
        if next(taken) == 10:
            signal.raise_signal(signal.SIGINT)
        return step(*arguments)

    training._step = armed

_arm()
"""
SECONDS = 1200  # for a cell


@pytest.hookimpl(trylast=True)  # after nbval has started the kernel
def pytest_runtest_setup(item):
    """Before the first cell: run into the training, interrupt, restart."""
    if item.cell_num > 0:
        return
    kernel = item.parent.kernel
    cells = [cell.source for cell in item.parent.nb.cells if cell.cell_type == "code"]
    kernel.kc.execute_interactive(ARM, timeout=SECONDS)
    if not any(is_interrupted(kernel.kc, cell) for cell in cells):
        kernel.kc.execute(cells[len(cells) // 2])
        kernel.interrupt()
    kernel.restart()
    kernel.kc.wait_for_ready(timeout=60)
    kernel._ensure_iopub_up()


def is_interrupted(client, cell):
    """Run a cell; whether fit() told that it was interrupted."""
    said = []
    client.execute_interactive(
        cell, timeout=SECONDS, allow_stdin=False, output_hook=lambda message: said.append(message["content"])
    )
    return any("Training interrupted" in content.get("text", "") for content in said)
