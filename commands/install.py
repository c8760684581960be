"""The steps that fill .venv, one line of progress each: venv, torch, the rest of the lock, the course itself."""

import json
import os
import re
import shutil
import subprocess
import sys
import time

from commands.machine import Machine

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
WHEELS = "wheels"  # beside course.py in a bundle (commands/bundle.py)
# JupyterLab asks about news and updates on first start; a lesson begins without questions.
LAB_SETTINGS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
# What a lesson loads: compiled once here, and matplotlib's list of fonts made, instead of while a class waits.
FIRST_IMPORT = (
    "import jupyterlab.labapp, ipykernel.kernelapp, helpers.plots, helpers.checks, helpers.prepared, helpers.widgets"
)
BUILD = "import runpy, sysconfig; v = runpy.run_path(sysconfig.get_path('purelib') + '/torch/version.py')"


class SetUpError(RuntimeError):
    """Something is missing or failed; the message is for the learner and names the remedy."""


def venv_python(folder):
    """Where a virtual environment keeps its interpreter."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def install(root, lock, fresh, hold):
    """Fill root/.venv with what `lock` names.

    Args:
        root: the course's folder.
        lock: the lock file to install.
        fresh: make .venv anew first, clearing what is there.
        hold: a file descriptor for the installers to inherit; it keeps the set-up lock alive as long as they run.

    Raises:
        SetUpError: a step failed.
    """
    run = Runner(hold)
    folder = root / ".venv"
    python = str(venv_python(folder))
    wheels = bundled(root)
    if (root / WHEELS).is_dir():
        network = "nothing is" if wheels else "all has to be"
        print(f"  this bundle is for {', '.join(served(root / WHEELS))}: {network} downloaded")
    source = ["--no-index", "--find-links", str(wheels)] if wheels else []
    pip = [python, "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet", *source]
    if fresh:
        with run.step("a virtual environment in .venv"):
            # not sys.executable: that may be the very environment that is being cleared
            base = getattr(sys, "_base_executable", sys.executable)
            run([base, "-m", "venv", "--clear", str(folder)])
    install_torch(run, python, pip, lock, wheels)
    with run.step(f"the rest of {lock.name}"):
        uv = [python, "-m", "uv", "pip", "install", "--quiet", "--python", python, *source]
        rest = ["--no-deps", "-r", str(lock)]
        # uv takes half the time; it does not read pip's configuration, so pip stands ready where a mirror is set
        get_uv = [*pip, "--no-deps", "-c", str(root / "requirements-dev.lock"), "uv"]
        if not (run.succeeds(get_uv) and run.succeeds([*uv, *rest])):
            run([*pip, *rest])
    with run.step("the course's own package, helpers"):
        run([*pip, "--no-deps", "--no-build-isolation", "-e", str(root)])
        settings = folder / "share/jupyter/lab/settings/overrides.json"
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text(json.dumps(LAB_SETTINGS), encoding="utf-8")
    with run.step("everything imported once, so that the first start is as quick as the second"):
        run.succeeds([python, "-c", FIRST_IMPORT])


def bundled(root):
    """The folder of wheels in a bundle, if there is one and it serves this Python on this machine; else None."""
    return root / WHEELS if str(Machine.this()) in served(root / WHEELS) else None


def served(wheels):
    """For whom a folder of wheels is, by its builds of torch: ["Python 3.12 on Linux (x86_64)", ...]."""
    tags = re.compile(r"-cp3(\d+)-\w+-(manylinux|macosx|win)_\w*?(x86_64|aarch64|arm64|amd64)\.whl$")
    found = filter(None, (tags.search(path.name) for path in wheels.glob("torch-*")))
    names = {"manylinux": "Linux", "macosx": "macOS", "win": "Windows"}
    return sorted(f"Python 3.{match[1]} on {names[match[2]]} ({match[3]})" for match in found)


def torch_pin(lock):
    """The line of a lock that says which torch: "torch==2.13.0"."""
    return re.search(r"^torch==\S+", lock.read_text(encoding="utf-8"), re.MULTILINE).group()


def install_torch(run, python, pip, lock, wheels=None):
    """Install the pinned torch: the small CPU build unless an NVIDIA GPU is there; say which came.

    A bundle's `wheels` hold the small build only.
    """
    pin = torch_pin(lock)
    version = pin.partition("==")[2]
    if installed_torch(run, python)[0].partition("+")[0] == version:
        return
    with_libraries = [*pip, "-c", str(lock), pin]  # pip's normal resolution brings the CUDA libraries
    if wheels is None and has_nvidia_gpu():
        with run.step(f"torch {version} for the NVIDIA GPU, some gigabytes"):
            run(with_libraries)
    else:
        with run.step(f"torch {version}, about 200 MB"):
            # pip prefers 2.13.0+cpu to 2.13.0; where the index cannot be reached it takes what else it finds
            source = ["--extra-index-url", CPU_INDEX] if sys.platform == "linux" else []
            patience = ["--retries", "1", "--timeout", "20"]
            if not run.succeeds([*pip, "--no-deps", *patience, *source, pin]):
                run([*pip, "--no-deps", pin])
            if installed_torch(run, python)[1] != "None":
                run(with_libraries)
    print(f"    {describe_torch(*installed_torch(run, python))}")


def installed_torch(run, python):
    """The version of torch in an environment and the CUDA version it was built for: ("2.13.0+cpu", "None")."""
    found = run.output([python, "-c", BUILD + "; print(v['__version__'], v['cuda'])"])
    return tuple(found.split()) if found else ("", "None")


def describe_torch(version, cuda):
    """One line that says which build of torch came."""
    if cuda == "None":
        return f"torch {version}: the small build, for the CPU"
    return f"torch {version}: the large build, with CUDA {cuda} for NVIDIA GPUs"


def has_nvidia_gpu():
    """True where the NVIDIA driver answers, on Linux: only there does PyPI's torch come with CUDA."""
    if sys.platform != "linux" or not shutil.which("nvidia-smi"):
        return False
    try:
        answer = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and "GPU" in answer.stdout


class Runner:
    """Runs the installers quietly and keeps what they said for the error message."""

    def __init__(self, hold=None):
        if hold is not None:
            os.set_inheritable(hold, True)
        self.close_fds = hold is None
        self.environment = {**os.environ, "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0", "UV_HTTP_RETRIES": "1"}
        self.name, self.said = "", ""

    def step(self, name):
        """Announce a step: one line, ended by its seconds."""
        self.name = name
        return _Step(name)

    def succeeds(self, command):
        """Run a command; True when it ended well."""
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", env=self.environment, close_fds=self.close_fds
        )
        self.said = (done.stdout + done.stderr).strip()
        return done.returncode == 0

    def __call__(self, command):
        """Run a command that has to succeed."""
        if not self.succeeds(command):
            tail = "\n".join(self.said.splitlines()[-12:])
            raise SetUpError(
                f"{tail}\n\nThis step failed: {self.name}. Above is what the installer said. Check the network and the "
                "space on the disk, close other windows of the course, and start again: it goes on from here."
            )

    def output(self, command):
        """What a command prints; empty when it fails."""
        done = subprocess.run(command, capture_output=True, text=True, close_fds=self.close_fds)
        return done.stdout.strip() if done.returncode == 0 else ""


class _Step:
    def __init__(self, name):
        self.name = name

    def __enter__(self):
        print(f"  {self.name} ...", end="", flush=True)
        self.began = time.monotonic()

    def __exit__(self, error, *_):
        print(" failed" if error else f" {time.monotonic() - self.began:.0f} s", flush=True)
