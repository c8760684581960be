"""CSV files that nobody prepared for: each is read as a person would read it, or refused in one sentence."""

import datetime

import numpy as np
import pytest

from helpers.datasets import DATA, load_co2
from helpers.forecasting import Settings, Task, read
from helpers.forecasting.cells import to_times

START = datetime.date(2021, 1, 1)


def days(n, step=1):
    return [START + datetime.timedelta(days=step * i) for i in range(n)]


def wave(n):
    return [round(20 + 5 * np.sin(i / 7) + i / 50, 2) for i in range(n)]


@pytest.fixture
def csv(tmp_path):
    """Write a file and describe it: (text or bytes, columns, other settings) -> Settings."""

    def write(content, values=("value",), time="day", **others):
        path = tmp_path / "mine.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return Settings(path, time=time, values=values, **{"length": 7, "horizon": 1, **others})

    return write


def lines(*columns, header, separator=","):
    return "\n".join([header, *(separator.join(map(str, row)) for row in zip(*columns, strict=True))]) + "\n"


def refused(settings, *words):
    """One sentence that says each of the words."""
    with pytest.raises((ValueError, FileNotFoundError)) as caught:
        Task(read(settings), settings)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert len(sentence) < 330
    for word in words:
        assert word in sentence, sentence
    return sentence


def complaint(settings):
    """What reading says against a file, or nothing."""
    try:
        read(settings)
    except ValueError as error:
        return str(error)
    return ""


# --- five files ---


def test_semicolons_and_decimal_commas(csv):
    numbers = [f"{value:.2f}".replace(".", ",") for value in wave(200)]
    dates = [day.strftime("%d.%m.%Y") for day in days(200)]
    reading = read(csv(lines(dates, numbers, header="Tag;Wert", separator=";"), values=["Wert"], time="Tag"))
    assert reading.values[:, 0].tolist() == wave(200)
    assert reading.times[12] == np.datetime64("2021-01-13")
    assert "separated by semicolons" in reading.notes[0]
    assert reading.notes[1] == 'times: "01.01.2021" is 1 January 2021'
    assert reading.notes[2] == 'numbers with a decimal comma: "20,00" is 20'


def test_missing_days_are_counted_and_never_filled_in_silence(csv):
    rows = list(zip(days(200), wave(200), strict=True))
    del rows[50:53], rows[100]
    content = lines(*zip(*rows, strict=True), header="day,value")
    refused(csv(content), "4 of 200 steps", "2021-02-20", 'missing="last"', 'every="week"')
    reading = read(csv(content, missing="last"))
    assert len(reading.times) == 200
    assert (reading.values[50:53, 0] == wave(200)[49]).all()
    assert reading.values[53, 0] == wave(200)[53]
    assert (
        "no value at 4 of 200 steps, the first at 2021-02-20: the last known value is repeated, and never a target"
        in reading.notes[-1]
    )


def test_a_text_column_besides_is_left_alone_and_inside_is_named(csv):
    cells = wave(200)
    content = lines(days(200), ["sunny, warm"] * 200, cells, header="day;weather;value", separator=";")
    assert read(csv(content)).values[:, 0].tolist() == cells
    refused(csv(content, values=["weather"]), 'line 2: "sunny, warm" is not a number', "leave it out of values")
    cells[30] = "12.5 kg"
    refused(csv(lines(days(200), cells, header="day,value")), 'column "value", line 32: "12.5 kg" is not a number')


def test_forty_rows_are_too_few_and_the_sentence_says_how_many_it_takes(csv):
    content = lines(days(40), wave(40), header="day,value")
    sentence = refused(csv(content), "40 rows are too few for windows of 7", "about 89 would do")
    assert "or a length" not in sentence
    Task(read(csv(lines(days(89), wave(89), header="day,value"))), csv(content))
    refused(csv(lines(days(80), wave(80), header="day,value")), "or a length of 5")


def test_day_first_in_latin_1_below_a_comment(csv):
    dates = [day.strftime("%d/%m/%Y %H:%M") for day in days(200)]
    text = "# Wetterstation München\n# Höhe 515 m\n" + lines(dates, wave(200), header="Zeit\tGrad°", separator="\t")
    reading = read(csv(text.encode("latin-1"), values=["Grad°"], time="Zeit"))
    assert reading.times[12] == np.datetime64("2021-01-13")
    assert reading.notes[0] == "mine.csv: 200 rows, latin-1, separated by tabs; 2 lines above the header left out"


