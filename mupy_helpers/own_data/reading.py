"""A CSV or Parquet file, made by whatever program, to a frame of numbers over time; what was mended is said."""

import codecs
import csv
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from mupy_helpers.own_data.stamps import find_time

SEPARATORS = ";\t|,"  # the comma last: with decimal commas it cuts evenly, too
SAMPLE_LINES = 200
LARGEST = 1e100  # its square is a number still; what is beyond it stands for something else
MISSING = ["-", "--", "---", "?", "none", "NONE", "nil", "NAN", "nodata", "No Data", "missing"]
NOT_TEXT = {b"PK\x03\x04": "an Excel workbook or a zip archive: save or unpack it as CSV first",
            b"\x1f\x8b": "packed with gzip: unpack it first",
            b"\xd0\xcf\x11\xe0": "an old Excel workbook: save it as CSV first",
            b"%PDF": "a PDF: ask for the table itself"}


class TableError(ValueError):
    """A file that cannot be used; the message is one sentence that says why and what to do."""


def quoted(names, most=8):
    """Return names in quotes for a sentence; of very many only the first.

    Parameters
    ----------
    names : list of str
    most : int

    Returns
    -------
    str
    """
    text = ", ".join(repr(str(name)[:60]) for name in names[:most])
    return text + (f" and {len(names) - most} more" if len(names) > most else "")


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
        Where the file is no such table; says in one sentence why.
    """
    path, notes = Path(path), []
    if not path.exists():
        raise TableError(f"there is no file {path}")
    if path.is_dir():
        raise TableError(f"{path} is a folder: give one file")
    with path.open("rb") as file:
        start = file.read(4096)
    if not start.strip():
        raise TableError(f"{path.name} is empty")
    is_parquet = start[:4] == b"PAR1" or path.suffix.lower() in (".parquet", ".pq")
    table = _parquet(path) if is_parquet else _text(path, start, notes)
    if not len(table):
        raise TableError(f"{path.name} has a header but no rows")
    if len(table) == 1:
        raise TableError(f"{path.name} has one row only: what is usual takes many")
    stamps, used, column = find_time(table, time, notes, TableError)
    return _in_order(_numbers(table.drop(columns=used), notes), stamps, column, notes), notes


def _parquet(path):
    import pyarrow as pa

    try:
        table = pd.read_parquet(path)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise TableError(f"{path.name} cannot be read as Parquet: it is damaged or something else") from error
    if not isinstance(table.index, pd.RangeIndex):
        table = table.reset_index(names=None if table.index.name not in table.columns else "index time")
    table.columns = _unique([str(name) for name in table.columns], [])
    return table


def _encoding(path, start, notes):
    for bom, name in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if start.startswith(bom):
            return name
    kind = next((what for magic, what in NOT_TEXT.items() if start.startswith(magic)), None)
    if kind:
        raise TableError(f"{path.name} is {kind}")
    if b"\0" in start:
        raise TableError(f"{path.name} is not text: save it as CSV in UTF-8")
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while chunk := file.read(1 << 22):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            notes.append("The file is not in UTF-8; we read it as Western European (Windows-1252): look whether the "
                         "names are right.")
            return "cp1252"
    return "utf-8"


def _widths(lines, separator):
    return [len(row) if any(field.strip() for field in row) else 0 for row in csv.reader(lines, delimiter=separator)]


def _separator(path, lines):
    """Return what separates the fields, and into how many it cuts nearly every line."""
    for least in (0.9, 0.6):  # a preamble of a few lines may fit no separator
        for separator in SEPARATORS:
            widths = [width for width in _widths(lines, separator) if width]
            width, count = Counter(widths).most_common(1)[0] if widths else (0, 0)
            if width > 1 and count >= least * len(widths):
                return separator, width
    raise TableError(f"{path.name} is not a table: no comma, semicolon, tab or bar cuts its lines into the same number "
                     "of fields")


def _is_number(text):
    return re.fullmatch(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?|nan", text.strip(), re.IGNORECASE) is not None


def _holds_readings(row):
    return any(_is_number(field) or re.match(r"\d+[-./:]\d+", field) for field in row)


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
    nearly, top = first - 1, first
    if nearly in filled and len(rows[nearly]) == width - 1 and len(rows[nearly]) > 1:
        # A header one short: the rows are numbered (as R writes them), or each ends with a separator.
        at_end, top = not rows[first][-1], nearly
        names, skip = rows[nearly] + [""] if at_end else [""] + rows[nearly], first
    elif all(not field or _is_number(field) or re.match(r"\d+[-./:]\d+", field) for field in rows[first]):
        notes.append("There is no line of names at the top; we number the columns.")
        names, skip = [f"column {place}" for place in range(1, width + 1)], first
    else:
        names, skip = rows[first], first + 1
        below = [place for place in whole if place > first]
        if len(below) > 1 and not _holds_readings(rows[below[0]]) and _holds_readings(rows[below[1]]):
            notes.append(f"We skip the line of units below the names: {separator.join(rows[below[0]])[:80]!r}.")
            skip = below[0] + 1
    above = sum(place < top for place in filled)
    if above:
        notes.append(f"We skip {above} line{'s' if above > 1 else ''} above the table.")
    return _unique([name.lstrip("#").strip() for name in names], notes), skip


def _text(path, start, notes):
    encoding = _encoding(path, start, notes)
    try:
        with path.open(encoding=encoding, newline=None) as file:
            lines = [line for _, line in zip(range(SAMPLE_LINES), file)]
        if any("\0" in line for line in lines):
            raise TableError(f"{path.name} is not text: save it as CSV in UTF-8")
        separator, width = _separator(path, lines)
        names, skip = _header(lines, separator, width, notes)
        fields = [field.strip() for row in csv.reader(lines[skip:], delimiter=separator) for field in row]
        decimal = "," if separator != "," and any(re.fullmatch(r"[+-]?\d+,\d+", field) for field in fields) else "."
        table = pd.read_csv(path, sep=separator, names=names, header=None, skiprows=skip, index_col=False,
                            encoding=encoding, decimal=decimal, na_values=MISSING, skipinitialspace=True,
                            low_memory=False)
    except UnicodeError as error:
        raise TableError(f"{path.name} is in an encoding that we do not know: save it as CSV in UTF-8") from error
    except csv.Error as error:
        raise TableError(f"{path.name} is not a table: {error}") from error
    except pd.errors.EmptyDataError as error:
        raise TableError(f"{path.name} has a header but no rows") from error
    except pd.errors.ParserError as error:
        found = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", str(error))
        raise TableError(f"line {found[2]} of {path.name} has {found[3]} fields where the table has {found[1]}: mend "
                         "or delete the line" if found else
                         f"{path.name} is not a whole table: a quotation mark may be open, or the file cut off"
                         ) from error
    if decimal == ",":
        notes.append("The numbers have decimal commas.")
    unnamed = [name for name in table if re.fullmatch(r"column \d+", name) and table[name].isna().all()]
    return table.drop(columns=unnamed)


def as_numbers(column):
    """Return a column's numbers; what is no number is missing.

    Parameters
    ----------
    column : Series of str

    Returns
    -------
    Series of float
    """
    best = pd.to_numeric(column, errors="coerce").astype(float)
    odd = best.isna() & column.notna()
    if not odd.any():
        return best
    text = column[odd].astype(str).str.strip().str.replace("\u2212", "-").str.replace("[\u00a0\u202f']", "", regex=True)
    # "1.234,5" and "1,5", where the decimal commas of other columns did not tell.
    with_commas = text.str.replace(r"\.(?=\d{3}(\D|$))", "", regex=True).str.replace(",", ".")
    ways = [pd.to_numeric(each, errors="coerce") for each in (text, with_commas)]
    best[odd] = max(ways, key=lambda way: way.notna().sum()).astype(float)
    return best


def _numbers(table, notes):
    """Return the columns that hold numbers, as float; say what else there was."""
    kept, texts, empty = {}, [], []
    for name in table:
        column = table[name]
        if column.isna().all():
            empty.append(name)
        elif pd.api.types.is_bool_dtype(column) or pd.api.types.is_numeric_dtype(column):
            kept[name] = (column.to_numpy(dtype=float, na_value=np.nan)
                          if not pd.api.types.is_complex_dtype(column) else np.abs(column.to_numpy()))
        elif pd.api.types.is_datetime64_any_dtype(column) or pd.api.types.is_timedelta64_dtype(column):
            texts.append(name)
        else:
            numbers, known = as_numbers(column), column.notna()
            wrong = known & numbers.isna() & (column.astype(str).str.strip().str.lower() != "nan")
            if wrong.sum() >= 0.5 * known.sum():
                texts.append(name)
                continue
            if wrong.any():
                notes.append(f"{name!r} holds text among its numbers in {wrong.sum()} of {len(column)} rows, such as "
                             f"{str(column[wrong].iloc[0])[:40]!r}; we take these as missing.")
            kept[name] = numbers.to_numpy()
    if texts:
        notes.append(f"We leave out what is not numbers: {quoted(texts)}.")
    if empty:
        notes.append(f"We leave out what is empty: {quoted(empty)}.")
    counters = [name for name, values in kept.items() if re.fullmatch(r"column \d+|Unnamed: \d+|index|id|row|nr|no",
                name, re.IGNORECASE) and len(values) > 2 and np.all(np.diff(values) == 1)]
    if counters and len(counters) < len(kept):
        notes.append(f"We leave out what only counts the rows: {quoted(counters)}.")
        kept = {name: values for name, values in kept.items() if name not in counters}
    for name, values in kept.items():
        infinite = np.abs(values) > LARGEST
        if infinite.any():
            notes.append(f"{name!r} is infinite, or nearly so, in {infinite.sum()} of {len(values)} rows; we take "
                         "these as missing.")
            kept[name] = np.where(infinite, np.nan, values)
    if not any(np.isfinite(values).any() for values in kept.values()):
        raise TableError("no column holds a number besides the time: all readings are missing or text")
    return pd.DataFrame(kept)


def _in_order(df, stamps, column, notes):
    df.index = pd.DatetimeIndex(stamps, name=str(column))
    unknown = df.index.isna()
    if unknown.any():
        notes.append(f"{rows_that(unknown.sum(), ('has', 'have'))} no readable time in {str(column)!r}; we leave out "
                     "what has none.")
        df = df[~unknown]
    if not df.index.is_monotonic_increasing:
        notes.append("The rows are not in time order; we sort them.")
        df = df.sort_index(kind="stable")
    again = df.index.duplicated()
    if again.any():
        notes.append(f"{rows_that(again.sum(), ('has', 'have'))} the time of an earlier one; we keep the first of "
                     "each.")
        df = df[~again]
    if len(df) < 2:
        raise TableError("fewer than two rows have a time of their own: what is usual takes many")
    return df
