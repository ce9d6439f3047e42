"""Trailing-range exceedance: is this higher or lower than anything seen lately? (lesson 03)."""

import numpy as np
import pandas as pd

from mupy_helpers.checks import checked_count
from mupy_helpers.detectors.base import Detector


class TrailingRange(Detector):
    """How far a row lies outside the range of the rows before it, as a share of that range; 0 inside it.

    Where the rows before were constant, the range of all rows up to then takes its place; where these were constant
    too, the first row that differs scores 1. Rows with fewer than `warm_up` rows before them score 0.
    Scoring goes on from the last window of the training rows.

    Parameters
    ----------
    window : int
        How many rows before the row make the range.
    warm_up : int, optional
        Half a window by default.
    contamination : float
        Most scores are 0; so is `threshold_` where fewer training rows than this share are outside their range.
    """

    sequential = True
    univariate = True

    def __init__(self, window, warm_up=None, contamination=0.1):
        super().__init__(contamination=contamination)
        self.window = window
        self.warm_up = warm_up

    def _fit(self, values, index):
        window = checked_count(self.window, "window")
        self._warm_up = max(1, window // 2) if self.warm_up is None else checked_count(self.warm_up, "warm_up")
        self._need_rows(values, self._warm_up + 1, f"the first {self._warm_up} rows only make a range")
        self._refuse_constant(values)
        self._lowest, self._highest, self._memory = np.inf, -np.inf, np.empty(0)
        self._seen = 0
        scores = self._score(values, index)
        self._memory = values[-window:, 0].copy()
        self._lowest, self._highest = float(values.min()), float(values.max())
        self._seen = len(values)
        return scores

    def _move_on(self, values, index):
        self._memory = np.concatenate([self._memory, values[:, 0]])[-int(self.window):]
        self._lowest, self._highest = min(self._lowest, float(values.min())), max(self._highest, float(values.max()))
        self._seen += len(values)

    def _score(self, values, index):
        rows = pd.Series(np.concatenate([self._memory, values[:, 0]]))
        before = rows.rolling(int(self.window), min_periods=1)
        known = len(self._memory)
        # The extremes before a row; the first row of all has none, and inside its own range it scores 0.
        low = before.min().shift(1).fillna(rows).to_numpy()[known:]
        high = before.max().shift(1).fillna(rows).to_numpy()[known:]
        lowest = np.minimum.accumulate(np.minimum(low, self._lowest))
        highest = np.maximum.accumulate(np.maximum(high, self._highest))
        outside = np.maximum(np.maximum(values[:, 0] - high, low - values[:, 0]), 0)
        size = np.where(high > low, high - low, highest - lowest)
        scores = np.divide(outside, size, out=np.ones(len(values)), where=size > 0)
        early = self._seen + np.arange(len(values)) < self._warm_up
        return np.where((outside == 0) | early, 0.0, scores)