def test_a_euro_sign_as_a_spreadsheet_writes_it(csv):
    text = lines(days(5), [f"{value:.2f} €" for value in wave(5)], header="day;value", separator=";")
    reading = read(csv(text.encode("cp1252")))
    assert "windows-1252" in reading.notes[0]
    assert reading.values[:, 0].tolist() == wave(5)


# --- times ---


def test_an_ambiguous_date_is_read_so_that_time_runs_on_and_the_other_way_is_offered(csv):
    first = [datetime.date(2021, month, 1) for month in range(1, 13)]
    american = lines([d.strftime("%m/%d/%Y") for d in first], wave(12), header="day,value")
    reading = read(csv(american))
    assert reading.notes[1].startswith('times: "02/01/2021" is 2 January 2021')  # 01/01 would not tell
    assert 'set date_format="%m/%d/%Y"' in reading.notes[1]
    months = read(csv(american, date_format="%m/%d/%Y"))
    assert "12 steps of 1 month" in months.notes[3]


def test_of_two_ways_to_read_the_one_counts_in_which_time_runs_on():
    american = ["01/05/2021", "01/12/2021", "02/02/2021"]
    times, said = to_times(american, [2, 3, 4])
    assert times.astype("datetime64[D]").astype(str).tolist() == ["2021-01-05", "2021-01-12", "2021-02-02"]
    assert 'set date_format="%d/%m/%Y"' in said


