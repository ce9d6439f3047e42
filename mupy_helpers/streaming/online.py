"""A detector that goes on learning while it scores, and says when the readings have changed for good (lesson 08)."""

from collections import deque
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mupy_helpers.checks import checked_count, checked_number, checked_stamp, checked_switch
from mupy_helpers.streaming.alarms import checked_state
from mupy_helpers.streaming.arrivals import checked_columns
from mupy_helpers.streaming.scorer import one_row

SHOWN = 100  # drifts kept to look at


@dataclass(frozen=True)
class Drift:
    """A channel whose mean has changed.

    Parameters
    ----------
    row : int
        0 for the first row scored: the row at which it was seen.
    time : Timestamp or None
        Of this row.
    channel : str
    before, after : float
        The channel's mean over the rows that were given up, and over those kept; in its own unit. ADWIN cuts
        coarsely: some rows kept are from before the drift.
    """

    row: int
    time: pd.Timestamp | None
    channel: str
    before: float
    after: float

    def __str__(self):
        when = f"row {self.row}" if self.time is None else str(self.time)
        return f"Drift seen at {when}: {self.channel} was {self.before:.4g} in the mean, and is {self.after:.4g}"


class OnlineScorer:
    """Half-space trees that score each row first and learn it then, with a drift detector beside them; from river.

    The trees (Tan, Ting & Liu 2011) see the rows between the smallest and the largest value so far of each column
    (`MinMaxScaler`), and count where the rows of a window fell; they score by the window before the present one. So
    they follow slow changes by themselves. Until the first window is full, all scores are 0. They find rows where few
    have been; the outermost of the usual rows score nearly as high as a single spike, which a chart tells better.

    The drift detector (`ADWIN`, Bifet & Gavaldà 2007) watches the readings of each column, divided by the range of
    the first window: a scale that moved would look like a drift. It looks at every 32nd row. A drift goes into
    `drifts`; with `restart`, trees and range are made anew from the rows that ADWIN keeps, at most a window, and are
    blind (score 0) while these are fewer than a window. A cycle must be short against the window, or it is a drift.

    It takes the place of a `StreamScorer` in `Monitor` and `watch`.

    Parameters
    ----------
    columns : list of str
    n_trees, height : int
        A tree has 2 ** (height + 1) - 1 nodes.
    window : int
        In rows.
    delta : float
        The share of looks that may report a drift where there is none, over all columns, if rows do not depend on
        those before them. Such as do make more, so the default is far below river's 0.002.
    restart : bool
    random_state : int

    Attributes
    ----------
    drifts : deque of Drift
        The last hundred.

    Raises
    ------
    ValueError

    References
    ----------
    Tan, Ting & Liu: Fast anomaly detection for streaming data. IJCAI 2011.
    Bifet & Gavaldà: Learning from time-changing data with adaptive windowing. SDM 2007.
    """

    def __init__(self, columns, n_trees=25, height=8, window=250, delta=1e-5, restart=True, random_state=0):
        self._columns = [str(column) for column in checked_columns(columns)]
        self.restart = checked_switch(restart, "restart")
        self.n_trees = checked_count(n_trees, "n_trees", at_most=10_000)
        self.height = checked_count(height, "height", at_most=30)
        self.window = checked_count(window, "window", at_least=2, at_most=10_000_000)
        self.delta = checked_number(delta, "delta", above=0, below=1)
        self.random_state = checked_count(random_state, "random_state", at_least=0)
        self.drifts, self._row, self._last_time, self._newest = deque(maxlen=SHOWN), 0, None, None
        self._begin()

    def _begin(self, rows=()):
        from river.anomaly import HalfSpaceTrees
        from river.preprocessing import MinMaxScaler

        self._scaler = MinMaxScaler()
        self._trees = HalfSpaceTrees(self.n_trees, self.height, self.window, seed=self.random_state)
        # What makes the trees what they are: the scaled rows of the last full window and of the present one.
        self._full, self._present = [], []
        self._low, self._high = np.full((2, len(self._columns)), [[np.inf], [-np.inf]])
        self._recent, self._watched = deque(maxlen=self.window), None
        for row in rows:
            self._learn(row)

    def _learn(self, row):
        named = dict(zip(self._columns, row.tolist(), strict=True))
        self._scaler.learn_one(named)
        self._low, self._high = np.minimum(self._low, row), np.maximum(self._high, row)
        self._learn_scaled(self._scaler.transform_one(named))
        self._recent.append(row)
        if self._watched is None and len(self._recent) == self.window:
            recent = np.array(self._recent)
            self._watch(recent.min(axis=0), np.ptp(recent, axis=0))

    def _learn_scaled(self, scaled):
        self._trees.learn_one(scaled)
        self._present.append(scaled)
        if len(self._present) == self.window:
            self._full, self._present = self._present, []

    def _watch(self, low, size, rows=()):
        from river.drift import ADWIN

        detectors = [ADWIN(delta=self.delta / len(self._columns)) for _ in self._columns]
        self._watched = low, np.where(size > 0, size, 1.0), detectors
        for row in rows:
            self._drifts_at(row)

    def _drifts_at(self, row):
        """Show a row to the drift detectors; return what they report, and how many rows the shortest one keeps."""
        low, size, detectors = self._watched
        found, kept = [], len(self._recent)
        for column, value, detector in zip(range(len(row)), (row - low) / size, detectors, strict=True):
            total, width = detector.total + value, detector.width + 1
            detector.update(float(value))
            if detector.drift_detected:
                gone = (total - detector.total) / (width - detector.width)
                means = low[column] + size[column] * np.array([gone, detector.estimation])
                found.append(Drift(self._row, self._last_time, self._columns[column], *means.tolist()))
                kept = min(kept, int(detector.width))
        return found, kept

    @property
    def columns(self):
        """The names of the columns."""
        return list(self._columns)

    @property
    def last_time(self):
        """The time that the next row must be later than, or None."""
        return self._last_time

    def score_one(self, values, time=None):
        """Score a reading, and learn it then.

        Parameters
        ----------
        values : sequence of float, shape (d,)
            In the order of the columns.
        time : Timestamp, optional

        Returns
        -------
        float
            From 0 to 1, higher is more anomalous.

        Raises
        ------
        TypeError, ValueError
            The row has not been taken then.
        """
        row, time = one_row(values)[0], None if time is None else checked_stamp(time, "time")
        if len(row) != len(self._columns):
            raise ValueError(f"a row must have {len(self._columns)} values, one for each column, not {len(row)}")
        if self._row and (time is None) != (self._last_time is None):
            raise ValueError("give the times of the rows in all calls, or in none")
        if time is not None and self._last_time is not None and (time.tz is None) != (self._last_time.tz is None):
            raise ValueError("the times of the rows must all have a time zone, or none")
        if time is not None and self._last_time is not None and time <= self._last_time:
            raise ValueError(f"the row of {time} comes after that of {self._last_time}: put readings in order first, "
                             "as Monitor does")
        scaled = self._scaler.transform_one(dict(zip(self._columns, row.tolist(), strict=True)))
        score = float(self._trees.score_one(scaled))
        self._last_time, self._newest = time, score
        watched = self._watched is not None
        self._learn(row)
        if watched:
            found, kept = self._drifts_at(row)
            self.drifts.extend(found)
            if found and self.restart:
                self._begin(list(self._recent)[-kept:])
        self._row += 1
        return score

    def explain_last(self):
        """Say how much each column adds to the score of the newest row.

        Returns
        -------
        ndarray of float, shape (1,), or None
            Trees can not say it; a single column adds all of it.
        """
        return np.array([self._newest]) if self._newest is not None and len(self._columns) == 1 else None

    def state(self):
        """Return settings and memory, for a restart: until the next drift, scores go on as if there had been none.

        The drift detectors do not tell what they hold: they begin again with the last window, and so may see the next
        drift a little sooner or later.

        Returns
        -------
        dict
        """
        watched = None if self._watched is None else self._watched[:2]
        scaled = np.array([list(row.values()) for row in self._full + self._present])
        return {"settings": {"columns": self._columns, "n_trees": self.n_trees, "height": self.height,
                             "window": self.window, "delta": self.delta, "restart": self.restart,
                             "random_state": self.random_state},
                "scaled": scaled.reshape(-1, len(self._columns)), "recent": np.array(self._recent),
                "low": self._low, "high": self._high, "watched": watched,
                "row": self._row, "last_time": self._last_time, "newest": self._newest,
                "drifts": [vars(each) for each in self.drifts]}

    @classmethod
    def resumed(cls, state):
        """Go on from a state.

        Parameters
        ----------
        state : dict
            As from `state`.

        Returns
        -------
        OnlineScorer

        Raises
        ------
        ValueError
        """
        with checked_state(cls):
            new = cls(**state["settings"])
            for scaled in state["scaled"]:
                new._learn_scaled(dict(zip(new._columns, scaled.tolist(), strict=True)))
            new._low, new._high = state["low"], state["high"]
            for limits in (new._low, new._high) if state["row"] else ():
                new._scaler.learn_one(dict(zip(new._columns, limits.tolist(), strict=True)))
            new._recent.extend(state["recent"])
            if state["watched"] is not None:
                new._watch(*state["watched"], new._recent)
            new._row, new._last_time, new._newest = state["row"], state["last_time"], state["newest"]
            new.drifts.extend(Drift(**each) for each in state["drifts"])
            return new

    def save(self, path):
        """Write settings and memory into one file without code.

        Parameters
        ----------
        path : str or Path
            As for `StreamScorer.save`.

        Returns
        -------
        Path
        """
        from mupy_helpers.streaming.files import write

        return write(path, "OnlineScorer", self.state())

    @classmethod
    def load(cls, path):
        """Read a scorer from a file that `save` has written, and go on where it was.

        Parameters
        ----------
        path : str or Path

        Returns
        -------
        OnlineScorer

        Raises
        ------
        ValueError
            When the file is none of ours or damaged.
        """
        from mupy_helpers.streaming.files import read

        return read(path, "OnlineScorer", cls.resumed)
