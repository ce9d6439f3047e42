"""How good were the alarms? Events, lead time, false alarms per week, expected cost (lesson 01)."""

import math

import numpy as np
import pandas as pd

HOUR = pd.Timedelta("1h")
WEEK = pd.Timedelta("7D")


def _checked_alarm(is_alarm):
    if not isinstance(is_alarm, pd.Series) or not isinstance(is_alarm.index, pd.DatetimeIndex):
        raise TypeError("is_alarm must be a Series of True and False with a time index, such as df['room_temp'] > 10")
    if is_alarm.isna().any():
        raise ValueError(f"is_alarm has {int(is_alarm.isna().sum())} missing values: decide what they mean, "
                         "for example .fillna(False)")
    if not is_alarm.isin([True, False]).all():
        raise ValueError("is_alarm must hold True and False only: compare the scores with a threshold first")
    if not is_alarm.index.is_monotonic_increasing or is_alarm.index.has_duplicates:
        raise ValueError("is_alarm is not in time order without duplicates: sort_index() it and drop duplicate stamps")
    return is_alarm.astype(bool)


def _checked_spans(spans, name):
    if not isinstance(spans, pd.DataFrame) or not {"start", "end"} <= set(spans.columns):
        raise TypeError(f"{name} must be a DataFrame with the columns start and end")
    if (spans["end"] < spans["start"]).any():
        raise ValueError(f"{name} has a span that ends before it starts")
    return spans


def inside(index, spans):
    """Mark the rows that lie inside any of the spans, both ends included.

    Parameters
    ----------
    index : DatetimeIndex, shape (n,)
    spans : DataFrame with the columns start and end

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    marked = np.zeros(len(index), dtype=bool)
    for span in _checked_spans(spans, "spans").itertuples():
        marked |= (index >= span.start) & (index <= span.end)
    return marked


def events_from_labels(labels, merge="0s"):
    """Turn a row-by-row label into events: one for each run of True.

    Parameters
    ----------
    labels : Series of bool with a time index
    merge : timedelta-like
        A run that starts no later than this after the run before it ended belongs to the same event.

    Returns
    -------
    DataFrame with the columns start and end: the first and the last True row of each event.
    """
    labels = _checked_alarm(labels)
    values = labels.to_numpy()
    first = values & ~np.concatenate([[False], values[:-1]])
    last = values & ~np.concatenate([values[1:], [False]])
    start, end = labels.index[first], labels.index[last]
    if len(start) > 1:
        separate = (start[1:] - end[:-1]) > pd.Timedelta(merge)
        start = start[np.concatenate([[True], separate])]
        end = end[np.concatenate([separate, [True]])]
    return pd.DataFrame({"start": start, "end": end})


def lead_time(is_alarm, moment, since):
    """Measure how long before a moment the alarm was first up.

    Parameters
    ----------
    is_alarm : Series of bool with a time index
    moment : timestamp
        What the alarm should come before, such as the low-pressure trip.
    since : timestamp
        Alarms before this do not count: the fault had not begun, so they were luck or false.

    Returns
    -------
    float
        Hours. Negative when the first alarm came after the moment, NaN when none came.
    """
    is_alarm = _checked_alarm(is_alarm)
    moment, since = pd.Timestamp(moment), pd.Timestamp(since)
    if since > moment:
        raise ValueError(f"since ({since}) is later than the moment ({moment}): the fault begins before it is noticed")
    up = is_alarm.index[is_alarm.to_numpy() & (is_alarm.index >= since)]
    return (moment - up[0]) / HOUR if len(up) else math.nan


def observed_weeks(index, keep=None):
    """Measure how many weeks of rows there are; time in gaps is not counted.

    Parameters
    ----------
    index : DatetimeIndex, shape (n,)
    keep : array of bool, shape (n,), optional
        Count only these rows.

    Returns
    -------
    float
        Weeks: the number of rows times the median step.
    """
    if len(index) < 2:
        raise ValueError(f"{len(index)} rows are too few to tell the time step: give at least two")
    rows = len(index) if keep is None else int(np.sum(keep))
    return rows * index.to_series().diff().median() / WEEK


def false_alarms_per_week(is_alarm, faults, merge="1h"):
    """Count the alarms raised while nothing was wrong, per week of healthy recording.

    Parameters
    ----------
    is_alarm : Series of bool with a time index
    faults : DataFrame with the columns start and end
        Rows inside these spans are not healthy and are left out.
    merge : timedelta-like
        Alarms less than this apart are one: somebody who is on the way is not called again.

    Returns
    -------
    float
        False alarms per week; NaN when there is no healthy row.
    """
    is_alarm = _checked_alarm(is_alarm)
    healthy = ~inside(is_alarm.index, faults)
    if not healthy.any():
        return math.nan
    alarms = events_from_labels(is_alarm, merge)
    raised = ~inside(pd.DatetimeIndex(alarms["start"]), faults)
    return float(raised.sum() / observed_weeks(is_alarm.index, healthy))


def expected_cost(lead_hours, false_alarms, *, lost_load, call_out, hours_needed, faults_per_year):
    """Price a detector: what a year costs in lost loads and needless call-outs.

    Parameters
    ----------
    lead_hours : float
        Hours between alarm and trip (see `lead_time`); NaN when no alarm came.
    false_alarms : float
        Per week.
    lost_load, call_out : float
        The price of one lost load and of one needless call-out, in the same currency.
    hours_needed : float
        How many hours before the trip the alarm must come for the load to be saved.
    faults_per_year : float

    Returns
    -------
    float
        Expected cost per year.
    """
    for name, value in {"lost_load": lost_load, "call_out": call_out, "faults_per_year": faults_per_year}.items():
        if not value >= 0:
            raise ValueError(f"{name} must be zero or more, not {value}")
    saved = lead_hours >= hours_needed  # NaN compares False: no alarm saves nothing
    return faults_per_year * (0.0 if saved else lost_load) + (365.25 / 7) * false_alarms * call_out