def test_of_two_ways_in_which_time_runs_on_the_even_one_counts(csv):
    first = [datetime.date(2020 + month // 12, 1 + month % 12, 1) for month in range(40)]
    reading = read(csv(lines([d.strftime("%m/%d/%Y") for d in first], wave(40), header="day,value")))
    assert reading.notes[1].startswith('times: "02/01/2020" is 1 February 2020')
    assert "40 steps of 1 month" in reading.notes[3]


@pytest.mark.parametrize(
    ("words", "step"),
    [
        (["2021-01-01T00:00:00+01:00", "2021-01-01T01:00:00+01:00", "2021-01-01T02:00:00+01:00"], "1 hour"),
        (["1999", "2000", "2001"], "1 year"),
        (["2021-01", "2021-04", "2021-07"], "3 months"),
        (["31 Jan 2021", "28 Feb 2021", "31 Mar 2021"], "1 month"),
        (["0.0", "0.1", "0.2"], "0.1"),
        (["1609459200", "1609462800", "1609466400"], "3600"),
        (
            [d.isoformat() for d in days(18) if d.weekday() < 5],
            "1 day, never on Saturday or Sunday (a week is 5 steps)",
        ),
        ([d.isoformat() for d in days(18) if d.weekday() != 6], "1 day, never on Sunday (a week is 6 steps)"),
        (["20210101", "20210108", "20210115"], "1 week"),
        (["2021-01-01 00:15", "2021-01-01 00:30", "2021-01-01 00:45"], "15 minutes"),
    ],
)
def test_many_ways_to_write_a_time(csv, words, step):
    reading = read(csv(lines(words, wave(len(words)), header="day,value")))
    assert f"{len(words)} steps of {step}, from" in reading.notes[3]


def test_times_with_a_zone_are_told_to_be_in_utc(csv):
    words = [f"2021-01-0{day}T00:30:00+01:00" for day in range(1, 7)]
    assert "is 31 December 2020, 23:30 UTC" in read(csv(lines(words, wave(6), header="day,value"))).notes[1]
    assert "UTC" not in read(csv(lines(days(6), wave(6), header="day,value"))).notes[1]


def test_a_season_of_seven_is_refused_where_a_week_has_fewer_steps(csv):
    open_days = [day for day in days(60) if day.weekday() != 6]
    content = lines(open_days, wave(len(open_days)), header="day,value")
    assert "set season=6" in complaint(csv(content, season=7))
    assert not complaint(csv(content, season=6))
    assert not complaint(csv(lines(days(60), wave(60), header="day,value"), season=7))


def test_without_times_the_rows_count(csv):
    reading = read(csv("value\n" + "\n".join(map(str, wave(100))), time=None))
    assert len(reading.times) == 100


def test_newest_first_is_turned_round_and_told(csv):
    reading = read(csv(lines(days(50)[::-1], wave(50)[::-1], header="day,value")))
    assert reading.values[:, 0].tolist() == wave(50)
    assert "the newest row came first: turned round" in reading.notes


def test_a_time_that_stands_there_twice_is_refused_unless_means_are_asked_for(csv):
    content = lines(days(50) + days(2), wave(52), header="day,value")
    refused(csv(content), "2021-01-01 stands there twice (2 such rows)", 'every="hour"')
    reading = read(csv(content, every="day"))
    assert len(reading.times) == 50
    assert reading.values[0, 0] == pytest.approx((wave(52)[0] + wave(52)[50]) / 2)
    assert any(note.startswith("2 rows have the time of another row") for note in reading.notes)


def test_uneven_steps_name_the_first_that_is_off(csv):
    words = ["2021-01-01 00:00", "2021-01-01 01:00", "2021-01-01 02:00", "2021-01-01 02:37", "2021-01-01 03:37"]
    refused(csv(lines(words, wave(5), header="day,value")), "mostly 1 hour", "02:37", 'every="hour"')


def test_a_cell_that_is_no_time_is_named(csv):
    content = lines(["2021-01-01", "2021-01-02", "tomorrow"], wave(3), header="day,value")
    refused(csv(content), 'line 4: "tomorrow" is not written like "2021-01-01"')
    refused(csv(lines(["x", "y", "z"], wave(3), header="day,value")), 'line 2: "x" is not a time', "date_format")
    refused(csv(lines(["2021-01-01", "", "2021-01-03"], wave(3), header="day,value")), "line 3 has no time")
    refused(csv(content, date_format="%d/%m/%Y"), 'line 2: "2021-01-01" is not written as "%d/%m/%Y"')


def test_means_of_weeks_begin_on_monday(csv):
    reading = read(csv(lines(days(28), range(28), header="day,value"), every="week"))
    assert reading.times[0] == np.datetime64("2020-12-28")  # the Monday before Friday, 1 January 2021
    assert reading.values[:3, 0].tolist() == [1.0, 6.0, 13.0]


def test_the_courses_own_series_comes_out_as_the_loader_gives_it():
    settings = Settings(
        DATA / "co2.csv", time="week", values="co2_ppm", length=24, horizon=6, every="month", missing="last"
    )
    np.testing.assert_allclose(read(settings).values, load_co2().values.numpy(), atol=1e-4)


# --- numbers ---


@pytest.mark.parametrize(
    ("written", "separator", "meant"),
    [
        (["1.5", "2", "-3e2"], ",", [1.5, 2, -300]),
        (["1.234,5", "12", "1.000.000"], ";", [1234.5, 12, 1e6]),
        (['"1,234.5"', "12", '"1,000,000"'], ",", [1234.5, 12, 1e6]),
        (['"999"', '"1,234"', '"5,678"'], ",", [999, 1234, 5678]),
        ([",5", "1,25", "-2"], ";", [0.5, 1.25, -2]),
        (["1,234.5", "12", "3"], ";", [1234.5, 12, 3]),
        (["$12.50", "€ 3", "45 %"], ",", [12.5, 3, 45]),
        (["1 234,5", "12\u202f000", "1'000"], ";", [1234.5, 12000, 1000]),
    ],
)
def test_many_ways_to_write_a_number(csv, written, separator, meant):
    content = lines(days(3), written, header=f"day{separator}value", separator=separator)
    assert read(csv(content)).values[:, 0].tolist() == meant


def test_one_text_among_decimal_commas_is_the_one_that_is_named(csv):
    content = lines(days(4), ["1,5", "2,5", "Fehler", "3,5"], header="day;value", separator=";")
    refused(csv(content), 'line 4: "Fehler" is not a number')


def test_empty_and_infinite_cells(csv):
    refused(csv(lines(days(4), ["1", "NaN", "", "2"], header="day,value")), "no value at 2 of 4 steps", "(times: ")
    refused(csv(lines(days(4), ["1", "inf", "2", "2"], header="day,value")), 'line 3: "inf" is not a number')
    refused(csv(lines(days(4), ["1", "1e999", "2", "2"], header="day,value")), 'line 3: "1e999" is not finite')
    refused(csv(lines(days(4), ["", "", "", ""], header="day,value")), 'column "value" is empty')
    reading = read(csv(lines(days(4), ["", "1", "", "2"], header="day,value"), missing="last"))
    assert reading.values[:, 0].tolist() == [1, 1, 2]
    assert "the first step has no value yet: left out" in reading.notes


def test_of_many_words_among_the_numbers_the_first_is_named_and_the_others_are_counted(csv):
    content = lines(days(5), ["1", "error", "2", "error", "off"], header="day,value")
    refused(csv(content), 'line 3: "error" is not a number', "and 2 more")


def test_one_period_for_all_rows_is_refused(csv):
    refused(csv(lines(days(50), wave(50), header="day,value"), every="year"), "every: all rows lie in one year")


@pytest.mark.parametrize(("step", "periods"), [("hours", '"day"'), ("days", '"week" or "month"'), ("weeks", '"month"')])
def test_against_holes_means_over_longer_periods_are_offered(csv, step, periods):
    start, cells = datetime.datetime(2021, 1, 4), ["", *wave(3), "", *wave(5)]
    times = [start + datetime.timedelta(**{step: n}) for n in range(10)]
    refused(csv(lines(times, cells, header="day,value")), f"or every={periods} to take means")


def test_a_constant_column_is_refused(csv):
    refused(csv(lines(days(50), [7] * 50, header="day,value")), 'column "value" is 7 everywhere')


# --- columns and files ---


def test_a_wrong_name_gets_the_names_there_and_the_nearest(csv):
    content = lines(days(5), wave(5), wave(5), header="day,value,Sold units")
    refused(csv(content, values=["valu"]), 'no column "valu"; did you mean "value"?', '"day", "value", "Sold units"')
    refused(csv(content, time="date"), "time: no column")
    refused(csv(content, values=["sold units"]), 'did you mean "Sold units"?')
    refused(csv(lines(days(5), wave(5), header="value,value")), 'two columns are called "value"')
    refused(csv(lines(days(5), wave(5), header="2020-12-31,19.9")), "a first line with the names")


def test_a_title_above_the_header_is_left_out_even_when_it_has_its_separators(csv):
    content = "Branch Oslo,,\n\n" + lines(days(5), wave(5), wave(5), header="day,value,more")
    reading = read(csv(content))
    assert reading.notes[0].endswith("1 line above the header left out")
    assert len(read(csv(lines(range(5), days(5), wave(5), header=",day,value"))).times) == 5  # as pandas writes it


def test_a_comment_that_is_the_header_is_the_header(csv):
    assert len(read(csv(lines(days(5), wave(5), header="#day,value"))).times) == 5


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"\n\n  \n", "the file is empty"),
        (b"day,value\n", 'below the names ("day", "value") there is not one row'),
        (b"PK\x03\x04 and so on", "save the sheet as CSV"),
        (bytes(range(256)) * 4, "not a text file"),
        (b"day,value\n2021-01-01,1\n2021-01-02,2,3\n2021-01-03,4\n", "line 3: 3 cells, but the header has 2"),
        (b"day,value\n2021-01-01,1\n2021-01-02,2\nSource: me\n", "line 4: 1 cell, but the header has 2"),
        (b"value\n1\n2\n3\n", 'time: no column "day"'),
        (b"day,value\n2021-01-01,1\n", "1 rows are no series"),
        (b'day,value\n2021-01-01,"1\n', ""),
    ],
)
def test_files_that_are_none(csv, content, words):
    refused(csv(content), words)


