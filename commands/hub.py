"""Rehearse a class on this machine: a real JupyterHub, for learners in as many browser windows as you like.

It listens on this machine alone. The passwords are new each time. What learners write stays in the folder, whatever
becomes of the hub: start it again with the same folder and port, and their notebooks are still running.
"""

import argparse
import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from commands.environment import ROOT, SetUpError, ensure
from commands.lab import wait_for

REHEARSAL = ROOT / "deploy" / "rehearsal"
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike on a projector
PORTS = {0: "the class", 1: "the hub itself", 2: "the proxy's own interface"}  # counted from --port


def main(arguments):
    """Run the verb; returns when the hub has ended."""
    options = _parser().parse_args(arguments)
    if sys.platform == "win32":
        raise SetUpError(
            "JupyterHub does not run on Windows. Start the rehearsal inside WSL (wsl --install, then this same command "
            "in its Linux window), or on a Linux or macOS machine. Learners on Windows need nothing but a browser."
        )
    python = sys.executable if options.here else ensure("dev")
    install_proxy()
    folder = options.folder.resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    end_leftovers(folder)
    check_ports(options.port)
    with (folder / "hub.log").open("a+", encoding="utf-8", errors="replace") as log:
        return serve(python, folder, options.port, log)


def _parser():
    parser = argparse.ArgumentParser(prog="python course.py hub", description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="the first of three ports in a row (default: 8000)")
    parser.add_argument("--folder", type=Path, default=ROOT / ".rehearsal", help="its state (default: .rehearsal)")
    parser.add_argument("--here", action="store_true", help="use the Python that runs this (conda), not .venv")
    return parser


def install_proxy(folder=REHEARSAL):
    """Install the proxy that stands before the hub, as package-lock.json names it, unless it is there.

    Raises:
        SetUpError: npm is missing or failed.
    """
    wanted, installed = folder / "package-lock.json", folder / "node_modules" / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= wanted.stat().st_mtime:
        return
    npm = shutil.which("npm")
    if not npm:
        raise SetUpError(
            "JupyterHub needs its proxy, which npm installs, and npm is not here. Install Node.js 18 or newer from "
            "https://nodejs.org (Debian, Ubuntu: apt install nodejs npm; macOS: brew install node) and start again."
        )
    print("The proxy that stands before the hub, from npm (9 MB, once) ...", flush=True)
    command = [npm, "ci", "--prefix", str(folder), "--no-fund", "--no-audit", "--loglevel=error"]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).splitlines()[-8:])
        raise SetUpError(f"{said}\n\nnpm could not install the proxy; above is what it said. Check the network.")


def end_leftovers(folder):
    """End the proxy of a hub that was killed; refuse while that hub still runs."""
    hub = _process(folder / "hub.pid", "jupyterhub")
    if hub:
        raise SetUpError(
            f"A rehearsal already runs in {folder} (process {hub}): press Ctrl-C in its window, or: kill {hub}\n"
            "A second one beside it: python course.py hub --port 8100 --folder another"
        )
    proxy = _process(folder / "jupyterhub-proxy.pid", "configurable-http-proxy")
    if proxy:
        os.kill(proxy, signal.SIGTERM)
        for _ in range(50):
            if not _process(folder / "jupyterhub-proxy.pid", "configurable-http-proxy"):
                break
            time.sleep(0.1)
    if (folder / "hub.pid").exists():
        print("The last hub did not end by itself. Nothing is lost; what still runs is found again.", flush=True)


def _process(pid_file, name):
    """The number in a pid file, while a process of that number has a command line with `name` in it; else None."""
    try:
        pid = int(pid_file.read_text(encoding="ascii"))
        if sys.platform == "linux":
            command = Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace")
        else:
            command = subprocess.run(
                ["ps", "-ww", "-p", str(pid), "-o", "command="], capture_output=True, text=True
            ).stdout
    except (OSError, ValueError):
        return None
    return pid if name in command else None


def check_ports(first):
    """Raise a SetUpError that names a port which somebody else holds."""
    for offset, what in PORTS.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port just given up counts as free
            try:
                probe.bind(("127.0.0.1", first + offset))
            except (OSError, OverflowError) as error:
                raise SetUpError(
                    f"Port {first + offset}, for {what}, cannot be had: {error}. The hub needs three ports in a row; "
                    f"another first one: python course.py hub --port {8100 if first != 8100 else 8200}"
                ) from None


def serve(python, folder, port, log):
    """Run the hub until it ends; returns the exit code."""
    password = "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))
    admin_password = secrets.token_urlsafe(24)
    settings = {
        "COURSE": ROOT,
        "REHEARSAL_PORT": port,
        "REHEARSAL_PASSWORD": password,  # not on a command line, which everybody on this machine can read
        "REHEARSAL_ADMIN_PASSWORD": admin_password,
        "PATH": f"{Path(python).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",  # for terminals in a seat
    }
    environment = os.environ | {name: str(value) for name, value in settings.items()}
    command = [str(python), "-m", "jupyterhub", "--config", str(REHEARSAL / "jupyterhub_config.py")]
    hub = subprocess.Popen(
        command, env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
    )
    signal.signal(signal.SIGTERM, lambda *_: hub.terminate())
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(hub, f"{address}/hub/api", log, name="JupyterHub")
        print(f"JupyterHub: {address}")
        print(f"  learners:    any name        password {password}")
        print(f"  instructor:  instructor      password {admin_password}")
        print(f"Press Ctrl-C here to end it. What learners write stays in {folder / 'seats'}.", flush=True)
        code = hub.wait()
        if code < 0:
            print(f"\nThe hub was killed (signal {-code}). Start it again: nothing is lost.", flush=True)
        return abs(code)
    except KeyboardInterrupt:
        print("\nEnding the hub and every seat ...", flush=True)
        hub.terminate()
        with contextlib.suppress(KeyboardInterrupt):
            hub.wait()
            print("Ended. The browser windows can be closed.", flush=True)
        return 0
    finally:
        if hub.poll() is None:
            hub.terminate()
            hub.wait()
