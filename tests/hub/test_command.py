"""course.py hub without a hub: every obstacle is a sentence that says what to do."""

import os
import socket
import subprocess
import sys

import pytest

from commands import hub
from commands.environment import SetUpError

from .rehearsal import three_free_ports


@pytest.fixture
def sleeper():
    """A function that starts a process which does nothing, under a command line that holds a word."""
    processes = []

    def start(word):
        command = [sys.executable, "-c", "import time; print(flush=True); time.sleep(60)", word]
        processes.append(subprocess.Popen(command, stdout=subprocess.PIPE))
        processes[-1].stdout.readline()  # it runs, under its own name
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def test_windows_is_told_of_wsl(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(SetUpError, match=r"does not run on Windows.*WSL"):
        hub.main([])


def test_a_missing_npm_is_named_with_the_remedy(tmp_path, monkeypatch):
    (tmp_path / "package-lock.json").touch()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SetUpError, match=r"(?s)npm is not here.*nodejs\.org"):
        hub.install_proxy(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for npm is a shell script")
def test_what_npm_says_is_passed_on(tmp_path, monkeypatch):
    (tmp_path / "package-lock.json").touch()
    (tmp_path / "npm").write_text("#!/bin/sh\necho no route to host >&2; exit 1\n")
    (tmp_path / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SetUpError, match=r"(?s)no route to host.*npm could not install"):
        hub.install_proxy(tmp_path)


@pytest.mark.parametrize("offset", hub.PORTS)
def test_a_port_in_use_is_named(offset):
    first = three_free_ports()
    hub.check_ports(first)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", first + offset))
        taken.listen()
        with pytest.raises(SetUpError, match=f"Port {first + offset}, for .* --port 8100"):
            hub.check_ports(first)


def test_a_port_that_does_not_exist_is_a_sentence():
    with pytest.raises(SetUpError, match="Port 70000"):
        hub.check_ports(70000)


def test_a_second_hub_in_the_same_folder_is_refused(tmp_path, sleeper):
    running = sleeper("jupyterhub")
    (tmp_path / "hub.pid").write_text(str(running.pid))
    with pytest.raises(SetUpError, match=f"already runs in .*kill {running.pid}"):
        hub.end_leftovers(tmp_path)


def test_the_proxy_of_a_killed_hub_is_ended(tmp_path, sleeper, capsys):
    proxy = sleeper("configurable-http-proxy")
    (tmp_path / "jupyterhub-proxy.pid").write_text(str(proxy.pid))
    (tmp_path / "hub.pid").write_text("999999999")
    hub.end_leftovers(tmp_path)
    assert proxy.wait(timeout=10) < 0
    assert "Nothing is lost" in capsys.readouterr().out


def test_a_number_that_another_program_has_by_now_is_left_alone(tmp_path, sleeper):
    stranger = sleeper("something else")
    for name in "jupyterhub-proxy.pid", "hub.pid":
        (tmp_path / name).write_text(str(stranger.pid))
    hub.end_leftovers(tmp_path)
    assert stranger.poll() is None
