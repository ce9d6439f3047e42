"""The learner's detector beside the baselines, on recordings whose events are known (lesson 07)."""

import copy
import inspect
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pyod.models.base import BaseDetector
from sklearn.base import OutlierMixin, clone

from mupy_helpers.checks import checked_choice, checked_count, checked_flags, checked_rows
from mupy_helpers.metrics import volume_under_surface
from mupy_helpers.metrics.rows import runs

WINDOW = 48  # of the volume, and of the rolling baseline: a day of the simulated recordings
FALSE_ALARMS = 0.01
CONFIDENCE = 0.95
N_BOOTSTRAP = 2000
KINDS = ("spike", "level shift", "frozen", "frequency", "drift")
COLD_STORE = ("room_temp", "tes_temp_2", "pressure", "room_humidity", "amb_temp")


@dataclass(frozen=True, eq=False)
class Recording:
    """Rows with known events; the first ones are healthy and there to fit on.

    Parameters
    ----------
    name : str
    rows : DataFrame, shape (n, d)
        The events are seen in the first column, if not only there.
    labels : Series of bool, shape (n,)
        True inside the events.
    fit_rows : int
        So many of the first rows are healthy.
    """

    name: str
    rows: pd.DataFrame
    labels: pd.Series
    fit_rows: int

    def __post_init__(self):
        checked_rows(self.rows, f"rows of {self.name}")
        labels = checked_flags(self.labels, f"labels of {self.name}")
        fit_rows = checked_count(self.fit_rows, "fit_rows", at_least=2)
        if len(labels) != len(self.rows):
            raise ValueError(f"{self.name} has {len(self.rows)} rows and {len(labels)} labels: give one for each")
        if labels[:fit_rows].any():
            raise ValueError(f"{self.name} has events among its first {fit_rows} rows: fit on healthy ones")
        if not labels[fit_rows:].any() or labels[fit_rows:].all():
            raise ValueError(f"{self.name} needs both events and healthy rows after its first {fit_rows} rows")


def simulated_recording(kind, seed):
    """Simulate thirty days of a sensor and its neighbour, every half hour, with three events of one kind in the sensor.

    Both follow the same day; the noise of each remembers itself. The first fifteen days are healthy.

    Parameters
    ----------
    kind : {"spike", "level shift", "frozen", "frequency", "drift"}
        One to three rows far off; two and a half standard deviations of the noise up or down; standing still; twice
        the speed of the day; a ramp to three standard deviations.
    seed : int

    Returns
    -------
    Recording
    """
    checked_choice(kind, KINDS, "kind")
    seed = checked_count(seed, "seed", at_least=0)
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    n, fit_rows, day = 1440, 720, 48
    noise = rng.normal(size=(n, 2))
    for row in range(1, n):
        noise[row] += 0.6 * noise[row - 1]
    noise /= noise.std(axis=0)
    phase = 2 * np.pi * np.arange(n) / day + rng.uniform(0, 2 * np.pi)
    value, neighbour = 3 * np.sin(phase), 2 * np.sin(phase) + noise[:, 1]
    labels = np.zeros(n, dtype=bool)
    for start in fit_rows + np.array([70, 300, 530]) + rng.integers(0, 60, size=3):
        length = {"spike": rng.integers(1, 4), "drift": 100}.get(kind, 48)
        span, sign = slice(start, start + length), rng.choice([-1, 1])
        labels[span] = True
        if kind == "frequency":
            value[span] = 3 * np.sin(2 * phase[span] - phase[start])
        elif kind == "frozen":
            value[span], noise[span, 0] = value[start], noise[start, 0]
        else:
            value[span] += sign * {"spike": 6.0, "level shift": 2.5, "drift": np.linspace(0, 3, length)}[kind]
    index = pd.date_range("2024-03-01", periods=n, freq="30min")
    rows = pd.DataFrame({"value": value + noise[:, 0], "neighbour": neighbour}, index=index)
    return Recording(f"{kind} {seed}", rows, pd.Series(labels, index=index), fit_rows)


