"""What the prose of 03_statistical_detection says in numbers that stand in no output beside it."""

import numpy as np
import pandas as pd

from mupy_helpers import metrics
from mupy_helpers.widgets import faults


def _z_of_planted(names, value, share):
    planted = names["healthy"].copy()
    planted[:round(share * len(planted))] = value
    return (value - planted.mean()) / planted.std()


def _row(names, method):
    return names["board"].table().loc[method, "hours before the trip"]


def _false(names, method):
    return int(names["board"].table().loc[method, "false alarms"].split()[0])


def _elsewhere(names, is_anomaly):
    elsewhere = is_anomaly.copy()
    for span in names["spans"].itertuples():
        elsewhere[span.start:span.end] = False
    return elsewhere


def _centred(names):
    """The hours before the trip of a mean over 12 hours, looking back and centred."""
    hours = []
    for centred in (False, True):
        smooth = -names["standardised"].rolling("12h", center=centred, min_periods=60).mean()
        is_alarm = names["on_all_rows"](smooth > smooth[names["past"].index].max())
        hours.append(names["board"].measure(is_alarm)["hours before the trip"])
    return hours


def _weekly(names, method):
    return names["summary"].loc[method, "false alarms per week"]


def _causes_of_calls(names):
    """The kinds of event that were on when the room's residual called for nothing."""
    calls = metrics.calls(names["scores"] > names["scores"][names["train"].index].max())
    healthy = [call for call in calls if pd.Timestamp("2015-10-18") < call < names["leak"]["start"]
               or call > names["leak"]["end"] + pd.Timedelta("1D")]
    events = names["events"]
    return {kind for call in healthy for kind in events["kind"][
        (events["start"] <= call + pd.Timedelta("2min")) & (events["end"] >= call - pd.Timedelta("2min"))]}


def _by_fleet(names, method):
    return [float(rate) for rate in names["summary"].loc[method, "fleet by fleet"].split(", ")]


def _reset_cusum_calls(names):
    """False alarms after the repair of a CUSUM that is set back to zero when the store has settled."""
    z, limit = names["standardised"], names["cusum_scores"][names["past"].index].max()
    upper = lower = 0.0
    calls = 0
    for value in z[names["leak"]["end"] + pd.Timedelta("1D"):]:
        upper, lower = max(0.0, upper + value - 0.5), max(0.0, lower - value - 0.5)
        calls += max(upper, lower) > limit
    return calls


def _found(names):
    return names["widgets"].answers().set_index(["kind", "detector", "size"])["found"]


