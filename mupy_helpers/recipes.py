"""The scoreboard's methods, one small function each: the readings of a store in, its alarms out (lesson 07).

Every recipe is a function of `store`, the readings of one cold store (DataFrame with a time index), and `before`, a
moment: it is fitted, and gets its threshold, on rows before that moment alone. It returns a Series of bool.
Given a third argument, `since`, a rule is fitted on the rows before `since` and has its threshold from those between
`since` and `before`, as the methods of many channels do. Lessons 03 and 04 write the same rules out in full.
"""

import numpy as np
import pandas as pd
from scipy.stats import median_abs_deviation

from mupy_helpers.checks import check_same_zone, checked_count, checked_readings, checked_stamp

CAUSES = ["frequency", "amb_temp"]
MACHINE = ["load_current", "room_temp", "tes_temp_1", "tes_temp_2", "frequency", "drive_current", "drive_power"]
SMOOTH = "2h"
HELD_BACK = 0.3  # the last share of the past: healthy rows that set scale and threshold, and on which nothing is fitted
ENSEMBLE = ["T² + SPE", "VAR", "LSTM autoencoder"]


def _past(rows, before):
    return rows[rows.index < pd.Timestamp(before)]


def _checked(store, before, columns=()):
    """Readings, and a moment that some of them are before."""
    store, before = checked_readings(store, columns), checked_stamp(before, "before")
    check_same_zone(store.index, [before], ("store", "before"))
    if not len(store) or store.index[0] >= before:
        raise ValueError(f"store has no row before {before}: there is no past to learn from")
    return store, before


def held_back_since(store, before):
    """Return the moment that parts the past of a store: to be fitted on until then, held back from then on.

    Parameters
    ----------
    store : DataFrame
    before : timestamp-like
        The past ends here; its last 30 % of rows are held back.

    Returns
    -------
    Timestamp
    """
    past = _past(*_checked(store, before)).index
    return past[min(round((1 - HELD_BACK) * len(past)), len(past) - 1)]


def _beyond_past(scores, before, since=None):
    """Alarm where a score is above the largest of the past, or of its part from `since` on."""
    past = _past(scores, before)
    return scores > (past if since is None else past[past.index >= since]).max()


# --- lesson 01 and 03: the room, and how often the machine starts

def _never_call(store, before, since=None):
    """Raise no alarm at all."""
    return pd.Series(False, index=store.index)


def _room_above_10(store, before, since=None):
    """Row zero: alarm when the room is above 10 °C."""
    return store["room_temp"] > 10


def _room_z(store, before, since=None):
    """Alarm beyond three standard deviations of the room's past."""
    past = _past(store["room_temp"], since or before)
    return (store["room_temp"] - past.mean()).abs() > 3 * past.std()


def _room_robust_z(store, before, since=None):
    """Alarm beyond 3.5 robust standard deviations of the room's past."""
    past = _past(store["room_temp"], since or before)
    spread = median_abs_deviation(past, scale="normal", nan_policy="omit")
    return (store["room_temp"] - past.median()).abs() > 3.5 * spread


def _room_by_hour(store, before, since=None):
    """Alarm when the room is further from its usual value at this hour than ever in the past."""
    room = store["room_temp"]
    past = _past(room, since or before)
    typical = past.groupby(past.index.hour).median()
    return _beyond_past((room - typical.reindex(room.index.hour).to_numpy()).abs(), before, since)


def _starts_in_six_hours(store, before, since=None):
    """Alarm when the compressor starts more often within six hours than ever in the past."""
    on = store["drive_current"] > 0.5
    return _beyond_past((on & ~on.shift(fill_value=False)).rolling("6h").sum(), before, since)


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

    store, before = _checked(store, before, ["drive_current", *CAUSES])
    running = store[store["drive_current"] > 0.5].dropna(subset=["drive_current", *CAUSES])
    past = _past(running, before)
    if past.empty:
        raise ValueError(f"before {before} no running row has drive_current, {' and '.join(CAUSES)}: there is nothing "
                         "to fit a line to")
    model = LinearRegression().fit(past[CAUSES], past["drive_current"])
    return running["drive_current"] - model.predict(running[CAUSES])


def _memory(store, before):
    residual = current_residual(store, before)
    # Empty at first, as a control chart's: else the first row would count in full, and might set the threshold.
    memory = pd.Series(np.concatenate([[0.0], residual])).ewm(span=40, adjust=False).mean().to_numpy()[1:]
    return pd.Series(memory, index=residual.index).reindex(store.index)


def _current_ewma(store, before, since=None):
    """Alarm when the memory of the current's residual is further from zero than ever in the past."""
    return _beyond_past(_memory(store, since or before).abs(), before, since)


def _current_ewma_down(store, before, since=None):
    """The same, but only where the current is too low."""
    return _beyond_past(-_memory(store, since or before), before, since)


