"""Odd inputs for property tests, and the property: a stated result or a stated error, and inputs as they were.

Each list below is a dict from the name of an oddity to a function that makes it. `tables`, `series`, `flags`,
`parameters` give all single oddities in turn; the strategies `odd_tables`, `odd_series`, `odd_labels`, `odd_parameters`
draw oddities of values, form and index together. `survives` calls a function and checks the property.
"""

import functools
import linecache
import os
import warnings
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st

import mupy_helpers

OURS = str(Path(mupy_helpers.__file__).resolve().parent)
START = "2024-03-30 20:00"  # the hours after it hold a change to summer time
COUNT = Counter()

# MUPY_THOROUGH=500 tries so many examples of each property instead of the few of every day.
THOROUGH = "MUPY_THOROUGH" in os.environ
settings.register_profile("odd", derandomize=True, deadline=None, database=None,
                          max_examples=int(os.environ.get("MUPY_THOROUGH", "12")),
                          suppress_health_check=list(HealthCheck))
settings.load_profile("odd")


# ------------------------------------------------------------------------------------------------------ the property

def fingerprint(value):
    """Everything of an input that a function could change, as something to compare."""
    if isinstance(value, pd.DataFrame):
        columns = [fingerprint(value.iloc[:, place].array) for place in range(value.shape[1])]
        return type(value), repr(value.attrs), fingerprint(value.index), fingerprint(value.columns), columns
    if isinstance(value, pd.Series):
        return type(value), repr(value.attrs), repr(value.name), fingerprint(value.index), fingerprint(value.array)
    if isinstance(value, pd.Index):
        return type(value), repr(list(value.names)), repr(value.dtype), repr(value.tolist())
    if isinstance(value, np.ndarray):
        return type(value), value.dtype.str, value.shape, value.strides, value.flags.writeable, repr(value.tolist())
    if isinstance(value, pd.api.extensions.ExtensionArray):
        return type(value), repr(value.dtype), repr(value.tolist())
    if isinstance(value, dict):
        return [(repr(key), fingerprint(each)) for key, each in value.items()]
    if isinstance(value, (list, tuple)):
        return type(value), [fingerprint(each) for each in value]
    return repr(value)


def complaint_about(error, errors):
    """Say why an exception is no stated error: not one of the stated types, not raised by us, or without words."""
    trace = error.__traceback__
    while trace.tb_next is not None:
        trace = trace.tb_next
    file, line = trace.tb_frame.f_code.co_filename, trace.tb_lineno
    where = f"{Path(file).name}:{line}: {type(error).__name__}: {error}"
    if not isinstance(error, errors):
        return f"an error that is not stated, {where}"
    # A C function that fails has no frame: the line itself must raise.
    if not str(Path(file).resolve()).startswith(OURS) or "raise " not in linecache.getline(file, line):
        return f"an error from the inside of something else, {where}"
    if len(str(error).split()) < 4:
        return f"an error that does not say what is wrong, {where}"
    return None


def complain(message):
    """A function has not survived."""
    raise AssertionError(message)


def survives(call, *given, errors=(TypeError, ValueError), check=None, **named):
    """Call a function with odd inputs: it returns or refuses, without a warning, and leaves the inputs as they were.

    Parameters
    ----------
    call : callable
    *given, **named
        Its inputs.
    errors : tuple of exception types
        Those that its documentation states.
    check : callable, optional
        Takes the result, and asserts that it is one.

    Returns
    -------
    What the function returned, or the exception that it raised.
    """
    COUNT["tried"] += 1
    before = fingerprint((given, named))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            result = call(*given, **named)
    except Exception as error:  # noqa: BLE001 (whatever it is, it is judged)
        result, wrong = error, complaint_about(error, errors)
        COUNT["refused"] += 1
    else:
        wrong = None
        try:
            if check is not None:
                check(result)
        except AssertionError as error:
            wrong = f"a result that is not the stated one: {error}"
    if wrong is None and fingerprint((given, named)) != before:
        wrong = "it changed its inputs"
    if wrong is None:
        COUNT["survived"] += 1
    else:
        complain(wrong)
    return result


