"""A CSV or Parquet file, made by whatever program, to a frame of numbers over time; what was mended is said."""

import csv
import re
import warnings
from collections import Counter

import pandas as pd

from mupy_helpers.checks import checked_path
from mupy_helpers.own_data.cells import MISSING, POINTS, numbers_of, quoted
from mupy_helpers.own_data.opening import (
    DAMAGED,
    TableError,
    damaged,
    encoding_of,
    first_bytes,
    first_lines,
    opened,
)
from mupy_helpers.own_data.stamps import NAMED, find_time

__all__ = ["TableError", "quoted", "read_table"]

SEPARATORS = ";\t|,"  # the comma last: with decimal commas it cuts evenly, too
SAMPLE_LINES = 200
UNITS = re.compile(r"unit|sensor|device|station|node|machine|channel|tag|id|site|location|zone", re.IGNORECASE)
MOST_UNITS = 200
# A column that tells by its whole name, such as entity_id or Device name, of what each row is.
NAMES_A_UNIT = re.compile(r"(?:.*[^a-z])?(?:unit|sensor|device|station|node|machine|channel|tag|entity|id)"
                          r"(?:[ _-]?(?:id|name|nr|no))?", re.IGNORECASE)
# A number, or the beginning of a date or a time of day.
READING = re.compile(r"\d+[-./:]\d+|\d{1,2}[- ]?[A-Z][a-z]{2}|[A-Z][a-z]{2,8},? \d{1,2}\b")
WHOLE = re.compile(r"\s*[+-]?\d[\d.,:/T +-]*Z?\s*")  # a number or a moment, without a letter or a separator


def rows_that(count, verb):
    """Return the beginning of a sentence about so many rows, such as "1 row has" or "7 rows have".

    Parameters
    ----------
    count : int
    verb : (str, str)
        For one row and for several.

    Returns
    -------
    str
    """
    return f"{count:,} row {verb[0]}" if count == 1 else f"{count:,} rows {verb[1]}"


def read_table(path, time=None):
    """Read any table of readings that has a time column.

    Parameters
    ----------
    path : path-like
        A CSV file (separated by commas, semicolons, tabs or bars; with decimal points or commas) or a Parquet file.
    time : str, optional
        The column with the time stamps; found by itself where only one can be meant.

    Returns
    -------
    df : DataFrame of float, shape (n, d)
        In time order, each stamp once. Times with a zone are in UTC, without a zone.
    notes : list of str
        One sentence for each thing that was mended, left out or assumed.

    Raises
    ------
    TableError
        Where the file is no such table, or cannot be read; says in one sentence why.
    """
    path = checked_path(path)
    if time is not None and not isinstance(time, str):
        raise TypeError(f"time must be the name of a column, not {time!r}")
    try:
        return _read(path, time)
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror or error}") from error


def _read(path, time):
    notes = []
    if not path.exists():
        raise TableError(f"there is no file {path}")
    if not path.is_file():
        raise TableError(f"{path} is a folder: give one file" if path.is_dir() else
                         f"{path} is no regular file: save the data to one first")
    start = first_bytes(path, notes)
    if not start.strip():
        raise TableError(f"{path.name} is empty")
    if start[:4] == b"PAR1" and notes:
        raise TableError(f"{path.name} is a packed Parquet file: unpack it first")
    is_parquet = start[:4] == b"PAR1" or path.suffix.lower() in (".parquet", ".pq")
    table, decimal = (_parquet(path), ".") if is_parquet else _text(path, start, notes)
    if not len(table):
        raise TableError(f"{path.name} has a header but no rows")
    if len(table) == 1:
        raise TableError(f"{path.name} has one row only: what is usual takes many")
    stamps, used, column = find_time(table, time, notes, TableError)
    far = (stamps < pd.Timestamp.min) | (stamps > pd.Timestamp.max)  # such as 9999-12-31, which stands for no time
    stamps = stamps.mask(far) if far.mean() < 0.5 else stamps
    if (unknown := stamps.isna()).any():
        such = [f", such as {str(each)[:40]!r}" for each in table.loc[unknown, used[0]].dropna()[:1]]
        notes.append(f"{rows_that(unknown.sum(), ('has', 'have'))} no readable time in {str(column)!r}{''.join(such)}; "
                     "we leave out what has none.")
        _refuse_second_names(table[unknown], used[0])
        table, stamps = table[~unknown], stamps[~unknown]
    table = table.drop(columns=used)
    unit = _unit_column(table, stamps)
    df = numbers_of(table if unit is None else table.drop(columns=unit), decimal, notes)
    if unit is None:
        _refuse_mixed(table, stamps, df)
    return _in_order(df, stamps, column, None if unit is None else table[unit], notes), notes


