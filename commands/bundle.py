"""Make a folder for a USB stick: the course, and every package it installs, for a class without a network.

The wheels are those of this Python on this kind of machine. Run it again into the same folder from another Python or
another system, and the bundle serves both. It holds the course as committed, not what has been changed since.
"""

import argparse
import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

from commands.environment import LOCKS, ROOT, SetUpError, ensure
from commands.install import CPU_INDEX, WHEELS, Runner, served, torch_pin

NAME, README = "attention-by-hand", "START-HERE.txt"
KEPT = {WHEELS, "my_notebooks", ".venv"}  # what a bundle that is made again does not lose


def main(arguments):
    """Run the verb."""
    parser = argparse.ArgumentParser(prog="python course.py bundle", description=__doc__)
    parser.add_argument("where", type=Path, help=f"an existing folder, such as a stick's: {NAME}/ is made in it")
    where = parser.parse_args(arguments).where
    if not where.is_dir():
        raise SetUpError(f"There is no folder {where}: give one that exists, such as that of the stick.")
    python, folder, run = str(ensure("learner")), where / NAME, Runner()
    lay_course(folder)
    pip = [python, "-m", "pip", "--disable-pip-version-check", "--no-input", "download", "--quiet", "--no-deps"]
    fetch(run, [*pip, "--only-binary=:all:", "--dest", str(folder / WHEELS)], ROOT / LOCKS["dev"], folder / WHEELS)
    (folder / README).write_text(readme(folder / WHEELS), encoding="utf-8")
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f"{folder}: {size / 1e6:.0f} MB.\n{readme(folder / WHEELS)}", end="")
    return 0


def lay_course(folder, root=ROOT):
    """Put the course as committed into a folder; a bundle that is there already keeps its wheels and copies.

    Raises:
        SetUpError: root is no git checkout, or what is there was not made by this command.
    """
    if folder.exists() and not (folder / README).exists():
        raise SetUpError(f"{folder} is there already, and is no bundle: move it away, or choose another place.")
    try:
        command = ["git", "archive", "--format=zip", "HEAD"]
        course = subprocess.run(command, cwd=root, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        said = (getattr(error, "stderr", None) or str(error).encode()).decode().strip()
        raise SetUpError(f"{said}\n\nA bundle is made of what git has: clone the course with git first.") from None
    for old in folder.iterdir() if folder.exists() else ():
        if old.name not in KEPT:
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    (folder / WHEELS).mkdir(parents=True, exist_ok=True)
    (folder / README).touch()  # already a bundle, should the rest be interrupted
    with zipfile.ZipFile(io.BytesIO(course)) as archive:
        archive.extractall(folder)


def fetch(run, download, lock, wheels):
    """Download the wheels that a lock names: torch's build for the CPU first, then the rest.

    Raises:
        SetUpError: a download failed, or only the build for NVIDIA GPUs came.
    """
    pin = torch_pin(lock)
    with run.step(f"{pin}, about 200 MB"):
        before = set(wheels.glob("torch-*.whl"))
        patience = ["--retries", "1", "--timeout", "20"]
        if not run.succeeds([*download, *patience, "--extra-index-url", CPU_INDEX, pin]):
            run([*download, pin])
        for wheel in set(wheels.glob("torch-*.whl")) - before:
            if not is_for_cpu(wheel):
                wheel.unlink()
                raise SetUpError(
                    "PyTorch's CPU index was not reached; what came instead is the build for NVIDIA GPUs, which needs "
                    "2.5 GB of libraries besides. Try again on another network."
                )
    with run.step(f"the rest of {lock.name}, about 380 MB"):
        run([*download, "--find-links", str(wheels), "-r", str(lock)])


def is_for_cpu(wheel):
    """True for a wheel of torch that was built without CUDA."""
    with zipfile.ZipFile(wheel) as archive:
        return re.search(rb"^cuda\b.*= None\s*$", archive.read("torch/version.py"), re.MULTILINE) is not None


def readme(wheels):
    """The two lines that somebody with the stick in hand needs."""
    return (
        "Copy this folder to your disk, open a terminal in the copy, and run:  python course.py lab\n"
        f"No network is needed, but one of these: {', '.join(served(wheels))}.\n"
    )
