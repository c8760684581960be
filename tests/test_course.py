"""course.py: the environment that heals, the learner's copies that are never overwritten, the verdicts of doctor."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest

import course
from commands import bench, environment, install, machine, suite
from commands import lab as lab_verb
from commands.doctor import RUN_HERE, USE_HUB, USE_WEB, Line, verdict
from commands.machine import Machine
from helpers import workspace

ROOT = Path(__file__).parents[1]


# --- the front door


def test_other_pythons_are_refused_with_the_remedy():
    assert all(course.refusal((3, minor)) is None for minor in (11, 12, 13))
    for version in ((2, 7), (3, 10), (3, 14)):
        assert "python.org" in course.refusal(version)


def old_pythons():
    """Interpreters older than 3.9: on the path, and those that pyenv keeps (its shims run only the chosen one)."""
    for version in ("2.7", "3.6", "3.7", "3.8"):
        kept = (Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python{version}")
        found = next(iter(kept), shutil.which(f"python{version}"))
        if found and subprocess.run([found, "-c", ""], capture_output=True).returncode == 0:
            yield pytest.param(found, id=version)


@pytest.mark.parametrize("python", list(old_pythons()))
def test_an_old_python_reads_course_py_and_says_so(python):
    done = subprocess.run([python, "-B", "course.py", "lab"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert "needs Python 3.11" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [[], ["lecture"]])
def test_an_unknown_verb_gets_the_list(arguments, capsys):
    assert course.main(arguments) == 2
    said = capsys.readouterr().err
    assert all(verb in said for verb in course.VERBS)


# --- .venv


@pytest.fixture
def house(tmp_path):
    for name in environment.LOCKS.values():
        (tmp_path / name).write_text("torch==2.13.0\n")
    return tmp_path


class FakeInstaller:
    """Makes the interpreter's file and keeps count; ends in the given error."""

    def __init__(self, error=None):
        self.error, self.calls = error, []

    def __call__(self, root, lock, fresh, hold):
        self.calls.append((lock.name, fresh))
        python = environment.venv_python(root / ".venv")
        python.parent.mkdir(parents=True, exist_ok=True)
        python.touch()
        if self.error:
            raise self.error


def test_the_second_start_installs_nothing(house):
    work = FakeInstaller()
    environment.ensure("learner", house, work)
    environment.ensure("learner", house, work)
    assert work.calls == [("requirements.lock", True)]


def test_either_command_may_come_first(house):
    work = FakeInstaller()
    environment.ensure("learner", house, work)
    environment.ensure("dev", house, work)  # upgraded in place
    environment.ensure("learner", house, work)  # the tests' environment serves learners too
    assert work.calls == [("requirements.lock", True), ("requirements-dev.lock", False)]


def test_a_changed_lock_is_installed_over_the_old(house):
    work = FakeInstaller()
    environment.ensure("learner", house, work)
    (house / "requirements.lock").write_text("torch==2.14.0\n")
    environment.ensure("learner", house, work)
    assert [fresh for _, fresh in work.calls] == [True, False]


@pytest.mark.parametrize(
    ("here", "sentence"),
    [
        (Machine("Darwin", "x86_64", macos="15.1"), "Intel processor. Read the web edition"),
        (Machine("Windows", "amd64", long_paths=False), r"shorter path than these \d+ characters"),
    ],
)
def test_what_cannot_be_installed_here_is_said_before_anything_is(house, here, sentence, monkeypatch):
    monkeypatch.setattr(Machine, "this", classmethod(lambda cls: here))
    deep = house / ("folder of a course " * 4)
    deep.mkdir()
    with pytest.raises(environment.SetUpError, match=sentence):
        environment.ensure("learner", deep, install=None)
    assert not any(deep.iterdir())


def test_only_windows_minds_a_long_path():
    far = Path("C:/") / ("x" * (machine.LONGEST - 2))
    old = Machine("Windows", "amd64", long_paths=False)
    assert "such as C:\\course" in machine.cramped(old, far)
    assert machine.cramped(old, str(far)[:-1]) == machine.cramped(Machine.this(), far) == ""


def test_a_gpu_counts_only_where_torch_comes_with_cuda(monkeypatch):
    monkeypatch.setattr(install.shutil, "which", lambda name: name)
    answer = subprocess.CompletedProcess([], 0, stdout="GPU 0: NVIDIA")
    monkeypatch.setattr(install.subprocess, "run", lambda *_, **__: answer)
    monkeypatch.setattr(install.sys, "platform", "linux")
    assert install.has_nvidia_gpu()
    monkeypatch.setattr(install.sys, "platform", "win32")
    assert not install.has_nvidia_gpu()