def _current_cusum(store, before, since=None):
    """Alarm when the cumulative sum of the current's residual is larger than ever in the past."""
    from mupy_helpers.detectors import CUSUMChart, detect_entire

    residual = current_residual(store, since or before)
    scores = detect_entire(CUSUMChart(), residual, fit_rows=len(_past(residual, since or before)))
    return _beyond_past(scores.reindex(store.index), before, since)


def scored_current(store, before):
    """Score a store by the EWMA of the current's residual; `fleet.score_fleet` does so with each unit.

    Parameters
    ----------
    store : DataFrame
    before : timestamp-like
        Line and limit come from the rows before it.

    Returns
    -------
    DataFrame
        score, in amperes: how far the memory of the residual is from zero, NaN where the compressor rests;
        is_alarm: further than ever in the past.
    """
    scores = _memory(store, before).abs()
    return pd.DataFrame({"score": scores, "is_alarm": _beyond_past(scores, before)})


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


# --- lessons 03, 04 and 06: seven channels at once, and several detectors together

def machine_features(store, before, every=8):
    """Return the machine's seven channels, each the median of its last six readings, scaled by the past.

    Parameters
    ----------
    store : DataFrame
    before : timestamp-like
        Mean and standard deviation come from the rows before it: give the moment up to which detectors are fitted.
    every : int
        Only every so many-th row is kept.

    Returns
    -------
    DataFrame of float
        Without the rows in which a channel has said nothing for eight minutes: no value is made up for it.
    """
    every = checked_count(every, "every")
    store, before = _checked(store, before, MACHINE)
    rows = store[MACHINE].rolling("8min").median().iloc[::every].dropna()
    past = _past(rows, before)
    still = [column for column in MACHINE if not past[column].std() > 0]
    if still:
        raise ValueError(f"too few readings before {before}, or always the same ones, in the columns "
                         f"{', '.join(still)}: there is no scale in them")
    return (rows - past.mean()) / past.std()


def detectors(random_state=0):
    """Return the scoreboard's detectors of seven channels, by name.

    Parameters
    ----------
    random_state : int
        Of the network.

    Returns
    -------
    dict of detectors, not fitted
    """
    from pyod.models.iforest import IForest
    from pyod.models.knn import KNN
    from pyod.models.lof import LOF

    from mupy_helpers.detectors import T2SPE, HotellingT2, KMeansDistance, LSTMAutoencoder, VARResidual

    return {"Mahalanobis (T², all components)": HotellingT2(n_components=len(MACHINE)),
            "T² + SPE": T2SPE(n_components=0.9), "k-means distance": KMeansDistance(n_clusters=8),
            "k-NN distance": KNN(n_neighbors=10), "LOF": LOF(n_neighbors=20),
            "Isolation Forest": IForest(random_state=0), "VAR": VARResidual(lags=2),
            "LSTM autoencoder": LSTMAutoencoder(window=10, n_units=16, epochs=12, step=2, random_state=random_state)}


def members(random_state=0):
    """Return the parts of the course's ensemble: two linear ones, and one that is not.

    Parameters
    ----------
    random_state : int
        Of the network.

    Returns
    -------
    dict of detectors, not fitted
    """
    every = detectors(random_state)
    return {name: every[name] for name in ENSEMBLE}


def members_scores(store, before, detectors):
    """Score a store by several detectors, each on the scale of healthy rows that it was not fitted on.

    All are fitted on the first 70 % of the rows before the moment, which scale the channels too; the other 30 % are
    held back and set the scale of the scores.

    Parameters
    ----------
    store : DataFrame
    before : timestamp-like
    detectors : dict of detectors, not fitted

    Returns
    -------
    DataFrame of float, one column for each detector
        Robust z-scores of the mean of two hours, from the first row that was held back on.
    """
    from threadpoolctl import threadpool_limits  # comes with scikit-learn

    # Not above: it brings PyOD, which takes seconds, and most recipes go without.
    from mupy_helpers.ensembles import ScoreScale

    if not isinstance(detectors, dict) or not all(hasattr(one, "decision_function") for one in detectors.values()):
        raise TypeError("detectors must be a dict of detectors, such as members()")
    since = held_back_since(store, before)
    rows = machine_features(store, since)
    fitting, later = _past(rows, since), rows[rows.index >= since]
    scores = {}
    with threadpool_limits(1):  # many small fits: threads would wait for each other
        for name, detector in detectors.items():
            raw = pd.Series(detector.fit(fitting).decision_function(later), index=later.index)
            smooth = raw.rolling(SMOOTH).mean()
            scores[name] = ScoreScale("robust_z").fit(_past(smooth, before)).transform(smooth)
    return pd.DataFrame(scores, index=later.index)


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
    from mupy_helpers.ensembles import combine_scores

    scores, before = _checked(scores, before)
    return _beyond_past(pd.Series(combine_scores(scores, "mean"), index=scores.index), before)
