"""What checks send to a class board, and that nobody ever waits for it; and the learner's switch."""

import json
import os
import socket
import threading

import pytest

from board import catalogue, report
from helpers import class_board
from helpers.checks import EXERCISES, Report, check, logbook, sending
from helpers.class_board import ClassBoard
from tests.serving import JsonHandler, JsonServer


class Board(JsonServer):
    """A board that answers what it is told to: statuses in turn, the last one for good."""

    def __init__(self, *statuses, location=None):
        self.statuses, self.posts, self.tokens = [*statuses], [], []
        self.posted = threading.Semaphore(0)
        board = self

        class Handler(JsonHandler):
            def post(self):
                body = self.body()
                status = board.statuses.pop(0) if len(board.statuses) > 1 else board.statuses[0]
                board.posts.append((self.path, json.loads(body)))
                board.tokens.append(self.headers["Authorization"])
                self.answer(status, {}, location)
                board.posted.release()

            def get(self):
                self.answer(200, {"reports": [content for _, content in board.posts]})

            def delete(self):
                count = len(board.posts)
                board.posts.clear()
                self.answer(200, {"forgotten": count})

        super().__init__(Handler)
        self.url += "/services/board/"

    def wait(self, count):
        """Wait for so many posts in all."""
        for _ in range(count):
            assert self.posted.acquire(timeout=30)


@pytest.fixture
def seat(tmp_path, monkeypatch):
    """A learner's folder; the function that seats them before a board."""
    monkeypatch.setattr(sending, "_sender", None)
    monkeypatch.setattr(sending, "_waiting", type(sending._waiting)(sending.WAITING))
    monkeypatch.setattr(sending, "_here", None)
    monkeypatch.setattr(sending, "PAUSES", (0.0, 0.0))
    monkeypatch.setattr(logbook, "_seen", {})
    monkeypatch.setattr(sending, "learner_folder", lambda: tmp_path)
    boards = []

    def sit(*statuses, **options):
        boards.append(Board(*statuses, **options))
        monkeypatch.setenv("COURSE_BOARD_URL", boards[-1].url)
        monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "her-own-token")
        return boards[-1]

    yield sit
    for board in boards:
        board.close()


def softmax(scores):
    return scores.exp() / scores.exp().sum(dim=-1, keepdim=True)


def test_a_check_tells_the_board_what_it_said_and_nothing_else(seat):
    board = seat(201)
    assert check(softmax).diagnosis == "overflows"
    check(lambda scores: None, "softmax")
    board.wait(2)
    (path, first), (_, second) = board.posts
    assert path == "/services/board/reports"
    assert board.tokens == ["token her-own-token"] * 2
    assert first.keys() == {"id", "exercise", "status", "diagnosis", "time"}
    assert (first["exercise"], first["status"], first["diagnosis"]) == ("softmax", "failed", "overflows")
    assert (second["status"], second["diagnosis"]) == ("not attempted", None)
    assert first["id"] != second["id"]


def test_what_is_sent_is_a_report_to_the_board(seat):
    board = seat(201)
    check(softmax)
    board.wait(1)
    assert report.read(json.dumps(board.posts[0][1]).encode(), catalogue.load()).diagnosis == "overflows"


def test_the_reference_is_nobodys_answer(seat):
    board = seat(201)
    check(EXERCISES["softmax"].reference, "softmax")
    assert sending._waiting.empty()
    assert not board.posts


@pytest.mark.parametrize("missing", ["COURSE_BOARD_URL", "JUPYTERHUB_API_TOKEN"])
def test_without_a_hub_nothing_leaves_the_machine(seat, monkeypatch, missing):
    board = seat(201)
    monkeypatch.delenv(missing)
    check(softmax)
    assert sending._waiting.empty()
    assert sending._sender is None
    assert not board.posts
    with pytest.raises(OSError, match="no class board"):
        sending.held()


def test_a_check_does_not_wait_for_a_board_that_hangs(seat, monkeypatch):
    monkeypatch.setattr(sending, "PATIENCE", 3600.0)  # whoever waited would wait for an hour
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        seat(201)
        monkeypatch.setenv("COURSE_BOARD_URL", f"http://127.0.0.1:{hanging.getsockname()[1]}/services/board/")
        assert check(softmax).diagnosis == "overflows"
        connection, _ = hanging.accept()  # the report is on its way ...
        assert check(softmax).diagnosis == "overflows"  # ... and nobody waits for it
        for _ in range(3 * sending.WAITING):
            sending.send(Report("softmax", "passed", ""))
        assert sending._waiting.full()
        connection.close()


def test_a_board_that_is_away_is_no_news(seat, monkeypatch, capfd):
    seat(201).close()
    monkeypatch.setattr(sending, "_ask", attempts := Counting(sending._ask))
    assert check(softmax).diagnosis == "overflows"
    attempts.wait(3)
    assert sending._sender.is_alive()
    assert capfd.readouterr() == ("", "")


class Counting:
    def __init__(self, function):
        self.function, self.calls = function, threading.Semaphore(0)

    def __call__(self, *arguments):
        try:
            return self.function(*arguments)
        finally:
            self.calls.release()

    def wait(self, count):
        for _ in range(count):
            assert self.calls.acquire(timeout=30)


@pytest.mark.parametrize("status", [500, 503, 429])
def test_what_the_board_could_not_take_now_comes_again_with_the_same_id(seat, status):
    board = seat(status, status, 201)
    check(softmax)
    board.wait(3)
    assert len({content["id"] for _, content in board.posts}) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 409, 413, 201])