@pytest.mark.parametrize("error", [KeyboardInterrupt(), environment.SetUpError("no network")])
def test_an_interrupted_set_up_begins_again(house, error):
    with pytest.raises(type(error)):
        environment.ensure("learner", house, FakeInstaller(error))
    work = FakeInstaller()
    environment.ensure("learner", house, work)
    assert work.calls == [("requirements.lock", True)]


def test_an_upgrade_without_a_network_costs_nothing(house):
    environment.ensure("learner", house, FakeInstaller())
    (house / "requirements.lock").write_text("torch==2.14.0\n")
    with pytest.raises(environment.SetUpError):
        environment.ensure("learner", house, FakeInstaller(environment.SetUpError("no network")))
    work = FakeInstaller()
    environment.ensure("learner", house, work)  # tried again, but not from nothing
    assert work.calls == [("requirements.lock", False)]


def test_a_killed_upgrade_begins_again_from_nothing(house):
    environment.ensure("learner", house, FakeInstaller())
    with pytest.raises(KeyboardInterrupt):
        environment.ensure("dev", house, FakeInstaller(KeyboardInterrupt()))
    work = FakeInstaller()
    environment.ensure("learner", house, work)
    assert work.calls == [("requirements.lock", True)]


def test_two_starts_at_once_install_once(house):
    class SlowInstaller(FakeInstaller):
        def __call__(self, *arguments):
            time.sleep(0.5)
            super().__call__(*arguments)

    work = SlowInstaller()
    starts = [threading.Thread(target=environment.ensure, args=("learner", house, work)) for _ in range(3)]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    assert len(work.calls) == 1


def test_a_moved_folder_gets_a_new_environment(house, tmp_path_factory):
    environment.ensure("learner", house, FakeInstaller())
    moved = tmp_path_factory.mktemp("elsewhere") / "a course with späces"
    shutil.copytree(house, moved)
    work = FakeInstaller()
    environment.ensure("learner", moved, work)
    assert work.calls == [("requirements.lock", True)]


def test_the_line_about_torch_tells_the_builds_apart():
    assert "small" in install.describe_torch("2.13.0+cpu", "None")
    assert "large" in install.describe_torch("2.13.0", "13.0")


# --- the learner's copies


@pytest.fixture
def desk(tmp_path):
    (tmp_path / "notebooks").mkdir()
    write_original(tmp_path, "print(1)")
    return tmp_path


def write_original(root, code):
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": "# 05 Attention\n\n**Who listens?** About 60 minutes."},
        {
            "cell_type": "code",
            "metadata": {},
            "source": code,
            "execution_count": 1,
            "outputs": [{"text": "the answer"}],
        },
    ]
    notebook = {"cells": cells, "metadata": {"widgets": {}}, "nbformat": 4, "nbformat_minor": 5}
    (root / "notebooks" / "05_attention.ipynb").write_text(json.dumps(notebook))


def test_a_copy_gives_nothing_away(desk):
    assert workspace.lay_copies(desk) == ["05_attention.ipynb"]
    text = (desk / "my_notebooks" / "05_attention.ipynb").read_text()
    assert "print(1)" in text
    assert "the answer" not in text
    assert "widgets" not in json.loads(text)["metadata"]


@pytest.mark.parametrize("mine", ['{"cells": ["solved"]}', "not even JSON \N{PILE OF POO}"])
def test_a_copy_is_never_overwritten(desk, mine):
    workspace.lay_copies(desk)
    copy = desk / "my_notebooks" / "05_attention.ipynb"
    copy.write_text(mine, encoding="utf-8")
    write_original(desk, "print(2)")
    assert workspace.lay_copies(desk) == []
    assert copy.read_text(encoding="utf-8") == mine
    assert workspace.status(desk)[0].changed


def test_fresh_keeps_the_old_one_beside_the_new(desk):
    workspace.lay_copies(desk)
    (desk / "my_notebooks" / "05_attention.ipynb").write_text("mine")
    kept = [workspace.fresh("5", desk).kept for _ in range(3)]
    assert len(set(kept)) == 3
    assert kept[0].read_text() == "mine"
    assert "print(1)" in (desk / "my_notebooks" / "05_attention.ipynb").read_text()
    assert not workspace.status(desk)[0].changed


def test_an_unknown_number_gets_the_list(desk):
    with pytest.raises(ValueError, match=r"no notebook 7.*05_attention"):
        workspace.fresh(7, desk)


def test_the_map_is_read_from_the_notebooks(desk):
    (entry,) = workspace.status(desk)
    assert (entry.title, entry.minutes, entry.there, entry.changed) == ("Attention", 60, False, False)
    assert entry.question.startswith("Who listens?")


def test_the_learners_folder_is_found_from_inside_only(desk, monkeypatch):
    workspace.lay_copies(desk)
    monkeypatch.chdir(desk)
    assert workspace.learner_folder(desk) is None
    monkeypatch.chdir(desk / "my_notebooks")
    assert workspace.learner_folder(desk) == (desk / "my_notebooks").resolve()


