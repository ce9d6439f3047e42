"""What a recording is like before anything is scored: its step, gaps, dead and stuck channels, and its period."""

from dataclasses import dataclass
from numbers import Number

import numpy as np
import pandas as pd

from mupy_helpers.checks import checked_index
from mupy_helpers.own_data.cells import LARGEST
from mupy_helpers.own_data.reading import TableError, quoted
from mupy_helpers.plots import gaps

FLOATS = (np.dtype("float64"), np.dtype("float32"))
STUCK = 30  # equal readings in a row, of a channel that otherwise changes at most rows
LEAST_CORRELATION = 0.3
SEASONS = 2.5  # so many must be there: fewer would be hard to tell from a trend
LONGEST = 20_000  # rows of the longest period that is looked for


@dataclass(frozen=True, eq=False)
class Findings:
    """What `inspect` found.

    Parameters
    ----------
    step : Timedelta
        The median step from row to row.
    gaps : DataFrame with the columns start and end
        Steps of more than five times the median step.
    channels : DataFrame, one row for each channel
        The columns missing (share), constant (bool), stuck (rows of the longest stuck run, 0 for none), stuck_since,
        period (rows, 0 for none) and correlation (the autocorrelation at the period).
    period : int
        Rows in the season that is proposed; 0 for none.
    notes : list of str
        The same in sentences.
    """

    step: pd.Timedelta
    gaps: pd.DataFrame
    channels: pd.DataFrame
    period: int
    notes: list


def checked_table(df):
    """Refuse what is not a frame of numbers in time order.

    Parameters
    ----------
    df : DataFrame

    Raises
    ------
    TypeError, TableError
    """
    if not isinstance(df, pd.DataFrame) or not isinstance(df.index, pd.DatetimeIndex):
        raise TypeError("df must be a DataFrame with a time index, such as read_table returns")
    if not df.shape[1] or not all(kind in FLOATS for kind in df.dtypes):
        raise TypeError("df must hold floats alone: take what read_table returns, or df.astype(float)")
    if df.columns.nlevels > 1 or df.columns.has_duplicates or not all(map(_is_name, df.columns)):
        raise TableError("each channel must have a name of its own, a text or a number: rename the columns")
    if df.index.hasnans or not df.index.is_monotonic_increasing or df.index.has_duplicates:
        raise TableError("the rows must be in time order, each time once: use df.sort_index() and drop the others")
    if len(df) < 2:
        raise TableError(f"{len(df)} rows are too few: what is usual takes many")
    if not np.isfinite(df.to_numpy()).any() or np.isinf(df.to_numpy()).any():
        raise TableError("the readings are all missing, or some are infinite: mend them first")
    if float(df.abs().max(axis=None)) > LARGEST:  # a float32 warns that it can not hold the bound
        raise TableError(f"some readings are beyond {LARGEST:.0e}: they stand for something else, or take another unit")
    try:
        checked_index(df.index, "the table")
    except ValueError as error:  # centuries that nanoseconds do not reach, such as those of another calendar
        raise TableError(f"the times run from {df.index[0]} to {df.index[-1]}, more than 292 years from 1970 or from "
                         "each other: look whether they were read rightly") from error


def _is_name(name):
    try:
        return isinstance(name, (str, Number)) and name == name and str(name).encode() is not None
    except UnicodeError:
        return False


def period_of(values):
    """Propose a period: the first high peak of the autocorrelation behind its first change of sign.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        Missing readings count as the last one before; a straight trend is taken out.

    Returns
    -------
    period : int
        Rows; 0 where nothing returns within two fifths of the rows.
    correlation : float
    """
    from statsmodels.tsa.stattools import acf

    values = pd.Series(values).ffill().dropna().to_numpy()
    n_lags = min(int(len(values) / SEASONS), LONGEST)
    if n_lags < 4 or np.ptp(values) == 0:
        return 0, 0.0
    rows = np.arange(len(values))
    values = values - np.polyval(np.polyfit(rows, values, 1), rows)
    if values.std() <= 1e-12 * np.abs(values).max() or values.std() < 1e-150:
        return 0, 0.0
    lags = acf(values, nlags=n_lags, fft=True)
    below = np.flatnonzero(lags < 0)
    if not len(below):
        return 0, 0.0
    peaks = np.flatnonzero((lags[1:-1] >= lags[:-2]) & (lags[1:-1] > lags[2:])) + 1
    peaks = peaks[(peaks > below[0]) & (lags[peaks] >= LEAST_CORRELATION)]
    if not len(peaks):
        return 0, 0.0
    # A multiple of the period is nearly as high; noise makes many small peaks around each.
    first = peaks[lags[peaks] >= 0.9 * lags[peaks].max()][0]
    near = peaks[(peaks >= first) & (peaks <= 1.1 * first)]
    best = int(near[np.argmax(lags[near])])
    return best, float(lags[best])


