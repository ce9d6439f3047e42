"""From scores to alarms while they come: hysteresis and k-of-n row by row, each alarm told once (lesson 08)."""

import contextlib
from collections import deque
from dataclasses import dataclass

import pandas as pd

from mupy_helpers.checks import checked_count, checked_length, checked_number


@contextlib.contextmanager
def checked_state(kind):
    """Say in our words that an object of this kind can not be made of what should have been its state."""
    try:
        yield
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"state is not what {kind.__name__}.state() returns: {error}") from error


@dataclass(frozen=True)
class Alarm:
    """The begin or the end of an alarm.

    Parameters
    ----------
    number : int
        1 for the first alarm; its begin and its end have the same one.
    kind : "begin" or "end"
    time : Timestamp
        Of the row that began it, or of the last row that was in alarm.
    score : float
        At the begin that of the row; at the end the highest one.
    threshold : float
        The score above which an alarm begins.
    channel : str or None
        What stands out most, where somebody can say.
    value, usual : float or None
        Of that channel: the reading, and its mean over the readings without an alarm; in its own unit.
    share : float or None
        Of the score that this channel adds, where the detector says so.
    """

    number: int
    kind: str
    time: pd.Timestamp
    score: float
    threshold: float
    channel: str | None = None
    value: float | None = None
    usual: float | None = None
    share: float | None = None

    def __str__(self):
        if self.kind == "end":
            return f"Alarm {self.number} ended at {self.time}; highest score {self.score:.3g}"
        text = f"Alarm {self.number} at {self.time}: score {self.score:.3g}, limit {self.threshold:.3g}"
        if self.channel is not None:
            text += f"; {self.channel} is {self.value:.4g}"
            text += "" if self.usual is None else f", usually {self.usual:.4g}"
            text += "" if self.share is None else f", and makes {self.share:.0%} of the score"
        return text


class AlarmFilter:
    """Decides row by row what `thresholds.k_of_n(thresholds.hysteresis(scores, on, off), k, n)` decides for a series.

    Parameters
    ----------
    on : float
        A row is called when its score goes above this, and the rows after it until the score comes down to `off`.
    off : float, optional
        At most `on`, which is the default.
    k, n : int
        An alarm needs k called rows among the last n.
    merge : timedelta-like
        An alarm that begins no later than this after the one before it ended is the same one, and is not told again.

    Raises
    ------
    ValueError
    """

    def __init__(self, on, off=None, k=1, n=1, merge="0s"):
        self.on = checked_number(on, "on")
        self.off = self.on if off is None else checked_number(off, "off")
        self.k, self.n = checked_count(k, "k"), checked_count(n, "n", at_most=10_000_000)
        self.merge = checked_length(merge, "merge", zero=True)
        if self.off > self.on:
            raise ValueError(f"off ({off}) must not be above on ({on}): an alarm would end before it begins")
        if self.k > self.n:
            raise ValueError(f"k ({k}) must not be above n ({n}): {k} of {n} rows can never raise an alarm")
        self._called, self._recent = False, deque(maxlen=self.n)
        self._number, self._open, self._paused, self._last, self._peak = 0, False, False, None, 0.0

    def decide(self, score):
        """Take the next score.

        Parameters
        ----------
        score : float

        Returns
        -------
        bool
            Whether this row is in alarm.
        """
        score = checked_number(score, "score")
        if score > self.on:
            self._called = True
        elif score <= self.off:
            self._called = False
        self._recent.append(self._called)
        return sum(self._recent) >= self.k

    def update(self, score, time):
        """Take the next score with its time.

        Parameters
        ----------
        score : float
        time : Timestamp
            Later than the one before.

        Returns
        -------
        is_alarm : bool
        news : list of Alarm
            What has to be told now: a begin at the row that begins an alarm; an end at the first row more than
            `merge` after its last one. At most one of each.

        Raises
        ------
        TypeError, ValueError
            The row has not been taken then.
        """
        if not isinstance(time, pd.Timestamp):
            raise TypeError(f"time must be a Timestamp, not {time!r}")
        if self._last is not None and (time.tz is None) != (self._last.tz is None):
            raise ValueError(f"time ({time}) and those before must both have a time zone, or neither")
        is_alarm, news = self.decide(score), []
        if self._open and (self._paused or not is_alarm):
            self._paused = True
            if time - self._last > self.merge:
                news.append(Alarm(self._number, "end", self._last, self._peak, self.on))
                self._open = False
        if is_alarm:
            if not self._open:
                self._open, self._number, self._peak = True, self._number + 1, score
                news.append(Alarm(self._number, "begin", time, score, self.on))
            self._paused, self._last, self._peak = False, time, max(self._peak, score)
        return is_alarm, news

    def state(self):
        """Return settings and memory, for a restart.

        Returns
        -------
        dict
        """
        return {"settings": {"on": self.on, "off": self.off, "k": self.k, "n": self.n, "merge": self.merge},
                "called": self._called, "recent": list(self._recent), "number": self._number, "open": self._open,
                "paused": self._paused, "last": self._last, "peak": self._peak}

    @classmethod
    def resumed(cls, state):
        """Go on from a state.

        Parameters
        ----------
        state : dict
            As from `state`.

        Returns
        -------
        AlarmFilter

        Raises
        ------
        ValueError
        """
        with checked_state(cls):
            new = cls(**state["settings"])
            new._called, new._number, new._open = state["called"], state["number"], state["open"]
            new._paused, new._last, new._peak = state["paused"], state["last"], state["peak"]
            new._recent.extend(state["recent"])
            return new
