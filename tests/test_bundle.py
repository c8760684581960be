"""The course on a stick: what is in it, whom it serves, that nothing asks the network, and what doctor says of it."""

import platform
import subprocess
import sys
import zipfile

import pytest

from commands import bundle, doctor, install
from commands.doctor import RUN_HERE, USE_HUB, USE_WEB, verdict
from commands.environment import LOCKS, SetUpError
from commands.machine import Machine

LINUX = "torch-2.13.0+cpu-cp312-cp312-manylinux_2_28_x86_64.whl"
HERE = Machine("Linux", "x86_64", libc="glibc 2.36")


@pytest.fixture
def stick(tmp_path, monkeypatch):
    """A bundle for Python 3.12 on Linux, and that very machine."""
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / LINUX).touch()
    monkeypatch.setattr(sys, "version_info", (3, 12, 1))
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    return tmp_path


# --- what is in it


@pytest.fixture
def course(tmp_path):
    root = tmp_path / "course"
    root.mkdir()
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(root)]
    for name in ("course.py", "old.py"):
        (root / name).write_text("committed")
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"], ["rm", "-q", "old.py"]):
        subprocess.run([*git, *command], check=True)
        if command[0] == "commit":
            bundle.lay_course(tmp_path / "stick", root)
    subprocess.run([*git, "commit", "-qm", "second"], check=True)
    (root / "course.py").write_text("changed since")
    (root / "my_notebooks").mkdir()
    return root


def test_a_bundle_holds_what_is_committed_and_keeps_wheels_and_copies(course, tmp_path):
    stick = tmp_path / "stick"
    assert (stick / "old.py").exists()
    for kept in (stick / "wheels" / "a.whl", stick / "my_notebooks" / "05.ipynb"):
        kept.parent.mkdir(exist_ok=True)
        kept.touch()
    bundle.lay_course(stick, course)
    assert {path.name for path in stick.iterdir()} == {"course.py", "wheels", "my_notebooks", bundle.README}
    assert (stick / "course.py").read_text() == "committed"
    assert (stick / "wheels" / "a.whl").exists()
    assert (stick / "my_notebooks" / "05.ipynb").exists()


def test_nobody_elses_folder_is_touched(course, tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "one.jpg").touch()
    with pytest.raises(SetUpError, match="no bundle"):
        bundle.lay_course(tmp_path / "photos", course)
    assert [path.name for path in (tmp_path / "photos").iterdir()] == ["one.jpg"]
    for root in (tmp_path, tmp_path / "nowhere"):  # no checkout, and no git to be started there
        with pytest.raises(SetUpError, match="clone the course"):
            bundle.lay_course(tmp_path / "new", root)
    with pytest.raises(SetUpError, match="no folder"):
        bundle.main([str(tmp_path / "nowhere")])


class FakePip:
    """Puts a wheel of torch where --dest says, and keeps the commands."""

    def __init__(self, cuda, online=True):
        self.cuda, self.online, self.commands = cuda, online, []

    def step(self, name):
        return install.Runner().step(name)

    def succeeds(self, command):
        self.commands.append(command)
        if install.CPU_INDEX in command and not self.online:
            return False
        if "torch==2.13.0" in command:
            with zipfile.ZipFile(f"{command[command.index('--dest') + 1]}/{LINUX}", "w") as wheel:
                wheel.writestr("torch/version.py", f"__version__ = '2.13.0'\ncuda: Optional[str] = {self.cuda}\n")
        return True

    __call__ = succeeds


@pytest.mark.parametrize("online", [True, False])
def test_the_small_torch_comes_first_and_the_rest_finds_it(tmp_path, online):
    (tmp_path / "lock").write_text("six==1\ntorch==2.13.0\n")
    pip = FakePip(cuda=None, online=online)
    bundle.fetch(pip, ["pip", "--dest", str(tmp_path)], tmp_path / "lock", tmp_path)
    assert [install.CPU_INDEX in command for command in pip.commands] == (
        [True, False] if online else [True, False, False]
    )
    assert pip.commands[-1][-4:] == ["--find-links", str(tmp_path), "-r", str(tmp_path / "lock")]


def test_the_large_torch_is_refused(tmp_path):
    (tmp_path / "lock").write_text("torch==2.13.0\n")
    with pytest.raises(SetUpError, match="NVIDIA"):
        bundle.fetch(FakePip(cuda="'13.0'"), ["pip", "--dest", str(tmp_path)], tmp_path / "lock", tmp_path)
    assert not list(tmp_path.glob("*.whl"))


# --- whom it serves


