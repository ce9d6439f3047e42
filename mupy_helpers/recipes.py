"""The scoreboard's methods, one small function each: the readings of a store in, its alarms out (lesson 07).

Every recipe is a function of `store`, the readings of one cold store (DataFrame with a time index), and `before`, a
moment: it is fitted, and gets its threshold, on rows before that moment alone. It returns a Series of bool.
Lessons 03 and 04 write the same rules out in full.
"""

import numpy as np
import pandas as pd
from scipy.stats import median_abs_deviation

from mupy_helpers.ensembles import ScoreScale, combine_scores

CAUSES = ["frequency", "amb_temp"]
MACHINE = ["load_current", "room_temp", "tes_temp_1", "tes_temp_2", "frequency", "drive_current", "drive_power"]
SMOOTH = "2h"
HELD_BACK = 0.3  # the last share of the training rows, from which scale and threshold of `members_scores` come


def _past(rows, before):
    return rows[rows.index < pd.Timestamp(before)]


def _beyond_past(scores, before):
    """Alarm where a score is above the largest of the past."""
    return scores > _past(scores, before).max()


# --- lesson 01 and 03: the room, and how often the machine starts

def _never_call(store, before):
    """Raise no alarm at all."""
    return pd.Series(False, index=store.index)


def _room_above_10(store, before):
    """Row zero: alarm when the room is above 10 °C."""
    return store["room_temp"] > 10


def _room_z(store, before):
    """Alarm beyond three standard deviations of the room's past."""
    past = _past(store["room_temp"], before)
    return (store["room_temp"] - past.mean()).abs() > 3 * past.std()


def _room_robust_z(store, before):
    """Alarm beyond 3.5 robust standard deviations of the room's past."""
    past = _past(store["room_temp"], before)
    spread = median_abs_deviation(past, scale="normal", nan_policy="omit")
    return (store["room_temp"] - past.median()).abs() > 3.5 * spread


def _room_by_hour(store, before):
    """Alarm when the room is further from its usual value at this hour than ever in the past."""
    room = store["room_temp"]
    past = _past(room, before)
    typical = past.groupby(past.index.hour).median()
    return _beyond_past((room - typical.reindex(room.index.hour).to_numpy()).abs(), before)


def _starts_in_six_hours(store, before):
    """Alarm when the compressor starts more often within six hours than ever in the past."""
    on = store["drive_current"] > 0.5
    return _beyond_past((on & ~on.shift(fill_value=False)).rolling("6h").sum(), before)


# --- lesson 03: the drive current, less what it should be

def current_residual(store, before):
    """Return the drive current of running rows less a straight line in frequency and outside temperature.

    Parameters
    ----------
    store : DataFrame
    before : timestamp-like
        The line is fitted on the running rows before it.

    Returns
    -------
    Series of float, in amperes; running rows only
    """
    from sklearn.linear_model import LinearRegression

    running = store[store["drive_current"] > 0.5].dropna(subset=["drive_current", *CAUSES])
    past = _past(running, before)
    model = LinearRegression().fit(past[CAUSES], past["drive_current"])
    return running["drive_current"] - model.predict(running[CAUSES])


def _memory(store, before):
    residual = current_residual(store, before)
    # Empty at first, as a control chart's: else the first row would count in full, and might set the threshold.
    memory = pd.Series(np.concatenate([[0.0], residual])).ewm(span=40, adjust=False).mean().to_numpy()[1:]
    return pd.Series(memory, index=residual.index).reindex(store.index)


def _current_ewma(store, before):
    """Alarm when the memory of the current's residual is further from zero than ever in the past."""
    return _beyond_past(_memory(store, before).abs(), before)


def _current_ewma_down(store, before):
    """The same, but only where the current is too low."""
    return _beyond_past(-_memory(store, before), before)


def _current_cusum(store, before):
    """Alarm when the cumulative sum of the current's residual is larger than ever in the past."""
    from mupy_helpers.detectors import CUSUMChart, detect_entire

    residual = current_residual(store, before)
    scores = detect_entire(CUSUMChart(), residual, fit_rows=len(_past(residual, before)))
    return _beyond_past(scores.reindex(store.index), before)


# By the name that a rule has on the scoreboard: functions of a store's readings and the moment before which to fit.
RULES = {
    "never call": _never_call,
    "room > 10 °C": _room_above_10,
    "z-score of the room > 3": _room_z,
    "robust z of the room > 3.5": _room_robust_z,
    "seasonal residual of the room": _room_by_hour,
    "starts in six hours": _starts_in_six_hours,
    "EWMA of the current's residual": _current_ewma,
    "EWMA, downwards only": _current_ewma_down,
    "CUSUM of the current's residual": _current_cusum,
}