def test_what_the_board_has_or_will_never_want_is_settled(seat, status):
    board = seat(status)
    check(softmax)
    check(softmax)
    board.wait(2)
    assert len({content["id"] for _, content in board.posts}) == 2


def test_the_token_goes_to_the_board_alone(seat, monkeypatch):
    elsewhere = seat(201)
    board = seat(302, location=elsewhere.url)
    check(softmax)
    board.wait(1)
    check(softmax)
    board.wait(1)
    assert not elsewhere.posts


def test_who_switches_off_sends_nothing_in_any_kernel(seat, tmp_path, monkeypatch):
    board = seat(201)
    sending.switch(False)
    assert json.loads((tmp_path / "board.json").read_text()) == {"send": False}
    monkeypatch.setattr(sending, "_here", None)  # another kernel, which reads what was written
    check(softmax)
    assert sending._waiting.empty()
    sending.switch(True)
    check(softmax)
    board.wait(1)
    assert len(board.posts) == 1


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"send": "yes"}', '{"send": null}'])
def test_a_damaged_answer_counts_as_no(seat, tmp_path, content):
    seat(201)
    (tmp_path / "board.json").write_text(content)
    assert not sending.is_on()


def shown(panel):
    return [child.description for child in panel.children if hasattr(child, "description") and child.description]


def test_the_learner_sees_what_is_sent_and_switches_it_off(seat):
    board = seat(201)
    check(softmax)
    board.wait(1)
    panel = ClassBoard()
    assert shown(panel) == ["Switch it off", "Show what the board holds of me"]
    assert "Never your code." in panel.message.value
    panel.show.click()
    assert "The board holds 1 report of yours." in panel.message.value
    assert "overflows" in panel.table.value
    panel.switch.click()
    assert "Sending is off" in panel.message.value
    assert "has forgotten your 1 report" in panel.message.value
    assert shown(panel)[0] == "Switch it on"
    assert "overflows" not in panel.table.value
    assert not sending.is_on()
    assert not board.posts
    panel.show.click()
    assert "holds nothing of yours" in panel.message.value
    panel.switch.click()
    assert "Sending is on" in panel.message.value
    assert sending.is_on()


def test_the_panel_lives_with_a_board_that_is_away(seat):
    seat(201).close()
    panel = ClassBoard()
    panel.show.click()
    assert "does not answer now" in panel.message.value
    panel.switch.click()
    assert "Sending is off" in panel.message.value
    assert "what was sent before is still there" in panel.message.value
    assert not sending.is_on()


class Dying(JsonHandler):
    """Ends in the middle of what it says: a line that breaks off, or fewer bytes than it has promised."""

    said = b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{"

    def get(self):
        self.wfile.write(self.said)
        self.close_connection = True

    delete = get


@pytest.mark.parametrize("said", [Dying.said, b"HT"])
def test_the_panel_lives_with_a_board_that_ends_in_mid_answer(seat, monkeypatch, said):
    seat(201)
    monkeypatch.setattr(Dying, "said", said)
    with JsonServer(Dying) as board:
        monkeypatch.setenv("COURSE_BOARD_URL", board.url)
        panel = ClassBoard()
        panel.show.click()
        assert "does not answer now" in panel.message.value
        panel.switch.click()
        assert "what was sent before is still there" in panel.message.value
        assert not sending.is_on()


@pytest.fixture
def full(tmp_path, monkeypatch):
    """A disk that is full, as it really is: what is opened to be written is empty from then on."""

    def write_text(path, *arguments, **options):
        path.open("w", encoding="utf-8").close()
        raise OSError(28, "No space left on device")

    def fill():
        monkeypatch.setattr(type(tmp_path), "write_text", write_text)

    return fill


ON, OFF = '{"send": true}', '{"send": false}'


@pytest.mark.parametrize("written", [None, ON])
def test_a_switch_off_that_cannot_be_written_down_holds_here(seat, tmp_path, monkeypatch, full, written):
    seat(201)
    if written:
        (tmp_path / "board.json").write_text(written)
    full()
    panel = ClassBoard()
    panel.switch.click()
    assert "Sending is off" in panel.message.value
    assert "holds for this notebook only" in panel.message.value
    assert not sending.is_on()
    panel.switch.click()  # back to what is written down: it holds everywhere, and nothing was to be written
    assert "Sending is on" in panel.message.value
    assert "this notebook only" not in panel.message.value
    assert [path.read_text() for path in tmp_path.iterdir()] == ([written] if written else [])
    monkeypatch.setattr(sending, "_here", None)  # another kernel
    assert sending.is_on()


def test_a_switch_on_that_cannot_be_written_down_holds_here(seat, tmp_path, full):
    seat(201)
    choice = tmp_path / "board.json"
    choice.write_text(OFF)
    full()
    panel = ClassBoard()
    panel.switch.click()
    assert "Sending is on" in panel.message.value
    assert "holds for this notebook only" in panel.message.value
    assert sending.is_on()
    assert [path.read_text() for path in tmp_path.iterdir()] == [OFF]  # so the other kernels go on as they were
    os.utime(choice, (1, 1))  # another kernel switches off, and that can be written down
    assert not sending.is_on()


def test_without_a_board_the_panel_says_so(seat, monkeypatch):
    monkeypatch.delenv("COURSE_BOARD_URL", raising=False)
    panel = ClassBoard()
    assert class_board.NOWHERE in panel.message.value
    assert shown(panel) == []
    assert repr(panel) == "ClassBoard()"
