"""What the course's neural networks share: windows, scaling, training, scores, and the channels behind a score."""

import numpy as np
import pandas as pd

from mupy_helpers.checks import checked_count, checked_number
from mupy_helpers.detectors.base import Detector
from mupy_helpers.detectors.saving import load_detector, save_detector
from mupy_helpers.detectors.training import predict, seeded, train
from mupy_helpers.windows import GAP, segments

CHUNK = 256  # windows scored at a time
MIN_WINDOWS = 8
# The validation loss of an epoch is taken over no more windows than this, evenly spaced.
VALIDATION_WINDOWS = 2048
# Scaled values are cut off here: beyond, single precision would overflow and the score would be no number.
FARTHEST = 1e6


class Network(Detector):
    """A neural network that is trained on windows of healthy rows; a window's score goes to its last row.

    Rows are scaled by mean and standard deviation of the rows it is trained on. The last part of the training rows,
    or the rows given as validation, tells when to stop; it is never shuffled with the others, and no window reaches
    across the border between the two or across a gap in time (a step above one and a half times the usual one).
    A row at which no window is complete yet, at the start and after a gap, scores as low as the lowest training
    window. Scoring goes on from the last training rows when the new rows follow them without a gap; rows
    without times are taken to follow.

    Parameters
    ----------
    window : int or None
        Rows in a window. None when each row is a whole window of one channel already, such as a heartbeat with its
        samples as columns; rows are then scored one by one, and scaled by one mean and one standard deviation.
    epochs : int
        At most.
    patience : int
        Stop after so many epochs without a better validation loss; the best weights are kept.
    batch_size : int
        Windows in a training step.
    learning_rate : float
        Of the optimiser Adam.
    step : int
        Rows from one training window to the next; every row is scored all the same.
    validation_share : float
        The last share of the training rows that tells when to stop, unless rows are given as validation.
    contamination : float
    random_state : int or None
        The seed of first weights, order and noise; None takes another one at each fit.
    verbose : int
        1 shows a progress bar.

    Attributes
    ----------
    history_ : ndarray of float, shape (epochs,)
        The validation loss after each epoch.
    validation_scores_ : ndarray of float
        The scores of the validation windows: rows that the weights have not seen, to take a threshold from.
    usual_ : ndarray of float, shape (channels,)
        The usual squared error of each channel, its mean over the validation windows, in scaled units.
    """

    ahead = 0  # rows after the window that it is judged by

    def __init__(self, window=24, epochs=30, patience=5, batch_size=64, learning_rate=0.003, step=1,
                 validation_share=0.2, contamination=0.1, random_state=0, verbose=0):
        super().__init__(contamination=contamination)
        self.window = window
        self.epochs = epochs
        self.patience = patience
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.step = step
        self.validation_share = validation_share
        self.random_state = random_state
        self.verbose = verbose

    @property
    def sequential(self):
        """Whether scoring goes on from the last training rows."""
        return self.window is not None and self.window + self.ahead > 1

    # --- what a network must say

    def _build(self, width, d, seed):
        """Return the compiled model for windows of so many rows and channels."""
        raise NotImplementedError

    def _inputs_and_targets(self, windows, rng):
        """Split windows, shape (m, width + ahead, d), into a list of inputs and the targets of the training."""
        return [windows], windows

    def _errors(self, windows):
        """The squared errors of windows: shape (m, rows, d)."""
        inputs, targets = self._inputs_and_targets(windows, None)
        return (predict(self.model_, inputs, CHUNK) - targets) ** 2

    def _losses(self, windows):
        """The validation loss of each window."""
        return self._errors(windows).mean(axis=(1, 2))

    def _shares(self, windows):
        """What each column adds to the score of a window: shape (m, d), and what belongs to no column: shape (m,)."""
        errors = self._errors(windows) / self.usual_
        shares = errors[:, :, 0] if self.window is None else errors.mean(axis=1)
        return shares / shares.shape[1], np.zeros(len(windows))

    def _check(self):
        checked_count(self.epochs, "epochs")
        checked_count(self.patience, "patience")
        checked_count(self.batch_size, "batch_size")
        checked_count(self.step, "step")
        checked_number(self.learning_rate, "learning_rate", above=0)
        checked_number(self.validation_share, "validation_share", above=0, below=1)
        if self.window is not None:
            checked_count(self.window, "window")
        if self.random_state is not None:
            checked_count(self.random_state, "random_state", at_least=0)

    # --- windows

    def _scaled(self, values):
        rows = np.clip((values - self._centre) / self._size, -FARTHEST, FARTHEST)
        return rows.astype(np.float32)

    @property
    def _reach(self):
        return 1 if self.window is None else self.window + self.ahead

    def _complete(self, n, index, before=0):
        """Positions of the rows at which a window is complete, with so many rows known before the first one."""
        timed = index is not None and self._max_gap is not None
        segment = segments(index, self._max_gap) if timed else np.zeros(n, dtype=int)
        position = np.arange(n) - np.flatnonzero(np.diff(segment, prepend=-1))[segment]
        position[segment == 0] += before
        return np.flatnonzero(position >= self._reach - 1)

    def _cut(self, rows, last):
        if self.window is None:
            return rows[last][:, :, np.newaxis]
        return rows[last[:, np.newaxis] + np.arange(1 - self._reach, 1)]

    def _by_chunks(self, function, rows, last):
        return [function(self._cut(rows, last[start:start + CHUNK])) for start in range(0, len(last), CHUNK)]

    # --- fit

    def fit(self, X, y=None, validation=None):
        """Train on rows of the past that are thought to be healthy.

        Parameters
        ----------
        X : DataFrame, Series or array, shape (n,) or (n, d)
            A time index, where there is one, must be in order without duplicates.
        y : ignored
        validation : DataFrame, Series or array, shape (m,) or (m, d), optional
            Healthy rows later than X that tell when to stop. By default the last part of X.

        Returns
        -------
        The detector itself.

        Raises
        ------
        TypeError, ValueError
            Says what is wrong with the rows or with a parameter.
        """
        self._later = validation
        try:
            return super().fit(X)
        finally:
            del self._later

    def _two_parts(self, values, index):
        """Training and validation rows, each with its index."""
        if self._later is None:
            n = len(values) - max(1, int(np.ceil(self.validation_share * len(values))))
            parts = (None, None) if index is None else (index[:n], index[n:])
            return (values[:n], parts[0]), (values[n:], parts[1])
        later, later_index = self._rows(self._later)
        named = self._named and isinstance(self._later, pd.DataFrame)
        if later.shape[1] != values.shape[1] or named and list(self._later.columns) != self.columns_:
            raise ValueError("validation must have the columns of X in the same order")
        if index is not None and later_index is not None:
            if (index.tz is None) != (later_index.tz is None):
                raise ValueError("the times of validation and X must both have a time zone, or neither")
            if later_index[0] <= index[-1]:
                raise ValueError(f"validation begins at {later_index[0]}, but X ends at {index[-1]}: it must be later")
        return (values, index), (later, later_index)

    def _fit(self, values, index):
        self._check()
        steps = None if index is None or len(index) < 2 else np.diff(index.as_unit("ns").asi8)
        self._max_gap = None if steps is None or self.window is None else pd.Timedelta(int(GAP * np.median(steps)))
        (first, first_index), (later, later_index) = self._two_parts(values, index)
        train_last = self._complete(len(first), first_index)[::self.step]
        later_last = self._complete(len(later), later_index)
        if len(train_last) < MIN_WINDOWS or not len(later_last):
            raise ValueError(f"{len(values)} training rows are too few for {type(self).__name__}: they hold "
                             f"{len(train_last)} windows of {self._reach} rows to train on and {len(later_last)} to "
                             f"validate, and it needs {MIN_WINDOWS} and 1: give more rows, or use a shorter window")
        self._scale(first)
        rng = np.random.default_rng(self.random_state)
        rows, later_rows = self._scaled(first), self._scaled(later)
        self._start(rng)
        self.model_ = self._build(*self._window_shape(), seeded(rng))
        some = later_last[np.linspace(0, len(later_last) - 1, min(len(later_last), VALIDATION_WINDOWS)).astype(int)]

        def batch_of(positions):
            inputs, targets = self._inputs_and_targets(self._cut(rows, train_last[positions]), rng)
            return (inputs if len(inputs) > 1 else inputs[0]), targets

        self.history_ = np.array(train(
            self.model_, batch_of, len(train_last),
            lambda: np.concatenate(self._by_chunks(self._losses, later_rows, some)).mean(),
            epochs=self.epochs, patience=self.patience, batch_size=self.batch_size, rng=rng, verbose=self.verbose))
        self._settle(later_rows, later_last)
        return self._training_scores(values, index, later_rows, later_last)

    def _scale(self, rows):
        if self.window is not None:
            self._refuse_constant(rows)
            self._centre, self._size = rows.mean(axis=0), rows.std(axis=0)
        else:
            self._centre, self._size = np.array([rows.mean()]), np.array([rows.std()])
            if self._size[0] == 0:
                raise ValueError("the training rows are constant: there is nothing to learn from them")

    def _start(self, rng):
        self._noise = np.empty((0, 0))

    def _window_shape(self):
        return (self.n_features_in_, 1) if self.window is None else (self.window, self.n_features_in_)

    def _settle(self, rows, last):
        errors = [part.mean(axis=1) for part in self._by_chunks(self._errors, rows, last)]
        self.usual_ = np.maximum(np.concatenate(errors).mean(axis=0), 1e-12)

    def _training_scores(self, values, index, later_rows, later_last):
        rows, last = self._scaled(values), self._complete(len(values), index)
        shares, rest = self._all_shares(rows, last)
        scores = shares.sum(axis=1) + rest
        self._quiet = float(scores.min())
        shares, rest = self._all_shares(later_rows, later_last)
        self.validation_scores_ = shares.sum(axis=1) + rest
        # Rows of the last stretch: a window of the rows to come may begin among them.
        first = 0
        if self._max_gap is not None:
            first = int(np.flatnonzero(np.diff(segments(index, self._max_gap), prepend=-1))[-1])
        self._memory = rows[max(first, len(rows) - self._reach + 1):] if self.sequential else rows[:0]
        full = np.full(len(values), self._quiet)
        full[last] = scores
        return full

    # --- scores

    def _known(self, index):
        """The rows before the first one that its window may reach back to: none across a gap."""
        gap = index is not None and self._max_gap is not None and index[0] - self._last_time > self._max_gap
        return self._memory[:0] if gap else self._memory

    def _move_on(self, values, index):
        rows, first = np.concatenate([self._known(index), self._scaled(values)]), 0
        if index is not None and self._max_gap is not None:
            begin = int(np.flatnonzero(np.diff(segments(index, self._max_gap), prepend=-1))[-1])
            first = begin and len(rows) - len(values) + begin
        self._memory = rows[max(first, len(rows) - self._reach + 1):] if self.sequential else rows[:0]

    def _all_shares(self, rows, last):
        parts = self._by_chunks(self._shares, rows, last)
        if not parts:
            return np.empty((0, self.n_features_in_)), np.empty(0)
        return tuple(np.concatenate(part) for part in zip(*parts, strict=True))

    def _parts(self, values, index):
        """What each column adds to the scores of rows, and what belongs to no column."""
        memory = self._known(index)
        rows = np.concatenate([memory, self._scaled(values)])
        last = self._complete(len(values), index, before=len(memory))
        shares = np.full((len(values), values.shape[1]), self._quiet / values.shape[1])
        rest = np.zeros(len(values))
        shares[last], rest[last] = self._all_shares(rows, last + len(memory))
        return shares, rest

    def _score(self, values, index):
        shares, rest = self._parts(values, index)
        return shares.sum(axis=1) + rest

    def explain(self, X):
        """Say how much each column adds to the score of each row.

        Parameters
        ----------
        X : DataFrame, Series or array, shape (n,) or (n, d)
            As for `decision_function`.

        Returns
        -------
        DataFrame with the index and columns of X when it is one, else ndarray; float, shape (n, d)
            The sum of a row is its score.
        """
        values, index = self._fitted_rows(X)
        shares, _ = self._parts(values, index)
        return pd.DataFrame(shares, index=X.index, columns=X.columns) if isinstance(X, pd.DataFrame) else shares

    # --- files

    def save(self, path):
        """Write the fitted detector into one file: numbers and a line of JSON, no code.

        Parameters
        ----------
        path : str or Path
            Must end in .npz; a file of that name is replaced.

        Returns
        -------
        Path
        """
        return save_detector(self, path)

    @classmethod
    def load(cls, path):
        """Read a fitted detector from a file that `save` has written. Nothing in the file is executed.

        Parameters
        ----------
        path : str or Path

        Returns
        -------
        The fitted detector.

        Raises
        ------
        ValueError
            When the file is none of ours, is damaged, or holds a detector of another class.
        """
        return load_detector(cls, path)
