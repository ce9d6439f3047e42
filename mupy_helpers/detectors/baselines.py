"""What every detector must beat: chance, the last value, and a rolling z-score (lesson 07)."""

import numpy as np
import pandas as pd

from mupy_helpers.checks import checked_count
from mupy_helpers.detectors.base import Detector


class RandomScores(Detector):
    """Scores drawn at random: what a detector that knows nothing gets.

    Parameters
    ----------
    random_state : int
    contamination : float
    """

    def __init__(self, random_state=0, contamination=0.1):
        super().__init__(contamination=contamination)
        self.random_state = random_state

    def _fit(self, values, index):
        checked_count(self.random_state, "random_state", at_least=0)
        self._drawn = 0
        return np.random.default_rng([self.random_state, 1]).random(len(values))

    def _score(self, values, index):
        rng = np.random.default_rng([self.random_state, 2])
        rng.bit_generator.advance(self._drawn)
        return rng.random(len(values))

    def _move_on(self, values, index):
        self._drawn += len(values)


class LastValue(Detector):
    """How far each row is from the one before, in the usual size of such steps; the largest of the columns.

    Parameters
    ----------
    contamination : float
    """

    sequential = True

    def _fit(self, values, index):
        self._need_rows(values, 3, "it measures the usual step")
        self._refuse_constant(values)
        self._step = np.diff(values, axis=0).std(axis=0)
        self._step[self._step == 0] = values.std(axis=0)[self._step == 0]  # a straight line
        self._memory = values[:1]
        scores = self._score(values, index)
        self._memory = values[-1:].copy()
        return scores

    def _score(self, values, index):
        steps = np.diff(np.concatenate([self._memory, values]), axis=0)
        return (np.abs(steps) / self._step).max(axis=1)

    def _move_on(self, values, index):
        self._memory = values[-1:].copy()


class RollingZ(Detector):
    """How far each row is from the mean of the rows before it, in their standard deviations; the largest column.

    Where the rows before stood still, the standard deviation of the training rows takes the place of theirs.

    Parameters
    ----------
    window : int
        Rows before the row.
    contamination : float
    """

    sequential = True

    def __init__(self, window=48, contamination=0.1):
        super().__init__(contamination=contamination)
        self.window = window

    def _fit(self, values, index):
        window = checked_count(self.window, "window", at_least=2)
        self._need_rows(values, window + 1, f"it takes {window} rows before a row")
        self._refuse_constant(values)
        self._spread = values.std(axis=0)
        self._memory = values[:0]
        scores = self._score(values, index)
        self._memory = values[-window:].copy()
        return scores

    def _score(self, values, index):
        rows = pd.DataFrame(np.concatenate([self._memory, values]))
        before = rows.rolling(self.window).agg(["mean", "std"]).shift(1)
        mean, spread = (before.xs(name, axis=1, level=1).to_numpy() for name in ("mean", "std"))
        spread = np.where(spread > 1e-9 * self._spread, spread, self._spread)
        z = np.nan_to_num(np.abs(rows.to_numpy() - mean) / spread)  # 0 until the window is full
        return z.max(axis=1)[len(self._memory):]

    def _move_on(self, values, index):
        self._memory = np.concatenate([self._memory, values])[-int(self.window):]
