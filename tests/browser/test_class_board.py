"""The class board on a real hub: one learner passes, one makes a named mistake, one opts out; it shows just that."""

import re
import time
from contextlib import ExitStack
from urllib.parse import urlsplit

import psutil
import pytest
import requests

from tests.class_board.running import report
from tests.hub.rehearsal import Rehearsal, needs_npm, wait_until

from .notebook import AXE

CHECK = """
from helpers.checks import check

def softmax(scores):
    weights = (scores - scores.amax(dim=-1, keepdim=True) * {stable}).exp()
    return weights / weights.sum(dim=-1, keepdim=True)

print(check(softmax).status)
"""
OPT_OUT = """
from helpers.class_board import ClassBoard
panel = ClassBoard()
panel.switch.click()
print(panel.message.value)
"""
LISTEN = """() => {
  window.said = [];
  const state = document.getElementById("state");
  new MutationObserver(() => said.push(state.textContent)).observe(state, { childList: true });
}"""


@pytest.fixture(scope="module")
def hub(browser, tmp_path_factory):
    """A running rehearsal."""
    needs_npm()
    with Rehearsal(tmp_path_factory.mktemp("rehearsal")) as hub:
        yield hub


@pytest.fixture(scope="module")
def seats(hub):
    """Ada, Bob and Cleo, each with a running server."""
    return hub.started("ada", "bob", "cleo")


@pytest.fixture(scope="module")
def kernels(seats):
    """A kernel of each."""
    with ExitStack() as opened:
        yield [opened.enter_context(seat.kernel("00_start.ipynb")) for seat in seats]


@pytest.fixture(scope="module")
def page(hub, browser):
    """The board in the instructor's browser, logged in through the hub's own form; nothing may come from elsewhere."""
    with browser.context(color_scheme="light") as context:
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.hosts, page.problems = set(), []
        page.on("request", lambda request: page.hosts.add(urlsplit(request.url).hostname))
        page.goto(f"{hub.url}/services/board/")
        page.get_by_label("Username").fill("instructor")
        page.get_by_label("Password").fill(hub.admin_password)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", name="Class board").wait_for()
        page.on("console", lambda message: page.problems.append(message.text) if message.type == "error" else None)
        yield page
        assert page.hosts == {"127.0.0.1"}
        assert page.problems == []


def shown(page):
    """What stands on the board of softmax: done, tried, not started, and the mistakes."""
    card = page.locator('[data-exercise="softmax"]')
    return [*card.locator(".counts b").all_text_contents(), *card.locator(".mistakes strong").all_text_contents()]


def test_the_page_shows_who_passed_and_which_mistake_and_nothing_of_who_opted_out(page, kernels):
    ada, bob, cleo = kernels
    page.get_by_text("Nobody has run a check yet.").wait_for()
    assert "passed" in ada.run(CHECK.format(stable=1))
    began = time.monotonic()
    page.get_by_text("1 learner shares what the checks say").wait_for()
    print(f"on the page after {time.monotonic() - began:.2f} s")
    assert shown(page) == ["1", "0", "0"]
    assert "failed" in bob.run(CHECK.format(stable=0))
    page.get_by_text("2 learners share").wait_for()
    assert shown(page) == ["1", "1", "0", "overflows"]
    assert "passed" in cleo.run(CHECK.format(stable=1))
    page.get_by_text("3 learners share").wait_for()
    assert "The board has forgotten your 1 report." in cleo.run(OPT_OUT)
    page.get_by_text("2 learners share").wait_for()
    assert "passed" in cleo.run(CHECK.format(stable=1))
    assert "passed" in bob.run(CHECK.format(stable=1))  # after Cleo: had hers been sent, it would have come before
    page.locator('[data-exercise="softmax"] .counts .done b', has_text="2").wait_for()
    assert shown(page) == ["2", "0", "0"]
    assert not re.search(r"\b(ada|bob|cleo)\b", page.content(), re.IGNORECASE)


