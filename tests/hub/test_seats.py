"""A class of three on a real hub: they work side by side, apart from each other, and no crash costs a file."""

import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
import requests

from .rehearsal import wait_until

TRAIN = """
import os, time, torch
from helpers.models.attention import MultiHeadAttention
began = time.time()
model, x = MultiHeadAttention(16, 2), torch.randn(8, 12, 16)
optimiser = torch.optim.Adam(model.parameters())
for step in range(200):
    loss = (model(x, x, x)[0] - x).pow(2).mean()
    optimiser.zero_grad(); loss.backward(); optimiser.step()
while time.time() < began + 1: pass
print(began, time.time(), torch.get_num_threads(), os.getcwd(), bool(loss < 1))
"""


def cullers(hub):
    """The processes of this hub's idle culler: itself and its wrapper."""
    at = f"http://127.0.0.1:{hub.port + 1}"
    found = [p for p in psutil.process_iter(["cmdline"]) if "jupyterhub_idle_culler" in (p.info["cmdline"] or [])]
    return {p.pid for p in found if p.environ().get("JUPYTERHUB_API_URL", "").startswith(at)}


def refused(ask, *arguments, **options):
    """The status with which the hub or a server refuses."""
    with pytest.raises(requests.HTTPError) as error:
        ask(*arguments, **options)
    return error.value.response.status_code


def test_three_learners_train_at_the_same_time_each_on_one_thread(hub, learners):
    def work(seat):
        with seat.kernel("05_attention.ipynb") as kernel:
            return kernel.run(TRAIN).split()

    with ThreadPoolExecutor(3) as pool:
        began, ended, threads, folders, learned = zip(*pool.map(work, learners), strict=True)
    assert max(map(float, began)) < min(map(float, ended)), "one waited for the other"
    assert threads == ("1",) * 3
    assert folders == tuple(str(hub.folder / "seats" / seat.name / "my_notebooks") for seat in learners)
    assert learned == ("True",) * 3


def test_the_copies_are_laid_without_outputs(learners):
    names = sorted(entry["name"] for entry in learners[0].read(""))
    assert [name[:2] for name in names] == [f"{number:02d}" for number in range(13)]
    cells = learners[0].read("05_attention.ipynb")["cells"]
    assert not any(cell.get("outputs") for cell in cells)


def test_the_start_page_knows_the_learner_and_the_kernels_of_this_seat_only(learners):
    ada, bob, _ = learners
    ask = "from helpers import workspace, kernels; print(workspace.learner_folder().parent.name)\n"
    ask += "print(*sorted(k.notebook for k in kernels.JupyterServer().kernels()))"
    with ada.kernel("00_start.ipynb") as kernel, bob.kernel("04_word_vectors.ipynb"):
        name, notebooks = kernel.run(ask).splitlines()
    assert name == "ada"
    assert "00_start.ipynb" in notebooks
    assert "04_word_vectors.ipynb" not in notebooks


def test_each_sees_only_its_own_files(learners):
    ada, bob, _ = learners
    ada.write("mine.txt", "of ada")
    bob.write("mine.txt", "of bob")
    assert (ada.read("mine.txt"), bob.read("mine.txt")) == ("of ada", "of bob")
    assert refused(bob.server, "GET", "/user/ada/api/contents/mine.txt") == 403
    assert refused(bob.server, "GET", "api/contents/../../ada/my_notebooks/mine.txt") in (403, 404)
    assert refused(bob.server, "PUT", "/user/ada/api/contents/mine.txt", json={"type": "file"}) == 403


def test_a_learner_opens_neither_another_ones_server_nor_the_admin_page(hub, learners):
    ada, bob, _ = learners
    assert bob.browser.get(f"{hub.url}/user/bob/lab").status_code == 200
    assert bob.browser.get(f"{hub.url}/user/ada/lab").status_code == 403
    assert bob.browser.get(f"{hub.url}/hub/admin").status_code == 403
    assert refused(bob.hub, "GET", "users") == 403
    assert refused(bob.hub, "GET", "users/ada") == 404  # not even whether she is there
    assert refused(bob.hub, "DELETE", "users/ada/server") == 404
    assert refused(bob.hub, "POST", "users/ada/tokens") in (403, 404)
    assert requests.get(f"{hub.url}/user/ada/api/contents", timeout=60).status_code == 403
    assert ada.state()["ready"]
    instructor = hub.seat("instructor")
    assert "Admin" in instructor.browser.get(f"{hub.url}/hub/admin").text
    assert {user["name"] for user in instructor.hub("GET", "users").json()} >= {"ada", "bob", "cleo"}