CLAIMS = {
    "each has the largest score of the ten days after as its limit": lambda names: (
        faults.N_HEALTHY - faults.N_FIT == 10 * faults.DAY == faults.N_FIT),
    "Nobody notices everything": lambda names: (_found(names).groupby("detector").min() < 5).all(),
    "sees spikes and noise, and no drift": lambda names: (lambda found: (
        found["spike", "last value", 6.0] == found["more noise", "last value", 6.0] == 10
        and found["drift", "last value", 6.0] <= 1))(_found(names)),
    "a spike of 4 °C passes them by": lambda names: (lambda found: all(
        found["spike", f"{chart} of the residual", 4.0] == 0 and found["drift", f"{chart} of the residual", 4.0] == 10
        for chart in ("EWMA", "CUSUM")))(_found(names)),
    "a score that asks whether there is **too little** change": lambda names: (lambda found: (
        found["frozen", "spread of six hours", 6.0] == found["frozen", "z-score of the residual", 6.0] == 10
        and found["frozen", "z-score", 6.0] == found["frozen", "last value", 6.0] == 0))(_found(names)),
    "in 19 samples of 20": lambda names: abs(names["t"] - names["stats"].t.ppf(
        1 - 0.05 / (2 * names["n"]), names["n"] - 2)) < 1e-12,
    "nearly two days early": lambda names: 44 < _row(names, "robust z of the room > 3.5") < 48,
    "calls ten times a week for nothing": lambda names: 9.5 < names["board"].table().loc[
        "robust z of the room > 3.5", "false alarms per week"] < 11,
    "where a Gaussian would have one in two thousand": lambda names: 1500 < 0.5 / names["stats"].norm.sf(3.5) < 2500,
    "still seven false alarms a week": lambda names: 7 <= names["board"].table().loc[
        "seasonal residual of the room", "false alarms per week"] < 8,
    "For two days the rolling mean remembers": lambda names: (
        (names["flow"] - names["rolling_mean"]).abs()[names["after"]] > 5).all(),
    "most of its extra hours follow the first collapse": lambda names: (
        _elsewhere(names, names["moving_scores"] > 5)["2022-03-25"].sum() * 2
        > _elsewhere(names, names["moving_scores"] > 5).sum()),
    "S-H-ESD flags hours before the second event": lambda names: _elsewhere(names, names["flagged"])[
        "2022-03-29 00:00":"2022-03-29 06:00"].sum() >= 3,
    "drawn on for three weeks": lambda names: 2.5 < (
        names["future"].index[-1] - names["future"].index[0]).days / 7 < 3.2,
    "the evening of the 20th and all of the 21st say nothing to it": lambda names: not (
        names["var_scores"]["2015-10-20 20:00":"2015-10-21"] > names["var_scores"][:names["n_past"]].max()).any(),
    "On the 22nd it is more than five": lambda names: names["by_day"]["2015-10-22"] < -5,
    "lower than any day before it, and yet by less than one": lambda names: -1 < names["by_day"]["2015-10-21"]
    < names["by_day"][:"2015-10-20"].min(),
    "No single row of that day would be noticed": lambda names: names["standardised"]["2015-10-21"].min()
    > names["standardised"][:"2015-10-17"].min() - 0.3,
    "which is forty rows": lambda names: 40 * 90 == 3600,
    "More than half of the healthy training rows": lambda names: (names["train_scores"] > 3).mean() > 0.5,
    "A day before the trip, and no false alarm in 1.2 weeks": lambda names: _row(
        names, "EWMA of the current's residual") > 24 and _false(names, "EWMA of the current's residual") == 0,
    "it was an upward hour in training that set its threshold": lambda names: names["ewma"][
        names["ewma_scores"][names["past"].index].idxmax()] > 0,
    "One thought about the physics buys 18 hours": lambda names: 18 <= _row(names, "EWMA, downwards only") - _row(
        names, "EWMA of the current's residual") < 19,
    "first yes comes at six o'clock, five hours later": lambda names: (
        names["answers"]["whole series"].idxmax().hour, names["answers"]["on the day"].idxmax().hour) == (1, 6),
    "one o'clock in the night": lambda names: names["answers"]["whole series"].idxmax().hour == 1,
    "And the thought that bought 18 hours?": lambda names: 18 <= _row(names, "EWMA, downwards only") - _row(
        names, "EWMA of the current's residual") < 19,
    "about seven days of readings": lambda names: 6 < len(names["train"]) * 90 / 86400 < 7.5,
    "two readings in three show the room at rest": lambda names: 0.6 < (names["train"] > 6).mean() < 0.72,
    "among them days on grid power, a glitch of the sensor, a warm harvest": lambda names: _causes_of_calls(
        names) >= {"grid_power", "sensor_glitch", "warm_load"},
    "is almost as early as the residual, and gives no false alarm": lambda names: 0 < _row(
        names, "seasonal residual of the room") - _row(names, "starts in six hours") < 1
    and _false(names, "starts in six hours") == 0,
    "Sixty boxes should weigh 100 kg": lambda names: len(names["weights"]) == 60 and 99 < np.median(names["weights"]) < 101,
    "because the few observed days happened to grow warmer": lambda names: names["coefficients"][1] > 0,
    "there are 17 of them, where ours had seven": lambda names: (
        pd.Timestamp("2015-10-18") - names["fleets"][11].data.index.get_level_values("time")[0]).days == 17,
    "some forty peaks": lambda names: names["promises"]["peaks"].between(35, 48).all(),
    "Three rows cost nothing here; but no call in 1.2 weeks leaves room for two and a half a week": lambda names: (
        names["board"].table()["expected cost per year"] == 0).sum() == 3 and 2.3 < 3 / 1.2 < 2.7,
    "it rests at 7 °C by night": lambda names: 6.5 < names["train"][names["train"].index.hour < 5].median() < 7.5,
    "of one in five nobody would take notice": lambda names: names["z_of_28"](names["plant"](0.2)) < 2.5,
    "can not score more than the square root of (1 − p) / p": lambda names: all(
        _z_of_planted(names, value, share) <= ((1 - share) / share) ** 0.5 + 0.01
        for value in (28, 2800) for share in (0.05, 0.1, 0.3)),
    "The MAD moves late, and breaks down only when half of the rows are bad": lambda names: (
        lambda mad: mad.iloc[:31].max() < 1.5 * mad.iloc[0] and (mad.iloc[51:] == 0).all())(
        names["yardsticks"]["1.4826 MAD"]),
    "it needs half as many rows again": lambda names: 1.4 < np.pi / 2 < 1.6,
    "before the 22nd it calls for nothing but the glitches": lambda names: (
        lambda far: (names["room"][far[far].index][:"2015-10-21"] < 0).all() and far[:"2015-10-21"].any())(
        (names["room"] - names["train"].mean()).abs() > 3 * names["train"].std()),
    "The yardstick is a third shorter": lambda names: 0.6 < names["spread"] / names["usual_spread"] < 0.72,
    "Twenty hours before the trip: at noon of the 22nd one row": lambda names: 20 < _row(
        names, "seasonal residual of the room") < 21,
    "Six would be too many, and so would four": lambda names: names["most"] == 3,
    "that spread comes from twelve hours": lambda names: names["n_fit"] - 48 - 24 == 12,
    "promises a day and a half of running": lambda names: 1.3 < names["average_run_length"](
        names["chart"]) * 90 / 86400 < 1.6,
    "the memory reaches 8.50 in the last row of the 21st, at two in the afternoon, and the threshold is 8.48": lambda names: (
        round(names["down_threshold"], 2) == 8.48 and round(names["down"]["2015-10-21"].max(), 2) == 8.5 and
        names["down"]["2015-10-21"].idxmax() == names["down"]["2015-10-21"].index[-1]
        and names["down"]["2015-10-21"].index[-1].round("1h").hour == 14),
    "and the seven calls would be none": lambda names: _reset_cusum_calls(names) == 0 and _false(
        names, "CUSUM of the current's residual") == 7,
    "Almost five hours earlier": lambda names: 4.3 < _centred(names)[1] - _centred(names)[0] < 5,
    "a mean that is centred on nine in the morning of the 21st rests on readings": lambda names: abs(
        names["leak"]["trip"] - pd.Timedelta(hours=_centred(names)[1]) - pd.Timestamp("2015-10-21 09:00"))
    < pd.Timedelta("30min"),
    "the residual calls three leaks of twelve in time: its 20 hours": lambda names: names["summary"].loc[
        "seasonal residual of the room", "12 hours ahead"] == "3 of 12" and (
        names["scores"]["2015-10-22"] > names["scores"][names["train"].index].max()).sum() == 1,
    "Counting starts finds nine": lambda names: names["summary"].loc[
        "starts in six hours", "12 hours ahead"] == "9 of 12",
    "The charts call all twelve": lambda names: (names["summary"].iloc[3:]["12 hours ahead"] == "12 of 12").all(),
    "A week of fitting in place of 17 days": lambda names: names["week"] == "2015-10-11",
    "so its 1.2 weeks without a false alarm": lambda names: _false(names, "EWMA of the current's residual") == 0,
    "it buys one early call more, and a few more false alarms": lambda names: (
        names["summary"].loc["EWMA, downwards only", "36 hours ahead"] == "6 of 12"
        and names["summary"].loc["EWMA of the current's residual", "36 hours ahead"] == "5 of 12" and 1 < _weekly(
            names, "EWMA, downwards only") / _weekly(names, "EWMA of the current's residual") < 1.25),
    "their order changes from fleet to fleet": lambda names: (lambda plain, down: 0 < sum(
        a < b for a, b in zip(plain, down)) < 3)(*(_by_fleet(names, name) for name in (
            "EWMA of the current's residual", "EWMA, downwards only"))),
    "makes the chart earlier, and gives three times the false alarms": lambda names: 2.8 < _weekly(
        names, "the same, fitted on one week") / _weekly(names, "EWMA of the current's residual") < 3.7
    and names["summary"].loc["the same, fitted on one week", "36 hours ahead"] == "9 of 12",
    "differs threefold and more from fleet to fleet": lambda names: all(max(_by_fleet(names, name)) > 2.8 * min(
        _by_fleet(names, name)) for name in names["summary"].index[3:]),
    "three in four weeks with 17 of them, two or three a week with seven": lambda names: 0.7 < _weekly(
        names, "EWMA of the current's residual") < 0.8 and 2 < _weekly(names, "the same, fitted on one week") < 3,
    "Promised were about nine hours beyond the thresholds, and eleven came": lambda names: (
        names["promises"]["promised"].sum().round(), names["promises"]["came"].sum()) == (9, 11),
    "from a fifth below to half above, at worst": lambda names: (lambda table: (
        0.79 < (table["from"] / table["threshold (A)"]).min() < 0.87
        and 1.4 < (table["to"] / table["threshold (A)"]).max() < 1.55))(names["promises"]),
    "With 35 channels": lambda names: names["df"].shape[1] == 35,
}

FACTS = {
    "no longer keeps exactly to its 5 %": "the level of the test, alpha=0.05, for mean and standard deviation",
}