def cold_store_recording():
    """Return the cold store's leak in half hours, without the day in which the store cools down after the repair.

    Returns
    -------
    Recording
    """
    from mupy_helpers.datasets import load_cold_store, load_cold_store_events
    from mupy_helpers.scoreboard import SCORED_FROM, SETTLING

    events = load_cold_store_events()
    leak = events[events["kind"] == "slow_leak"].iloc[0]
    rows = load_cold_store()[list(COLD_STORE)].resample("30min").mean().dropna()
    rows = rows[(rows.index <= leak["end"]) | (rows.index > leak["end"] + SETTLING)]
    labels = pd.Series((rows.index >= leak["start"]) & (rows.index <= leak["end"]), index=rows.index)
    return Recording("cold store", rows, labels, int((rows.index < SCORED_FROM).sum()))


def mini_suite():
    """Return the eleven recordings of the suite "mini": five kinds of event, two of each, and the cold store's leak.

    Returns
    -------
    list of Recording
    """
    return [simulated_recording(kind, seed) for kind in KINDS for seed in (1, 2)] + [cold_store_recording()]


def board_parts():
    """Return the parts of the board's ensemble: PCA, vector autoregression and a dense autoencoder over half a day.

    The network is small and dense so that the board is ready while one waits.

    Returns
    -------
    dict of detectors, not fitted
    """
    from mupy_helpers.detectors import T2SPE, DenseAutoencoder, VARResidual

    return {"T² + SPE": T2SPE(), "VAR residual": VARResidual(lags=4),
            "dense autoencoder": DenseAutoencoder(window=24, n_code=4, epochs=12, step=2)}


def board_ensemble():
    """Return the board's ensemble: the mean of the robust z-scores of its parts.

    Returns
    -------
    ScoreEnsemble, not fitted
    """
    from mupy_helpers.ensembles import ScoreEnsemble

    return ScoreEnsemble(list(board_parts().values()))


def baselines(random_state=0):
    """Return the detectors that are on every board, by name.

    Parameters
    ----------
    random_state : int

    Returns
    -------
    dict of detectors, not fitted
    """
    from pyod.models.iforest import IForest
    from pyod.models.knn import KNN

    from mupy_helpers.detectors.baselines import LastValue, RandomScores, RollingZ

    return {"random": RandomScores(random_state), "last value": LastValue(), "rolling z": RollingZ(WINDOW),
            "Isolation Forest": IForest(n_estimators=50, random_state=random_state),
            "k-NN distance": KNN(n_neighbors=10), **board_parts(), "board's ensemble": board_ensemble()}


def _fresh(detector, name):
    """An unfitted copy, or words on why it is no detector."""
    if inspect.isclass(detector):
        raise TypeError(f"{detector.__name__} is a class: give an object, such as {detector.__name__}()")
    for method in ("fit", "decision_function"):
        if not callable(getattr(detector, method, None)):
            raise TypeError(f"{name} has no method {method}: the board needs fit(X) and decision_function(X)")
    if isinstance(detector, OutlierMixin) and not isinstance(detector, BaseDetector):
        raise TypeError(f"{name} is scikit-learn's, whose decision_function is higher for normal rows: use the "
                        "detector of the same kind in PyOD, or one that gives minus these scores")
    if getattr(detector, "offline", False):
        raise ValueError(f"{name} looks at the whole series: the board fits on the past and scores what comes after")
    try:
        required = [parameter.name for parameter in inspect.signature(detector.fit).parameters.values()
                    if parameter.default is parameter.empty and parameter.kind in (0, 1, 3)]
    except ValueError:
        required = []  # written in C, it does not tell
    if len(required) > 1:
        raise TypeError(f"{name}.fit asks for {', '.join(required[1:])} beside the rows: the board fits on a healthy "
                        "past without labels; use fit(X) or fit(X, y=None)")
    return clone(detector) if hasattr(detector, "get_params") else copy.deepcopy(detector)