def _parquet(path):
    try:
        table = pd.read_parquet(path)
    except Exception as error:  # whatever a damaged file breaks in pyarrow and pandas
        if "Multiple matches for FieldRef" in str(error):
            raise TableError(f"{path.name} has several columns of the same name: rename them") from error
        raise TableError(f"{path.name} cannot be read as Parquet: it is damaged or something else") from error
    if not isinstance(table.index, pd.RangeIndex):
        table = table.reset_index(names=None if table.index.name not in table.columns else "index time")
    table.columns = _unique([str(name) for name in table.columns], [])
    for name in table.columns[table.dtypes == object]:
        first = next(iter(table[name].dropna()), None)
        if isinstance(first, bytes):  # text of programs that say not that it is text; or pictures, places, packets
            table[name] = table[name].map(lambda each: each.decode("utf-8", "replace"), na_action="ignore")
    table = table.astype({name: float for name, kind in table.dtypes.items() if kind == "float16"})
    return table.astype({name: float if pd.api.types.is_float_dtype(kind) else "Int64" for name, kind in
                         table.dtypes.items() if isinstance(kind, pd.ArrowDtype) and pd.api.types.is_numeric_dtype(kind)
                         and not pd.api.types.is_bool_dtype(kind)})


def _widths(lines, separator):
    return [len(row) if any(field.strip() for field in row) else 0 for row in csv.reader(lines, delimiter=separator)]


def _separator(path, lines):
    """Return what separates the fields, and into how many it cuts nearly every line."""
    for least in (0.9, 0.6):  # a preamble of a few lines may fit no separator
        found = {}
        for separator in SEPARATORS:
            widths = [width for width in _widths(lines, separator) if width]
            width, count = Counter(widths).most_common(1)[0] if widths else (0, 0)
            if width > 1 and count >= least * len(widths):
                found[separator] = width
        if found:  # a text in the cells may cut evenly, too, and leaves fewer numbers and times whole
            best = max(found, key=lambda separator: sum(
                len(field) for row in csv.reader(lines, delimiter=separator) for field in row
                if WHOLE.fullmatch(field)))
            return best, found[best]
    raise TableError(f"{path.name} is not a table: no comma, semicolon, tab or bar cuts its lines into the same number "
                     "of fields")


