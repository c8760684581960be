"""deploy/ and its neighbours: values that the chart accepts, files that exist, one lock for all."""

import copy
import json
import os
import re
import tomllib
from pathlib import Path

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).parents[1]
VALUES = yaml.safe_load((ROOT / "deploy/kubernetes/values.yaml").read_text(encoding="utf-8"))
DOCKERFILE = (ROOT / "deploy/kubernetes/Dockerfile").read_text(encoding="utf-8")
BOARD = (ROOT / "deploy/kubernetes/board.yaml").read_text(encoding="utf-8")
SEAT = ["/srv/course/.venv/bin/python", "/srv/course/deploy/seat.py"]


def merged(defaults, ours):
    """What helm makes of two values files: mappings are merged, all else is replaced."""
    if not (isinstance(defaults, dict) and isinstance(ours, dict)):
        return ours
    return defaults | {key: merged(defaults.get(key), value) for key, value in ours.items()}


@pytest.fixture(scope="module")
def chart():
    """The chart's defaults and a validator of its schema; skips where nobody has said where they lie."""
    files = [Path(os.environ.get("COURSE_Z2JH", ""), name) for name in ("values.yaml", "values.schema.yaml")]
    if not all(path.exists() for path in files):
        (pytest.fail if os.environ.get("CI") else pytest.skip)(
            "the chart's values.yaml and values.schema.yaml are not ours to copy: take them from jupyterhub/ in "
            "github.com/jupyterhub/zero-to-jupyterhub-k8s, and name their folder in COURSE_Z2JH"
        )
    defaults, schema = (yaml.safe_load(path.read_text(encoding="utf-8")) for path in files)
    return defaults, jsonschema.Draft7Validator(schema)


def errors(chart, ours):
    defaults, validator = chart
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(merged(defaults, ours))]


def test_the_chart_accepts_our_values(chart):
    assert errors(chart, VALUES) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("singleuser.memory.limt", "1G"),
        ("singleuser.storage.homeMountpath", "/home/jovyan"),
        ("prePuller.continous", {"enabled": True}),
        ("scheduling.userPlaceholder.replica", 5),
        ("cull.timeout", "an hour"),
        ("hub.concurrentSpawnLimit", "many"),
    ],
)
def test_a_typo_is_caught(chart, path, value):
    wrong = copy.deepcopy(VALUES)
    *parents, key = path.split(".")
    place = wrong
    for name in parents:
        place = place[name]
    place[key] = value
    found = errors(chart, wrong)
    assert len(found) == 1
    assert parents[-1] in found[0]


def test_no_default_password_lets_anybody_in():
    config = VALUES["hub"]["config"]
    assert config["JupyterHub"]["authenticator_class"] not in ("dummy", "null", "tmp")
    assert config["FirstUseAuthenticator"]["create_users"] is False


def test_every_seat_starts_with_the_same_script():
    assert VALUES["singleuser"]["cmd"] == SEAT
    assert json.loads(re.search(r"^CMD (.+)$", DOCKERFILE, re.MULTILINE).group(1)) == SEAT
    fragment = (ROOT / "deploy/jupyterhub_course.py").read_text(encoding="utf-8")
    config = configured(fragment)
    assert config.Spawner.cmd == SEAT
    assert (ROOT / SEAT[1].removeprefix("/srv/course/")).is_file()


def configured(fragment):
    """The configuration that a fragment makes, as JupyterHub runs it."""
    from traitlets.config import Config

    config = Config()
    exec(compile(fragment, "fragment", "exec"), {"get_config": lambda: config})
    return config


def test_the_gpu_profile_asks_for_one_gpu_and_has_an_image_of_its_own():
    first, gpu = VALUES["singleuser"]["profileList"]
    assert first["default"]
    override = gpu["kubespawner_override"]
    assert override["extra_resource_limits"] == {"nvidia.com/gpu": "1"}
    image = VALUES["singleuser"]["image"]
    assert override["image"] == f"{image['name']}:{image['tag']}-gpu"


def test_the_image_carries_the_version_of_the_course():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert VALUES["singleuser"]["image"]["tag"] == version


def test_what_the_dockerfile_copies_is_here():
    for line in re.findall(r"^COPY (.+)$", DOCKERFILE, re.MULTILINE):
        for name in line.split()[:-1]:
            assert (ROOT / name).exists(), name
    assert "requirements.lock" in DOCKERFILE


def test_binder_and_dev_container_use_the_lock():
    folder = ROOT / ".binder"
    included = re.findall(r"^-r (\S+)$", (folder / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert [(folder / name).resolve() for name in included] == [ROOT / "requirements.lock"]
    assert all(os.access(folder / name, os.X_OK) for name in ("postBuild", "start")) or os.name == "nt"
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))
    assert "ensure('dev')" in container["postCreateCommand"]
    for text in (folder / "runtime.txt").read_text(encoding="utf-8"), container["image"], DOCKERFILE:
        assert re.search(r"python[-:]3\.(11|12|13)\b", text), text


@pytest.fixture
def one_server():
    """What deploy/jupyterhub_course.py says: the hub's configuration on one server."""
    from traitlets.config import PyFileConfigLoader

    config = PyFileConfigLoader("jupyterhub_course.py", str(ROOT / "deploy")).load_config()
    lists = {name: getattr(config.JupyterHub, name).get_value([]) for name in ("services", "load_roles")}
    return config, {name: {one.pop("name"): one for one in values} for name, values in lists.items()}


def test_one_server_and_many_give_the_class_board_the_same_rights(one_server):
    config, lists = one_server
    hub = VALUES["hub"]
    assert lists["load_roles"] == hub["loadRoles"]
    assert config.Spawner.server_token_scopes == hub["config"]["Spawner"]["server_token_scopes"]
    assert config.JupyterHub.custom_scopes == hub["config"]["JupyterHub"]["custom_scopes"]
    assert config.JupyterHub.load_groups.keys() == hub["config"]["JupyterHub"]["load_groups"].keys()
    board = hub["services"]["board"]
    assert {key: lists["services"]["board"][key] for key in board.keys() - {"url"}} == {
        key: value for key, value in board.items() if key != "url"
    }


def test_no_learner_may_read_the_class_board():
    learner = VALUES["hub"]["loadRoles"]["user"]["scopes"] + VALUES["hub"]["config"]["Spawner"]["server_token_scopes"]
    assert not [scope for scope in learner if "read" in scope or "services" in scope]


def test_the_board_of_kubernetes_is_where_hub_and_learners_look():
    parts = {part["kind"]: part for part in yaml.safe_load_all(BOARD)}
    (container,) = parts["Deployment"]["spec"]["template"]["spec"]["containers"]
    environment = {one["name"]: one.get("value") for one in container["env"]}
    url = VALUES["hub"]["services"]["board"]["url"]
    (port,) = parts["Service"]["spec"]["ports"]
    assert url == f"http://{parts['Service']['metadata']['name']}:{port['port']}"
    assert environment["JUPYTERHUB_SERVICE_URL"].endswith(f":{port['port']}")
    assert VALUES["singleuser"]["extraEnv"]["COURSE_BOARD_URL"] == f"{url}{environment['JUPYTERHUB_SERVICE_PREFIX']}"
    (egress,) = VALUES["singleuser"]["networkPolicy"]["egress"]
    labels = parts["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert egress["to"][0]["podSelector"]["matchLabels"].items() <= labels.items()
    assert egress["ports"] == [{"port": port["port"]}]
    image = VALUES["singleuser"]["image"]
    assert container["image"] == f"{image['name']}:{image['tag']}"
