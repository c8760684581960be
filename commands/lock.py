"""Compile pyproject.toml into the locks, for every system: requirements.lock (learners), requirements-dev.lock (tests).

Locked versions stay unless pyproject asks for others; --upgrade moves everything to the newest.
"""

import argparse
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from commands.environment import LOCKS, ROOT, SetUpError, venv_python

# pip brings them with the CUDA build of torch, where that is wanted; everybody else is spared 2.7 GB
CUDA = re.compile(r"^(nvidia|cuda|triton)[-=]")
UNWANTED = re.compile(r"^    #( via)?\s+(nvidia-|cuda-|triton|-c )")


def main(arguments):
    """Run the verb."""
    parser = argparse.ArgumentParser(prog="python course.py lock", description=__doc__)
    parser.add_argument("--upgrade", action="store_true", help="move every package to its newest version")
    upgrade = ["--upgrade"] if parser.parse_args(arguments).upgrade else []
    uv = _uv()
    with tempfile.TemporaryDirectory() as scratch:
        # the learners' lock is compiled within the developers', so that the second is a superset of the first
        for level, extra in (("dev", ["--extra", "dev"]), ("learner", ["-c", LOCKS["dev"]])):
            output = Path(scratch) / LOCKS[level]
            if (ROOT / LOCKS[level]).exists():
                shutil.copy(ROOT / LOCKS[level], output)  # what is locked already is preferred
            command = [uv, "pip", "compile", "pyproject.toml", "--quiet", "--universal", "--python-version", "3.11"]
            told = ["--custom-compile-command", "python course.py lock", "--no-emit-index-url", "--no-emit-find-links"]
            done = subprocess.run(
                [*command, *told, *extra, *upgrade, "-o", str(output)], cwd=ROOT, capture_output=True, text=True
            )
            if done.returncode:
                raise SetUpError(f"{done.stderr.strip()}\n\nuv could not compile {LOCKS[level]}.")
            text = without_cuda(output.read_text(encoding="utf-8"))
            (ROOT / LOCKS[level]).write_text(text, encoding="utf-8", newline="\n")
            print(f"{LOCKS[level]}: {len(re.findall(r'^[a-z0-9]', text, re.MULTILINE | re.IGNORECASE))} packages")
    return 0


def without_cuda(text):
    r"""Drop the CUDA packages from a lock, and every comment that only they needed.

    >>> print(without_cuda("numpy==2\n    # via triton\ntriton==3\n    # via torch\ntorch==2\n    # via ours"))
    numpy==2
    torch==2
        # via ours
    """
    kept, dropping = [], False
    for line in text.splitlines():
        if line.startswith("    #"):
            if not dropping and not UNWANTED.match(line):
                kept.append(line)
        else:
            dropping = bool(CUDA.match(line))
            if not dropping:
                kept.append(line)
    return "\n".join(kept) + ("\n" if text.endswith("\n") else "")


def _uv():
    here = venv_python(ROOT / ".venv").with_name("uv")
    found = shutil.which(str(here)) or shutil.which("uv")
    if not found:
        raise SetUpError("uv, which compiles the locks, is not here yet: python course.py test installs it.")
    return found