def _is_number(text):
    return re.fullmatch(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?|nan", text.strip(), re.IGNORECASE) is not None


def _holds_readings(row):
    return any(_is_number(field) or READING.match(field) for field in row)


def _unique(names, notes):
    seen, unique = set(), []
    for place, name in enumerate(names, 1):
        name = base = name.strip() or f"column {place}"
        again = 1
        while name in seen:
            again += 1
            name = f"{base} ({again})"
        seen.add(name)
        unique.append(name)
    if any(name.strip() and name.strip() != new for name, new in zip(names, unique)):
        notes.append("Some columns have the same name; we numbered them.")
    return unique


def _refuse_short_names(above, body, separator):
    """Raise where decimal commas have cut the numbers below the names in two; `above` and `body` are rows."""
    names = next((row for row in above[::-1] if len(row) > 1 and not _holds_readings(row)), [])
    first, more = [row[0] for row in body], len(body[0]) - len(names)
    if more < 1 or not any(NAMED.match(name) for name in names) or (more == 1 and not body[0][-1]):
        return
    # One field more may be the number or the name of the row: no moment, and never twice the same.
    if more > 1 or READING.match(first[0]) or len(set(first)) < len(first):
        raise TableError("the rows have more fields than there are names" + (
            ": with decimal commas, put semicolons between the fields or quotes around the numbers"
            if separator == "," else ": give each field a name"))


def _header(lines, separator, width, notes):
    """Return the names of the columns, and how many lines come before the readings."""
    rows = [[field.strip() for field in row] for row in csv.reader(lines, delimiter=separator)]
    filled = [place for place, row in enumerate(rows) if any(row)]
    whole = [place for place in filled if len(rows[place]) == width]
    first = whole[0]
    for place, after in zip(whole, whole[1:]):
        # Comments may have the table's width; a header may begin with # too, and is followed by readings.
        if not rows[place][0].startswith("#") or _holds_readings(rows[after]):
            first = place
            break
    if not any(map(NAMED.match, rows[first])):
        # Lines such as "Model,7" may be as wide as a table of one channel: the names are those with a time among them.
        first = next((place for place in whole if place > first and all(rows[place]) and any(map(
            NAMED.match, rows[place])) and not _holds_readings(rows[place])), first)
    nearly, top = first - 1, first
    if _holds_readings(rows[first][:1]):
        _refuse_short_names(rows[:first], [rows[place] for place in whole if place >= first], separator)
    if nearly in filled and len(rows[nearly]) == width - 1 and len(rows[nearly]) > 1 and _holds_readings(rows[first]):
        # A header one short: the rows are numbered (as R writes them), or each ends with a separator.
        at_end, top = not rows[first][-1], nearly
        names, skip = rows[nearly] + [""] if at_end else [""] + rows[nearly], first
        if not at_end:
            notes.append("The rows have one field more than there are names; we take the first field for the number or "
                         "the name of the row.")
    elif all(not field or _holds_readings([field]) for field in rows[first]):
        notes.append("There is no line of names at the top; we number the columns.")
        names, skip = [f"column {place}" for place in range(1, width + 1)], first
    else:
        names, skip = rows[first], first + 1
        below = [place for place in whole if place > first]
        units = next((count for count, place in enumerate(below[:3]) if _holds_readings(rows[place])), 0)
        for place in below[:units]:  # loggers write units, and below these what was taken of each: mean, least
            notes.append(f"We skip the line of units below the names: {separator.join(rows[place])[:80]!r}.")
            skip = place + 1
    above = sum(place < top for place in filled)
    if above:
        notes.append(f"We skip {above} line{'s' if above > 1 else ''} above the table.")
    names = [name.lstrip("#").strip() for name in names]
    # Quotation marks with blanks around them stay in the field.
    return _unique([re.sub(r'^"([^"]*)"$', r"\1", name) for name in names], notes), skip


def _decimal(fields, separator):
    """Return the decimal sign: a comma where numbers have one, and none has a point (1,234 may be 1234)."""
    if separator == "," or not any(re.fullmatch(r"[+-]?\d+,\d+", field) for field in fields):
        return "."
    certain = any(re.fullmatch(r"[+-]?[\d.]+,(?:\d{1,2}|\d{4,})", field) for field in fields)
    return "," if certain or not any(re.fullmatch(r"[+-]?[\d,]+\.\d+", field) for field in fields) else "."


def _only_thousands(rows):
    """Tell whether all points in numbers could stand between thousands, and whether they must."""
    columns = [[field for field in column if _is_number(field)] for column in zip(*rows)]
    pointed = [[field for field in column if "." in field] for column in columns]
    if sum(map(len, pointed)) < 5 or not all(POINTS.fullmatch(field) for column in pointed for field in column):
        return False, False
    for with_point, column in zip(pointed, columns):
        # 998, 1.001, 997: decimals of three digits stand behind all numbers of a column, or some are shorter.
        whole = {abs(int(field)) for field in column if re.fullmatch(r"[+-]?\d+", field)}
        if with_point and len(whole) > 2 and 100 <= max(whole) < 1000:
            return True, True
    return True, False


def _text(path, start, notes):
    """Return the table of a file of text, its cells as they are, and its decimal sign."""
    try:
        encoding = encoding_of(path, start, notes)
        lines = first_lines(path, encoding, SAMPLE_LINES)
        if any("\0" in line for line in lines):
            raise TableError(f"{path.name} is not text: save it as CSV in UTF-8")
        told = re.fullmatch(r'"?sep=(.)"?', lines[0].strip())  # a line for Excel
        lines = lines[1:] if told else lines
        separator, width = _separator(path, lines)
        names, skip = _header(lines, separator, width, notes)
        rows = [[field.strip() for field in row] for row in csv.reader(lines[skip:], delimiter=separator)]
        decimal = _decimal([field for row in rows for field in row], separator)
        may, must = _only_thousands([row for row in rows if len(row) == width]) if separator != "," else (False, False)
        with opened(path) as file, warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # fields that pandas would leave out
            table = pd.read_csv(file, sep=separator, names=names, header=None, skiprows=skip + bool(told),
                                index_col=False, encoding=encoding, decimal="," if must else decimal, na_values=MISSING,
                                skipinitialspace=True, low_memory=False)
    except DAMAGED as error:
        raise damaged(path) from error
    except UnicodeError as error:
        raise TableError(f"{path.name} is in an encoding that we do not know: save it as CSV in UTF-8") from error
    except csv.Error as error:
        raise TableError(f"{path.name} is not a table: {error}") from error
    except pd.errors.EmptyDataError as error:
        raise TableError(f"{path.name} has a header but no rows") from error
    except pd.errors.ParserWarning as error:
        raise TableError(f"some rows of {path.name} have more fields than the {width} of the table: mend or delete "
                         "them") from error
    except pd.errors.ParserError as error:
        found = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", str(error))
        raise TableError(f"line {found[2]} of {path.name} has {found[3]} fields where the table has {found[1]}: mend "
                         "or delete the line" if found else
                         f"{path.name} is not a whole table: a quotation mark may be open, or the file cut off"
                         ) from error
    if decimal == ",":
        notes.append("The numbers have decimal commas.")
    elif may and not must:
        notes.append("The points in the numbers could stand between thousands; we take them for decimal points.")
    unnamed = [name for name in table if re.fullmatch(r"column \d+", name) and table[name].isna().all()]
    return table.drop(columns=unnamed), "," if must else decimal


def _unit_column(table, stamps):
    """Return the column that says of which unit or channel a row is, where their rows stand one below the other."""
    if stamps.duplicated().mean() < 0.3:
        return None
    found = {}
    for name in table:
        column = table[name]
        is_name = not pd.api.types.is_numeric_dtype(column) or (
            pd.api.types.is_integer_dtype(column) and UNITS.search(name) is not None)
        if is_name and 1 < (count := column.nunique()) <= MOST_UNITS:
            again = pd.DataFrame({"stamp": stamps, "unit": column}).duplicated().mean()
            if again < 0.01:
                found[name] = count
    return min(found, key=found.get) if found else None


def _refuse_second_names(rows, time):
    """Raise where the names stand again below, as in two files joined, and no longer above the same columns."""
    for _, row in rows[rows[time].astype(str) == str(time)].iterrows():
        told = [str(cell).strip() for cell in row.dropna()]
        if told != list(rows) and set(told) & set(rows) - {str(time)}:
            raise TableError(f"the names stand again in between, as {quoted(told)}: give one file for each part")


def _refuse_mixed(table, stamps, df):
    """Raise where a text column tells of several units that take turns, each at times of its own."""
    for name in table.columns.difference(df.columns, sort=False):
        if NAMES_A_UNIT.fullmatch(name) and 1 < (count := table[name].nunique()) <= MOST_UNITS:
            ordered = table[name].iloc[stamps.argsort(kind="stable")].astype(str)
            # A unit that was replaced by another one changes once; units that take turns change all the time.
            if (ordered != ordered.shift()).sum() > 3 * count:
                raise TableError(f"{name[:60]!r} names {count} kinds of rows, each at times of its own: give one file "
                                 "for each")


def _side_by_side(df, unit, notes):
    """Give each moment one row: the readings of each unit become columns of their own."""
    notes.append(f"The rows of {unit.nunique()} kinds of {str(unit.name)[:60]!r} stand one below the other; we put "
                 "them side by side.")
    keys = pd.MultiIndex.from_arrays([df.index, unit.astype(str)])
    wide = df.set_axis(keys)[~keys.duplicated()].unstack()
    wide.columns = [each if df.shape[1] == 1 else f"{name} ({each})" for name, each in wide.columns]
    return wide.dropna(axis="columns", how="all").rename_axis(index=df.index.name)


def _in_order(df, stamps, column, unit, notes):
    df.index = pd.DatetimeIndex(stamps, name=str(column))
    if unit is not None:
        df = _side_by_side(df, unit, notes)
    if not df.index.is_monotonic_increasing:
        notes.append("The rows are not in time order; we sort them.")
        df = df.sort_index(kind="stable")
    again = df.index.duplicated()
    if again.mean() >= 0.5 and (~again).sum() > 1:
        raise TableError(f"{again.sum():,} of {len(df):,} rows have the time of an earlier one: the time may stand in "
                         "several columns, or several units one below the other; give each moment one row")
    if again.any():
        notes.append(f"{rows_that(again.sum(), ('has', 'have'))} the time of an earlier one; we keep the first of "
                     "each.")
        df = df[~again]
    if len(df) < 2:
        raise TableError("fewer than two rows have a time of their own: what is usual takes many")
    return df
