"""Own data: every kind of bad input gets its sentence, scores never see the future, and the report stands alone."""

import base64
import gzip
import io
import os
import re
import subprocess
import sys
import zipfile
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import course
from mupy_helpers.own_data import TableError, inspect, read_table, score, write_report
from mupy_helpers.own_data import __main__ as program
from mupy_helpers.own_data import recipe
from mupy_helpers.own_data.figures import thinned
from tools import slides

ROWS = 12


def readings(n=1200, channels=2, seed=7):
    """Make channels with a daily season, one reading an hour, and a jump in the first one near the end."""
    rng = np.random.default_rng(seed)
    day = np.sin(2 * np.pi * np.arange(n) / 24)
    values = day[:, None] * np.arange(1, channels + 1) + rng.normal(0, 0.2, (n, channels))
    values[int(0.9 * n):int(0.9 * n) + 20, 0] += 6
    index = pd.date_range("2024-01-01", periods=n, freq="1h", name="time")
    return pd.DataFrame(values, index=index, columns=[f"channel {number}" for number in range(channels)])


@pytest.fixture
def file(tmp_path):
    """Return a function that writes a file of text or bytes and gives its path."""
    def write(content, name="readings.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path
    return write


def zipped(files):
    """Return the bytes of a zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def stamps(form, n=ROWS, start="2024-01-25", freq="1D"):
    return [f"{stamp:{form}}" for stamp in pd.date_range(start, periods=n, freq=freq)]


def table(times, values=None, sep=",", head=("time", "room")):
    values = [f"{value / 4}" for value in range(len(times))] if values is None else values
    return "\n".join([sep.join(head)] + [sep.join(row) for row in zip(times, values)]) + "\n"


# --- what is read

@pytest.mark.parametrize("form", ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d", "%d.%m.%Y %H:%M", "%d/%m/%Y",
                                  "%m/%d/%Y", "%d.%m.%y %H:%M:%S", "%Y/%m/%d %H:%M", "%d-%b-%Y %H:%M:%S", "%Y%m%d",
                                  "%m/%d/%Y %I:%M:%S %p", "%d/%m/%Y %I:%M %p", "%d %B %Y %H:%M", "%s",
                                  "%a, %d %b %Y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y", "%Y-%m-%d %H:%M:%S UTC",
                                  "%B %d %Y; %I:%M %p", "%Y%m%d%H%M%S", "%Y%m%d%H%M", "%Y%m%dT%H%M%SZ",
                                  "%Y-%m-%dT%H:%M:%S+00:00", "%d.%m.%Y %H:%M:%S,000"])
def test_common_stamps_are_read(file, form):
    times = [str(stamp.value // 10**9) for stamp in pd.date_range("2024-01-25", periods=ROWS)] if form == "%s" \
        else stamps(form)
    times = [time.replace(";", ",") for time in times]
    df, _ = read_table(file(table(times, sep=";")))
    assert list(df.index) == list(pd.date_range("2024-01-25", periods=ROWS))
    assert list(df["room"]) == [value / 4 for value in range(ROWS)]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_counts_since_1970_are_read(file, unit):
    times = pd.date_range("2024-01-25", periods=ROWS, freq="1s")
    df, notes = read_table(file(table([str(stamp.as_unit(unit).value // 10**9 * {"s": 1, "ms": 10**3, "us": 10**6,
                                                                              "ns": 10**9}[unit]) for stamp in times])))
    assert list(df.index) == list(times)
    assert any(f"counts {unit} since 1970" in note for note in notes)


@pytest.mark.parametrize("zone", ["+02:00", "+0200", "+02"])
def test_a_zone_becomes_utc(file, zone):
    df, notes = read_table(file(table([stamp + zone for stamp in stamps("%Y-%m-%dT%H:%M:%S")])))
    assert df.index[0] == pd.Timestamp("2024-01-24 22:00") and df.index.tz is None
    assert any("UTC" in note for note in notes)


def test_an_order_of_day_and_month_that_nothing_decides_is_said(file):
    df, notes = read_table(file(table(stamps("%d/%m/%Y", n=9, start="2024-03-01"))))
    assert list(df.index) == list(pd.date_range("2024-03-01", periods=9))
    # The first nine days could as well be nine months: the shorter span is taken, and said.
    assert any("day first or month first" in note for note in notes)


@pytest.mark.parametrize("sep", [",", ";", "\t", "|"])
def test_separators(file, sep):
    df, _ = read_table(file(table(stamps("%Y-%m-%d"), sep=sep)))
    assert df.shape == (ROWS, 1) and df["room"].iloc[3] == 0.75


def test_semicolons_and_decimal_commas(file):
    values = [f"{value},5" for value in range(ROWS)]
    df, notes = read_table(file(table(stamps("%d.%m.%Y"), values, sep=";")))
    assert list(df["room"]) == [value + 0.5 for value in range(ROWS)]
    assert any("decimal commas" in note for note in notes)


def test_thousands_with_points_and_decimal_commas(file):
    df, _ = read_table(file(table(stamps("%Y-%m-%d"), ["1.234,5"] * (ROWS - 1) + ["2,5"], sep=";")))
    assert list(df["room"]) == [1234.5] * (ROWS - 1) + [2.5]


def test_quoted_decimal_commas_between_commas(file):
    df, _ = read_table(file(table(stamps("%Y-%m-%d"), ['"1,5"'] * ROWS)))
    assert (df["room"] == 1.5).all()


@pytest.mark.parametrize(("encoding", "said"), [("utf-8", False), ("utf-8-sig", False), ("utf-16", False),
                                                ("cp1252", True)])
def test_encodings(file, encoding, said):
    df, notes = read_table(file(table(stamps("%Y-%m-%d"), head=("time", "Kühlraum °C")), encoding=encoding))
    assert list(df) == ["Kühlraum °C"]
    assert any("Windows-1252" in note for note in notes) == said


def test_lines_above_the_table_are_skipped(file):
    df, notes = read_table(file("Logger 3000\nserial 12\n\n" + table(stamps("%Y-%m-%d"))))
    assert df.shape == (ROWS, 1) and list(df) == ["room"]
    assert any("skip 2 lines" in note for note in notes)


def test_units_and_comments_around_the_names_are_skipped(file):
    lines = table(stamps("%Y-%m-%d"), sep=";").splitlines()
    df, notes = read_table(file("\n".join(["#group;false", "#kind;double", lines[0], "s;°C", *lines[1:]])))
    assert df.shape == (ROWS, 1) and list(df) == ["room"] and df["room"].notna().all()
    assert any("units" in note for note in notes) and any("skip 2 lines" in note for note in notes)
    df, notes = read_table(file("\n".join(["# " + lines[0], *lines[1:]])))
    assert df.index.name == "time" and df.shape == (ROWS, 1) and notes == []


def test_a_separator_at_the_end_of_each_line_makes_no_column(file):
    text = "\n".join(line + ";" for line in table(stamps("%Y-%m-%d"), sep=";").splitlines())
    assert list(read_table(file(text))[0]) == ["room"]
    assert list(read_table(file(text.replace("room;", "room")))[0]) == ["room"]


def test_numbered_rows_and_a_missing_header(file):
    lines = table(stamps("%Y-%m-%d")).splitlines()
    numbered = "\n".join([lines[0]] + [f"{place},{line}" for place, line in enumerate(lines[1:], 1)])
    df, notes = read_table(file(numbered))
    assert list(df) == ["room"] and any("only counts the rows" in note for note in notes)
    df, notes = read_table(file("\n".join(lines[1:])))
    assert df.shape == (ROWS, 1) and any("no line of names" in note for note in notes)


def test_day_and_clock_in_two_columns(file):
    text = "date,clock,room\n" + "".join(f"2024-01-25,{hour:02d}:30,{hour}\n" for hour in range(ROWS))
    df, notes = read_table(file(text))
    assert df.index[1] == pd.Timestamp("2024-01-25 01:30") and any("together" in note for note in notes)


def test_parquet_with_the_time_in_a_column_or_in_the_index(tmp_path):
    given = readings()
    for name, frame in (("index", given), ("column", given.reset_index())):
        frame.to_parquet(tmp_path / name)
        df, notes = read_table(tmp_path / name)
        pd.testing.assert_frame_equal(df, given, check_freq=False, check_index_type=False)
        assert notes == []


def test_twelve_hour_clocks_beside_the_day(file):
    times = pd.date_range("2024-01-25", periods=48, freq="30min")
    text = "date,clock,room\n" + "".join(f"{time:%m/%d/%Y},{time:%I:%M %p},1.5\n" for time in times)
    assert list(read_table(file(text))[0].index) == list(times)


@pytest.mark.parametrize("pack", [gzip.compress, lambda content: zipped({"inside.csv": content})], ids=["gzip", "zip"])
def test_a_packed_file_is_unpacked_and_said(file, pack):
    text = table(stamps("%Y-%m-%d"), head=("time", "Kühlraum"))
    df, notes = read_table(file(pack(text.encode("cp1252"))))
    assert df.shape == (ROWS, 1) and any("packed" in note for note in notes)
    assert list(df) == ["Kühlraum"] and any("Windows-1252" in note for note in notes)


@pytest.mark.parametrize(("cells", "values", "said"), [
    (["20.5 °C", "-3 °C"], [20.5, -3], "'°C' in its cells"), (["€1.5", "€2"], [1.5, 2], "'€' in its cells"),
    (["50%", "51.5%"], [50, 51.5], "'%' in its cells"), (["1,234.5", "987.5"], [1234.5, 987.5], "between thousands"),
    (["1,234", "987"], [1234, 987], "between thousands"), (["1,5", "1,234"], [1.5, 1.234], None),
    (["1\u00a0234.5", "3"], [1234.5, 3], None), (["\u22121.5", "3"], [-1.5, 3], None),
    (["1\u2019234.5", "3"], [1234.5, 3], None), (["1.5-", "3"], [-1.5, 3], None),
    (["2.5D+01", "3.0D-1"], [25, 0.3], None), (["2.5x10^1", "3"], [25, 3], None),
    (["(1,234.5)", "3"], [-1234.5, 3], "brackets in 'room' are negative"),
])
def test_what_stands_around_a_number(file, cells, values, said):
    df, notes = read_table(file(table(stamps("%Y-%m-%d"), [f'"{cell}"' for cell in cells * (ROWS // 2)])))
    assert list(df["room"]) == values * (ROWS // 2)
    assert [note for note in notes if said and said in note] if said else notes == []


@pytest.mark.parametrize(("cells", "values"), [
    (["1.234", "987,5"], [1234, 987.5]), (["1,234", "987,5"], [1.234, 987.5]), (["1,234.5", "987.5"], [1234.5, 987.5]),
    (["1.234", "1.301"], [1234, 1301]), (["998", "1.001", "997", "999"], [998, 1001, 997, 999]),
])
def test_points_and_commas_between_semicolons(file, cells, values):
    beside = "2,5" if cells == ["1.234", "1.301"] else ""
    rows = list(zip(stamps("%Y-%m-%d", n=6 * len(cells)), cells * 6))
    text = "time;room;other\n" + "".join(f"{day};{cell};{beside}\n" for day, cell in rows)
    assert list(read_table(file(text))[0]["room"]) == values * 6


def test_a_line_for_excel_above_the_names(file):
    df, notes = read_table(file("sep=;\n" + table(stamps("%Y-%m-%d"), sep=";")))
    assert list(df) == ["room"] and df.shape == (ROWS, 1) and notes == []


def test_a_first_row_of_text_is_no_line_of_units(file):
    text = table(stamps("%d-%b-%y"), ["Bad Input"] + ["1.5"] * (ROWS - 1))
    df, _ = read_table(file(text))
    assert len(df) == ROWS and df["room"].isna().sum() == 1


def test_rows_of_several_units_are_put_side_by_side(file):
    days = stamps("%Y-%m-%d")
    text = "time,sensor,value\n" + "".join(f"{day},{name},{value}\n" for day in days for name, value in
                                           (("warm", 7), ("cold", 2)))
    df, notes = read_table(file(text))
    assert df.shape == (ROWS, 2) and (df["warm"] == 7).all() and (df["cold"] == 2).all()
    assert any("side by side" in note for note in notes)


def test_a_span_written_in_each_row_is_not_the_time(file):
    text = "start,time,room\n" + "".join(f"2024-01-01,{day},1\n" for day in stamps("%Y-%m-%d"))
    assert read_table(file(text))[0].index.name == "time"


# --- what is mended, and said

@pytest.mark.parametrize(("lines", "said", "rows"), [
    (["2024-01-03,3", "2024-01-01,1", "2024-01-02,2"], "not in time order", 3),
    (["2024-01-01,1", "2024-01-02,2", "2024-01-02,7"], "1 row has the time of an earlier one", 2),
    (["2024-01-01,1"] * 1 + ["2024-01-02,fault", "2024-01-03,3", "2024-01-04,4"], "'fault'", 4),
    (["2024-01-01,1", "2024-01-02,inf", "2024-01-03,3"], "infinite", 3),
    (["2024-01-01,1", "2024-01-02,inf", "2024-01-03,inf", "2024-01-04,-1e308", "2024-01-05,1e308"], "in 4 of 5", 5),
    (["2024-01-01,1", "2024-01-02,-1e300", "2024-01-03,3"], "infinite, or nearly so, in 1 of 3", 3),
    ([f"2024-01-{day:02d},{day}" for day in range(1, 20)] + ["Average,20"], "no readable time", 19),
    ([f"2024-01-{day:02d},{-9999 if day % 3 else day}" for day in range(1, 20)], "-9999 in 13 of 19 rows", 19),
])
def test_what_is_mended_is_said(file, lines, said, rows):
    df, notes = read_table(file("time,room\n" + "\n".join(lines)))
    assert len(df) == rows and df.index.is_monotonic_increasing and df.index.is_unique
    assert any(said in note for note in notes), notes
    values = df["room"].dropna()
    assert (values == values.index.day).all(), "a reading left its stamp, or the first of two was not kept"


def test_text_and_empty_columns_are_left_out_and_said(file):
    text = "time,room,note,spare\n" + "".join(f"{stamp},1.5,all well,\n" for stamp in stamps("%Y-%m-%d"))
    df, notes = read_table(file(text))
    assert list(df) == ["room"]
    assert any("'note'" in note for note in notes) and any("'spare'" in note for note in notes)


def test_equal_names_are_numbered(file):
    text = "time,room,room\n" + "".join(f"{stamp},1,2\n" for stamp in stamps("%Y-%m-%d"))
    df, notes = read_table(file(text))
    assert list(df) == ["room", "room (2)"] and any("same name" in note for note in notes)


# --- what is refused, with one sentence

BAD = {
    "empty": (b"", "readings.csv is empty"),
    "blank": (b" \n\n", "readings.csv is empty"),
    "header only": (b"time,room\n", "no rows"),
    "one row": (b"time,room\n2024-01-01,1\n", "one row only"),
    "no time": (b"a,b\n" + b"1,2\n3,4\n" * 5, "no column reads as time among 'a', 'b'"),
    "two times": (b"start,end,x\n" + b"".join(b"2024-01-%02d,2024-02-%02d,1\n" % (day, day) for day in range(1, 9)),
                  "2 columns could be the time, 'start', 'end'"),
    "all missing": (b"time,room\n" + b"".join(b"2024-01-%02d,\n" % day for day in range(1, 9)), "no column holds"),
    "only text": (b"time,room\n" + b"".join(b"2024-01-%02d,warm\n" % day for day in range(1, 9)), "no column holds"),
    "same times": (b"time,room\n" + b"2024-01-01,1\n" * 5, "fewer than two rows"),
    "prose": (b"Dear reader,\nthis is a letter.\nIt goes on, and on, and on.\nYours", "not a table"),
    "one column": (b"room\n1\n2\n3\n", "not a table"),
    "Excel": (zipped({"[Content_Types].xml": "<x/>", "xl/workbook.xml": "<x/>"}), "Excel"),
    "two in an archive": (zipped({"a.csv": "1", "b.csv": "2"}), "archive of 2 files"),
    "cut archive": (zipped({"a.csv": "time,room\n"})[:40], "cannot be unpacked"),
    "cut gzip": (gzip.compress(table(["2024-01-25"] * 5000, [f"{value}" for value in range(5000)]).encode())[:900],
                 "cannot be unpacked"),
    "OpenDocument": (zipped({"mimetype": "x", "content.xml": "<x/>"}), "OpenDocument"),
    "Zstandard": (b"(\xb5/\xfd and more", "packed with Zstandard"),
    "SQLite": (b"SQLite format 3\0 and more", "an SQLite database"),
    "HDF5": (b"\x89HDF\r\n and more", "an HDF5 file"),
    "Feather": (b"ARROW1\0\0 and more", "an Arrow or Feather file"),
    "half of the rows again": (b"time,place,room\n" + b"".join(
        b"2024-01-%02d,%d,%d\n" % (day, place, day) for day in range(1, 9) for place in (1, 2)),
        "8 of 16 rows have the time of an earlier one"),
    "seconds since 1904": (b"time,room\n" + b"".join(b"%d,1\n" % (3788553600 + hour) for hour in range(9)),
                           "no seconds since 1970, for example 3788553600"),
    "ticks of .NET": (b"time,room\n" + b"".join(b"%d,1\n" % (638413056 * 10**9 + hour) for hour in range(9)),
                      "no seconds since 1970, for example 638413056000000000"),
    "packed Parquet": (gzip.compress(b"PAR1 and more"), "packed Parquet"),
    "hour apart": (b"day,hour,room\n" + b"".join(
        b"2024-01-%02d,%d,%d\n" % (day, hour, hour) for day in range(1, 9) for hour in range(24)),
        "184 of 192 rows have the time of an earlier one"),
    "months in German": (table([f"{day}. Februar 2024" for day in range(1, 13)]).encode(),
                         "'time' does not read as time, for example '1. Februar 2024'"),
    "seconds from the start": (b"time,room\n" + b"".join(b"%d,1\n" % second for second in range(9)),
                               "'time' holds numbers that are no seconds since 1970, for example 0"),
    "units that differ": (b"time,room\n" + b"".join(b"2024-01-%02d,%d %s\n" % (day, day, b"kW" if day % 2 else b"W")
                                                    for day in range(1, 13)), "no column holds a number"),
    "binary": (b"\x01\x00\x02\x00\x03", "not text"),
    "other encoding": (b"time,room\x81\n" + b"2024-01-01,1\x81\n" * 5, "encoding that we do not know"),
    "cut parquet": (b"PAR1 and then nothing", "cannot be read as Parquet"),
    "long line": (b"time,room\n" + b"2024-01-01,1\n" * 9 + b"2024-01-02,1,2,3\n", "line 11 of readings.csv has 4"),
    "open quote": (b"time,room\n" + b"2024-01-01,1\n" * 9 + b'2024-01-02,"1\n' + b"2024-01-03,1\n" * 9, "open"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_gets_one_sentence_and_a_code(file, capsys, tmp_path, kind):
    content, said = BAD[kind]
    path = file(content)
    with pytest.raises(TableError, match=re.escape(said)) as caught:
        read_table(path)
    assert "\n" not in str(caught.value)
    assert program.main([str(path), "--out", str(tmp_path / "report.html")]) == 1
    printed = capsys.readouterr()
    assert printed.err == f"report: {caught.value}.\n" and "Traceback" not in printed.out
    assert not (tmp_path / "report.html").exists()


def test_a_missing_file_and_a_folder(tmp_path):
    for path, said in ((tmp_path / "none.csv", "no file"), (tmp_path, "is a folder")):
        with pytest.raises(TableError, match=said):
            read_table(path)


def test_the_named_time_column_decides_and_a_wrong_name_is_answered(file):
    path = file(BAD["two times"][0])
    df, _ = read_table(path, time="END")
    assert df.index.name == "end" and df.index[0] == pd.Timestamp("2024-02-01") and list(df) == ["x"]
    with pytest.raises(TableError, match="no column 'when'; the columns are 'start', 'end', 'x'"):
        read_table(path, time="when")
    with pytest.raises(TableError, match="'x' holds numbers that are no seconds"):
        read_table(path, time="x")


# --- what is found

def test_inspect_finds_what_was_put_in():
    df = readings()
    df["dead"] = 4.0
    df.iloc[300:360, 1] = df.iloc[300, 1]
    df.iloc[:120, 0] = np.nan
    df = df.drop(df.index[700:750])
    kept = df.copy()
    found = inspect(df)
    pd.testing.assert_frame_equal(df, kept)
    assert found.step == pd.Timedelta("1h") and found.period == 24
    assert len(found.gaps) == 1 and found.gaps["end"][0] - found.gaps["start"][0] == pd.Timedelta("51h")
    channels = found.channels
    assert list(channels["constant"]) == [False, False, True]
    assert channels.loc["channel 1", "stuck"] == 60 and channels.loc["channel 1", "stuck_since"] == df.index[300]
    assert channels.loc["channel 0", "missing"] == pytest.approx(120 / 1150)
    said = " ".join(found.notes)
    assert all(words in said for words in ("1 gap in", "Constant all the time: 'dead'", "60 times", "missing in"))


def test_noise_has_no_season():
    df = readings()
    df[:] = np.random.default_rng(3).normal(size=df.shape)
    assert inspect(df).period == 0


# --- scores

def test_the_jump_is_found_and_its_channel_named():
    df = readings()
    scored = score(df)
    jump = df.index[1080]
    assert scored.healthy_until == df.index[360] and scored.threshold == 1
    hit = scored.events[(scored.events["start"] <= jump) & (scored.events["end"] >= jump)]
    assert list(hit["channel"]) == ["channel 0"]
    outside = scored.is_alarm & (scored.is_alarm.index < jump)
    assert outside.mean() < 0.02 and not scored.is_alarm.iloc[:360].any()


@pytest.mark.parametrize("channels", [1, 5])
def test_scores_do_not_see_the_future(channels):
    df, until = readings(channels=channels), "2024-01-16"
    df.iloc[500:520, 0] = np.nan
    whole = score(df, healthy=until)
    assert whole.parts.shape[1] == (channels if channels < 4 else channels + 1)
    changed = df.copy()
    changed.iloc[900:] = 1e3 * np.random.default_rng(1).normal(size=(len(df) - 900, channels))
    for other in (df.iloc[:900], changed, df.iloc[:510]):  # the last ends while readings are missing
        cut = score(other, healthy=until)
        n = min(len(other), 900)
        np.testing.assert_allclose(cut.scores.iloc[:n], whole.scores.iloc[:n], rtol=0, atol=1e-9)
        assert (cut.is_alarm.iloc[:n] == whole.is_alarm.iloc[:n]).all()


def test_a_broken_pattern_of_many_channels_is_found():
    df = readings(channels=6)
    df.iloc[1000:1010, 3] *= -1  # in its own range, but against all others
    scored = score(df)
    assert scored.parts["all channels together"].iloc[1000:1010].max() > scored.threshold


def test_missing_readings_score_nothing_and_dead_channels_are_said():
    df = readings()
    df["dead"] = 4.0
    df.iloc[600:610] = np.nan
    scored = score(df)
    assert (scored.scores.iloc[600:610] == 0).all()
    assert "dead" not in scored.parts and any("'dead'" in note for note in scored.notes)


def test_calm_that_never_leaves_its_range_still_has_a_limit():
    df = pd.DataFrame({"room": np.where(np.arange(1200) % 24 < 12, 1.0, 2.0)}, index=readings().index)
    assert score(df).events.empty
    df.iloc[1000] = 9.0
    assert list(score(df).events["start"]) == [df.index[1000]]


def test_an_unhealthy_healthy_part_is_said():
    df = readings()
    df.iloc[300, 0] += 100
    assert any(str(df.index[300]) in note and note.startswith("One row ") for note in score(df).notes)
    df = readings(n=4000)
    df.iloc[[850, 980, 1110], 0] += [20, 60, 200]
    some = [note for note in score(df).notes if "would be an alarm already" in note]
    assert len(some) == 1 and some[0].startswith("3 rows ") and str(df.index[1110]) in some[0]


def test_the_largest_number_among_the_readings_is_scored():
    df = readings(channels=5)
    df.iloc[700, 0], df.iloc[800:803, 1] = 1e100, -1e100
    scored = score(df)
    assert np.isfinite(scored.parts.iloc[360:].to_numpy()).all()
    assert scored.is_alarm.iloc[[700, 800]].all()


def test_one_strange_reading_inside_the_range_is_found():
    """As a warm day in January: no news for the range of all readings, a surprise after the days before."""
    rng = np.random.default_rng(5)
    year = 10 * np.cos(2 * np.pi * np.arange(2000) / 700) + rng.normal(0, 1, 2000)
    year[1750] = 8.0
    df = pd.DataFrame({"air": year}, index=pd.date_range("2020-01-01", periods=2000, freq="1D"))
    scored = score(df, healthy=0.5)
    assert scored.scores.idxmax() == df.index[1750] and scored.is_alarm.iloc[1750]


def test_a_channel_that_drifts_already_may_go_on(monkeypatch):
    df = readings(channels=5)
    df["channel 4"] = np.linspace(0, 5, len(df)) + np.random.default_rng(8).normal(0, 0.2, len(df))
    together = score(df).parts["all channels together"]
    assert (together.iloc[360:1080] > 1).mean() < 0.2
    monkeypatch.setattr(recipe.np, "hypot", lambda *parts: 1.0)  # without the allowance it would alarm
    assert (score(df).parts["all channels together"].iloc[360:1080] > 1).mean() > 0.2


def test_an_alarm_says_what_began_it_and_what_was_highest():
    df = readings(channels=3)
    df.iloc[1000, 0] += 20
    df.iloc[1003:1010, 1] += 60
    event = score(df).events.query("start <= @df.index[1000] <= end").iloc[0]
    assert (event["began"], event["channel"]) == ("channel 0", "channel 1")


def test_the_share_counts_the_rows_of_the_alarms_that_are_listed():
    df = readings()
    df.iloc[1000, 0] += 20
    df.iloc[1010, 0] += 60
    df.iloc[1100, 1] += 30
    scored = score(df)
    later = scored.is_alarm[scored.healthy_until:]
    inside = sum(((later.index >= event.start) & (later.index <= event.end)).sum()
                 for event in scored.events.itertuples())
    assert scored.share == inside / len(later) > later.mean()


def test_each_part_of_the_recipe_is_proposed_with_its_reason():
    alone, many = score(readings(channels=1)).proposals, score(readings(channels=6)).proposals
    assert len(alone) == len(many) == 3
    assert alone[:2] == many[:2] and "All together is not proposed" in alone[2]
    assert "All 6 channels together" in many[2] and "1 direction holds 90 %" in many[2]
    df = readings()
    df.iloc[:, 1] = (df.iloc[:, 1] > 0).astype(float)
    assert "the 1 with at most 10 different readings" in score(df).proposals[0]


def test_the_recipe_is_short_enough_for_a_slide():
    assert len(slides.code_of(recipe.limit, recipe.distance, recipe.news).splitlines()) <= 23
    assert max(map(len, slides.code_of(recipe.limit, recipe.distance, recipe.news).splitlines())) <= 80


@pytest.mark.parametrize(("healthy", "said"), [
    ("2015-10-18", "to end at 2015-10-18 00:00:00, and the recording runs from 2024-01-01 00:00:00 to"),
    ("05.02.2024", "not '05.02.2024'"), ("", "not ''"), ("most", "or a moment such as 2024-01-31"),
    ("2024-13-01", "not '2024-13-01'"), (1.5, "between 0 and 1"), ("2024-01-02", "at least 60 healthy rows")])
def test_a_healthy_part_that_cannot_be_is_answered(healthy, said):
    with pytest.raises(TableError, match=re.escape(said)):
        score(readings(), healthy)


@pytest.mark.parametrize(("healthy", "until"), [
    ("0.3", "2024-01-16"), (0.3, "2024-01-16"), ("2024-01-16", "2024-01-16"),
    ("2024-01-16T02:00+02:00", "2024-01-16")])
def test_the_end_of_the_healthy_part_as_text(healthy, until):
    assert score(readings(), healthy).healthy_until == pd.Timestamp(until)


def test_what_cannot_be_scored_is_refused():
    df = readings()
    with pytest.raises(TableError, match="at least 60 healthy rows"):
        score(df.iloc[:100])
    with pytest.raises(TableError, match="no channel varies"):
        score(df * 0)
    with pytest.raises(TableError, match="each time once"):
        score(df.iloc[::-1])
    with pytest.raises(TypeError, match="time index"):
        score(df.to_numpy())


# --- the report

SCRIPT = '<script>alert("1")</script>'


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    df = readings(channels=3).set_axis([SCRIPT, "a$b$ & 'c'", "室温"], axis=1)
    df["dead"] = 1.0
    write_report(df, path, title=f"About {SCRIPT}", notes=[f"note {SCRIPT}"])
    return path.read_text(encoding="utf-8")


def test_names_are_escaped(report):
    assert "<script" not in report and "&lt;script&gt;alert(" in report
    assert "a$b$ &amp; &#x27;c&#x27;" in report and "室温" in report


def test_the_report_asks_nothing_of_others(report):
    assert "default-src 'none'" in report
    sources = re.findall(r'(?:src|href|action|data)="([^"]*)"', report)
    assert len(sources) == 4 and all(each.startswith("data:image/png;base64,") for each in sources)
    assert "url(" not in report and "@import" not in report and "http://" not in report and "https://" not in report
    assert all(base64.b64decode(each.partition(",")[2]).startswith(b"\x89PNG") for each in sources)


def test_every_figure_has_an_alt_text(report):
    texts = re.findall(r'<img alt="([^"]*)"', report)
    assert len(texts) == report.count("<img") == 4 and all(len(text) > 40 for text in texts)


def test_the_first_paragraph_says_the_result(report):
    start = report[report.index("<h1>"):report.index("<h2>")]
    assert "all was well before 2024-01-16 00:00:00" in start and "begins at 2024-02-15 00:00:00" in start
    assert "&#x27;dead&#x27;" in start and "<script" not in start  # what may make the result doubtful stands there, too
    assert report.index("What is unusual</h2>") < report.index("What we read</h2>")


def test_two_alarms_are_told_apart_and_their_share_is_that_of_the_list(tmp_path):
    df = readings(channels=3)
    df.iloc[1000, 0] += 20
    df.iloc[1003:1010, 1] += 60
    scored = write_report(df, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    start = page[page.index("<h1>"):page.index("<h2>")]
    assert len(scored.events) > 1 and "The first" in start
    assert "begun by channel 0, most unusual in it: channel 1" in start
    assert f"; {scored.share:.1%}".replace("%", " %") + " of these rows" in start
    assert all(f"<li>{proposal.replace('&', '&amp;')}</li>" in page for proposal in scored.proposals)


def test_a_calm_recording_is_called_calm(tmp_path):
    df = readings()
    df.iloc[1080:1100, 0] -= 6
    df.iloc[:, 1] = df.iloc[:, 1].clip(-2, 2)
    write_report(df * [1, 1], tmp_path / "report.html", healthy=0.99)
    assert "no alarm" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_jump_that_stays_is_a_short_alarm_and_the_report_says_so(tmp_path):
    df = readings(n=800, channels=1)
    df.iloc[:, 0] = np.where(np.arange(800) < 600, df.iloc[:, 0].clip(-1.5, 1.5), 8 + np.sin(np.arange(800)))
    scored = write_report(df, tmp_path / "report.html")
    last = scored.events.iloc[-1]
    assert last["start"] == df.index[600] and last["end"] < df.index[620] and not scored.is_alarm.iloc[620:].any()
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "what jumps and stays may be one row long here" in page


def test_a_season_that_stops_within_its_range_is_no_news_and_the_report_says_so(tmp_path):
    df = readings(n=800, channels=1)
    df.iloc[:, 0] = np.where(np.arange(800) < 720, np.sin(2 * np.pi * np.arange(800) / 24), 0.0)
    scored = write_report(df, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert not len(scored.events) and "within the usual range of a channel is no news" in page
    assert "what jumps and stays" not in page and "longest" not in page


def test_alarms_of_one_row_each_have_no_longest(tmp_path):
    df = readings(n=800, channels=1)
    df.iloc[:, 0] = np.sin(2 * np.pi * np.arange(800) / 24)
    df.iloc[[500, 700], 0] = 30, 90
    scored = write_report(df, tmp_path / "report.html")
    assert len(scored.events) == 2 and (scored.events["start"] == scored.events["end"]).all()
    assert "longest begins" not in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_the_highest_rows_without_an_alarm_are_listed_away_from_the_alarms(tmp_path):
    df = readings()
    df.iloc[100:110, 0] += 6  # so the jump in the end is only half as much news
    df.iloc[900, 1] += 90
    scored = write_report(df, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    listed = re.findall(r"<tr><td>([^<]*)</td><td>([^<]*)</td><td>([^<]*)</td></tr>", page)
    moments = pd.DatetimeIndex([moment for moment, *_ in listed])
    calm = scored.scores[scored.healthy_until:]
    for event in scored.events.itertuples():
        calm = calm[(calm.index < event.start - pd.Timedelta("25h")) | (calm.index > event.end + pd.Timedelta("25h"))]
    assert len(scored.events) and len(listed) == 10 and set(moments) <= set(calm.index)
    assert (moments[1:] - moments[:-1]).min() >= pd.Timedelta("25h")
    top = calm.idxmax()
    assert (str(top), scored.parts.loc[top].idxmax(), f"{calm.max():.2g}") in listed


def test_at_most_a_dozen_channels_are_drawn(tmp_path):
    write_report(readings(n=400, channels=15), tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text(encoding="utf-8").count("<img") == 13


def test_thinning_keeps_extremes_and_gaps():
    series = readings(n=20_000)["channel 0"]
    series.iloc[5000] = 99
    series.iloc[8000:9000] = np.nan
    few = thinned(series, 500)
    assert len(few) < 600 and few.max() == 99 and few.min() == series.min() and few.isna().any()
    assert few.index.is_monotonic_increasing


def test_a_report_that_cannot_be_written_leaves_nothing(tmp_path):
    df = readings(n=400)
    with pytest.raises(TableError, match="no such folder"):
        write_report(df, tmp_path / "none" / "report.html")
    with pytest.raises(TableError, match="that is a folder"):
        write_report(df, tmp_path)
    assert not list(tmp_path.iterdir())


# --- the verb

def test_the_verb_counts_names_from_where_it_was_called(monkeypatch, tmp_path):
    handed = []
    monkeypatch.setattr(course.Environment, "set_up", lambda self: None)
    monkeypatch.setattr(course, "hand_over", lambda command, env, folder: handed.append(command) or 0)
    monkeypatch.chdir(tmp_path)
    assert course.main(["report", "mine.csv", "--time", "when"]) == 0
    assert handed[0][1:4] == ["-m", "tools.start", "mupy_helpers.own_data"]
    assert handed[0][4:] == ["--folder", str(tmp_path), "mine.csv", "--time", "when"]


def test_the_program_reports_with_progress(tmp_path):
    readings(n=400).to_csv(tmp_path / "mine.csv")
    # A warning that Python shows goes to stderr; deprecations between the libraries are not for the reader.
    command = [sys.executable, "-m", "mupy_helpers.own_data", "--folder", str(tmp_path), "mine.csv"]
    done = subprocess.run(command, cwd=course.ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    said = ("reading mine.csv", "scoring 2 channels", "2 of 2 scored", "drawing")
    assert all(words in done.stdout for words in said)
    assert "What is unusual in mine.csv" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_the_healthy_part_is_a_share_or_a_moment(tmp_path, capsys):
    path, out = tmp_path / "mine.csv", tmp_path / "report.html"
    readings(n=400).to_csv(path)
    for asked, until in (("0.5", "2024-01-09 08:00"), ("2024-01-09", "2024-01-09 00:00")):
        assert program.main([str(path), "--out", str(out), "--healthy", asked]) == 0
        assert f"all was well before {until}" in out.read_text(encoding="utf-8")
    assert program.main([str(path), "--out", str(out), "--healthy", "most"]) == 1
    assert "--healthy must be a share" in capsys.readouterr().err


def test_nothing_but_an_earlier_report_is_replaced(tmp_path, capsys):
    path, out = tmp_path / "mine.csv", tmp_path / "thesis.doc"
    readings(n=400).to_csv(path)
    out.write_text("years of work")
    assert program.main([str(path), "--out", str(out)]) == 1
    assert out.read_text() == "years of work" and "is no report" in capsys.readouterr().err
    out.write_text("<!DOCTYPE html> an earlier report")
    assert program.main([str(path), "--out", str(out)]) == 0 and "What is unusual" in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(("error", "said", "code"), [
    (PermissionError(13, "Permission denied", "mine.csv"), "mine.csv may not be read", 1),
    (OSError(5, "Input/output error", "mine.csv"), "mine.csv cannot be used: Input/output error", 1),
    (MemoryError(), "memory", 1), (KeyboardInterrupt(), "stopped, and no report was written", 130),
])
def test_what_goes_wrong_outside_gets_a_sentence(monkeypatch, tmp_path, capsys, error, said, code):
    def fail(*_):
        raise error

    monkeypatch.setattr(program, "read_table", fail)
    assert program.main(["mine.csv", "--folder", str(tmp_path)]) == code
    assert said in capsys.readouterr().err and not list(tmp_path.iterdir())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name on this system")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(TableError, match="no regular file"):
        read_table(tmp_path / "pipe")


def test_the_data_are_not_replaced(tmp_path, capsys):
    path = tmp_path / "mine.csv"
    readings(n=400).to_csv(path)
    before = path.read_bytes()
    assert program.main([str(path), "--out", str(path)]) == 1
    assert path.read_bytes() == before and "would replace the data" in capsys.readouterr().err


# --- files of other programs, in which a guess could go wrong

def hours(form, n=60, start="2024-01-25"):
    return stamps(form, n=n, start=start, freq="1h")


@pytest.mark.parametrize(("head", "row"), [
    ("time,room", "{},20,1"), ("time,room,damp", "{},20,1,50,3"), ("room,time", "20,1,{}"),
    ("logger,7\ntime,room,damp", "{},20,1,50,"),
])
def test_decimal_commas_that_cut_numbers_in_two_are_refused(file, head, row):
    with pytest.raises(TableError, match="more fields than there are names: with decimal commas, put semicolons"):
        read_table(file("\n".join([head, *map(row.format, hours("%Y-%m-%d %H:%M"))])))


def test_the_name_of_a_row_is_left_out_and_said(file):
    lines = table(hours("%Y-%m-%d %H:%M")).splitlines()
    numbered = "\n".join([lines[0]] + [f"row {place},{line}" for place, line in enumerate(lines[1:])])
    df, notes = read_table(file(numbered))
    assert list(df) == ["room"] and any("one field more than there are names" in note for note in notes)


def test_a_preamble_before_whole_names_is_no_line_of_names(file):
    df, notes = read_table(file("Date,exported by hand\nplant,hall,shelf\n" + "time,a,b,c\n" + "".join(
        f"{time},1,2.5,3\n" for time in hours("%Y-%m-%d %H:%M"))))
    assert list(df) == ["a", "b", "c"] and any("skip 2 lines" in note for note in notes)


@pytest.mark.parametrize("head", ["time", "MESS_DATUM", "when"])
@pytest.mark.parametrize("form", ["%Y%m%d%H", "%Y%m%d%H%M"])
def test_digits_to_the_hour_or_the_minute_are_no_seconds(file, form, head):
    df, notes = read_table(file(table(hours(form), sep=";", head=(head, "room"))))
    assert list(df.index) == list(pd.date_range("2024-01-25", periods=60, freq="1h"))
    assert not any("since 1970" in note for note in notes)


@pytest.mark.parametrize("wrong", ["", "-999", "1e300", "inf", "2024013199"])
def test_what_is_no_moment_among_digits_is_left_out(file, wrong):
    df, notes = read_table(file(table([*hours("%Y%m%d%H"), wrong])))
    assert list(df.index) == list(pd.date_range("2024-01-25", periods=60, freq="1h"))
    assert any("1 row has no readable time" in note for note in notes)


def test_digits_in_parquet_with_missing_ones(tmp_path):
    times = pd.array([int(each) for each in hours("%Y%m%d%H")] + [None], dtype="Int64")
    pd.DataFrame({"when": times, "room": np.arange(61) / 4}).to_parquet(tmp_path / "mine.parquet")
    df, _ = read_table(tmp_path / "mine.parquet")
    assert list(df.index) == list(pd.date_range("2024-01-25", periods=60, freq="1h"))


@pytest.mark.parametrize("text", [
    'time,p,q\n{0},"20,104","0,429"\n{1},"21,375","1,500"', "time;p;q\n{0};20,104;0,429\n{1};21,375;1,500",
    "time;p;q\n{0};20.104;0.429\n{1};21.375;1.500", "time;p;q;r\n{0};20.104;0.429;7,5\n{1};21.375;1.500;7,5",
    "time;p;q;r\n{0};20.104;0,429;7.5\n{1};21.375;1,500;7.5\n2024-01-27;fault;;",
])
def test_three_decimals_behind_a_zero_are_no_thousands(file, text):
    df, notes = read_table(file(text.format("2024-01-25", "2024-01-26")))
    assert df["q"].dropna().tolist() == [0.429, 1.5] and df["p"].dropna().tolist() == [20.104, 21.375]
    assert "r" not in df or (df["r"].dropna() == 7.5).all()
    assert not any("thousands" in note for note in notes)


def test_thousands_are_said_whatever_stands_between_them(file):
    text = "time;points;spaces;kW\n" + "".join(f"{day};1.234,5;2 345,6;3 456 kW\n" for day in stamps("%Y-%m-%d"))
    df, notes = read_table(file(text))
    assert df.iloc[0].tolist() == [1234.5, 2345.6, 3456]
    assert any("points in 'points' stand between thousands" in note for note in notes)
    assert sum("The spaces in" in note for note in notes) == 2


def test_numbers_beside_each_other_are_no_thousands(file):
    df, _ = read_table(file("time;room;pair\n" + "".join(f"{day};1.5;12 34\n" for day in stamps("%Y-%m-%d"))))
    assert list(df) == ["room"]


@pytest.mark.parametrize("form", ["%y/%m/%d %H:%M:%S", "%y-%m-%d %H:%M", "%y.%m.%d %H:%M"])
def test_the_year_may_be_first_in_two_digits(file, form):
    df, notes = read_table(file(table(hours(form, n=600))))
    assert list(df.index) == list(pd.date_range("2024-01-25", periods=600, freq="1h"))
    assert any("have the year first" in note for note in notes)


def test_an_open_order_of_year_month_and_day_is_said(file):
    df, notes = read_table(file(table(stamps("%y/%m/%d", n=9, start="2024-03-01"))))
    assert df.index[-1] == pd.Timestamp("2024-03-09")
    assert any("day first or year first; we take the year" in note for note in notes)


@pytest.mark.parametrize("form", ["%d.%m.%y %H:%M", "%d-%m-%y %H:%M", "%m/%d/%y %H:%M"])
def test_the_newest_row_may_be_first(file, form):
    df, _ = read_table(file(table(hours(form, n=1200, start="2024-01-20")[::-1])))
    assert list(df.index) == list(pd.date_range("2024-01-20", periods=1200, freq="1h"))


@pytest.mark.parametrize("form", ["%d/%m/%Y", "%m/%d/%Y"])
def test_months_are_no_days_of_january(file, form):
    df, notes = read_table(file(table(stamps(form, n=60, start="2000-01-01", freq="MS"))))
    assert list(df.index) == list(pd.date_range("2000-01-01", periods=60, freq="MS"))
    assert any("could be written day first or month first" in note for note in notes)


def test_a_gap_does_not_make_days_of_months(file):
    times = stamps("%d/%m/%Y", n=10, start="2024-03-01")
    assert read_table(file(table(times[:4] + times[5:])))[0].index[-1] == pd.Timestamp("2024-03-10")


@pytest.mark.parametrize(("form", "last"), [("%d.%m.%Y %H:%M", "24:00"), ("%Y-%m-%dT%H:%M:%S", "24:00:00"),
                                            ("%Y%m%d%H", "24"), ("%Y%m%d%H%M%S", "240000")])
def test_the_hour_24_is_hour_0_of_the_next_day(file, form, last):
    times = hours(form, n=48, start="2024-01-25 01:00")
    for place in (23, 47):  # written as the end of the day before
        times[place] = times[place - 1].removesuffix(last.replace("24", "23")) + last
    df, notes = read_table(file(table(times, sep=";")))
    assert list(df.index) == list(pd.date_range("2024-01-25 01:00", periods=48, freq="1h"))
    assert any("2 times are written 24:00" in note for note in notes)


def test_minutes_and_days_of_24_are_not_the_hour_24(file):
    for form in ("%b %d %Y %H:%M:%S", "%Y-%m-%d %H:%M:%S"):
        times = stamps(form, start="2024-01-24 12:24:00", freq="1min")
        df, notes = read_table(file(table(times)))
        assert df.index[0] == pd.Timestamp("2024-01-24 12:24:00") and notes == []


def test_an_unreadable_time_is_shown(file):
    _, notes = read_table(file(table([*stamps("%Y-%m-%d"), "Average"])))
    assert any("1 row has no readable time in 'time', such as 'Average'" in note for note in notes)


def entities(n=40):
    """Return rows of three sensors that take turns, each at times of its own."""
    times = pd.date_range("2024-01-25", periods=3 * n, freq="7min")
    return [(name, f"{value}.5", f"{time:%Y-%m-%dT%H:%M:%S}Z") for time, (name, value) in
            zip(times, [("room", 20), ("damp", 50), ("power", 900)] * n)]


@pytest.mark.parametrize("name", ["entity_id", "Sensor", "device name", "sensorId"])
@pytest.mark.parametrize("order", [list, sorted])
def test_units_at_times_of_their_own_are_refused(file, name, order):
    text = f"{name},state,changed\n" + "\n".join(map(",".join, order(entities())))
    with pytest.raises(TableError, match=f"'{name}' names 3 kinds of rows, each at times of its own: give one file"):
        read_table(file(text))


@pytest.mark.parametrize("name", ["valid", "machine state", "note"])
def test_words_that_name_no_unit_are_left_out(file, name):
    df, notes = read_table(file(f"{name},state,changed\n" + "\n".join(map(",".join, entities()))))
    assert list(df) == ["state"] and any(f"'{name}'" in note for note in notes)


def test_a_unit_that_was_replaced_once_is_left_out(file):
    df, _ = read_table(file("sensor,room,time\n" + "\n".join(
        f"{'old' if place < 60 else 'new'},{value},{time}" for place, (_, value, time) in enumerate(entities()))))
    assert list(df) == ["room"] and len(df) == 120


def test_what_counts_the_rows_is_left_out_whatever_its_name(file):
    times = enumerate(hours("%Y-%m-%d %H:%M"))
    lines = ["Average,,", *(f"{time},{place + 4711},{place % 7}.5" for place, time in times)]
    df, notes = read_table(file("\n".join(["time,entry_id,room", *lines[::-1]])))
    assert list(df) == ["room"] and any("only counts the rows: 'entry_id'" in note for note in notes)


def test_two_lines_below_the_names_are_skipped(file):
    head = '"TOA5","Hut","CR1000","1"\n"TIMESTAMP","RECORD","AirTC_Avg"\n"TS","RN","Deg C"\n"","","Avg"\n'
    df, notes = read_table(file(head + "".join(
        f'"{time}",{place},{20 + place % 5}.5\n' for place, time in enumerate(hours("%Y-%m-%d %H:%M:%S")))))
    assert list(df) == ["AirTC_Avg"] and len(df) == 60 and not df.isna().any(axis=None)
    assert sum("line of units" in note for note in notes) == 2 and not any("text among" in note for note in notes)


def test_a_second_file_below_the_first_with_other_columns_is_refused(file):
    days = stamps("%Y-%m-%d")
    text = "time,a,b\n" + "".join(f"{day},1,2\n" for day in days[:6]) + "{}" + "".join(
        f"{day},2,1\n" for day in days[6:])
    with pytest.raises(TableError, match="names stand again in between, as 'time', 'b', 'a'"):
        read_table(file(text.format("time,b,a\n")))
    assert len(read_table(file(text.format("time,a,b\n")))[0]) == ROWS


@pytest.mark.parametrize(("content", "said"), [
    ('{"time": "2024-01-25", "room": 1}\n{"time": "2024-01-26", "room": 2}\n', "is JSON"),
    ('\ufeff[\n {"time": "2024-01-25"}]', "is JSON"), ("<html><table>\n<tr><th>time</th></tr></table>", "web page"),
    ('\n<?xml version="1.0"?>\n<rows/>', "web page or XML"),
])
def test_json_and_web_pages_are_called_by_their_names(file, content, said):
    with pytest.raises(TableError, match=said):
        read_table(file(content))


def test_brackets_may_begin_a_table(file):
    assert list(read_table(file(table(stamps("%Y-%m-%d"), head=("<DATE>", "<CLOSE>"))))[0]) == ["<CLOSE>"]
    assert list(read_table(file("[Data]\n" + table(stamps("%Y-%m-%d"))))[0]) == ["room"]


@pytest.mark.parametrize("asked", ["05.06.2024", "", "nan", "June", "2024-13-01", "2024-01-01 noon"])
def test_a_healthy_part_that_could_be_misread_is_refused(tmp_path, capsys, asked):
    readings(n=400).to_csv(tmp_path / "mine.csv")
    assert program.main([str(tmp_path / "mine.csv"), "--out", str(tmp_path / "report.html"), "--healthy", asked]) == 1
    assert f"or a moment such as 2024-01-31, not {asked!r}" in capsys.readouterr().err


def test_the_zone_of_the_healthy_part_is_minded(tmp_path):
    path, out = tmp_path / "mine.csv", tmp_path / "report.html"
    readings(n=400).tz_localize("UTC").to_csv(path)
    assert program.main([str(path), "--out", str(out), "--healthy", "2024-01-09T00:00+02:00"]) == 0
    assert "all was well before 2024-01-08 22:00" in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(("clock", "beside"), [
    ("{:%H.%M.%S}", ""), ("{:%H.%M}", ""), ("{:%H:%M:%S}:000", ""), ("{:%H:%M}", "{:%H:%M}")])
def test_clocks_with_points_and_from_and_to(file, clock, beside):
    times = pd.date_range("2024-01-25", periods=60, freq="1h")
    text = "Datum;von;bis;room\n" + "".join(
        f"{time:%d.%m.%Y};{clock.format(time)};{beside.format(time + pd.Timedelta('1h'))};2,5\n" for time in times)
    df, notes = read_table(file(text))
    assert list(df.index) == list(times) and list(df) == ["room"]
    assert any("the time of 'von' together" in note for note in notes)


@pytest.mark.parametrize("cell", ["7:30", "12.30", "7:30;6:15"])
def test_lengths_and_prices_beside_days_are_no_times_of_day(file, cell):
    head = ";".join(["sleep", "sunrise"][:cell.count(";") + 1])
    text = f"date;{head};room\n" + "".join(f"{day};{cell};2,5\n" for day in stamps("%Y-%m-%d"))
    assert list(read_table(file(text))[0].index) == list(pd.date_range("2024-01-25", periods=ROWS))


@pytest.mark.parametrize("form", ["%s", "%s000", "%Y%m%d%H%M%S", "%Y%m%d%H%M", "%Y%m%d%H"])
def test_a_line_of_totals_leaves_counted_times_as_they_are(file, form):
    times = pd.date_range("2024-01-25", periods=60, freq="1h")
    written = [form.replace("%s", str(time.value // 10**9)) if "%s" in form else f"{time:{form}}" for time in times]
    df, notes = read_table(file(table([*written, "Total"])))
    assert list(df.index) == list(times)
    assert any("1 row has no readable time in 'time', such as 'Total'" in note for note in notes)


@pytest.mark.parametrize("stand_in", ["1e20", "-3.4028235e38", "9.96921e36", "-32768", "65535", "-127", "-200",
                                      "9999.9"])
def test_what_stands_for_no_reading_is_missing_and_said(file, stand_in):
    values = [stand_in if place % 5 == 1 else f"{20 + place / 8}" for place in range(ROWS)]
    df, notes = read_table(file(table(stamps("%Y-%m-%d"), values)))
    assert df["room"].isna().tolist() == [place % 5 == 1 for place in range(ROWS)]
    assert any("seems to stand for no reading" in note for note in notes)


def test_points_that_could_stand_between_thousands_are_said(file):
    df, notes = read_table(file(table(stamps("%d.%m.%Y"), [f"1.{700 + day}" for day in range(ROWS)], sep=";")))
    assert df["room"].iloc[0] == 1.7 and any("could stand between thousands" in note for note in notes)
    shown = ["-999", "0", *[f"20.{100 + day}" for day in range(10)]]  # two marks for no reading make no thousands
    assert read_table(file(table(stamps("%d.%m.%Y"), shown, sep=";")))[0]["room"].iloc[5] == 20.103


@pytest.mark.parametrize("text", ["x; y; z", '"x; y; z"', "x|y|z", '"x\ty\tz"'])
def test_what_stands_in_every_text_separates_nothing(file, text):
    df, _ = read_table(file("time,room,note\n" + "".join(f"{day},1.5,{text}\n" for day in stamps("%Y-%m-%d"))))
    assert list(df) == ["room"] and (df["room"] == 1.5).all()


def test_lines_as_wide_as_the_table_above_the_names_are_skipped(file):
    df, notes = read_table(file("Model,X1\nSerial,7\nStart,2024-01-20 00:00\n\n" + table(stamps("%Y-%m-%d"))))
    assert list(df) == ["room"] and df.index.name == "time" and any("skip 3 lines" in note for note in notes)


def test_quotation_marks_with_blanks_around_are_no_part_of_a_name(file):
    assert list(read_table(file(table(stamps("%Y-%m-%d"), head=('"time" ', ' "room" '))))[0]) == ["room"]


def test_what_macos_packs_beside_a_file_is_left_alone(file):
    df, _ = read_table(file(zipped({"mine.csv": table(stamps("%Y-%m-%d")), "__MACOSX/._mine.csv": b"\0\5"})))
    assert list(df) == ["room"]


def test_numbers_beside_integer_sites_are_put_side_by_side(file):
    text = "time,site,value\n" + "".join(f"{day},{site},{site}\n" for day in stamps("%Y-%m-%d") for site in (3, 4))
    assert list(read_table(file(text))[0]) == ["3", "4"]


def hour_stamps(n):
    return pd.date_range("2024-01-25", periods=n, freq="1h")


def test_parquet_with_bytes_decimals_half_floats_and_times_for_none(tmp_path):
    n, path = 40, tmp_path / "mine.parquet"
    times = np.array(pd.date_range("2024-01-25", periods=n).as_unit("us"))
    times[[3, 7]] = np.datetime64("9999-12-31"), np.datetime64("0001-01-01")
    pd.DataFrame({"when": times, "packet": [b"\xff\x00"] * n, "room": [Decimal(day) / 4 for day in range(n)],
                  "damp": np.arange(n, dtype="float16") / 8}).to_parquet(path)
    df, notes = read_table(path)
    kept = np.delete(np.arange(n), [3, 7])
    assert list(df) == ["room", "damp"] and (df["room"] == kept / 4).all() and (df["damp"] == kept / 8).all()
    assert any("2 rows have no readable time in 'when'" in note for note in notes)
    seconds = [Decimal(stamp.value // 10**9) for stamp in hour_stamps(n)]
    pd.DataFrame({"ts": seconds, "room": np.arange(n) / 4}).to_parquet(path)
    assert list(read_table(path)[0].index) == list(hour_stamps(n))


def test_parquet_with_one_name_twice_says_so(tmp_path):
    pq.write_table(pa.Table.from_arrays([pa.array([1.0, 2.0])] * 2, names=["room", "room"]), tmp_path / "mine.parquet")
    with pytest.raises(TableError, match="several columns of the same name"):
        read_table(tmp_path / "mine.parquet")


@pytest.mark.parametrize(("first", "years"), [("1700", 309), ("2567", 200), ("1400", 100)])
def test_centuries_that_can_not_be_counted_are_refused_with_a_sentence(file, capsys, tmp_path, first, years):
    text = table([f"{int(first) + year}-07-01" for year in range(years)])
    assert program.main([str(file(text)), "--out", str(tmp_path / "report.html")]) == 1
    assert "look whether they were read rightly" in capsys.readouterr().err