def _named(detector, name):
    if name is not None and not isinstance(name, str):
        raise TypeError(f"name must be text, not {name!r}")
    return type(detector).__name__ if name is None else name


def _call(function, rows, what):
    given = rows.copy()
    try:
        result = function(given)
    except Exception as error:  # whatever a stranger's code raises is told with its place
        raise ValueError(f"{what} failed with {type(error).__name__}: {error}") from error
    if not given.equals(rows) or not given.index.equals(rows.index):
        raise ValueError(f"{what} changed the rows it was given: work on a copy, X.copy()")
    return result


def _scores(result, n, what):
    try:
        scores = np.asarray(result, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{what} must return numbers, one for each row, not {type(result).__name__}") from None
    if scores.shape not in ((n,), (n, 1)):
        raise ValueError(f"{what} must return one score for each of the {n} rows, not the shape {scores.shape}")
    if not np.isfinite(scores).all():
        raise ValueError(f"{what} returned {int((~np.isfinite(scores)).sum())} scores that are NaN or infinite: every "
                         "row needs a number; give rows that can not be judged the lowest score")
    return scores.ravel()


def score_recording(detector, recording, name=None):
    """Fit a fresh copy of a detector on the first rows of a recording and score those after.

    Parameters
    ----------
    detector : object with fit(X) and decision_function(X)
        One with the attribute `univariate = True` gets the first column only.
    recording : Recording
    name : str, optional
        For messages; by default the name of its class.

    Returns
    -------
    scores : ndarray of float, shape (n - fit_rows,)
    looks_ahead : bool
        True when the scores of the first half change with the rows of the second half.

    Raises
    ------
    TypeError, ValueError
        Says what is wrong with the detector.
    """
    name = _named(detector, name)
    if not isinstance(recording, Recording):
        raise TypeError(f"recording must be a Recording, not {type(recording).__name__}")
    fresh = _fresh(detector, name)
    rows = recording.rows.iloc[:, :1] if getattr(detector, "univariate", False) else recording.rows
    past, later = rows.iloc[:recording.fit_rows], rows.iloc[recording.fit_rows:]
    where = f"on the recording {recording.name!r}"
    _call(fresh.fit, past, f"{name}.fit {where}")
    what = f"{name}.decision_function {where}"
    scores = _scores(_call(fresh.decision_function, later, what), len(later), what)
    half = len(later) // 2
    first = _scores(_call(fresh.decision_function, later.iloc[:half], what), half, what)
    return scores, not np.allclose(first, scores[:half], rtol=1e-5, atol=1e-8)


def _measured(scores, recording):
    labels = recording.labels.to_numpy(dtype=bool)[recording.fit_rows:]
    threshold = np.quantile(scores[~labels], 1 - FALSE_ALARMS, method="higher")
    first, last = runs(labels)
    found = [(scores[a:b + 1] > threshold).any() for a, b in zip(first, last, strict=True)]
    return volume_under_surface(labels, scores, WINDOW).pr, float(np.mean(found))


class Leaderboard:
    """Detectors measured on the same recordings, the best first.

    Parameters
    ----------
    volumes : DataFrame, shape (detectors, recordings)
        VUS-PR of each detector on each recording.
    found : DataFrame, shape (detectors, recordings)
        The share of its events that each detector found.
    looks_ahead : dict
        Name of the detector to True or False.
    random_state : int
        For the bootstrap.
    """

    def __init__(self, volumes, found, looks_ahead, random_state=0):
        self.volumes, self.found, self.looks_ahead = volumes, found, looks_ahead
        self.random_state = random_state

    def table(self):
        """Return the board.

        "VUS-PR" is the mean over the recordings, "low" and "high" its 95 % bootstrap interval: recordings drawn anew
        with replacement, the same ones for all detectors. "events found" is the mean share of the events with a
        row above the threshold that 1 % of the healthy rows after the fit are above: the threshold is looked up on the
        recording itself, so that all detectors have the same false alarms; nobody could choose it so beforehand.

        Returns
        -------
        DataFrame, one row per detector, the highest VUS-PR first
        """
        low, high = self._interval(self.volumes)
        table = pd.DataFrame({
            "VUS-PR": self.volumes.mean(axis=1), "low": low, "high": high, "events found": self.found.mean(axis=1),
            "looks ahead": ["yes" if self.looks_ahead[name] else "no" for name in self.volumes.index]})
        return table.sort_values("VUS-PR", ascending=False, kind="stable").rename_axis("detector")

    def _interval(self, volumes):
        """Low and high of the mean over the recordings, the last axis; the same recordings are drawn at each call."""
        n = volumes.shape[-1]
        drawn = np.random.default_rng(self.random_state).integers(0, n, size=(N_BOOTSTRAP, n))
        means = volumes.to_numpy()[..., drawn].mean(axis=-1)
        return np.quantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], axis=-1)

    def difference(self, detector, other):
        """Return how much higher the VUS-PR of a detector is than that of another, on the same recordings.

        Parameters
        ----------
        detector, other : str
            As they are called on the board.

        Returns
        -------
        Series: the mean difference, and low and high of its 95 % bootstrap interval (paired)
        """
        for name in (detector, other):
            checked_choice(name, list(self.volumes.index), "a detector's name")
        gap = self.volumes.loc[detector] - self.volumes.loc[other]
        low, high = self._interval(gap)
        return pd.Series({"difference": gap.mean(), "low": low, "high": high})

    def by_recording(self):
        """Return the VUS-PR of each detector on each recording.

        Returns
        -------
        DataFrame, shape (recordings, detectors), the detectors in the order of the board
        """
        return self.volumes.loc[self.table().index].T.rename_axis("recording")

    def __repr__(self):
        return self.table().round(2).to_string()

    def _repr_html_(self):
        return self.table().round(2).to_html()


