"""The board in a process of its own, asked over HTTP: who may what, what is refused, and that nothing is lost."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from board import __main__ as command
from board import store
from board.report import LONGEST, Report

from .running import REPO, REPORT, RunningBoard, StubHub, exercise, report


@pytest.fixture(scope="module")
def hub():
    with StubHub() as hub:
        yield hub


@pytest.fixture(scope="module")
def board(hub, tmp_path_factory):
    with RunningBoard(tmp_path_factory.mktemp("board"), hub) as board:
        yield board


@pytest.fixture
def learner(hub):
    """The token of a learner whom the board has never seen."""
    return hub.learner(f"ada-{uuid.uuid4().hex}")


def logged(board, since):
    """The lines that the board has written since its log had this length."""
    return board.log.read_text()[since:].splitlines()


def test_a_report_is_counted(board, hub, learner):
    instructor = hub.instructor()
    before = exercise(board.state(instructor), "gru_cell")
    assert board.post(learner, report("gru_cell", "failed")) == (201, None)
    after = exercise(board.state(instructor), "gru_cell")
    assert after["tried"] == before["tried"] + 1
    assert after["unnamed"] == before["unnamed"] + 1
    board.post(learner, report("gru_cell", "passed"))
    after = exercise(board.state(instructor), "gru_cell")
    assert (after["done"], after["tried"]) == (before["done"] + 1, before["tried"])


def test_the_stream_tells_of_a_change(board, hub, learner):
    states = board.stream(hub.instructor())
    before = exercise(next(states), "softmax")["done"]
    board.post(learner, report("softmax", "passed"))
    assert exercise(next(states), "softmax")["done"] == before + 1
    states.close()


LATE = datetime.now(UTC) - timedelta(hours=1)
BAD = {  # what is wrong -> the body
    "not JSON": b"{",
    "deep": b"[" * 1000,
    "a list": b"[]",
    "a field too few": report("softmax", "passed") | {},
    "another name": report("softmax", "passed", learner="bob"),
    "code": report("softmax", "passed", code="def softmax..."),
    "no such exercise": report("hardmax", "passed"),
    "no such status": report("softmax", "excellent"),
    "no such mistake": report("softmax", "failed", "<img src=x onerror=alert(1)>"),
    "a mistake of another exercise": report("softmax", "failed", "divided_by_d"),
    "a mistake in what passed": report("softmax", "passed", "overflows"),
    "a list for a mistake": report("softmax", "failed", ["overflows"]),
    "a number for a name": report(3, "passed"),
    "the same number everywhere": dict.fromkeys(report("softmax", "passed"), 3),
    "a list for a name": report(["softmax"], "passed"),
    "no id": report("softmax", "passed", id="7"),
    "no date": report("softmax", "passed", time="now"),
    "no zone": report("softmax", "passed", time=datetime.now().isoformat()),
    "of an hour ago": report("softmax", "passed", moment=LATE),
    "a year like no other": report("softmax", "passed", time="9999-12-31T23:59:59-23:00"),
}
del BAD["a field too few"]["status"]


@pytest.mark.parametrize("content", BAD.values(), ids=BAD)
def test_what_is_no_report_is_refused_in_one_line(board, learner, content):
    since = len(board.log.read_text())
    status, answer = board.post(learner, content)
    assert status == 400
    assert answer["refused"]
    (line,) = logged(board, since)
    assert "refused 400 POST from 'ada-" in line
    assert learner not in line
    assert board.ask("GET", "reports", learner) == (200, '{"reports": []}')


def test_what_is_too_long_is_not_even_read(board, learner):
    since = len(board.log.read_text())
    assert board.post(learner, b" " * 1025)[0] == 413
    assert board.ask("POST", "reports", learner, headers={"Content-Length": "5000000000"})[0] == 413
    assert board.ask("POST", "reports", learner, headers={"Content-Length": "abc"})[0] == 400
    assert board.ask("POST", "reports", learner)[0] == 400
    for method in "POST", "GET", "DELETE", "PUT":  # the answer comes before the first chunk, which never does
        assert board.ask(method, "reports", learner, headers={"Transfer-Encoding": "chunked"})[0] == 411, method
    assert board.ask("GET", "reports", learner, b" " * (LONGEST + 1))[0] == 413
    assert len(logged(board, since)) == 9


def test_no_other_address_reads_more_than_a_report(board, hub):
    for path in "", "names", "events", "static/board.css":
        assert board.ask("GET", path, hub.instructor(), b" " * (LONGEST + 1))[0] == 400, path


def test_who_may_not_report_is_refused(board, hub, learner):
    content = report("softmax", "passed")
    unknown = uuid.uuid4().hex
    others = {
        None: 401,
        unknown: 401,
        hub.instructor(): 403,  # may read, not report
        hub.token("eve", "access:servers!server=eve/"): 403,  # a token made on the hub's page
        hub.token("robot", REPORT, kind="service"): 403,
    }
    since = len(board.log.read_text())
    assert [board.post(token, content)[0] for token in others] == [*others.values()]
    lines = logged(board, since)
    assert len(lines) == len(others)
    assert not any(token and token in line for token in others for line in lines)
    assert board.post(learner, content)[0] == 201, "nothing of it was kept"


def test_a_cookie_is_no_reason_to_take_a_report(board, learner):
    since = len(board.log.read_text())
    body = json.dumps(report("softmax", "passed"))
    assert board.ask("POST", "reports", None, body, headers={"Cookie": f"service-board={learner}"})[0] == 401
    assert board.ask("POST", f"reports?token={learner}", None, body)[0] == 401
    assert learner not in "".join(logged(board, since))


def test_a_replay_is_refused_whoever_sends_it(board, hub, learner):
    content = report("softmax", "passed")
    assert board.post(learner, content)[0] == 201
    assert board.post(learner, content)[0] == 409
    assert board.post(learner, content | {"status": "failed"})[0] == 409
    assert board.post(hub.learner("mallory"), content)[0] == 409
    assert len(json.loads(board.ask("GET", "reports", learner)[1])["reports"]) == 1


def test_who_floods_the_board_is_told_to_wait(board, hub):
    token = hub.learner("flood")
    answers = [board.post(token, report("outer_sum", "failed"))[0] for _ in range(70)]
    assert answers[:60] == [201] * 60
    assert 429 in answers[60:]
    assert board.post(hub.learner("calm"), report("outer_sum", "passed"))[0] == 201


@pytest.mark.parametrize("path", ["", "names", "events", "events?names=1"])
def test_a_learner_sees_no_page(board, hub, learner, path):
    since = len(board.log.read_text())
    status, text = board.ask("GET", path, learner)
    assert (status, text) == (403, "403: Only instructors see the class board.\n")
    (line,) = logged(board, since)
    assert "refused 403 GET" in line
    allowed = hub.instructor()
    if "events" not in path:
        assert board.ask("GET", path, allowed)[0] == 200


def test_who_is_not_logged_in_is_sent_to_the_hub(board, hub):
    assert board.ask("GET", "")[0] == 302
    assert board.ask("GET", "names")[0] == 302
    assert board.ask("GET", "events")[0] == 403


def test_names_are_on_the_page_with_names_alone(board, hub):
    board.post(hub.learner("hidden-name"), report("softmax", "failed", "overflows"))
    instructor = hub.instructor()
    assert "hidden-name" not in json.dumps(board.state(instructor))
    (row,) = [one for one in board.state(instructor, names=True)["names"] if one["name"] == "hidden-name"]
    assert row["attempts"]["softmax"]["diagnosis"] == "overflows"


def test_nothing_comes_from_elsewhere_and_nothing_is_inline(board, hub):
    for path in "", "names":
        text = board.ask("GET", path, hub.instructor())[1]
        assert not re.search(r"https?://|<style|style=|\son\w+=|<script(?![^>]*src=)", text)


def test_a_token_is_looked_up_once(board, hub, learner):
    asked = hub.asked
    for _ in range(5):
        board.post(learner, report("softmax", "failed"))
    assert hub.asked == asked + 1


def test_a_learner_is_forgotten_on_request(board, hub, learner):
    instructor = hub.instructor()
    before = board.state(instructor)["learners"]
    board.post(learner, report("patchify", "passed"))
    assert board.state(instructor)["learners"] == before + 1
    assert board.ask("DELETE", "reports", learner) == (200, '{"forgotten": 1}')
    assert board.state(instructor)["learners"] == before
    assert board.ask("GET", "reports", learner) == (200, '{"reports": []}')


def test_what_was_acknowledged_survives_a_crash(tmp_path, hub):
    with RunningBoard(tmp_path, hub) as board:
        tokens = [hub.learner(f"seat-{number}") for number in range(5)]
        for token in tokens:
            board.post(token, report("softmax", "failed", "overflows"))
        board.kill()
        board.start()
        state = exercise(board.state(hub.instructor()), "softmax")
        assert state["mistakes"][0]["count"] == state["tried"] == 5


def test_one_command_deletes_the_file_under_a_running_board(tmp_path, hub, capsys):
    with RunningBoard(tmp_path, hub) as board:
        assert oct(board.file.stat().st_mode)[-3:] == "600"
        token = hub.learner("grace")
        board.post(token, report("softmax", "passed"))
        states = board.stream(hub.instructor())
        assert next(states)["learners"] == 1
        assert command.main(["--delete", "--file", str(board.file)]) == 0
        assert "Deleted" in capsys.readouterr().out
        assert next(states)["learners"] == 0
        states.close()
        assert board.post(token, report("softmax", "passed"))[0] == 201
        with sqlite3.connect(board.file) as kept:
            assert kept.execute("SELECT count(*) FROM reports").fetchone() == (1,)
        kept.close()
    command.main(["--delete", "--file", str(tmp_path / "nowhere")])
    assert "nothing to delete" in capsys.readouterr().out


def test_a_damaged_file_is_kept_aside(tmp_path):
    file = tmp_path / "board.sqlite"
    file.write_bytes(b"not a database" * 1000)
    kept = store.open_store(file)
    kept.add("ada", Report(**report("softmax", "passed")))
    assert [name for name, _ in kept.all()] == ["ada"]
    kept.close()
    assert (tmp_path / "board.sqlite.damaged").read_bytes().startswith(b"not a database")
    assert store.delete(file)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("n_reports", [300, 3000])
def test_a_file_that_is_damaged_anywhere_is_kept_aside(tmp_path, n_reports):
    file = tmp_path / "board.sqlite"
    kept = store.Store(file)
    for _ in range(n_reports):
        kept.add("ada", Report(**report("softmax", "passed")))
    kept.close()
    whole = file.read_bytes()
    page = 4096
    for start in range(page, len(whole), max(page, len(whole) // 20 // page * page)):  # the first page is found anyway
        file.write_bytes(whole[:start] + b"\xff" * page + whole[start + page :])
        kept = store.open_store(file)
        assert list(kept.all()) == [], start
        kept.close()
        assert (tmp_path / "board.sqlite.damaged").stat().st_size == len(whole)
    file.write_bytes(whole)
    kept = store.open_store(file)
    assert len(list(kept.all())) == n_reports
    kept.close()


DRAW_TWICE = """
class Element {
  constructor(tag, attributes = {}, ...children) {
    Object.assign(this, { attributes, children, isConnected: false });
  }
  append(...more) { this.replaceChildren(...this.children, ...more); }
  replaceChildren(...children) {
    for (const child of this.children) child.isConnected = false;
    this.children = children;
    for (const child of children) child.isConnected = true;
  }
}
const main = new Element("div");
globalThis.document = { getElementById: () => main };
export const make = (...all) => new Element(...all);
export const words = String;
const text = (node) => node.children?.map(text).join("|") ?? String(node);
export function start(names, draw) {
  const exercises = [{ name: "softmax" }];
  const show = (...learners) => {
    draw({ names: learners.map((name) => ({ name, attempts: {} })) }, { number: "05", title: "Attention", exercises });
    return main.children.find((child) => child.attributes.class === "scroller");
  };
  const boxes = [show("ada"), show("ada", "bob")];
  console.log(JSON.stringify({ same: boxes[0] === boxes[1], stays: boxes[1].isConnected, text: text(boxes[1]) }));
}
"""


def test_the_box_with_names_stays_when_a_report_comes(tmp_path):
    if shutil.which("node") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("node is not installed")
    shutil.copy(REPO / "board" / "static" / "names.js", tmp_path)
    (tmp_path / "page.js").write_text(DRAW_TWICE, encoding="utf-8")
    (tmp_path / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    done = subprocess.run(["node", tmp_path / "names.js"], capture_output=True, check=True, timeout=60)
    drawn = json.loads(done.stdout)
    assert drawn["same"], "a new box has neither the focus nor the place it was scrolled to"
    assert drawn["stays"]
    assert {"ada", "bob"} <= set(drawn["text"].split("|"))


def test_outside_a_hub_it_says_who_starts_it(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("JUPYTERHUB_SERVICE_URL", raising=False)
    assert command.main(["--file", str(tmp_path / "board.sqlite")]) == 2
    assert "started by a JupyterHub" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