def test_a_file_that_is_not_there_names_those_that_are(csv):
    settings = csv(b"day,value\n")
    missing = Settings("/no/such/file.csv", time="day", values="value", length=7, horizon=1)
    refused(missing, "no file", "there is no CSV file in that folder")
    refused(Settings(settings.path + "x.csv", time="day", values="value", length=7, horizon=1), "mine.csv")


def test_random_bytes_end_in_a_sentence_or_a_series(csv):
    draw = np.random.default_rng(0)
    alphabet = [*"0123456789.,;:-/#\"'\t\n\n\n abcE", "day", "value", "2021-01-", "é"]
    for _ in range(300):
        content = "day,value\n" * int(draw.integers(2)) + "".join(draw.choice(alphabet, int(draw.integers(80))))
        sentence = complaint(csv(content))
        assert "\n" not in sentence
        assert len(sentence) < 400


def test_settings_that_cannot_be_meant():
    good = {"path": "x.csv", "time": "day", "values": ["a"], "length": 7, "horizon": 1}
    for wrong, words in [
        ({"horizon": 0}, "horizon: expected at least 1"),
        ({"length": 2.5}, "length: expected a whole number"),
        ({"season": 12}, "season: 12 steps are more than a window of length 7"),
        ({"every": "monday"}, "every: expected one of hour, day"),
        ({"missing": "drop"}, "missing: expected one of refuse, last"),
        ({"values": []}, "values: expected names of columns"),
        ({"values": ["a", "a"]}, "a column stands there twice"),
        ({"time": None, "every": "day"}, "needs a column with times"),
    ]:
        with pytest.raises((ValueError, TypeError), match=words):
            Settings(**{**good, **wrong})