def evaluate(detector, suite="mini", name=None, random_state=0):
    """Measure a detector beside the baselines, each fitted on the healthy past of each recording.

    Parameters
    ----------
    detector : object with fit(X) and decision_function(X)
        X is a DataFrame with a time index; higher scores are more anomalous. A fresh copy is fitted each time. One with
        the attribute `univariate = True` gets the first column only.
    suite : "mini" or list of Recording
        As from `mini_suite`, or recordings of one's own.
    name : str, optional
        On the board; by default the name of its class.
    random_state : int
        Of the baselines and the bootstrap.

    Returns
    -------
    Leaderboard

    Raises
    ------
    TypeError, ValueError
        Says what is wrong with the detector: no such method, labels needed, NaN, wrong length, rows changed, an error.
    """
    if isinstance(suite, str) and suite != "mini":
        raise ValueError(f"suite must be 'mini' or a list of Recording, not {suite!r}")
    if not isinstance(suite, (str, list, tuple)):
        raise TypeError("suite must be 'mini' or a list of Recording")
    recordings = mini_suite() if isinstance(suite, str) else list(suite)
    if not recordings or not all(isinstance(recording, Recording) for recording in recordings):
        raise TypeError("suite must be 'mini' or a list of Recording")
    names = [recording.name for recording in recordings]
    if len(set(names)) < len(names):
        raise ValueError("two recordings of the suite have the same name: give each its own")
    name = _named(detector, name)
    others = baselines(checked_count(random_state, "random_state", at_least=0))
    if name in others:
        raise ValueError(f"the name {name!r} is taken by a baseline: choose another with name=")
    volumes, found, looks_ahead = {}, {}, {}
    for each, entry in {name: detector, **others}.items():
        scored = [score_recording(entry, recording, each) for recording in recordings]
        measured = [_measured(scores, recording)
                    for (scores, _), recording in zip(scored, recordings, strict=True)]
        volumes[each], found[each] = zip(*measured, strict=True)
        looks_ahead[each] = any(ahead for _, ahead in scored)
    volumes, found = (pd.DataFrame.from_dict(part, orient="index", columns=names) for part in (volumes, found))
    return Leaderboard(volumes, found, looks_ahead, random_state)