def finite_scores(result, n):
    """Assert that there is one finite float per row."""
    values = np.asarray(result)
    assert values.dtype == float, f"dtype {values.dtype}"
    assert values.shape == (n,), f"shape {values.shape} for {n} rows"
    assert np.isfinite(values).all(), f"{int((~np.isfinite(values)).sum())} scores are not finite"


# ------------------------------------------------------------------------------------- values, shape (n,) or (n, d)

def healthy(n=48, d=3, seed=0):
    """Rows of a daily season and noise, exact in single precision."""
    rng = np.random.default_rng(seed)
    season = np.sin(2 * np.pi * np.arange(n) / 12)
    return (20 + season[:, np.newaxis] + rng.normal(size=(n, d))).round(2).astype(np.float32).astype(float)


def _with_cell(cell):
    def change(values):
        changed = values.astype(float if isinstance(cell, float) else object)
        changed[len(values) // 2, ...] = [cell] * values.shape[1]
        changed[len(values) // 2, 1:] = values[len(values) // 2, 1:]
        return changed
    return change


def _constant(values):
    values[:, 0] = 3.5
    return values


VALUES = {
    "healthy": lambda values: values,
    "NaN": _with_cell(np.nan),
    "infinity": _with_cell(np.inf),
    "minus infinity": _with_cell(-np.inf),
    "1e300": _with_cell(1e300),
    "1e139": _with_cell(1e139),
    "all 1e139": lambda values: values * 1e138,
    "all 1e-160": lambda values: values * 1e-161,
    "all 1e-300": lambda values: values * 1e-301,
    "far up": lambda values: values + 1e12,
    "constant column": _constant,
    "all constant": lambda values: np.full(values.shape, 7.0),
    "zeros": lambda values: np.zeros(values.shape),
    "nearly constant": lambda values: 1 + 1e-15 * values.round(),
    "mostly equal": lambda values: np.where(values > 21.5, values, 20.0),
    "two values": lambda values: np.where(values > 20, 1.0, 0.0),
    "straight line": lambda values: np.arange(len(values))[:, np.newaxis] + np.zeros(values.shape),
    "copies": lambda values: np.repeat(values[:, :1], values.shape[1], axis=1),
    "one spike": lambda values: np.where(np.arange(values.size).reshape(values.shape) == values.size - 1, 1.0, 0.0),
    "text": _with_cell("twelve"),
    "None": _with_cell(None),
    "pd.NA": _with_cell(pd.NA),
    "NaT": _with_cell(pd.NaT),
    "a date": _with_cell(pd.Timestamp("2024-01-01")),
    "a length of time": _with_cell(pd.Timedelta("1h")),
    "Decimal": _with_cell(Decimal("20.5")),
    "complex number": _with_cell(20 + 1j),
    "a list": lambda values: np.array([[[1.0, 2.0]] * values.shape[1]] * len(values), dtype=object)[..., 0],
    "a dict": _with_cell({}),
    "numbers as text": lambda values: values.astype(str).astype(object),
    "number of 400 digits": _with_cell(10**400),
    "complex": lambda values: values.astype(complex),
    "dates": lambda values: values.round().astype("datetime64[D]"),
    "lengths of time": lambda values: values.round().astype("timedelta64[s]"),
    "bytes": lambda values: values.astype("S8"),
    "strings": lambda values: values.astype(str),
    "integers": lambda values: values.round().astype(int),
    "small integers": lambda values: values.round().astype(np.int8),
    "bool": lambda values: values > 20,
    "unsigned integers up to 2**64": lambda values: values.round().astype(np.uint64) * np.uint64(5 * 10**17),
    "float16": lambda values: values.astype(np.float16),
    "float32": lambda values: values.astype(np.float32),
    "longdouble": lambda values: values.astype(np.longdouble),
    "objects": lambda values: values.astype(object),
}

# Those that are the same numbers in another dress: a function must make the same of them.
SAME = ("healthy", "float32", "longdouble", "objects")
# Those that hold no number somewhere: a function that calculates with all values must refuse them.
NO_NUMBERS = ("NaN", "infinity", "minus infinity", "text", "None", "pd.NA", "NaT", "a date", "a length of time",
              "complex number", "a dict", "numbers as text", "number of 400 digits", "complex", "dates",
              "lengths of time", "bytes", "strings")


# --------------------------------------------------------------------------------------------------------- forms

def _read_only(values):
    values = values.copy()
    values.flags.writeable = False
    return values


def _every_second(values):
    wide = np.zeros((2 * len(values), *values.shape[1:]), dtype=values.dtype)
    wide[::2] = values
    return wide[::2]


def _frame(values):
    return pd.DataFrame(values, columns=[f"sensor {place}" for place in range(values.shape[1])])


def _as(dtype):
    return lambda values: _frame(values).astype(dtype)


FORMS = {
    "array": lambda values: values,
    "Fortran order": np.asfortranarray,
    "every second row": _every_second,
    "from the back": lambda values: values[::-1].copy()[::-1],
    "read-only": _read_only,
    "list": lambda values: values.tolist(),
    "tuples": lambda values: tuple(map(tuple, values.tolist())),
    "frame": _frame,
    "frame of objects": _as(object),
    "frame of Float64": _as("Float64"),
    "frame of arrow": _as("double[pyarrow]"),
    "frame of categories": _as("category"),
    "frame of sparse": _as(pd.SparseDtype(float, 0.0)),
    "frame of text": _as("string"),
    "frame of Int64": lambda values: _frame(values.round()).astype("Int64"),
    "frame of one text column": lambda values: _frame(values).assign(name="a"),
    "columns of two levels": lambda values: _frame(values).set_axis(
        pd.MultiIndex.from_product([["a"], range(values.shape[1])]), axis=1),
    "columns of one name": lambda values: _frame(values).set_axis(["a"] * values.shape[1], axis=1),
    "columns called by numbers": lambda values: pd.DataFrame(values),
    "columns called by None": lambda values: _frame(values).set_axis([None] * values.shape[1], axis=1),
    "reversed columns": lambda values: _frame(values).iloc[:, ::-1],
    "series": lambda values: pd.Series(values[:, 0], name="sensor"),
    "flat": lambda values: values[:, 0],
    "0-d": lambda values: values[:1, :1].reshape(()) if values.size else np.array(1.0),
    "3-d": lambda values: values[:, :, np.newaxis],
    "3-d of one": lambda values: values[np.newaxis],
    "transposed": lambda values: values.T,
    "masked": lambda values: np.ma.masked_array(values, np.arange(values.size).reshape(values.shape) == 1),
    "masked nowhere": lambda values: np.ma.masked_array(values),
    "records": lambda values: _frame(values).to_records(index=False),
    "dict": lambda values: dict(enumerate(values.tolist())),
    "dict of lists": lambda values: _frame(values).to_dict("list"),
    "ragged list": lambda values: [*values.tolist(), [1.0] * (values.shape[1] + 1)],
    "None": lambda values: None,
    "text": lambda values: "room_temp",
    "number": lambda values: 3.0,
    "generator": lambda values: iter(values.tolist()),
    "set": lambda values: {1.0, 2.0, 3.0},
    "index": lambda values: pd.Index(values[:, 0]),
    "times": lambda values: pd.date_range(START, periods=len(values), freq="h"),
    "one row": lambda values: values[:1],
    "two rows": lambda values: values[:2],
    "three rows": lambda values: values[:3],
    "no rows": lambda values: values[:0],
    "frame without rows": lambda values: _frame(values).iloc[:0],
    "frame without columns": lambda values: _frame(values).iloc[:, :0],
    "no columns": lambda values: values[:, :0],
    "one column": lambda values: values[:, :1],
    "a column more": lambda values: np.column_stack([values, values[:, :1] ** 2]),
}
NO_TABLES = ("frame of text", "frame of one text column", "0-d", "masked", "records", "dict", "dict of lists",
             "ragged list", "None", "text", "number", "generator", "set", "no rows", "frame without rows",
             "frame without columns", "no columns", "times")
NO_ORDER = ("backwards", "shuffled", "twice", "all the same", "without a time", "only missing times")
SAME_FORMS = ("array", "Fortran order", "every second row", "from the back", "read-only", "list", "tuples", "frame",
              "frame of objects", "frame of Float64", "frame of arrow", "columns called by numbers", "frame of sparse")


# -------------------------------------------------------------------------------------------------------- indexes

def times(n, **settings):
    return pd.date_range(START, periods=n, freq="h", **settings)


def _without_second(index):
    return index.where(np.arange(len(index)) != 1)


INDEXES = {
    "counted": lambda n: pd.RangeIndex(n),
    "times": times,
    "UTC": lambda n: times(n, tz="UTC"),
    "Berlin": lambda n: times(n, tz="Europe/Berlin"),
    "far from UTC": lambda n: times(n, tz="Pacific/Chatham"),
    "in seconds": lambda n: times(n).as_unit("s"),
    "year 3000": lambda n: times(n).as_unit("s") + np.timedelta64(356506, "D"),
    "backwards": lambda n: times(n)[::-1],
    "shuffled": lambda n: times(n)[np.random.default_rng(0).permutation(n)],
    "twice": lambda n: times(n)[np.arange(n) // 2],
    "all the same": lambda n: times(1).repeat(n) if n else times(0),
    "without a time": lambda n: _without_second(times(n)),
    "only missing times": lambda n: pd.DatetimeIndex([pd.NaT] * n),
    "a gap": lambda n: times(n).where(np.arange(n) < n // 2, times(n) + pd.Timedelta("30D")),
    "uneven": lambda n: times(n) + pd.to_timedelta(np.arange(n) ** 2, unit="s"),
    "a nanosecond apart": lambda n: pd.date_range(START, periods=n, freq="ns"),
    "centuries apart": lambda n: pd.DatetimeIndex(np.linspace(-9e18, 9e18, n).astype("int64")),
    "periods": lambda n: pd.period_range(START, periods=n, freq="h"),
    "lengths of time": lambda n: pd.timedelta_range("0h", periods=n, freq="h"),
    "text": lambda n: pd.Index([f"row {row}" for row in range(n)]),
    "times as text": lambda n: pd.Index(times(n).astype(str)),
    "times as objects": lambda n: pd.Index(list(times(n)), dtype=object),
    "two levels": lambda n: pd.MultiIndex.from_arrays([np.zeros(n, dtype=int), times(n)], names=["unit", "time"]),
    "one number": lambda n: pd.Index([5] * n),
    "NaN": lambda n: pd.Index([np.nan] * n),
}


# --------------------------------------------------------------------------------------------- tables and series

def make_table(value="healthy", form="array", index="counted", n=48, d=3, seed=0):
    """A table with these oddities; None where the form can not hold the values."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # making oddities may warn
        try:
            table = FORMS[form](VALUES[value](healthy(n, d, seed)))
            return table.set_axis(INDEXES[index](len(table))) if isinstance(table, (pd.Series, pd.DataFrame)) else table
        except (TypeError, ValueError, OverflowError, NotImplementedError, AttributeError, IndexError):
            return None


# Names of single oddities, as `tables` and `series` give them, that nothing can be calculated from.
HOPELESS = {*NO_NUMBERS, *NO_TABLES, *(f"{name}, frame" for name in NO_NUMBERS), *(f"index: {name}" for name in NO_ORDER)}


@functools.cache  # survives() makes sure that nobody changes them
def tables(n=48, d=3, seed=0):
    """Return name and table of every single oddity."""
    return list(_tables(n, d, seed))


def _tables(n, d, seed):
    for value in VALUES:
        yield value, make_table(value, "array", n=n, d=d, seed=seed)
    for value in VALUES:
        if value not in ("healthy", "objects"):
            table = make_table(value, "frame", "times", n, d, seed)
            if table is not None:
                yield f"{value}, frame", table
    for form in FORMS:
        yield form, make_table(form=form, n=n, d=d, seed=seed)
    for index in INDEXES:
        yield f"index: {index}", make_table(form="frame", index=index, n=n, d=d, seed=seed)


@functools.cache
def series(n=48, seed=0):
    """Return name and series of every single oddity: tables of one column, and columns of tables."""
    return list(_series(n, seed))


def _series(n, seed):
    for name, table in tables(n, 1, seed):
        if isinstance(table, pd.DataFrame) and table.shape[1] == 1:
            table = table.iloc[:, 0]
        elif isinstance(table, np.ndarray) and table.ndim == 2 and not isinstance(table, np.ma.MaskedArray):
            table = table[:, 0] if table.shape[1] == 1 else table
        yield name, table
    yield "frame of one column", _frame(healthy(n, 1, seed))
    yield "array of one column", healthy(n, 1, seed)


@st.composite
def odd_tables(draw, n=48, d=3):
    """Draw a table whose values, form and index may each be odd."""
    value = draw(st.sampled_from(list(VALUES)) | st.sampled_from(SAME))
    form = draw(st.sampled_from(list(FORMS)) | st.sampled_from(["array", "frame"]))
    index = draw(st.sampled_from(list(INDEXES)) | st.sampled_from(["counted", "times"]))
    rows, columns = draw(st.sampled_from([n, n, n, n, 0, 1, 2, 3, 7])), draw(st.sampled_from([d, d, d, 1, d + 1]))
    table = make_table(value, form, index, rows, columns, draw(st.integers(0, 3)))
    note(f"table: {value}, {form}, index {index}, {rows} rows, {columns} columns")
    return table


@st.composite
def odd_series(draw, n=48):
    """Draw a series whose values, form and index may each be odd."""
    table = draw(odd_tables(n, 1))
    if isinstance(table, pd.DataFrame) and table.shape[1] == 1 and draw(st.booleans()):
        return table.iloc[:, 0]
    if type(table) is np.ndarray and table.ndim == 2 and table.shape[1] == 1 and draw(st.booleans()):
        return table[:, 0]
    return table


# ---------------------------------------------------------------------------------------------------------- labels

def marked(n=48):
    """Two events."""
    rows = np.arange(n)
    return ((rows >= n // 2) & (rows < n // 2 + 4)) | ((rows >= n // 2 + 9) & (rows < n // 2 + 11))


def _label_cell(cell):
    def change(labels):
        labels = labels.astype(object)
        labels[1:2] = [cell]
        return labels
    return change


def _timed(labels):
    return pd.Series(labels, times(len(labels)))


LABELS = {
    "bool": lambda labels: labels,
    "0 and 1": lambda labels: labels.astype(int),
    "0.0 and 1.0": lambda labels: labels.astype(np.float32),
    "objects": lambda labels: labels.astype(object),
    "list": lambda labels: labels.tolist(),
    "all False": np.zeros_like,
    "all True": np.ones_like,
    "first row": lambda labels: np.arange(len(labels)) == 0,
    "last row": lambda labels: np.arange(len(labels)) == len(labels) - 1,
    "every second": lambda labels: np.arange(len(labels)) % 2 == 0,
    "read-only": _read_only,
    "every second of more": _every_second,
    "1 and 2": lambda labels: labels + 1,
    "-1 and 1": lambda labels: 1 - 2 * labels,
    "halves": lambda labels: labels / 2,
    "NaN": lambda labels: np.where(labels, 1.0, np.nan),
    "None": _label_cell(None),
    "pd.NA": _label_cell(pd.NA),
    "text": _label_cell("True"),
    "list in it": _label_cell([True]),
    "strings": lambda labels: labels.astype(str),
    "dates": lambda labels: labels.astype("datetime64[D]"),
    "complex": lambda labels: labels.astype(complex),
    "no rows": lambda labels: labels[:0],
    "one row": lambda labels: labels[:1],
    "a row less": lambda labels: labels[:-1],
    "one column": lambda labels: labels[:, np.newaxis],
    "two columns": lambda labels: np.column_stack([labels, labels]),
    "0-d": lambda labels: np.array(True),
    "3-d": lambda labels: labels.reshape(-1, 1, 1),
    "a scalar": lambda labels: True,
    "nothing": lambda labels: None,
    "word": lambda labels: "anomaly",
    "dict": lambda labels: dict(enumerate(labels)),
    "masked": lambda labels: np.ma.masked_array(labels, labels),
    "series": lambda labels: pd.Series(labels),
    "series with times": _timed,
    "series of boolean": lambda labels: _timed(labels).astype("boolean"),
    "series of boolean with NA": lambda labels: _timed(labels).astype("boolean").where(~labels),
    "series of arrow": lambda labels: _timed(labels).astype("bool[pyarrow]"),
    "series of arrow with NA": lambda labels: _timed(labels).astype("bool[pyarrow]").where(~labels),
    "series of Int64": lambda labels: _timed(labels).astype("Int64"),
    "series of categories": lambda labels: _timed(labels).astype("category"),
    "series of sparse": lambda labels: _timed(labels).astype(pd.SparseDtype(bool, False)),
    "series of text": lambda labels: _timed(labels).astype("string"),
    "series of arrow text": lambda labels: _timed(labels).astype("string[pyarrow]"),
    "series with NaN": lambda labels: _timed(labels).astype(float).where(~labels),
    "frame": lambda labels: _timed(labels).to_frame("label"),
    "frame of two": lambda labels: pd.concat([_timed(labels)] * 2, axis=1),
}


@functools.cache
def flags(n=48):
    """Return name and labels of every single oddity."""
    return list(_flags(n))


def _flags(n):
    for name, change in LABELS.items():
        yield name, change(marked(n))
    for name, index in INDEXES.items():
        yield f"index: {name}", pd.Series(marked(n), index(n))


@st.composite
def odd_labels(draw, n=48):
    """Draw labels whose values and index may each be odd."""
    kind, index = draw(st.sampled_from(list(LABELS))), draw(st.sampled_from(list(INDEXES)))
    labels = LABELS[kind](marked(draw(st.sampled_from([n, n, n, 1, 2, 3]))))
    note(f"labels: {kind}, index {index}")
    if isinstance(labels, (pd.Series, pd.DataFrame)) and draw(st.booleans()):
        labels = labels.set_axis(INDEXES[index](len(labels)))
    return labels


# ------------------------------------------------------------------------------------------------------ parameters

PARAMETERS = (
    None, True, False, 0, 1, -1, 2, 3, 10**6, 10**400, 0.0, 0.5, 1.0, -0.5, 1.5, 1e-300, 1e300, np.nan, np.inf, -np.inf,
    np.float32(0.25), np.int8(3), np.bool_(True), np.array(2), np.array([1, 2]), np.array([]), pd.NA, pd.NaT,
    Decimal("0.1"), Fraction(1, 3), 1 + 1j, "", "mean", "1h", "-1h", "1D", "2024-03-31", "2024-03-31 00:00+02:00", "Zürich",
    "1e400", b"mean", [], [1, 2], (), {}, {"a": 1}, {1, 2}, object, len, pd.Timestamp("2024-03-31"),
    pd.Timestamp("2024-03-31", tz="UTC"), pd.Timestamp("3000-01-01"), pd.Timedelta("1h"), pd.Timedelta(0),
    pd.Timedelta("-1h"), np.datetime64("2024-03-31"), np.datetime64("NaT"), np.timedelta64(1, "h"), np.timedelta64("NaT"),
    pd.DateOffset(months=1), pd.Series([1.0, 2.0]), pd.DataFrame(), slice(None), range(3),
)

odd_parameters = st.sampled_from(PARAMETERS)
