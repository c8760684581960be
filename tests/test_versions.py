"""pyproject.toml declares; the locks and environment.yml follow."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
LOCKS = ["requirements.lock", "requirements-dev.lock"]


def locked(name):
    """Package -> the set of its locked versions (more than one where they differ by Python)."""
    versions = {}
    for package, version in re.findall(
        r"^([\w.-]+)==([^\s;]+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE
    ):
        versions.setdefault(package.lower(), set()).add(version)
    return versions


def declared(requirements):
    return {re.match(r"[\w.-]+", line).group().lower(): line for line in requirements}


@pytest.mark.parametrize(
    ("lock", "requirements"),
    [
        ("requirements.lock", PROJECT["dependencies"]),
        ("requirements-dev.lock", PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]),
    ],
)
def test_the_lock_holds_what_is_declared(lock, requirements):
    versions = locked(lock)
    for name, requirement in declared(requirements).items():
        assert name in versions, f"{name} is declared but not in {lock}: python course.py lock"
        if "==" in requirement:
            assert versions[name] == {requirement.partition("==")[2]}


def test_the_locks_agree():
    learner, dev = (locked(name) for name in LOCKS)
    assert {name: dev.get(name) for name in learner} == learner


def test_a_learner_needs_neither_transformers_nor_a_browser_driver():
    assert not {"transformers", "playwright", "pytest", "uv"} & locked("requirements.lock").keys()


@pytest.mark.parametrize("lock", LOCKS)
def test_nothing_is_installed_that_doubles_the_start_of_jupyterlab(lock):
    assert not {"rfc3987-syntax", "lark"} & locked(lock).keys()


@pytest.mark.parametrize("name", [*LOCKS, "environment.yml"])
def test_no_gigabytes_of_cuda_no_private_index_no_path(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"^[\s-]*(nvidia|cuda|triton)", text, re.MULTILINE)
    urls = re.findall(r"https?://\S+", text)
    assert set(urls) <= {"https://download.pytorch.org/whl/cpu"}
    assert "file:" not in text
    assert "find-links" not in text


def test_conda_users_get_the_locked_versions():
    assert "nodefaults" in ENVIRONMENT["channels"]
    python = next(line for line in ENVIRONMENT["dependencies"] if isinstance(line, str) and line.startswith("python="))
    assert python.removeprefix("python=") in ("3.11", "3.12", "3.13")
    lines = next(line["pip"] for line in ENVIRONMENT["dependencies"] if isinstance(line, dict))
    named = dict(line.split("==") for line in lines if "==" in line)
    assert named.keys() == {"jupyterlab", "torch", "matplotlib", "ipywidgets", "nbval"}
    dev = locked("requirements-dev.lock")
    for name, version in named.items():
        assert dev[name] == {version}
    assert "-r requirements-dev.lock" in lines
    assert "-e ." in lines
