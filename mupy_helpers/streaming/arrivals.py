"""Readings arrive late, twice, with holes or in the wrong order: bring them into order, and count (lesson 08)."""

import math
from collections import Counter, deque
from numbers import Real

import numpy as np
import pandas as pd

from mupy_helpers.checks import LARGEST, checked_count, checked_length
from mupy_helpers.streaming.alarms import checked_state

REMEMBERED = 1000  # released times by which a duplicate is told from a late reading
SHOWN = 100  # readings set aside that are kept to look at


def checked_columns(columns):
    """Return the names of channels as a list, or say what is wrong with them.

    Parameters
    ----------
    columns : list of str

    Returns
    -------
    list

    Raises
    ------
    ValueError
    """
    try:
        names = [] if isinstance(columns, (str, bytes)) else list(columns)
        if names and len(set(names)) == len(names):
            return names
    except TypeError:
        pass
    raise ValueError(f"columns must be a list of different names such as ['room', 'coil'], not {columns!r}")


class Arrivals:
    """Releases readings in the order of their times, each once; what can not be used is set aside and counted.

    - Out of order: a reading waits until one has come whose time is `lateness` later. With zero, nothing waits.
    - Late: a reading older than one released already is set aside ("late"). It is not scored: scores that
      have been told stay as they are.
    - Duplicated: a second reading of a time is set aside ("duplicate"), whatever its values; the first one counts.
    - Missing values: such a row is set aside ("missing"), as `dropna` does; with `missing="hold"` the last value of
      the channel takes its place, in at most `max_hold` rows running, as `ffill(limit=max_hold)` does.
    - Missing readings: a step longer than `max_gap` is counted ("gap") and released as it is.
    - Malformed: no time, other channels, text or infinity for a number is set aside ("malformed"), and is not fatal.

    A time in the far future makes all that follow late: set the clock right, and begin anew.

    Parameters
    ----------
    columns : list of str
        The channels, in the order in which they are scored.
    lateness : timedelta-like
        How long to wait for readings that are on their way.
    missing : "skip" or "hold"
    max_hold : int
        In rows.
    max_gap : timedelta-like, optional
        By default no step is a gap.

    Attributes
    ----------
    counts : Counter
        "released", and how many of each kind were set aside, held or after a gap.
    aside : deque of (str, time, values)
        The last hundred readings set aside, with the reason first.
    """

    def __init__(self, columns, lateness="0s", missing="skip", max_hold=10, max_gap=None):
        if not isinstance(missing, str) or missing not in ("skip", "hold"):
            raise ValueError(f"missing must be 'skip' or 'hold', not {missing!r}")
        self.columns, self.missing = checked_columns(columns), missing
        self.lateness = checked_length(lateness, "lateness", zero=True)
        self.max_hold = checked_count(max_hold, "max_hold")
        self.max_gap = None if max_gap is None else checked_length(max_gap, "max_gap")
        self.counts, self.aside = Counter(), deque(maxlen=SHOWN)
        self._waiting, self._newest, self._last = {}, None, None
        self._done = dict.fromkeys([])  # released times in order
        self._held, self._values = np.zeros(len(self.columns), dtype=int), np.full(len(self.columns), np.nan)

    def _set_aside(self, reason, time, values):
        self.counts[reason] += 1
        self.aside.append((reason, time, values))
        return []

    def _row(self, values):
        """The values as an array, or None where they are no reading."""
        if isinstance(values, dict):
            if set(values) - set(self.columns):
                return None
            values = [values.get(column) for column in self.columns]
        values = list(values) if isinstance(values, (list, tuple, np.ndarray, pd.Series)) else [values]
        row = [math.nan if value is None or value is pd.NA else value for value in values]
        numbers = [value for value in row if isinstance(value, Real) and not isinstance(value, bool)]
        if len(row) != len(self.columns) or len(numbers) < len(row):
            return None
        try:
            row = np.array(row, dtype=float)
        except OverflowError:  # a whole number with hundreds of digits
            return None
        return None if (np.abs(row[~np.isnan(row)]) > LARGEST).any() else row

    def _stamp(self, time):
        if isinstance(time, Real):  # a number would be taken for nanoseconds since 1970
            return None
        try:
            stamp = pd.Timestamp(time)
            stamp.as_unit("ns")  # a clock that is centuries off: the time since then could not be counted
        except (TypeError, ValueError, OverflowError):
            return None
        known = self._newest
        if pd.isna(stamp) or known is not None and (stamp.tz is None) != (known.tz is None):
            return None
        return stamp

    def begin_after(self, time):
        """Take readings up to a time to have been released already, unless some have come since.

        Parameters
        ----------
        time : Timestamp or None

        Raises
        ------
        TypeError
        """
        if time is not None and not isinstance(time, pd.Timestamp):
            raise TypeError(f"time must be a Timestamp or None, not {time!r}")
        if self._newest is None:
            self._last = self._newest = time

    def push(self, time, values):
        """Take a reading.

        Parameters
        ----------
        time : timestamp-like
        values : dict by channel, or sequence in the order of the columns
            None and NaN are missing values; so is a channel that a dict leaves out.

        Returns
        -------
        list of (Timestamp, ndarray of float, shape (d,))
            The readings released by it, in order.
        """
        stamp, row = self._stamp(time), self._row(values)
        if stamp is None or row is None:
            return self._set_aside("malformed", time, values)
        if stamp in self._waiting or stamp in self._done:
            return self._set_aside("duplicate", stamp, values)
        if self._last is not None and stamp <= self._last:
            return self._set_aside("late", stamp, values)
        self._waiting[stamp] = row
        self._newest = stamp if self._newest is None else max(self._newest, stamp)
        return self._release(self._newest - self.lateness)

    def flush(self):
        """Release all readings that still wait, at the end of a stream.

        Returns
        -------
        list of (Timestamp, ndarray of float, shape (d,))
        """
        return [] if self._newest is None else self._release(self._newest)

    def _release(self, until):
        released = []
        for stamp in sorted(stamp for stamp in self._waiting if stamp <= until):
            row = self._waiting.pop(stamp)
            self._done[stamp] = None
            if len(self._done) > REMEMBERED:
                del self._done[next(iter(self._done))]
            if self.max_gap is not None and self._last is not None and stamp - self._last > self.max_gap:
                self.counts["gap"] += 1
            self._last = stamp
            filled = self._filled(row)
            if np.isnan(filled).any():
                self._set_aside("missing", stamp, row)
            else:
                self.counts["released"] += 1
                released.append((stamp, filled))
        return released

    def _filled(self, row):
        gone = np.isnan(row)
        if self.missing == "skip":
            return row
        self._held = np.where(gone, self._held + 1, 0)
        self._values = np.where(gone, self._values, row)
        filled = np.where(gone & (self._held <= self.max_hold), self._values, row)
        self.counts["held"] += int(gone.any() and not np.isnan(filled).any())
        return filled

    def state(self):
        """Return settings and memory, for a restart. The readings set aside are counted, but not kept.

        Returns
        -------
        dict
        """
        waiting = sorted(self._waiting)
        rows = np.array([self._waiting[stamp] for stamp in waiting]).reshape(-1, len(self.columns))
        return {"settings": {"columns": self.columns, "lateness": self.lateness, "missing": self.missing,
                             "max_hold": self.max_hold, "max_gap": self.max_gap},
                "counts": dict(self.counts), "waiting": waiting, "rows": rows, "done": list(self._done),
                "newest": self._newest, "last": self._last, "held": self._held, "values": self._values}

    @classmethod
    def resumed(cls, state):
        """Go on from a state.

        Parameters
        ----------
        state : dict
            As from `state`.

        Returns
        -------
        Arrivals

        Raises
        ------
        ValueError
        """
        with checked_state(cls):
            new = cls(**state["settings"])
            new.counts, new._done = Counter(state["counts"]), dict.fromkeys(state["done"])
            new._waiting = dict(zip(state["waiting"], state["rows"], strict=True))
            new._newest, new._last = state["newest"], state["last"]
            new._held, new._values = state["held"], state["values"]
            return new
