"""Which column is the time, and how it is written: ISO, day first, month first, or seconds since 1970."""

import re
from itertools import product

import numpy as np
import pandas as pd

NAMED = re.compile(r"(date|time|stamp|epoch|unix|datum|zeit|uhrzeit|fecha|hora|ts|t)(\b|_|$)"
                   r"|.*(time|stamp|date|datum|zeit)$", re.IGNORECASE)
CLOCK_NAMED = re.compile(r"time|clock|hour|zeit|stunde|hora|heure|tid", re.IGNORECASE)
MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
DATES = ["%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%m/%d/%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%y", "%d/%m/%y",
         "%m/%d/%y", "%d-%m-%y", "%m-%d-%y", "%y/%m/%d", "%y-%m-%d", "%y.%m.%d", "%d %b %Y", "%d-%b-%Y",
         "%d-%b-%y", "%b %d %Y", "%Y-%m", "%Y%m%d"]
CLOCKS = ["", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p"]
OTHERS = ["%Y%m%d%H%M%S", "%Y%m%d%H%M", "%Y%m%d_%H%M%S", "%b %d %H:%M:%S %Y", "%m/%d/%Y %I %p"]
DIGITS = {"%Y%m%d": 1, "%Y%m%d%H": 1e2, "%Y%m%d%H%M": 1e4, "%Y%m%d%H%M%S": 1e6}
FIRST = {"%d": "day", "%m": "month", "%y": "year"}
# The hour 24, which ends a day: 20240125240000, or 25.01.2024 24:00.
MIDNIGHT_DIGITS = r"^(\d{8})24((?:00){0,2})$"
MIDNIGHT_CLOCK = r"^(.*\d[ T])24(:00(?::00(?:\.0+)?)?(?:[^\d:.].*)?)$"
CLOCK = r"\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?(?: [AaPp][Mm])?"
# Other times of day: 13:30:00:250 (Siemens), 13.30.00 and 13.30 (Italy, Finland).
OTHER_CLOCKS = {r"^(\d{1,2}:\d\d:\d\d):(\d+)$": r"\1.\2", r"^(\d{1,2})\.(\d\d)\.(\d\d)$": r"\1:\2:\3",
                r"^([01]?\d|2[0-4])\.([0-5]\d)$": r"\1:\2"}
UNITS = {"s": 1, "ms": 1e3, "us": 1e6, "ns": 1e9}
# In seconds since 1970, 1990 and 2065: LabVIEW's seconds since 1904 are more. Nanoseconds before 2000 could be the
# ticks of .NET since the year 1.
EARLIEST, LATEST = {"s": 6.3e8, "ms": 6.3e8, "us": 6.3e8, "ns": 9.4e8}, 3e9
LIKELY = 0.9  # so much of a column must read as time for the column to be taken for one


def _sample(column):
    known = column.dropna()
    return known.iloc[np.linspace(0, len(known) - 1, min(len(known), 200)).astype(int)]


# What says nothing, or says in another way what pandas reads: weekdays, whole names of months, a decimal comma.
SPELLED = {r"\s+": " ", r"(:\d\d),(\d+)": r"\1.\2", r"^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? ": "", r", ?": " ",
           rf"\b({MONTHS})[a-z]+\b": r"\1", r"(?i) ?\b([ap])\.? ?m\.?$": r" \1m", r"(?i)(\d)([ap]m)$": r"\1 \2",
           r"(\d) (?:UTC|GMT|Z)$": r"\1"}


def _clean(column):
    text = column.astype(str).str.strip()
    for form, said in SPELLED.items():
        if any(re.search(form, each) for each in _sample(text)):  # millions of stamps: only what is needed
            text = text.str.replace(form, said, regex=True)
    return text


def _without_24(text):
    """Write the hour 24, where it ends a day, as hour 0, and return how long after that the moment is."""
    mark, form = ("24", MIDNIGHT_DIGITS) if text.dropna().str.isdigit().all() else ("24:00", MIDNIGHT_CLOCK)
    may = text.str.contains(mark, regex=False, na=False)  # millions of stamps: few are looked at closely
    hour_0 = text[may].str.replace(form, r"\g<1>00\g<2>", regex=True)
    late = pd.Series(0, index=text.index).mask(may, (hour_0 != text[may]).reindex(text.index).astype("Int64"))
    return text.where(~may, hour_0.reindex(text.index)), pd.to_timedelta(late.astype(int), unit="D")


def _parsed(text, way):
    """Read cleaned text in one way; what does not fit is NaT."""
    if way == "ISO8601":
        text = text.where(text.str.match(r"\d{4}-\d{1,2}-\d{1,2}|\d{8}T"))
        read = pd.to_datetime(text, format="ISO8601", errors="coerce", utc=True)
        return read.dt.tz_localize(None)
    return pd.to_datetime(text, format=way, errors="coerce")


def _ways(column):
    """Return the ways in which most of a text column reads as time, the likeliest first."""
    text, _ = _without_24(_clean(_sample(column)))
    if not len(text) or not text.str.contains(r"\d[-./ :]|\d{8}|[A-Z][a-z]{2} \d", regex=True).mean() >= LIKELY:
        return []
    if _parsed(text, "ISO8601").notna().mean() >= LIKELY:
        return ["ISO8601"]
    ways = [date + clock for date, clock in product(DATES, CLOCKS)] + OTHERS
    shares = {way: _parsed(text, way).notna().mean() for way in ways}
    best = max(shares.values())
    # Days above 12 may be rare: an order that the sample nearly fits is tried on the whole column, too.
    return [way for way in ways if shares[way] >= max(0.3, best - 0.7)] if best >= LIKELY else []


def _unit(column, strict=True):
    """Return the unit in which a numeric column counts from 1970, or None."""
    values = column.to_numpy(dtype=float, na_value=np.nan)
    values = values[np.isfinite(values)]
    if not len(values):
        return None
    middle = float(np.median(values))
    unit = next((unit for unit, factor in UNITS.items() if EARLIEST[unit] * factor < middle < LATEST * factor), None)
    return None if strict and not NAMED.match(str(column.name)) and (values[1:] <= values[:-1]).any() else unit


def _digits(column):
    """Return the way to read a numeric column written like 20240131 or 20240131134500, or None."""
    values = _sample(column)
    for way in DIGITS:
        text, _ = _digits_of(values, way)
        if len(values) and text.notna().mean() >= LIKELY:
            return way if _parsed(text, way).notna().mean() >= LIKELY else None
    return None


def _digits_of(column, way):
    """Return the digits of the numbers that one way may read, and how long after these the moments are."""
    may = (column > 19_000_000 * DIGITS[way]) & (column < 21_010_000 * DIGITS[way]) & (column % 1 == 0)
    may = may.fillna(False).astype(bool)
    return _without_24(column.where(may).astype("Int64").astype("str").where(may))


def _as_counted(column):
    """Return the numbers of a text column of whole numbers, such as seconds since 1970 above a line of totals."""
    if not pd.api.types.is_object_dtype(column) and not pd.api.types.is_string_dtype(column):
        return column
    digits = _sample(column).astype(str).str.fullmatch(r"\s*\d{9,}(?:\.\d*)?\s*").mean() >= LIKELY
    return pd.to_numeric(column, errors="coerce") if digits else column


def _could_be_time(column):
    column = _as_counted(column)
    if pd.api.types.is_datetime64_any_dtype(column):
        return True
    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_timedelta64_dtype(column):
        return False
    if pd.api.types.is_numeric_dtype(column):
        return not pd.api.types.is_complex_dtype(column) and (_unit(column) is not None or _digits(column) is not None)
    return bool(_ways(column))


def _clocks(column):
    text = _clean(column)
    for form, usual in OTHER_CLOCKS.items():
        if any(re.search(form, each) for each in _sample(text)):
            text = text.str.replace(form, usual, regex=True)
    return text


def _clock_beside(table, day):
    """Return the column of times of day that belongs to a column of days, or None."""
    beside, again = [], table[day].duplicated().mean() > 0.3
    for name in table:
        if name != day and not pd.api.types.is_numeric_dtype(table[name]):
            sample = _sample(table[name])
            text = _clocks(sample)
            # 13.30 may be a price and 7:30 a length: times of day where one day has many rows, or by their name.
            if len(text) and text.str.fullmatch(CLOCK).mean() >= LIKELY and (again or CLOCK_NAMED.search(name)):
                beside.append(name)
    return beside[0] if len(beside) == 1 or (beside and again) else None  # from and to: where the row begins


def _hours(column):
    """Read times of day, such as 13:30, 13:30:00.5 or 1:30 PM, as the time since midnight."""
    text = _clocks(column).where(column.notna())
    late, is_twelve = text.str.contains("pm", case=False, na=False), text.str.contains("m", case=False, na=False)
    text = text.str.replace(r" ?[AaPp][Mm]$", "", regex=True)
    hours = pd.to_timedelta(text.where(text.str.count(":") == 2, text + ":00"), errors="coerce")
    half_day = pd.Timedelta("12h")
    return hours.where(~is_twelve, hours % half_day + late.astype(int) * half_day)


def _text_to_time(column, notes, error):
    text, late = _without_24(_clean(column).where(column.notna()))
    readings = {way: _parsed(text, way) + late for way in _ways(column)}
    if not readings:
        odd = column[_parsed(text, "ISO8601").isna() & column.notna()]
        raise error(f"the column {str(column.name)!r} does not read as time, for example {str(odd.iloc[0])[:40]!r}: "
                    "write it like 2024-01-31 13:45:00")
    _say_late(late, notes)
    if list(readings) == ["ISO8601"]:
        zones = text.dropna().str.contains(r"(?:\d\d:\d\d|T\d{4}).*(?:Z|[+-]\d\d(?::?\d\d)?)$", regex=True)
        if zones.any():
            notes.append("The times have a zone; here they are in UTC.")
        return readings["ISO8601"]
    known = {way: read.notna().sum() for way, read in readings.items()}
    best = [way for way in readings if known[way] == max(known.values())]
    # Day, month and year could change places: the right order is the one in which the rows follow each other.
    disorder = {way: _disorder(readings[way]) for way in best}
    best = [way for way in best if disorder[way] == min(disorder.values())]
    first = [FIRST[way[:2]] for way in best if way[:2] in FIRST]
    if len(best) > 1:
        # Among several such orders, the one with even steps: days read as months jump at the end of each.
        uneven = {way: _unevenness(readings[way]) for way in best}
        even = [way for way in best if uneven[way] <= 1.25 * min(uneven.values())]
        best = [min(even, key=lambda way: readings[way].max() - readings[way].min())]
        notes.append(f"The times could be written {' first or '.join(dict.fromkeys(first))} first; we take the "
                     f"{FIRST[best[0][:2]]} as first, and the first time is {readings[best[0]].dropna().iloc[0]}.")
    elif first:
        notes.append(f"The times have the {first[0]} first.")
    return readings[best[0]]


def _disorder(stamps):
    steps = stamps.dropna().diff()
    return min((steps < pd.Timedelta(0)).sum(), (steps > pd.Timedelta(0)).sum())  # the newest may come first


def _unevenness(stamps):
    steps = np.diff(np.unique(stamps.dropna())) / np.timedelta64(1, "s")
    return steps.max() / np.median(steps) if len(steps) else 1.0


def _say_late(late, notes):
    if count := int((late > pd.Timedelta(0)).sum()):
        notes.append(f"{count:,} time{'s are' if count > 1 else ' is'} written 24:00; we read 0:00 of the next day.")


def _to_time(column, notes, error):
    if pd.api.types.is_datetime64_any_dtype(column):
        if column.dt.tz is None:
            return column
        notes.append("The times have a zone; here they are in UTC.")
        return column.dt.tz_convert("UTC").dt.tz_localize(None)
    if not pd.api.types.is_numeric_dtype(column):
        return _text_to_time(column, notes, error)
    if (way := _digits(column)) is not None:
        text, late = _digits_of(column, way)
        _say_late(late, notes)
        return _parsed(text, way) + late
    unit = _unit(column, strict=False)
    if unit is None:
        raise error(f"the column {str(column.name)!r} holds numbers that are no seconds since 1970, for example "
                    f"{column.iloc[0]}: give a column of dates")
    notes.append(f"The time counts {unit} since 1970; here it is in UTC.")
    nanoseconds = (column.astype("float64") if column.hasnans or column.dtype.kind == "f" else column)
    return pd.to_datetime(nanoseconds, unit=unit, errors="coerce").dt.round("us")


def find_time(table, time, notes, error):
    """Find and read the time column of a table.

    Parameters
    ----------
    table : DataFrame
    time : str or None
        Its name, where it is known.
    notes : list of str
        What was assumed is added.
    error : type
        Of the exception to raise, with one sentence.

    Returns
    -------
    stamps : Series of datetime64
    used : list of str
        The columns that were the time.
    name : str
    """
    if time is None:
        found = [name for name in table if _could_be_time(table[name])]
        changing = [name for name in found if table[name].nunique() > 1]  # InfluxDB writes the span of the query, too
        found = changing if len(changing) == 1 else found
        if len(found) > 1:
            raise error(f"{len(found)} columns could be the time, {', '.join(repr(str(name)) for name in found[:8])}: "
                        "say which with --time (time= in Python)")
        named = [name for name in table if NAMED.match(str(name)) and table[name].notna().any()]
        if len(named) == 1 and not found:
            _to_time(table[named[0]], [], error)  # says what is wrong with it
        if not found:
            names = ", ".join(repr(str(name)[:60]) for name in list(table)[:8])
            raise error(f"no column reads as time among {names}: say which it is with --time (time= in Python)")
        time = found[0]
    elif time not in table:
        same = [name for name in table if str(name).strip().lower() == str(time).strip().lower()]
        if len(same) != 1:
            names = ", ".join(repr(str(name)[:60]) for name in list(table)[:8])
            raise error(f"there is no column {str(time)!r}; the columns are {names}")
        time = same[0]
    column, used = table[time], [time]
    if column.isna().all():
        raise error(f"the column {str(time)!r} is empty: there is no time in it")
    stamps = _to_time(_as_counted(column), notes, error)
    if stamps.isna().mean() > 0.5:
        raise error(f"most of the column {str(time)!r} does not read as time, for example "
                    f"{str(column[stamps.isna()].iloc[0])[:40]!r}: write it like 2024-01-31 13:45:00")
    if (stamps.dropna() == stamps.dropna().dt.normalize()).all() and (clock := _clock_beside(table, time)) is not None:
        stamps, used = stamps + _hours(table[clock]), [time, clock]
        notes.append(f"We put the day of {str(time)!r} and the time of {str(clock)!r} together.")
    return stamps, used, time
