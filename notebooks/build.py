"""Build notebooks/NN_*.ipynb from notebooks/source/NN_*.py: run in a fresh kernel, kept with outputs, without noise.

    python course.py notebooks [05 ...]

One direction only: the source is edited, the notebook is built. What changes from run to run or from machine to machine
(times, widget state, progress bars, paths) is not kept, so that a rebuild shows only what the edit changed.
"""

import argparse
import hashlib
import os
import re
import sys
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

HERE = Path(__file__).resolve().parent
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
SECONDS_PER_CELL = 240
COLOUR = re.compile(r"\x1b\[[0-9;]*m")  # in tracebacks


class BuildError(RuntimeError):
    """A notebook could not be built; the message names the cell."""


def read_source(path):
    """Read a percent script as a notebook: our metadata, tags as the only cell metadata, and ids that stay.

    An id is the digest of its cell's text, so that a cell keeps it when others come and go.
    """
    notebook = jupytext.read(path, fmt="py:percent")
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    seen = {}
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({"tags": cell.metadata["tags"]} if cell.metadata.get("tags") else {})
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
        seen[digest] = seen.get(digest, 0) + 1
        cell.id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
    return notebook


def execute(notebook, folder, after_cell=None, **variables):
    """Run all cells of a notebook, in place, in a fresh kernel that stands in `folder`; keeps the widgets' state.

    after_cell: called with each code cell and the state of all widgets there are by then, {model id: state}.
    variables: of the kernel's environment.

    Raises:
        BuildError: a cell failed or took too long.
    """
    client = NotebookClient(
        notebook,
        timeout=SECONDS_PER_CELL,
        kernel_name="python3",
        extra_arguments=["--log-level=ERROR"],  # else each kernel warns that it talks over TCP
        record_timing=False,
        store_widget_state=True,  # nbclient loses track of an Output widget without it
        resources={"metadata": {"path": str(folder)}},
    )
    if after_cell:
        client.on_cell_executed = lambda cell, **_: after_cell(cell, client.widget_state)
    try:
        # progress is for those who wait; two threads on cores that others use wait for one another
        client.execute(env={"OMP_NUM_THREADS": "1", **os.environ, "TQDM_DISABLE": "1", **variables})
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        failed = [index for index, cell in enumerate(notebook.cells) if _has_error(cell)]
        raise BuildError(f"cell {failed}: {COLOUR.sub('', str(error))}") from error


def run(notebook, folder):
    """Run all cells of a notebook, in place, and keep nothing that changes from run to run.

    Raises:
        BuildError: a cell failed, took too long, warned, or printed a path of this machine.
    """
    execute(notebook, folder)
    notebook.metadata = nbformat.from_dict(METADATA)  # the kernel adds its version, nbclient the widgets' state
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            cell.outputs = [output for output in map(clean, cell.outputs) if output]
            _refuse_noise(index, cell)


def clean(output):
    """Drop from an output what has no place in the repository; None when nothing is left."""
    if "data" in output:
        output.data.pop(WIDGET_VIEW, None)  # a random id that means nothing without its state; the repr stays
        output.metadata.pop(WIDGET_VIEW, None)
        return output if output.data else None
    return output


def _has_error(cell):
    return any(output.output_type == "error" for output in cell.get("outputs", []))


def _refuse_noise(index, cell):
    text = nbformat.writes(nbformat.v4.new_notebook(cells=[cell]))
    for path in (HERE.parent, Path.home(), Path(sys.prefix)):
        if len(path.parts) > 1 and str(path) in text:
            raise BuildError(f"cell {index} prints a path of this machine ({path}):\n\n{cell.source}")
    for output in cell.outputs:
        if output.output_type == "stream" and output.name == "stderr":
            raise BuildError(f"cell {index} writes to stderr:\n\n{output.text}\n\n{cell.source}")


def build(source):
    """Build one notebook beside its source's folder; returns its path."""
    notebook = read_source(source)
    run(notebook, HERE)
    target = HERE / f"{source.stem}.ipynb"
    target.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")
    return target


def main(arguments):
    """Build the notebooks whose numbers are given, or all."""
    parser = argparse.ArgumentParser(prog="python course.py notebooks", description=__doc__.partition("\n")[0])
    parser.add_argument("number", nargs="*", help="such as 05 (default: all)")
    numbers = [number.zfill(2) for number in parser.parse_args(arguments).number]
    sources = sorted((HERE / "source").glob("[0-9][0-9]_*.py"))
    unknown = sorted(set(numbers) - {source.name[:2] for source in sources})
    if unknown:
        print(f"No source for {', '.join(unknown)}. There are: {', '.join(source.stem for source in sources)}.")
        return 2
    for source in sources:
        if not numbers or source.name[:2] in numbers:
            print(f"{source.stem} ...", end="", flush=True)
            try:
                built = build(source)
            except BuildError as error:
                print(f" failed\n\n{source.name}, {error}")
                return 1
            print(f" {built.stat().st_size // 1000} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