# --- lesson 04: seven channels at once, each training day judged by a detector that has not seen it

def machine_features(store, before, every=4):
    """Return the machine's seven channels, each the median of its last six readings, scaled by the past.

    Parameters
    ----------
    store : DataFrame
    before : timestamp-like
    every : int
        Only every so many-th row is kept.

    Returns
    -------
    DataFrame of float
    """
    rows = store[MACHINE].rolling("8min").median().ffill().iloc[::every]
    past = _past(rows, before)
    return (rows - past.mean()) / past.std()


def _left_out(make, past, groups):
    days = past.index.normalize()
    parts = []
    for some in np.array_split(days.unique(), min(groups, days.nunique())):
        held = days.isin(some)
        scores = make().fit(past[~held].to_numpy()).decision_function(past[held].to_numpy())
        parts.append(pd.Series(scores, index=past.index[held]))
    return pd.concat(parts)


def distance_alarm(store, before, make, every=4, groups=100):
    """Alarm when the mean score of two hours is above that of every training day.

    Parameters
    ----------
    store : DataFrame
    before : timestamp-like
    make : callable
        Takes nothing and returns a detector with fit and decision_function, not fitted.
    every : int
        As in `machine_features`.
    groups : int
        Training days are scored by a detector that has not seen them, in so many groups at most; by default each day
        is a group.

    Returns
    -------
    Series of bool, one for each row that was kept
    """
    from threadpoolctl import threadpool_limits  # comes with scikit-learn

    rows = machine_features(store, before, every)
    past = _past(rows, before)
    with threadpool_limits(1):  # many small fits: threads would wait for each other
        threshold = _left_out(make, past, groups).rolling(SMOOTH).mean().max()
        scores = pd.Series(make().fit(past.to_numpy()).decision_function(rows.to_numpy()), index=rows.index)
    return scores.rolling(SMOOTH).mean() > threshold


def makers():
    """Return what makes the detectors of lesson 04's scoreboard, by name.

    Returns
    -------
    dict of callables without arguments
    """
    from pyod.models.iforest import IForest
    from pyod.models.knn import KNN
    from pyod.models.lof import LOF

    from mupy_helpers.detectors import T2SPE, HotellingT2, KMeansDistance

    return {"Mahalanobis (T², all components)": lambda: HotellingT2(n_components=len(MACHINE)),
            "T² + SPE": lambda: T2SPE(n_components=0.9), "k-means distance": lambda: KMeansDistance(n_clusters=8),
            "k-NN distance": lambda: KNN(n_neighbors=10), "LOF": lambda: LOF(n_neighbors=20),
            "Isolation Forest": lambda: IForest(random_state=0)}


# --- lessons 06 and 07: networks, and several detectors together

def members(random_state=0):
    """Return the parts of the course's ensemble: linear ones, and one that is not.

    Parameters
    ----------
    random_state : int
        Of the network.

    Returns
    -------
    dict of detectors, not fitted
    """
    from mupy_helpers.detectors import T2SPE, LSTMAutoencoder, VARResidual

    return {"T² + SPE": T2SPE(n_components=0.9), "VAR": VARResidual(lags=2),
            "LSTM autoencoder": LSTMAutoencoder(window=10, n_units=16, epochs=12, step=2, random_state=random_state)}


def members_scores(store, before, detectors, every=8):
    """Score a store by several detectors, each on the scale of healthy rows that it was not fitted on.

    All are fitted on the first 70 % of the rows before the moment; the other 30 % are held back and set the scale.

    Parameters
    ----------
    store : DataFrame
    before : timestamp-like
    detectors : dict of detectors, not fitted
    every : int
        As in `machine_features`.

    Returns
    -------
    DataFrame of float, one column for each detector
        Robust z-scores of the mean of two hours, from the first row that was held back on.
    """
    rows = machine_features(store, before, every)
    n = round((1 - HELD_BACK) * len(_past(rows, before)))
    scores = {}
    for name, detector in detectors.items():
        later = pd.Series(detector.fit(rows[:n]).decision_function(rows[n:]), index=rows.index[n:])
        smooth = later.rolling(SMOOTH).mean()
        scores[name] = ScoreScale("robust_z").fit(_past(smooth, before)).transform(smooth)
    return pd.DataFrame(scores, index=rows.index[n:])


def combined_alarm(scores, before):
    """Alarm when the mean of several scores is above that of every row that was held back.

    Parameters
    ----------
    scores : DataFrame
        From `members_scores`, or some of its columns.
    before : timestamp-like

    Returns
    -------
    Series of bool
    """
    return _beyond_past(pd.Series(combine_scores(scores, "mean"), index=scores.index), before)
