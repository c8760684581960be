"""Open JupyterLab on the learner's own copies of the notebooks, and say where it is."""

import argparse
import contextlib
import errno
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import webbrowser

from commands.environment import SetUpError, ensure
from helpers import workspace

RUNNING = ".running"  # in my_notebooks/: the port of the JupyterLab that shows them


def main(arguments):
    """Run the verb; returns when the server has ended."""
    options = _parser().parse_args(arguments)
    python = sys.executable if options.here else ensure("learner")
    workspace.lay_copies()
    for entry in workspace.status():
        if entry.changed:
            print(
                f"{entry.name} has changed since your copy was laid: python course.py fresh {entry.number} brings it."
            )
    with tempfile.TemporaryFile("w+", errors="replace") as log:
        port = free_port(options.ip, options.port, tries=1) if options.port else free_port(options.ip)
        with announced(workspace.MY_NOTEBOOKS / RUNNING, port):
            return serve(python, options.ip, port, not options.no_browser, log)


def serve(python, ip, port, browser, log):
    """Run JupyterLab until it ends, its chatter in `log`; returns the exit code."""
    token = secrets.token_hex(16)
    # the token travels in the environment, because other users can read a command line
    environment = {**os.environ, "JUPYTER_TOKEN": token}
    server = subprocess.Popen(
        server_command(python, ip, port), env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
    )
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    address = f"http://{'localhost' if ip in ('', '*', '0.0.0.0', '::') else ip}:{port}"
    try:
        wait_for(server, f"{address}/api", log)
        page = f"{address}/lab/tree/00_start.ipynb?token={token}"
        print(f"JupyterLab: {page}\nPress Ctrl-C here to end it.", flush=True)
        if browser and has_display():
            webbrowser.open(page)
        return server.wait()
    except KeyboardInterrupt:  # from a terminal the server got the same signal; from elsewhere only we did
        print("\nEnding JupyterLab ...", flush=True)
        return 0
    finally:
        end(server)


def end(server, patience=20):
    """End a server that still runs; one that does not listen, or for which somebody will not wait, is killed."""
    if server.poll() is None:
        server.terminate()
        try:
            server.wait(patience)
        except (KeyboardInterrupt, subprocess.TimeoutExpired):
            server.kill()
            server.wait()


def _parser():
    parser = argparse.ArgumentParser(prog="python course.py lab", description=__doc__)
    parser.add_argument("--port", type=int, help="the port to listen on (default: 8888, or the next free one)")
    parser.add_argument("--ip", default="localhost", help="the address to listen on (default: %(default)s)")
    parser.add_argument("--no-browser", action="store_true", help="print the address only")
    parser.add_argument("--here", action="store_true", help="use the Python that runs this (conda), not .venv")
    return parser


def server_command(python, ip, port):
    """The command that starts JupyterLab: quiet, without questions, on my_notebooks/ and nothing above it."""
    settings = {
        "ServerApp.ip": ip,
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": workspace.MY_NOTEBOOKS,
        "ServerApp.open_browser": False,
        "ServerApp.answer_yes": True,  # Ctrl-C ends it without asking back
        "ServerApp.allow_root": True,  # containers run as root
        "ServerApp.log_level": "WARN",
        "LanguageServerManager.autodetect": False,  # there is none; looking for nineteen takes a second
    }
    return [str(python), "-m", "jupyterlab", *(f"--{name}={value}" for name, value in settings.items())]


def running(file):
    """The port of a JupyterLab that shows these notebooks already; None when there is none."""
    with contextlib.suppress(OSError, ValueError):
        port = int(file.read_text(encoding="ascii"))
        socket.create_connection(("localhost", port), timeout=1).close()
        return port
    return None


@contextlib.contextmanager
def announced(file, port):
    """Say whether JupyterLab runs on these notebooks already; leave word for the next start that it does now."""
    if other := running(file):
        print(
            f"JupyterLab is open on these notebooks already, at port {other}; this is a second one. Open each notebook "
            "in one of the two only: what is saved last stays."
        )
        yield  # the word of the first one stands
        return
    file.write_text(str(port), encoding="ascii")
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def free_port(ip, first=8888, tries=50):
    """The first free port from `first` on.

    Raises:
        SetUpError: there is none, or the address is not one of this machine.
    """
    for port in range(first, first + tries):
        with socket.socket() as probe:
            if os.name != "nt":  # a port just given up counts as free; on Windows the option means something else
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((ip, port))
            except OSError as error:
                if error.errno in (errno.EADDRINUSE, errno.EACCES):
                    continue
                raise SetUpError(f"{ip} is no address of this machine ({error.strerror}): leave --ip out.") from None
            return port
    if tries == 1:
        raise SetUpError(f"Port {first} on {ip} is in use: leave --port out, and a free one is taken.")
    raise SetUpError(f"No free port on {ip} between {first} and {first + tries - 1}: choose one with --port.")


def wait_for(server, address, log, patience=90, name="JupyterLab"):
    """Return as soon as a server process answers at an address.

    Raises:
        SetUpError: it ended, and what stands at the end of its log, or it did not answer in time.
    """
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # our own machine needs no proxy
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if server.poll() is not None:
            log.seek(0)
            said = "".join(log.readlines()[-12:])
            raise SetUpError(f"{said}\n{name} ended at once; what it said stands above. Try another --port.")
        try:
            direct.open(address, timeout=2).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise SetUpError(f"{name} did not answer at {address} within {patience} s. Try --port, or --ip 127.0.0.1.")


def has_display():
    """False on a machine without a screen, where opening a browser would start one inside the terminal."""
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
