"""What goes wrong around the course, and the sentence that its user then reads.

Some faults are made for real, in a process with disks or a network of its own: as root on Linux, as in CI; elsewhere
those tests are skipped.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOOPBACK = """
import fcntl, socket, struct
with socket.socket() as s:  # what `ip link set lo up` does
    fcntl.ioctl(s, 0x8914, struct.pack("16sH14x", b"lo", 0x49))
"""


def apart(command, what, **options):
    """Run a shell command in namespaces of its own: what = "m" for disks, "n" for the network (this machine alone)."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHON": sys.executable, "ROOT": str(ROOT)}
    environment |= options.pop("env", {})
    up = f"{sys.executable} -c '{LOOPBACK}' && " if "n" in what else ""
    command = ["unshare", *(f"-{letter}" for letter in what), "sh", "-c", up + command]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300, **options)


def _can_be_apart():
    try:
        return subprocess.run(["unshare", "-m", "-n", "true"], capture_output=True).returncode == 0
    except OSError:
        return False


needs_root = pytest.mark.skipif(not _can_be_apart(), reason="needs root on Linux: a disk or a network of its own")
