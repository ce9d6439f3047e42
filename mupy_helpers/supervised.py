"""What a fleet's service book teaches about a store that is not in the fleet (lesson 05).

A label from the book, features of the last day, gradient boosting, and a threshold by cost on validation units.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mupy_helpers import recipes, thresholds
from mupy_helpers.checks import (
    check_same_zone,
    checked_index,
    checked_length,
    checked_readings,
    checked_stamp,
    checked_times,
)
from mupy_helpers.scoreboard import Costs, measure_failures

HORIZON = pd.Timedelta("48h")
SETTLING = pd.Timedelta("1D")  # no label so long after a repair
HEALTHY = pd.Timedelta("10D")  # the first days of a fleet's stores, to which each store is compared
AIR = ["room_temp", "tes_temp_1", "amb_temp"]
MACHINE = ["drive_current", "low_pressure", "high_pressure", "frequency"]
STEP, EVERY = "5min", 24  # the features' step, and one row of so many to learn from: every two hours
N_CANDIDATES = 20  # thresholds that are tried


@dataclass(frozen=True)
class FleetLearner:
    """A fitted classifier, and the probability above which to call.

    Parameters
    ----------
    model : fitted scikit-learn classifier, whose classes are 0 and 1
    threshold : float
    """

    model: object
    threshold: float


def failure_label(times, failures, horizon=HORIZON):
    """Label rows of one store with "fails within the horizon".

    Parameters
    ----------
    times : DatetimeIndex, shape (n,)
    failures : DataFrame with the columns failure and end
        Of this store: when it failed, and when it was repaired.
    horizon : Timedelta

    Returns
    -------
    Series of float, shape (n,)
        1 before a failure, else 0; NaN from the failure to a day after the repair, and in the last horizon of the
        recording, whose future nobody knows yet.
    """
    if not isinstance(failures, pd.DataFrame) or not {"failure", "end"} <= set(failures.columns):
        raise TypeError("failures must be a DataFrame with the columns failure and end")
    if checked_index(times, "times") is None:
        raise TypeError("times must be a DatetimeIndex, such as store.index")
    if len(times) == 0:
        raise ValueError("there is no row to label")
    horizon = checked_length(horizon, "horizon")
    failures = failures.assign(**{name: checked_times(failures[name], f"failures, {name},")
                                  for name in ("failure", "end")})
    check_same_zone(times, [*failures["failure"].dropna(), *failures["end"].dropna()], ("times", "failures"))
    y = pd.Series(0.0, index=times)
    for row in failures.itertuples():
        y[(times >= row.failure - horizon) & (times < row.failure)] = 1
        y[(times >= row.failure) & (times <= row.end + SETTLING)] = np.nan
    y[times > times[-1] - horizon] = np.nan
    return y


def _checked(store, until):
    store, until = checked_readings(store, [*AIR, *MACHINE]), checked_stamp(until, "until")
    check_same_zone(store.index, [until], ("store", "until"))
    return store, until


def daily_features(store, until):
    """Sum up the 24 hours up to each row, as the difference to the store's own past. Causal.

    Parameters
    ----------
    store : DataFrame with a time index
        The readings of one store; a row every five minutes, as in the fleet.
    until : timestamp
        Up to when the store was healthy.

    Returns
    -------
    DataFrame of float, shape (n, 15)
        NaN where a reading is missing. The machine's means are those of running rows, and stand for up to four days
        in which it does not run.
    """
    store, until = _checked(store, until)
    if not (store.loc[store.index < until, "drive_current"] > 0.5).any():
        raise ValueError(f"before {until} the compressor never runs: until must leave some healthy days to compare "
                         "with")
    current = store["drive_current"]
    on = (current > 0.5).astype(float).where(current.notna())
    air, machine = store[AIR].rolling("24h"), store[MACHINE].where(on == 1)
    residual = recipes.current_residual(store, until)
    machine["residual"] = residual / residual[residual.index < until].std()
    running = machine.rolling("24h").mean().dropna(how="all").reindex(store.index, method="ffill", tolerance="4D")
    table = pd.concat([air.mean().add_suffix(" mean"), air.std().add_suffix(" spread"), running.add_suffix(" on")],
                      axis=1)
    for name in ["room_temp mean", "tes_temp_1 mean"]:
        table[name.replace("mean", "slope")] = table[name] - table[name].shift(freq="24h").reindex(table.index)
    table["starts"] = (on.diff() == 1).astype(float).where(on.notna()).rolling("24h").sum()
    table["share on"] = on.rolling("24h").mean()
    return table - table[table.index < until].mean()


def _boosting():
    from sklearn.ensemble import HistGradientBoostingClassifier

    # Early stopping would keep back rows drawn at random, whose twins are in the training.
    return HistGradientBoostingClassifier(max_iter=60, max_leaf_nodes=15, early_stopping=False, random_state=0)


def learn_from_fleet(fleet, events):
    """Learn what comes before the failures of a fleet.

    The threshold is the median of four. Each is the cheapest on a quarter of the units, its validation, for a model
    that was fitted on two other quarters.

    Parameters
    ----------
    fleet : DataFrame, index (unit, time), a row every five minutes
        Units are numbered 0, 1, 2, ... and healthy in the first ten days.
    events : DataFrame
        From `load_fleet_events`.

    Returns
    -------
    FleetLearner
    """
    from threadpoolctl import threadpool_limits  # comes with scikit-learn

    if not isinstance(fleet, pd.DataFrame) or list(fleet.index.names) != ["unit", "time"]:
        raise TypeError("fleet must be a DataFrame with the index (unit, time): use load_fleet()")
    if not isinstance(events, pd.DataFrame) or not {"unit", "failure", "end"} <= set(events.columns):
        raise TypeError("events needs the columns of a service book: use load_fleet_events()")
    until = fleet.index.get_level_values("time").min() + HEALTHY
    failures, tables, labels = events[events["failure"].notna()], {}, {}
    for unit, store in fleet.groupby(level="unit"):
        table = daily_features(store.droplevel("unit"), until).iloc[::EVERY]
        tables[unit] = table[table.index >= until]
        labels[unit] = failure_label(tables[unit].index, failures[failures["unit"] == unit])
    X, y = (pd.concat(parts, names=["unit", "time"]) for parts in (tables, labels))
    group, labelled, costs = X.index.get_level_values("unit") % 4, y.notna().to_numpy(), Costs()

    def cost(is_alarm):
        found, units = measure_failures(is_alarm, events)
        missed = (~(found["hours ahead"] >= costs.hours_needed)).sum()
        return costs.lost_load * missed + costs.call_out * units["false alarms"].sum()

    def fitted(rows):
        return _boosting().fit(X[rows], y[rows])

    levels = []
    with threadpool_limits(1):  # small fits: threads would wait for each other
        for test in range(4):
            validation = group == (test + 1) % 4
            model = fitted(labelled & ~validation & (group != test))
            p = pd.Series(model.predict_proba(X[validation])[:, 1], index=X.index[validation])
            levels.append(thresholds.cost_optimal_by(p, cost, N_CANDIDATES))
        return FleetLearner(fitted(labelled), float(np.median(levels)))


def alarm(store, until, learned):
    """Raise an alarm where a store that was not in the fleet looks like one that fails within two days. Causal.

    Parameters
    ----------
    store : DataFrame with a time index
        The readings of one store, every five minutes or more often.
    until : timestamp
        Up to when the store was healthy.
    learned : FleetLearner

    Returns
    -------
    Series of bool, one for each row of the store
    """
    if not isinstance(learned, FleetLearner):
        raise TypeError(f"learned must be what learn_from_fleet returned, not {type(learned).__name__}")
    store, until = _checked(store, until)
    # The fleet's step: the rows of five minutes are summed up at their end.
    rows = store.resample(STEP, label="right", closed="right").mean().dropna(how="all")
    X = daily_features(rows, until)[learned.model.feature_names_in_]
    is_alarm = pd.Series(learned.model.predict_proba(X)[:, 1] > learned.threshold, index=rows.index)
    # An answer is good for twelve minutes, and not across a gap.
    return is_alarm.astype(int).reindex(store.index, method="ffill", tolerance="12min").fillna(0) == 1
