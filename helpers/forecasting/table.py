"""A CSV file as it comes: encoding, separator and header are found out, and what was found is said."""

import csv
import difflib
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

SEPARATORS = {";": "semicolons", "\t": "tabs", ",": "commas", "|": "bars"}
GUESSED_FROM = 500  # lines that decide about the separator
MOST_NAMES = 12  # in a sentence


@dataclass(frozen=True)
class Table:
    """Words in rows and columns."""

    names: list[str]  # of the columns
    rows: list[list[str]]
    lines: list[int]  # where each row stands in the file, counted from 1
    separator: str
    note: str  # how the file was read

    def column(self, name, argument):
        """The cells of one column.

        Raises:
            ValueError: no such column, or two of them; the message has the names there, and the nearest.
        """
        if self.names.count(name) == 1:
            place = self.names.index(name)
            return [row[place].strip() for row in self.rows]
        there = ", ".join(map(quoted, self.names[:MOST_NAMES])) + (", ..." if len(self.names) > MOST_NAMES else "")
        if name in self.names:
            raise ValueError(f"{argument}: two columns are called {quoted(name)}; rename one (there are {there})")
        lowered = {each.lower(): each for each in self.names}
        nearest = difflib.get_close_matches(name.lower(), lowered, 1)
        guess = f"; did you mean {quoted(lowered[nearest[0]])}?" if nearest else "."
        nameless = " Has the file a first line with the names of its columns?" if _is_data(self.names) else ""
        raise ValueError(f"{argument}: no column {quoted(name)}{guess} There are {there}.{nameless}")


def read_table(path):
    """Read a CSV file of unknown make.

    Raises:
        FileNotFoundError: no such file; the message has the CSV files that lie there.
        ValueError: not a text, no rows, or a row that has too many or too few cells.
    """
    path = Path(path)
    text, encoding = _decoded(path)
    separator = _separator(text)
    numbered = _rows(text, separator)
    if not numbered:
        raise ValueError(f"{path.name}: the file is empty")
    width = Counter(len(row) for _, row in numbered).most_common(1)[0][0]
    header, skipped = _header(numbered, width)
    (_, names), *body = numbered[header:]
    names = [name.strip().removeprefix("#").strip() for name in names]
    if not body:
        raise ValueError(f"{path.name}: below the names ({', '.join(map(quoted, names))}) there is not one row")
    for line, row in body:
        while len(row) > len(names) and not row[-1].strip():  # a separator at the end of the line
            row.pop()
        if len(row) != len(names):
            cells = f"{len(row)} cell{'' if len(row) == 1 else 's'}"
            raise ValueError(f"{path.name}, line {line}: {cells}, but the header has {len(names)}; mend or delete it")
    above = f"; {skipped} line{'' if skipped == 1 else 's'} above the header left out" if skipped else ""
    note = f"{path.name}: {len(body):,} rows, {encoding}, separated by {SEPARATORS[separator]}{above}"
    return Table(names, [row for _, row in body], [line for line, _ in body], separator, note)


def quoted(text):
    r"""A cell as a sentence can hold it: one line, and not too long; a forgotten quotation mark swallows whole pages.

    >>> quoted("two\nlines")
    '"two lines"'
    """
    text = " ".join(text.split())
    return f'"{text}"' if len(text) <= 40 else f'"{text[:40]}..."'


def _decoded(path):
    """The text of a file, and the name of its encoding."""
    if not path.is_file():
        found = sorted(each.name for each in path.parent.glob("*.[cCtT][sSxX][vVtT]"))[:8]
        beside = f"in that folder: {', '.join(found)}" if found else "there is no CSV file in that folder"
        raise FileNotFoundError(f'path: no file "{path}" (seen from this notebook\'s folder); {beside}')
    content = path.read_bytes()
    if content.startswith(b"PK"):
        raise ValueError(f"{path.name} is a workbook or an archive, not text: save the sheet as CSV first")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16"), "utf-16"
    if b"\0" in content:
        raise ValueError(f"{path.name} is not a text file: export the numbers as CSV first")
    try:
        return content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    if not any("\x80" <= sign <= "\x9f" for sign in text):
        return text, "latin-1"
    try:
        return content.decode("cp1252"), "windows-1252"  # a spreadsheet's: latin-1 has no euro sign
    except UnicodeDecodeError:
        return text, "latin-1"


def _separator(text):
    """The separator that cuts most rows into the same number of cells, more than one; a semicolon before a comma."""
    head = "".join(text.splitlines(keepends=True)[:GUESSED_FROM])

    def agreement(separator):
        widths = Counter(len(row) for _, row in _rows(head, separator))
        width, count = widths.most_common(1)[0] if widths else (1, 0)
        return count if width > 1 else 0

    best = max(SEPARATORS, key=agreement)  # of equals the first: decimal commas agree too
    return best if agreement(best) else ","


def _rows(text, separator):
    """The rows that are not blank, each with the number of its (last) line."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        return [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise ValueError(f"line {reader.line_num} is not CSV ({error})") from error


def _header(numbered, width):
    """The place of the header among the rows, and how many comments stand above it."""
    place = 0
    while place < len(numbered) - 1 and _is_comment(numbered[place][1], width):
        place += 1
    above = numbered[place - 1][1] if place else []
    if len(above) == width and above[0].startswith("#") and _is_data(numbered[place][1]):
        place -= 1  # "#time,value": the comment was the header
    return place, place


def _is_comment(cells, width):
    """Marked as one, or with too few words for a header; one name may be missing, that of a column of row numbers."""
    filled = sum(bool(cell.strip()) for cell in cells)
    return cells[0].startswith("#") or len(cells) < width or filled < max(1, width - 1)


def _is_data(cells):
    """Whether a row looks like numbers rather than names."""
    return any(cell.strip()[:1].isdigit() for cell in cells)
