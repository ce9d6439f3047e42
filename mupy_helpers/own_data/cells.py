"""From what stands in the cells of a table to numbers: units, thousands, and what only stands for a missing reading."""

import re

import numpy as np
import pandas as pd

from mupy_helpers.own_data.opening import TableError

LARGEST = 1e100  # its square is a number still; what is beyond it stands for something else
MISSING = ["-", "--", "---", "?", "none", "NONE", "nil", "NAN", "nodata", "No Data", "missing"]
# What loggers write for no reading: nines, and what 16 bits or a one-wire thermometer hold at most.
STAND_INS = (-99.0, -99.9, -200.0, -999.0, -999.9, -9999.0, -9999.9, -99999.0, 999.9, 9999.0, 9999.9, 99999.0,
             -32768.0, 32767.0, 65535.0, -127.0)
HUGE = 1e15  # and the largest number that their format knows, such as 1e20 or 3.4e38
UNIT = re.compile(r"([€$£¥]?)\s*([+-]?(?:\d[\d.,]*|\.\d+)(?:[eE][+-]?\d+)?)\s*([a-zA-Zµ°%Ω€$£¥][^\s:]{0,9})?")
# Thousands: with commas and a decimal point, with points and a decimal comma, and with spaces.
COMMAS = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")
POINTS = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?")
SPACES = re.compile(r"[+-]?[1-9]\d{0,2}(?: \d{3})+(?:[.,]\d+)?(?: ?[^\d\s.,].*)?")
# As other programs write numbers: a minus behind them (SAP), brackets for it (accounts), D for E (Fortran).
NUMBERS = {r"^([\d.,]*\d)-$": r"-\1", r"^\(([\d.,]*\d)\)$": r"-\1", r"(?<=[\d.])[dD]([+-]\d+)$": r"e\1",
           r"(?<=\d) ?[x×*] ?10\^([+-]?\d+)$": r"e\1"}
ODD = r"[-)]$|[dD][+-]|10\^"
DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?")
# No thousands begin with a zero: such a cell tells what is the decimal sign.
ZERO_FIRST = {",": r"^\s*[+-]?0,\d+(?:[^\d.,]|$)", ".": r"^\s*[+-]?0\.\d+(?:[^\d.,]|$)"}


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
    """Take `out` out of the cells of one form, and make a comma that is left a point; the others as they are."""
    fits = text.str.fullmatch(form).fillna(False).astype(bool)
    plain = text[fits].str.replace(out, "", regex=False).str.replace(",", ".", regex=False)
    return text.where(~fits, plain.reindex(text.index))


def _ways(text, decimal):
    """Return the ways to read cells, the likeliest first where several read as many of them."""
    texts = {"plain": text, "commas": _written(text, COMMAS, ","), "decimal commas": _written(text, DECIMAL_COMMA, "")}
    texts["points"] = _written(_written(text, POINTS, "."), DECIMAL_COMMA, "")
    order = {".": ["plain", "commas", "decimal commas", "points"], ",": ["points", "decimal commas", "commas", "plain"],
             # Each has a column of its own in which it must be the decimal sign: neither stands between thousands.
             ",.": ["plain", "decimal commas", "commas", "points"]}[decimal]
    return [(way, pd.to_numeric(texts[way], errors="coerce").astype(float)) for way in order]


def as_numbers(column, decimal="."):
    """Return a column's numbers; what is no number is missing.

    Parameters
    ----------
    column : Series of str
    decimal : {".", ",", ",."}
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
    text = text.str.replace("\u2212", "-").str.replace("[\u00a0\u202f'\u2019]", "", regex=True)
    odd = text.str.contains(ODD).fillna(False).astype(bool)
    if odd.any():
        others = text[odd]
        for form, plain in NUMBERS.items():
            others = others.str.replace(form, plain, regex=True)
        if (text[odd].str.endswith(")") & (others != text[odd])).any():
            remark = f"Numbers in brackets in {str(column.name)[:60]!r} are negative, as we read them."
        text = text.where(~odd, others.reindex(text.index))
    has_spaces = text.str.fullmatch(SPACES).fillna(False).astype(bool)
    if has_spaces.any():
        text = text.where(~has_spaces, text[has_spaces].str.replace(" ", "", regex=False).reindex(text.index))
    parts = text.str.extract(rf"^{UNIT.pattern}$")
    units = (parts[0].fillna("") + parts[2].fillna("")).where(parts[1].notna(), "")
    unit = units[units != ""].mode()
    # Only where nearly every cell has the same one: 1.2 kW among plain numbers would be 1.2.
    if len(unit) and (has_it := units == unit.iloc[0]).sum() >= 0.9 * column.notna().sum():
        text = text.where(~has_it, parts[1])
        remark += f" {str(column.name)[:60]!r} has {unit.iloc[0]!r} in its cells; we cut it off."
    way, numbers = max(_ways(text, decimal), key=lambda each: each[1].notna().sum())
    between = [way] if way == "commas" or (way == "points" and text.str.fullmatch(POINTS).any()) else []
    if between := between + ["spaces"] * bool((has_spaces & numbers.notna()).any()):
        remark += f" The {' and '.join(between)} in {str(column.name)[:60]!r} stand between thousands, as we read them."
    return numbers, remark.strip()


def _decimal_signs(table, decimal):
    """Return the decimal sign of a table, or both, by cells such as 0,429 among those that are text still."""
    texts = [table[name].dropna().astype(str) for name in table
             if pd.api.types.is_object_dtype(table[name]) or pd.api.types.is_string_dtype(table[name])]
    signs = {sign for sign, form in ZERO_FIRST.items() if any(text.str.contains(form).any() for text in texts)}
    fractions = (table[name] for name in table if pd.api.types.is_float_dtype(table[name]))
    if not signs or decimal == "," or any((each.dropna() % 1 != 0).any() for each in fractions):
        signs.add(decimal)  # what reading the file has found, too
    return ",." if len(signs) > 1 else signs.pop()


def _stand_in(values):
    """Return the number that is there several times and far from all else, one of STAND_INS or huge; or None."""
    known = values[np.isfinite(values)]
    is_huge = len(known) and np.abs(known).max() > HUGE > np.median(np.abs(known))
    huge = [known[np.argmax(np.abs(known))]] if is_huge else []
    for each in (*STAND_INS, *huge):
        here = values == each
        rest = known[~np.isin(known, [*STAND_INS, *huge])]
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
    kept, texts, empty, decimal = {}, [], [], _decimal_signs(table, decimal)
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
    with np.errstate(invalid="ignore", over="ignore"):  # infinite readings are looked for later
        counters = [name for name, values in kept.items()
                    if len(values) > 2 and abs((steps := np.diff(values))[0]) == 1 and np.all(steps == steps[0])]
    if not counters or len(counters) == len(kept):
        return kept
    notes.append(f"We leave out what only counts the rows: {quoted(counters)}.")
    return {name: values for name, values in kept.items() if name not in counters}
