"""Every report, in one SQLite file: what was acknowledged is on the disk."""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from board.report import RefusedError, Report

COMPANIONS = "", "-wal", "-shm"  # the files of a database in write-ahead mode
DAMAGED = ".damaged"  # follows the name of one that could not be read
SCHEMA = """
CREATE TABLE IF NOT EXISTS reports (
  number INTEGER PRIMARY KEY, learner TEXT NOT NULL,
  id TEXT NOT NULL UNIQUE, exercise TEXT NOT NULL, status TEXT NOT NULL, diagnosis TEXT, time TEXT NOT NULL
)"""
COLUMNS = "id, exercise, status, diagnosis, time"


class Store:
    """The open file; made, and readable by nobody else, where there is none.

    Raises:
        sqlite3.Error: the file cannot be made, is none of ours, or is damaged anywhere.
    """

    def __init__(self, path):
        self.path = Path(path)
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))  # SQLite gives its companions the same rights
        self._made = self.path.stat().st_ino
        self._connection = sqlite3.connect(self.path, isolation_level=None)
        try:
            for setting in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
                self._connection.execute(f"PRAGMA {setting}")
            self._connection.execute(SCHEMA)
            (found,) = self._connection.execute("PRAGMA quick_check(1)").fetchone()  # 0.02 s for 100,000 reports
            if found != "ok":
                raise sqlite3.DatabaseError(found)
        except sqlite3.Error:
            self.close()
            raise

    def add(self, learner, report):
        """Keep one report.

        Raises:
            RefusedError: 409, its id is here already.
        """
        row = learner, report.id, report.exercise, report.status, report.diagnosis, report.time
        try:
            self._connection.execute(f"INSERT INTO reports (learner, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)", row)
        except sqlite3.IntegrityError:
            raise RefusedError(409, "this report is here already") from None

    def all(self):
        """Yield (learner, report), in the order in which they came."""
        for learner, *row in self._connection.execute(f"SELECT learner, {COLUMNS} FROM reports ORDER BY number"):
            yield learner, Report(*row)

    def of(self, learner):
        """The reports of one learner."""
        rows = self._connection.execute(f"SELECT {COLUMNS} FROM reports WHERE learner = ? ORDER BY number", (learner,))
        return [Report(*row) for row in rows]

    def forget(self, learner):
        """Remove every report of one learner, from the disk as well; returns how many there were."""
        count = self._connection.execute("DELETE FROM reports WHERE learner = ?", (learner,)).rowcount
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return count

    @property
    def is_gone(self):
        """Whether somebody has deleted the file."""
        try:
            return self.path.stat().st_ino != self._made
        except FileNotFoundError:
            return True

    def close(self):
        """Close the file."""
        self._connection.close()


def open_store(path):
    """The Store at this path; a damaged file is kept aside, for a hub does not start without its services."""
    try:
        return Store(path)
    except sqlite3.OperationalError:  # a full disk, a folder that is closed to us
        raise
    except sqlite3.DatabaseError:
        for companion in COMPANIONS:
            with suppress(FileNotFoundError):
                os.replace(f"{path}{companion}", f"{path}{DAMAGED}{companion}")
        return Store(path)


def delete(path):
    """Delete the file, under a running board as well, which then begins a new one; returns whether there was one."""
    files = [Path(f"{path}{damaged}{companion}") for damaged in ("", DAMAGED) for companion in COMPANIONS]
    there = files[0].exists()
    for file in files:
        file.unlink(missing_ok=True)
    return there