# --- doctor


@pytest.mark.parametrize(
    ("machine", "where"),
    [
        (Machine("Linux", "x86_64", libc="glibc 2.36"), RUN_HERE),
        (Machine("Linux", "x86_64", libc="glibc 2.17"), USE_WEB),
        (Machine("Linux", "x86_64", libc="musl 1.2"), USE_WEB),
        (Machine("Darwin", "arm64", macos="15.1"), RUN_HERE),
        (Machine("Darwin", "arm64", macos="13.6"), USE_WEB),
        (Machine("Darwin", "x86_64", macos="15.1"), USE_WEB),
        (Machine("Windows", "amd64"), RUN_HERE),
        (Machine("Windows", "arm64"), USE_WEB),
        (Machine("Windows", "win32"), USE_WEB),
    ],
)
def test_one_verdict_for_each_machine(machine, where):
    assert verdict(machine)[0] == where
    if where == USE_WEB:
        assert verdict(machine, hub="https://hub.example")[0] == USE_HUB


def test_what_is_missing_comes_with_its_remedy():
    lines = [Line("kernel", False, "", "python course.py lab"), Line("GPU", False, "", "buy one", needed=False)]
    where, why = verdict(Machine("Windows", "amd64"), lines)
    assert where == RUN_HERE
    assert "python course.py lab" in why
    assert "buy one" not in why
    assert "MISSING" in str(lines[0])


# --- test


def test_a_lesson_is_its_notebook_and_the_tests_with_its_number():
    assert suite.select(["05"]) == ["notebooks/05_attention.ipynb", "tests", "-k", "05"]
    assert suite.select(["notebooks/05*"]) == ["notebooks/05_attention.ipynb"]
    assert suite.select(["-k", "softmax"])[:2] == ["tests", "helpers"]


def test_a_pattern_without_a_match_is_an_error():
    with pytest.raises(environment.SetUpError, match="99"):
        suite.select(["99"])


# --- lab, for real


@pytest.mark.skipif(os.name == "nt", reason="ended by a signal")
def test_lab_lays_the_copies_and_serves_the_start_page(tmp_path):
    home = tmp_path / "a home with späces"
    home.mkdir()
    for name in ("course.py", "commands", "helpers", "notebooks"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, home / name)
    lab = subprocess.Popen(
        [sys.executable, "course.py", "lab", "--here", "--no-browser"],
        cwd=home, env={**os.environ, "HOME": str(home), "PYTHONUNBUFFERED": "1"}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        address = re.search(r"(http://\S+)/lab/tree/(00_start.ipynb)\?token=(\w+)", lab.stdout.readline())
        base, page, token = address.groups()
        with urllib.request.urlopen(f"{base}/api/contents/{page}?token={token}", timeout=20) as answer:
            assert not any(cell.get("outputs") for cell in json.load(answer)["content"]["cells"])
    finally:
        lab.send_signal(signal.SIGINT)
        lab.communicate(timeout=120)
    assert (home / "my_notebooks" / "05_attention.ipynb").exists()


@pytest.mark.skipif(os.name == "nt", reason="there a process cannot turn a deaf ear")
def test_a_server_that_does_not_end_is_killed():
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); signal.pause()"
    with subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE) as server:
        server.stdout.readline()
        lab_verb.end(server, patience=0.2)
        assert server.poll() == -signal.SIGKILL
        lab_verb.end(server)  # again, for nothing


def test_bench_lists_what_can_be_measured_and_refuses_what_cannot(capsys):
    assert {"leaks", "memory", "recurrent"} <= set(bench.benches())
    assert all(line.endswith(".") or "->" in line for line in bench.benches().values())
    assert bench.main(["nix"]) == 2
    assert "'nix'" in capsys.readouterr().out


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for npm is a shell script")
def test_the_packages_of_npm_are_installed_once_and_again_when_the_lock_changes(tmp_path, capsys):
    npm, lock = tmp_path / "npm", tmp_path / "package-lock.json"
    npm.write_text(f"#!/bin/sh\nmkdir -p {tmp_path}/node_modules && touch {tmp_path}/node_modules/.package-lock.json\n")
    npm.chmod(0o755)
    lock.write_text("{}")
    for said in ["from npm", "", "from npm"]:
        suite.install_packages_of_npm(tmp_path, str(npm))
        assert said in capsys.readouterr().out if said else not capsys.readouterr().out
        if said == "":
            os.utime(lock, (time.time() + 60, time.time() + 60))
    npm.write_text("#!/bin/sh\nexit 1\n")
    suite.install_packages_of_npm(tmp_path, str(npm))
    assert "are skipped" in capsys.readouterr().out
    suite.install_packages_of_npm(tmp_path / "elsewhere", None)
    assert capsys.readouterr().out == ""
