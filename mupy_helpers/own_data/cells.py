"""From what stands in the cells of a table to numbers: units, thousands, and what only stands for a missing reading."""

import re

import numpy as np
import pandas as pd

from mupy_helpers.own_data.opening import TableError

LARGEST = 1e100  # its square is a number still; what is beyond it stands for something else
MISSING = ["-", "--", "---", "?", "none", "NONE", "nil", "NAN", "nodata", "No Data", "missing"]
STAND_INS = (-99.9, -999.0, -999.9, -9999.0, -99999.0, 9999.0, 99999.0)  # what loggers write for no reading
UNIT = re.compile(r"([€$£¥]?)\s*([+-]?(?:\d[\d.,]*|\.\d+)(?:[eE][+-]?\d+)?)\s*([a-zA-Zµ°%Ω€$£¥][^\s:]{0,9})?")
# How a number may be written, what is taken out of it, and what is its decimal sign.
POINTS = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?|[+-]?\d+,\d+(?:[eE][+-]?\d+)?")
COMMAS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")


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


def _written(text, form, out):
    """Read the cells of one form after taking `out` out of them; the others as they are."""
    fits = text.str.fullmatch(form).fillna(False).astype(bool)
    plain = text[fits].str.replace(out, "", regex=False).str.replace(",", ".", regex=False)
    return pd.to_numeric(text.where(~fits, plain.reindex(text.index)), errors="coerce").astype(float)


def as_numbers(column, decimal="."):
    """Return a column's numbers; what is no number is missing.

    Parameters
    ----------
    column : Series of str
    decimal : {".", ","}
        What other columns have as their decimal sign.

    Returns
    -------
    numbers : Series of float
    remark : str
        What was cut off or taken out, in a sentence; empty for nothing.
    """
    numbers, remark = pd.to_numeric(column, errors="coerce").astype(float), ""
    if decimal == "." and not (numbers.isna() & column.notna()).any():
        return numbers, remark
    text = column.where(column.isna(), column.astype(str).str.strip()).astype("str")
    text = text.str.replace("\u2212", "-").str.replace("[\u00a0\u202f']", "", regex=True)
    parts = text.str.extract(rf"^{UNIT.pattern}$")
    units = (parts[0].fillna("") + parts[2].fillna("")).where(parts[1].notna(), "")
    unit = units[units != ""].mode()
    # Only where nearly every cell has the same one: 1.2 kW among plain numbers would be 1.2.
    if len(unit) and (has_it := units == unit.iloc[0]).sum() >= 0.9 * column.notna().sum():
        text = text.where(~has_it, parts[1])
        remark = f"{str(column.name)[:60]!r} has {unit.iloc[0]!r} in its cells; we cut it off."
    ways = [("plain", pd.to_numeric(text, errors="coerce").astype(float)), ("thousands", _written(text, COMMAS, ",")),
            ("points", _written(text, POINTS, "."))]
    if decimal == ",":
        ways = ways[::-1]
    way, numbers = max(ways, key=lambda each: each[1].notna().sum())
    if way == "thousands":
        remark += f" The commas in {str(column.name)[:60]!r} stand between thousands, as we read them."
    return numbers, remark.strip()


def _stand_in(values):
    """Return the one of STAND_INS that is there several times and far from all else, or None."""
    for each in STAND_INS:
        here = values == each
        rest = values[~here & np.isfinite(values) & ~np.isin(values, STAND_INS)]
        if here.sum() > 1 and len(rest) and np.abs(rest - each).min() > 3 * max(np.ptp(rest), 1e-12):
            return each
    return None


def numbers_of(table, decimal, notes):
    """Return the columns that hold numbers, as float; say what else there was.

    Parameters
    ----------
    table : DataFrame
    decimal : {".", ","}
    notes : list of str
        What was mended or left out is added.

    Returns
    -------
    DataFrame of float

    Raises
    ------
    TableError
        Where no column holds a number.
    """
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
            known = column.notna()
            numbers, remark = as_numbers(column, decimal)
            wrong = known & numbers.isna() & (column.astype(str).str.strip().str.lower() != "nan")
            if wrong.sum() >= 0.5 * known.sum():
                texts.append(name)
                continue
            notes += [remark] if remark else []
            if wrong.any():
                notes.append(f"{name!r} holds text among its numbers in {wrong.sum()} of {len(column)} rows, such as "
                             f"{str(column[wrong].iloc[0])[:40]!r}; we take these as missing.")
            kept[name] = numbers.to_numpy()
    if texts:
        notes.append(f"We leave out what is not numbers: {quoted(texts)}.")
    if empty:
        notes.append(f"We leave out what is empty: {quoted(empty)}.")
    kept = _without_counters(kept, notes)
    for name, values in kept.items():
        infinite = np.abs(values) > LARGEST
        if infinite.any():
            notes.append(f"{name!r} is infinite, or nearly so, in {infinite.sum()} of {len(values)} rows; we take "
                         "these as missing.")
            kept[name] = values = np.where(infinite, np.nan, values)
        if (each := _stand_in(values)) is not None:
            notes.append(f"{name!r} is {each:g} in {(values == each).sum()} of {len(values)} rows, far from all else: "
                         "it seems to stand for no reading, and we take these as missing.")
            kept[name] = np.where(values == each, np.nan, values)
    if not any(np.isfinite(values).any() for values in kept.values()):
        raise TableError("no column holds a number besides the time: all readings are missing or text")
    return pd.DataFrame(kept)


def _without_counters(kept, notes):
    counters = [name for name, values in kept.items() if re.fullmatch(r"column \d+|Unnamed: \d+|index|id|row|nr|no",
                name, re.IGNORECASE) and len(values) > 2 and np.all(np.diff(values) == 1)]
    if not counters or len(counters) == len(kept):
        return kept
    notes.append(f"We leave out what only counts the rows: {quoted(counters)}.")
    return {name: values for name, values in kept.items() if name not in counters}
