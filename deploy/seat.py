"""What every seat on a hub runs: lay the learner's own copies, then become the single-user server.

    python deploy/seat.py [options of jupyterhub-singleuser]

The copies lie in the learner's home, which survives a new image of the course, and are never overwritten.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # eight kernels that each use every core stall one another for minutes
os.environ.setdefault("MY_NOTEBOOKS", str(Path.home() / "my_notebooks"))

from helpers import workspace  # after MY_NOTEBOOKS is set, which it reads

SETTINGS = {
    "ServerApp.root_dir": workspace.MY_NOTEBOOKS,
    "ServerApp.default_url": "/lab/tree/00_start.ipynb",
    "LabApp.extension_manager": "readonly",  # the usual one asks PyPI
    "MappingKernelManager.cull_idle_timeout": 3600,  # seconds; a kernel whose tab is closed gives its memory back
}

if __name__ == "__main__":
    workspace.lay_copies()
    options = [f"--{name}={value}" for name, value in SETTINGS.items()]
    os.execv(sys.executable, [sys.executable, "-m", "jupyterhub.singleuser", *options, *sys.argv[1:]])