@pytest.mark.parametrize("name", ["", "..", "a/b", "../ada", "Ada Lovelace", "ada\n", "a" * 32, "{username}", "%2e%2e"])
def test_a_name_that_is_no_folder_gets_no_seat(hub, name):
    with pytest.raises(requests.HTTPError):
        hub.seat(name)


def test_the_passwords_open_only_what_they_are_for(hub):
    learners, instructor = hub.password, hub.admin_password
    for name, password in ("ada", "password"), ("ada", ""), ("ada", instructor), ("instructor", learners):
        hub.password = hub.admin_password = password
        assert refused(hub.seat, name) == 403
    hub.password, hub.admin_password = learners, instructor


def test_the_passwords_stand_in_no_log_no_command_and_no_seat(hub, learners):
    assert hub.password not in hub.log()
    seat = psutil.Process(learners[0].pid())
    assert not {hub.password, hub.admin_password} & set(seat.environ().values())
    process = psutil.Process(int((hub.folder / "hub.pid").read_text()))
    assert not any(secret in " ".join(process.cmdline()) for secret in (hub.password, hub.admin_password))


def test_a_killed_server_comes_back_with_the_file_intact(learners):
    bob = learners[1]
    bob.write("draft.txt", "what bob has written\n" * 1000)
    notebook = bob.read("05_attention.ipynb")
    notebook["cells"][0]["source"] = "# mine now"
    bob.server("PUT", "api/contents/05_attention.ipynb", json={"type": "notebook", "content": notebook})
    os.kill(bob.pid(), signal.SIGKILL)
    wait_until(lambda: not bob.state(), 60, "the hub's notice of a server that has died")
    bob.start()
    assert bob.read("draft.txt") == "what bob has written\n" * 1000
    assert bob.read("05_attention.ipynb")["cells"][0]["source"] == "# mine now", "laid over the learner's copy"


def test_hub_and_proxy_killed_in_mid_class_cost_neither_file_nor_variable(hub, learners):
    ada, bob, cleo = learners
    ada.write("draft.txt", "before the crash")
    cleo.write("draft.txt", "of cleo")
    with ada.kernel("05_attention.ipynb") as kernel:
        kernel.run("kept = 42")
    old_password, process, old_cullers = hub.password, ada.pid(), cullers(hub)
    hub.kill()
    died = psutil.Process(cleo.pid())
    died.kill()  # one seat does not outlive the crash
    died.wait(30)  # some containers keep the dead for seconds, and a hub that starts by then takes them for alive
    own = hub.folder / "seats" / "ada" / "my_notebooks" / "draft.txt"
    assert own.read_text() == "before the crash"
    hub.start()
    wait_until(lambda: ada.state().get("ready"), 60, "ada's server, found again")
    assert ada.pid() == process
    assert ada.read("draft.txt") == "before the crash"
    with ada.kernel("05_attention.ipynb") as kernel:
        assert kernel.run("print(kept)") == "42\n"
    assert bob.browser.get(f"{hub.url}/user/bob/lab").status_code == 200, "bob's tab asks for no new password"
    wait_until(lambda: not cleo.state(), 60, "the hub's notice that cleo's server is gone")
    cleo.start()
    assert cleo.read("draft.txt") == "of cleo"
    assert hub.password != old_password
    wait_until(
        lambda: len(cullers(hub)) == 2 and not old_cullers & cullers(hub), 60, "one culler, and the old one gone,"
    )


def test_what_a_learner_did_is_a_plain_file_on_this_machine(hub):
    notebook = json.loads((hub.folder / "seats" / "bob" / "my_notebooks" / "05_attention.ipynb").read_text())
    assert notebook["cells"][0]["source"] == ["# mine now"]
