"""Sliding windows over rows and back: from the scores of windows to one score per row (lessons 03 and 05)."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mupy_helpers.checks import (
    checked_choice,
    checked_count,
    checked_float,
    checked_index,
    checked_length,
    checked_rows,
    checked_scores,
)

# A step this many times the median step is a gap: the clocks of loggers wander, but not by half a step.
GAP = 1.5


def segments(index, max_gap=None):
    """Number the stretches of rows between gaps in the recording.

    Parameters
    ----------
    index : DatetimeIndex, shape (n,)
    max_gap : timedelta-like, optional
        A longer step between two rows is a gap. By default one and a half times the median step.

    Returns
    -------
    ndarray of int, shape (n,)
        0 for the rows before the first gap, 1 for those after it, and so on.

    Raises
    ------
    TypeError, ValueError
    """
    if checked_index(index, "index") is None:
        raise TypeError("index must be a DatetimeIndex, such as df.index after pd.to_datetime")
    if len(index) < 2:
        return np.zeros(len(index), dtype=int)
    steps = np.diff(index.as_unit("ns").asi8)
    limit = GAP * np.median(steps) if max_gap is None else checked_length(max_gap, "max_gap").as_unit("ns").value
    return np.concatenate([[0], np.cumsum(steps > limit)])


@dataclass(frozen=True, eq=False)
class Windows:
    """Windows cut from rows, and what is needed to bring their scores back to the rows.

    Parameters
    ----------
    values : ndarray, shape (m, width, d), or (m, width) when the rows were one-dimensional
        The windows, read-only. Where there is no gap they overlap in memory and cost no more than the rows.
    last_row : ndarray of int, shape (m,)
        The position of the last row of each window.
    segment : ndarray of int, shape (n,)
        The stretch between gaps that each row belongs to.
    index : Index or None
        The index of the rows, where they had one.
    """

    values: np.ndarray
    last_row: np.ndarray
    segment: np.ndarray
    index: pd.Index | None = None

    def __len__(self):
        return len(self.last_row)

    @property
    def width(self):
        """The number of rows in a window."""
        return self.values.shape[1]

    def _per_row(self, points):
        return points if self.index is None else pd.Series(points, index=self.index)

    def _checked(self, window_scores):
        scores = checked_scores(window_scores, "window_scores", min_rows=0)
        if len(scores) != len(self):
            raise ValueError(f"window_scores has {len(scores)} scores for {len(self)} windows: give one for each")
        return scores

    def to_points(self, window_scores, fill=np.nan):
        """Give each row the score of the last window that is complete by then. Causal.

        A window's score belongs to its last row; with a step above one, the rows up to the next window's last row
        keep it. Nothing is kept across a gap.

        Parameters
        ----------
        window_scores : Series or array, shape (m,)
        fill : float
            For rows at which no window of their stretch is complete yet.

        Returns
        -------
        Series with the rows' index, or ndarray when they had none; float, shape (n,)
        """
        scores = self._checked(window_scores)
        points = np.full(len(self.segment), checked_float(fill, "fill", missing=True))
        window = np.searchsorted(self.last_row, np.arange(len(points)), side="right") - 1
        known = window >= 0
        if known.any():
            known[known] = self.segment[self.last_row[window[known]]] == self.segment[known]
            points[known] = scores[window[known]]
        return self._per_row(points)

    def to_points_offline(self, window_scores, how="mean", fill=np.nan):
        """Give each row the mean or the largest score of all windows that hold it. Looks ahead by width - 1 rows.

        Parameters
        ----------
        window_scores : Series or array, shape (m,)
        how : "mean" or "max"
        fill : float
            For rows in no window.

        Returns
        -------
        Series with the rows' index, or ndarray when they had none; float, shape (n,)
        """
        scores = self._checked(window_scores)
        checked_choice(how, ("mean", "max"), "how")
        n = len(self.segment)
        total, count = np.full(n, 0.0 if how == "mean" else -np.inf), np.zeros(n, dtype=int)
        for offset in range(self.width):
            rows = self.last_row - offset  # no row twice in one pass, so plain indexing adds up
            total[rows] = total[rows] + scores if how == "mean" else np.maximum(total[rows], scores)
            count[rows] += 1
        held = count > 0
        points = np.full(n, checked_float(fill, "fill", missing=True))
        points[held] = total[held] / count[held] if how == "mean" else total[held]
        return self._per_row(points)


def sliding_windows(rows, width, step=1, max_gap=None):
    """Cut rows into windows; none spans a gap in the recording.

    Parameters
    ----------
    rows : DataFrame, Series or array, shape (n,) or (n, d)
        With a time index, gaps are found by it (see `segments`); without one the rows are taken to be without gaps.
    width : int
        Rows in a window.
    step : int
        Rows from one window to the next, counted anew after each gap.
    max_gap : timedelta-like, optional
        As in `segments`.

    Returns
    -------
    Windows

    Raises
    ------
    TypeError, ValueError
        Also when no stretch of rows is as long as a window.
    """
    width, step = checked_count(width, "width"), checked_count(step, "step")
    values, index = checked_rows(rows, "rows")
    if index is None and max_gap is not None:
        raise ValueError("max_gap needs rows with a time index")
    segment = np.zeros(len(values), dtype=int) if index is None else segments(index, max_gap)
    starts = np.flatnonzero(np.diff(segment, prepend=-1))
    position = np.arange(len(values)) - starts[segment]  # of each row within its stretch
    last_row = np.flatnonzero((position >= width - 1) & ((position - width + 1) % step == 0))
    if len(last_row) == 0:
        longest = int(np.bincount(segment).max())
        raise ValueError(f"no window of {width} rows fits: the longest stretch without a gap has {longest} rows")
    views = np.lib.stride_tricks.sliding_window_view(values, width, axis=0).transpose(0, 2, 1)
    one_dimensional = np.ndim(rows) == 1
    if segment[-1] == 0:
        cut = views[::step]  # still the same memory
    else:
        cut = views[last_row - width + 1]
        cut.flags.writeable = False
    return Windows(cut[:, :, 0] if one_dimensional else cut, last_row, segment, getattr(rows, "index", None))