def test_names_stand_on_the_other_page(page, kernels):
    page.get_by_role("link", name="With names").click()
    page.get_by_role("row").filter(has_text="ada").get_by_text("done").wait_for()
    assert page.get_by_role("rowheader").all_text_contents() == ["ada", "bob"]
    page.get_by_role("link", name="Without names").click()
    page.locator('[data-exercise="softmax"]').wait_for()


def test_a_learner_reads_no_page_and_posts_for_nobody_else(hub, seats, kernels, page):
    address = f"{hub.url}/services/board"
    token = kernels[0].run("import os; print(os.environ['JUPYTERHUB_API_TOKEN'])").strip()
    for login in token, seats[0].token:
        for path in "", "names", "events", "events?names=1":
            headers = {"Authorization": f"token {login}"}
            assert requests.get(f"{address}/{path}", headers=headers, timeout=30).status_code == 403
    assert seats[0].browser.get(f"{address}/names", timeout=30).status_code == 403  # through the hub's log-in
    for content in report("softmax", "failed", learner="bob"), report("softmax", "failed") | {"user": "bob"}:
        assert post(address, token, content) == 400
    assert post(address, "not-a-token", report("softmax", "failed")) == 401
    taken = report("outer_sum", "failed")
    assert [post(address, token, taken), post(address, token, taken)] == [201, 409]
    board = [line for line in hub.log().splitlines() if "board: refused" in line]
    assert len(board) >= 10
    assert token not in hub.log()


def post(address, token, content):
    headers = {"Authorization": f"token {token}"}
    return requests.post(f"{address}/reports", json=content, headers=headers, timeout=30).status_code


def test_the_tabs_work_with_the_keyboard(page, kernels):
    page.get_by_role("tab").first.wait_for()
    chosen = page.get_by_role("tab", selected=True)
    chosen.focus()
    chosen.press("Home")
    page.get_by_role("heading", name="00 Start").wait_for()
    page.keyboard.press("ArrowRight")
    page.get_by_role("heading", name="01 ").wait_for()
    assert page.get_by_role("button", name="Follow the class").get_attribute("aria-pressed") == "false"
    page.get_by_role("button", name="Follow the class").press("Enter")
    page.get_by_role("button", name="Follow the class", pressed=True).wait_for()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", ["", "names"])
def test_everybody_can_read_it(hub, page, kernels, theme, path):
    page.goto(f"{hub.url}/services/board/{path}")
    page.locator("#main h2").wait_for()
    if page.locator("html").get_attribute("data-theme") != theme:
        page.locator("#theme").click()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({ resultTypes: ['violations'] })")["violations"]
    assert [f"{one['id']}: {node['html']}" for one in found for node in one["nodes"]] == []


def board_process(hub):
    """The board of this hub: others may run on this machine."""
    boards = [one for one in psutil.process_iter(["cmdline"]) if (one.info["cmdline"] or [])[1:] == ["-m", "board"]]
    return next(one for one in boards if one.environ().get("COURSE_BOARD_FILE") == str(hub.folder / "board.sqlite"))


def test_a_board_that_was_killed_comes_back_with_everything(hub, page, kernels):
    page.goto(f"{hub.url}/services/board/")
    page.get_by_text("2 learners share").wait_for()
    known = len(page.problems)
    page.evaluate(LISTEN)  # the words stand there for a moment only, if the hub starts the board again at once
    board_process(hub).kill()
    pattern = re.compile(r"this page tries again.* \| $")
    wait_until(lambda: pattern.search(" | ".join(page.evaluate("said"))), 120, "the board again")
    kernels[0].run("from helpers.checks import check; check(lambda a, b: a[:, None] + b, 'outer_sum')")
    page.get_by_role("tab", name="00 Start").click()
    page.locator('[data-exercise="outer_sum"] .counts b', has_text="1").first.wait_for()
    page.get_by_text("2 learners share").wait_for()
    del page.problems[known:]  # the browser, too, says that the stream broke off
