"""How good were the alarms? Events, lead time, false alarms per week, expected cost (lesson 01)."""

import math

import numpy as np
import pandas as pd

from mupy_helpers.checks import (
    LARGEST,
    check_same_zone,
    checked_alarm,
    checked_flags,
    checked_float,
    checked_index,
    checked_length,
    checked_number,
    checked_spans,
    checked_stamp,
)

HOUR = pd.Timedelta("1h")
WEEK = pd.Timedelta("7D")


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
    if not isinstance(index, pd.DatetimeIndex):
        raise TypeError("index must be a DatetimeIndex, such as df.index")
    spans, marked = checked_spans(spans), np.zeros(len(index), dtype=bool)
    for span in spans.itertuples():
        check_same_zone(index, [span.start, span.end], ("index", "spans"))
        marked |= (index >= span.start) & (index <= span.end)
    return marked


def events_from_labels(labels, merge="0s"):
    """Turn a row-by-row label into events: one for each run of True.

    A gap in the recording does not end a run: what the last row before it and the first row after it say is one event.

    Parameters
    ----------
    labels : Series of bool with a time index
    merge : timedelta-like
        A run that starts no later than this after the run before it ended belongs to the same event.

    Returns
    -------
    DataFrame with the columns start and end: the first and the last True row of each event.
    """
    values = checked_alarm(labels, "labels").to_numpy()
    merge = checked_length(merge, "merge", zero=True)
    first = values & ~np.concatenate([[False], values[:-1]])
    last = values & ~np.concatenate([values[1:], [False]])
    start, end = labels.index[first], labels.index[last]
    if len(start) > 1:
        separate = (start[1:] - end[:-1]) > merge
        start = start[np.concatenate([[True], separate])]
        end = end[np.concatenate([separate, [True]])]
    return pd.DataFrame({"start": start, "end": end})


def lead_time(is_alarm, moment, since, until=None, merge="1h"):
    """Measure how long before a moment the first alarm of a fault was raised.

    An alarm that was up already when the fault began does not count, however long it stays up:
    somebody had been called and found nothing wrong.
    So a detector that always alarms warns of nothing.

    Parameters
    ----------
    is_alarm : Series of bool with a time index
    moment : timestamp
        What the alarm should come before, such as the low-pressure trip.
    since : timestamp
        When the fault began. Alarms raised before this do not count: they were luck or false.
    until : timestamp, optional
        When the fault was over. Alarms raised after this do not count: they were about something else.
    merge : timedelta-like
        Alarms no more than this apart are one, raised when the first of them was; as in `false_alarms_per_week`.

    Returns
    -------
    float
        Hours. Negative when the first alarm came after the moment, NaN when none came.
    """
    raised = events_from_labels(checked_alarm(is_alarm), merge)["start"]
    moment, since = checked_stamp(moment, "moment"), checked_stamp(since, "since")
    check_same_zone(is_alarm.index, [moment, since] + ([] if until is None else [checked_stamp(until, "until")]),
                    ("is_alarm", "moment, since and until"))
    if since > moment:
        raise ValueError(f"since ({since}) is later than the moment ({moment}): the fault begins before it is noticed")
    if until is not None and checked_stamp(until, "until") < moment:
        raise ValueError(f"until ({until}) is earlier than the moment ({moment}): a fault ends after it is noticed")
    counted = raised[(raised >= since) & (True if until is None else raised <= pd.Timestamp(until))]
    # Nanoseconds, as pandas 2 has them, do not reach moments that are far away.
    return (moment - counted.iloc[0].as_unit("us")) / HOUR.as_unit("us") if len(counted) else math.nan


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
    if checked_index(index, "index") is None:
        raise TypeError("index must be a DatetimeIndex, such as df.index")
    if len(index) < 2:
        raise ValueError(f"{len(index)} rows are too few to tell the time step: give at least two")
    keep = np.ones(len(index), dtype=bool) if keep is None else checked_flags(keep, "keep")
    if len(keep) != len(index):
        raise ValueError(f"keep must hold True or False for each of the {len(index)} rows")
    step = index.to_series().diff().median().as_unit("ns")
    return int(keep.sum()) * step.value / WEEK.as_unit("ns").value  # whole numbers of Python: they do not overflow


def calls(is_alarm, merge="1h", repeat="1D"):
    """List the moments at which somebody is called: when an alarm is raised, and again while it stays up.

    Parameters
    ----------
    is_alarm : Series of bool with a time index
    merge : timedelta-like
        Alarms no more than this apart are one, raised when the first of them was:
        somebody who is on the way is not called again.
    repeat : timedelta-like
        An alarm that stays up calls again with the first reading that comes this long after the last call;
        where nothing is recorded nobody is called.

    Returns
    -------
    DatetimeIndex, in time order
    """
    repeat = checked_length(repeat, "repeat")
    events = events_from_labels(is_alarm, merge)
    up = is_alarm.index[is_alarm.to_numpy(dtype=bool)]
    first, last = up.searchsorted(events["start"]), up.searchsorted(events["end"])
    stamps, places = up.to_numpy(), []
    for place, end in zip(first, last):
        while place <= end:
            places.append(place)
            place = stamps.searchsorted(stamps[place] + repeat.to_numpy())
    return up[places]


def false_alarms_per_week(is_alarm, faults, merge="1h", repeat="1D"):
    """Count the calls made while nothing was wrong, per week of healthy recording.

    What counts is the moment of a call (see `calls`): a new alarm, or one that is still up after `repeat`.
    One made while all was well is false, even if the alarm lasts until a fault begins;
    one made during a fault is not, even if the alarm lasts beyond.

    Parameters
    ----------
    is_alarm : Series of bool with a time index
    faults : DataFrame with the columns start and end
        Rows inside these spans, both ends included, are not healthy and are left out.
    merge : timedelta-like
        As in `calls`.
    repeat : timedelta-like
        As in `calls`.

    Returns
    -------
    float
        False alarms per week; NaN when there is no healthy row.
    """
    is_alarm = checked_alarm(is_alarm)
    healthy = ~inside(is_alarm.index, faults)
    if not healthy.any():
        return math.nan
    false = ~inside(calls(is_alarm, merge, repeat), faults)
    return float(false.sum() / observed_weeks(is_alarm.index, healthy))


def expected_cost(lead_hours, false_alarms, *, lost_load, call_out, hours_needed, faults_per_year):
    """Price a detector: what a year costs in lost loads and needless call-outs.

    Every fault of the year is taken to go like the one that was measured.
    The call-out that saves a load is not counted: it would be needed with any detector.

    Parameters
    ----------
    lead_hours : float
        Hours between alarm and trip (see `lead_time`); NaN when no alarm came.
    false_alarms : float
        Per week; NaN, when it could not be measured, gives NaN.
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
        if not 0 <= checked_number(value, name) <= LARGEST:
            raise ValueError(f"{name} must be a number of zero or more, not {value}")
    checked_number(hours_needed, "hours_needed")
    lead_hours = checked_float(lead_hours, "lead_hours", missing=True)
    false_alarms = checked_float(false_alarms, "false_alarms", missing=True)
    if false_alarms < 0 or false_alarms > LARGEST:
        raise ValueError(f"false_alarms must be zero or more per week, and finite, not {false_alarms}")
    saved = lead_hours >= hours_needed  # NaN compares False: no alarm saves nothing
    return float(faults_per_year) * (0.0 if saved else float(lost_load)) + (365.25 / 7) * false_alarms * float(call_out)