def test_a_bundle_names_its_machines_and_two_can_share_it(stick):
    for other in ("torch-2.13.0-cp311-none-macosx_14_0_arm64.whl", "torch-2.13.0-cp313-cp313-win_amd64.whl"):
        (stick / "wheels" / other).touch()
    names = ["Python 3.11 on macOS (arm64)", "Python 3.12 on Linux (x86_64)", "Python 3.13 on Windows (amd64)"]
    assert install.served(stick / "wheels") == names
    assert bundle.readme(stick / "wheels").count("\n") == 2
    assert all(name in bundle.readme(stick / "wheels") for name in names)


@pytest.mark.parametrize(("version", "machine"), [((3, 11), "x86_64"), ((3, 12), "aarch64")])
def test_who_is_not_served_asks_the_network(stick, monkeypatch, version, machine):
    assert install.bundled(stick) == stick / "wheels"
    monkeypatch.setattr(sys, "version_info", version)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert install.bundled(stick) is None
    assert install.bundled(stick / "elsewhere") is None


@pytest.mark.parametrize("served", [True, False])
def test_an_install_from_a_bundle_asks_no_index(stick, monkeypatch, capsys, served):
    if not served:
        monkeypatch.setattr(sys, "version_info", (3, 13, 0))
    (stick / LOCKS["learner"]).write_text("torch==2.13.0\n")
    commands = []
    monkeypatch.setattr(
        install.Runner, "succeeds", lambda run, command: commands.append(list(map(str, command))) or True
    )
    monkeypatch.setattr(install.Runner, "output", lambda run, command: "")
    install.install(stick, stick / LOCKS["learner"], fresh=True, hold=None)
    installers = [command for command in commands if "install" in command]
    assert len(installers) >= 4
    wheels = ["--no-index", "--find-links", str(stick / "wheels")]
    for command in installers:
        found = command[command.index("--no-index") :][:3] if "--no-index" in command else None
        assert found == (wheels if served else None), command
    assert ("nothing is downloaded" if served else "all has to be downloaded") in capsys.readouterr().out


# --- doctor


def lines(root):
    """What doctor looks at before there is an environment, by name."""
    return {line.name: line for line in doctor._may_set_up(False, root)}


def test_doctor_finds_the_bundle_and_does_not_ask_the_network(stick, monkeypatch):
    monkeypatch.setattr(doctor, "index_answers", lambda: pytest.fail("the network was asked"))
    assert lines(stick)["packages"].ok
    assert "no network" in lines(stick)["packages"].found


def no_network(monkeypatch, folder):
    monkeypatch.setattr(doctor, "index_answers", lambda: False)


def no_venv(monkeypatch, folder):
    monkeypatch.setattr(doctor, "index_answers", lambda: True)
    monkeypatch.setattr(doctor.importlib.util, "find_spec", lambda name: None)


def no_folder(monkeypatch, folder):
    monkeypatch.setattr(doctor, "index_answers", lambda: True)
    monkeypatch.setattr(doctor.os, "access", lambda path, mode: False)


@pytest.mark.parametrize("trouble", [no_network, no_venv, no_folder])
def test_who_cannot_install_is_sent_elsewhere_in_one_line(tmp_path, monkeypatch, trouble):
    trouble(monkeypatch, tmp_path)
    looked = doctor._may_set_up(False, tmp_path)
    for hub, where in (("", USE_WEB), ("https://hub.example", USE_HUB)):
        said, why = verdict(HERE, looked, hub)
        assert said == where
        assert "\n" not in why
        assert hub in why


def test_a_stick_that_cannot_be_written_to_is_copied(tmp_path, monkeypatch):
    monkeypatch.setattr(doctor, "index_answers", lambda: True)
    monkeypatch.setattr(doctor.os, "access", lambda path, mode: path != tmp_path)
    where, why = verdict(HERE, doctor._may_set_up(False, tmp_path))
    assert where == RUN_HERE
    assert "copy the course" in why


def test_a_folder_too_deep_for_windows_is_to_be_moved(tmp_path, monkeypatch):
    monkeypatch.setattr(doctor, "index_answers", lambda: True)
    windows = Machine("Windows", "amd64", long_paths=False)
    monkeypatch.setattr(Machine, "this", classmethod(lambda cls: windows))
    deep = tmp_path / ("folder " * 9).strip()
    deep.mkdir()
    assert "move the course to a shorter path" in verdict(windows, doctor._may_set_up(False, deep))[1]
    assert doctor._may_set_up(True, deep)[0].ok, "what is there works already"


def test_doctor_ends_in_one_verdict(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "look", lambda: [])
    monkeypatch.setattr(Machine, "this", classmethod(lambda cls: Machine("Darwin", "x86_64", macos="15.1")))
    assert doctor.main([]) == 1
    said = capsys.readouterr().out.strip().splitlines()
    assert [line for line in said if line.startswith((RUN_HERE, USE_HUB, USE_WEB))] == said[-1:]