def in_words(length):
    """Return a length of time in its largest whole unit.

    Parameters
    ----------
    length : Timedelta

    Returns
    -------
    str
    """
    for unit, name in (("1D", "days"), ("1h", "h"), ("1min", "min"), ("1s", "s")):
        if length >= pd.Timedelta(unit):
            count = f"{length / pd.Timedelta(unit):.4g}"
            return f"{count} {'day' if (count, name) == ('1', 'days') else name}"
    return f"{length / pd.Timedelta('1ms'):.4g} ms"


def snapped(period, step):
    """Return the rows of a day or a week where a period is within 3 % of them: noise moves the highest peak a little.

    Parameters
    ----------
    period : int
    step : Timedelta

    Returns
    -------
    int
    """
    calendar = [round(pd.Timedelta(length) / step) for length in ("1D", "7D")]
    return next((rows for rows in calendar if period and abs(period - rows) <= 0.03 * rows), period)


def _stuck_run(values):
    """Return the rows of the longest run of equal readings and where it begins; (0, 0) where that is usual."""
    known = np.flatnonzero(np.isfinite(values))
    if len(known) < 2 * STUCK:
        return 0, 0
    changed = np.diff(values[known]) != 0
    if changed.mean() < 0.5:
        return 0, 0
    starts = np.concatenate([[0], np.flatnonzero(changed) + 1])
    lengths = np.diff(np.append(starts, len(known)))
    longest = int(np.argmax(lengths))
    return (int(lengths[longest]), int(known[starts[longest]])) if lengths[longest] >= STUCK else (0, 0)


def inspect(df):
    """Look at a recording as a whole: its step and gaps, what is missing, dead or stuck, and its period.

    Parameters
    ----------
    df : DataFrame of float with a time index, shape (n, d)

    Returns
    -------
    Findings

    Raises
    ------
    TypeError, TableError
    """
    checked_table(df)
    step, holes, rows = df.index.to_series().diff().median(), gaps(df.index), {}
    for name in df:
        values = df[name].to_numpy()
        known = values[np.isfinite(values)]
        run, since = _stuck_run(values)
        period, correlation = period_of(values)
        period = snapped(period, step)
        rows[name] = {"missing": 1 - len(known) / len(values), "constant": len(known) == 0 or np.ptp(known) == 0,
                      "stuck": run, "stuck_since": df.index[since] if run else pd.NaT, "period": period,
                      "correlation": correlation}
    channels = pd.DataFrame.from_dict(rows, orient="index")
    period = int(channels["period"].loc[channels["correlation"].idxmax()])
    return Findings(step, holes, channels, period, _sentences(df, step, holes, channels, period))


def _sentences(df, step, holes, channels, period):
    notes = [f"{len(df):,} rows and {df.shape[1]} channel{'s' if df.shape[1] > 1 else ''}, from {df.index[0]} to "
             f"{df.index[-1]}; the usual step is {in_words(step)}."]
    steps = df.index.to_series().diff().iloc[1:]
    uneven = ((steps - step).abs() > 0.5 * step).mean()
    if uneven > 0.05:
        notes.append(f"{uneven:.0%} of the steps differ from the usual one by more than half of it.")
    if len(holes):
        longest = (holes["end"] - holes["start"]).max()
        notes.append(f"{len(holes)} gap{'s' if len(holes) > 1 else ''} in the recording; the longest lasts "
                     f"{in_words(longest)}.")
    missing = channels.index[channels["missing"] > 0.05].tolist()
    if missing:
        notes.append(f"More than 5 % of the readings are missing in {quoted(missing)}.")
    constant = channels.index[channels["constant"]].tolist()
    if constant:
        notes.append(f"Constant all the time: {quoted(constant)}.")
    for name, row in channels[channels["stuck"] > 0].nlargest(5, "stuck").iterrows():
        notes.append(f"{str(name)[:60]!r} repeats one reading {row['stuck']} times from {row['stuck_since']} on: "
                     "it may be stuck.")
    if period:
        notes.append(f"A season of {period} rows ({in_words(period * step)}): the autocorrelation there is "
                     f"{channels['correlation'].max():.2f}.")
    else:
        notes.append("No season stands out in the autocorrelation.")
    return notes
