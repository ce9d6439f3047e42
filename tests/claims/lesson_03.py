"""What the prose of 03_statistical_detection says in numbers that stand in no output beside it."""

import pandas as pd


def _z_of_planted(names, value, share):
    planted = names["healthy"].copy()
    planted[:round(share * len(planted))] = value
    return (value - planted.mean()) / planted.std()


def _row(names, method):
    return names["board"].table().loc[method, "hours before the trip"]


def _false(names, method):
    return int(names["board"].table().loc[method, "false alarms"].split()[0])


def _leads_of(names, method):
    table = names["results"][method]
    return table.loc[table["leak"], "hours before the trip"]


def _elsewhere(names, is_anomaly):
    elsewhere = is_anomaly.copy()
    for span in names["spans"].itertuples():
        elsewhere[span.start:span.end] = False
    return elsewhere


def _centred(names):
    """The hours before the trip of a mean over 12 hours, looking back and centred."""
    hours = []
    for centred in (False, True):
        smooth = -names["standardised"].rolling("12h", center=centred).mean()
        is_alarm = names["on_all_rows"](smooth > smooth[names["past"].index].max())
        hours.append(names["board"].measure(is_alarm)["hours before the trip"])
    return hours


CLAIMS = {
    "at 2,800 °C one row in ten still scores less than three": lambda names: _z_of_planted(names, 2800, 0.1) < 3
    and names["z_of_28"](names["plant"](0.1)) < 3,
    "The MAD moves little, and breaks down only when half of the rows are bad": lambda names: (
        lambda mad: mad.iloc[:41].max() < 1.2 and (mad.iloc[51:] == 0).all())(names["yardsticks"]["1.4826 MAD"]),
    "as a mean of two thirds of the rows": lambda names: 0.63 < 2 / 3.14159 < 0.67,
    "in 19 samples of 20": lambda names: abs(names["t"] - names["stats"].t.ppf(
        1 - 0.05 / (2 * names["n"]), names["n"] - 2)) < 1e-12,
    "it rests at 7 °C by night": lambda names: 6.5 < names["train"][names["train"].index.hour < 5].median() < 7.5,
    "seven days with readings": lambda names: (names["train"].groupby(
        names["train"].index.date).size() > 400).sum() == 7,
    "nearly two days early": lambda names: 44 < _row(names, "robust z of the room > 3.5") < 48,
    "calls ten times a week for nothing": lambda names: 9.5 < names["board"].table().loc[
        "robust z of the room > 3.5", "false alarms per week"] < 11,
    "The yardstick is four times shorter": lambda names: 3.5 < names["train"].std() / names["spread"] < 4.5,
    "where a Gaussian would have one in two thousand": lambda names: 1500 < 0.5 / names["stats"].norm.sf(3.5) < 2500,
    "Twenty hours before the trip: at noon of the 22nd": lambda names: 20 < _row(
        names, "seasonal residual of the room") < 21,
    "still seven false alarms a week": lambda names: 7 <= names["board"].table().loc[
        "seasonal residual of the room", "false alarms per week"] < 8,
    "A fourth start within six hours": lambda names: names["most"] == 3,
    "as early as anything so far, without one false alarm": lambda names: _row(names, "starts in six hours") > 19
    and _false(names, "starts in six hours") == 0,
    "For two days the rolling mean remembers": lambda names: (
        (names["flow"] - names["rolling_mean"]).abs()[names["after"]] > 5).all(),
    "most of its extra hours follow the first collapse": lambda names: (
        _elsewhere(names, names["moving_scores"] > 5)["2022-03-25"].sum() * 2
        > _elsewhere(names, names["moving_scores"] > 5).sum()),
    "S-H-ESD flags hours before the second event": lambda names: _elsewhere(names, names["flagged"])[
        "2022-03-29 00:00":"2022-03-29 06:00"].sum() >= 3,
    "The threshold from the tail is about the largest score we saw": lambda names: abs(
        names["tail"].threshold - names["hourly_scores"].max()) < 0.2,
    "drawn on for three weeks": lambda names: 2.5 < (
        names["future"].index[-1] - names["future"].index[0]).days / 7 < 3.2,
    "because the seven observed days happened to grow warmer": lambda names: names["coefficients"][1] > 0,
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
    "As early as the first EWMA, with three calls for nothing": lambda names: _false(
        names, "CUSUM of the current's residual") == 3 and abs(
        _row(names, "CUSUM of the current's residual") - _row(names, "EWMA of the current's residual")) < 0.5,
    "Twenty-three hours earlier": lambda names: 23 <= _centred(names)[1] - _centred(names)[0] < 24,
    "the alarm at nine in the morning of the 21st rests on readings of the afternoon": lambda names: abs(
        names["leak"]["trip"] - pd.Timedelta(hours=_centred(names)[1]) - pd.Timestamp("2015-10-21 09:00"))
    < pd.Timedelta("30min"),
    "first yes comes at six o'clock, five hours later": lambda names: (
        names["answers"]["whole series"].idxmax().hour, names["answers"]["on the day"].idxmax().hour) == (1, 6),
    "one o'clock in the night": lambda names: names["answers"]["whole series"].idxmax().hour == 1,
    "Each is fitted on its own first 17 days": lambda names: (
        pd.Timestamp("2015-10-18") - names["fleet"].data.index.get_level_values("time")[0]).days == 17,
    "20 hours early on the famous store, warns of **none** of six": lambda names: names["summary"].loc[
        "seasonal residual of the room", "leaks called 12 hours ahead"] == "0 of 6",
    "The starts and both charts call all six in time": lambda names: (names["summary"].iloc[
        2:]["leaks called 12 hours ahead"] == "6 of 6").all() and len(names["summary"]) == 5,
    "early by two nights on two stores of six, by one night on the others": lambda names: _leads_of(
        names, "EWMA, downwards only").gt(40).sum() == 2 and _leads_of(names, "EWMA, downwards only").lt(25).sum() == 4
    and _leads_of(names, "EWMA of the current's residual").between(22, 25).all(),
    "calls for nothing every second week, the plain one every eleventh": lambda names: [round(
        1 / names["summary"].loc[name, "false alarms per week"]) for name in (
        "EWMA, downwards only", "EWMA of the current's residual")] == [2, 11],
    "And the thought that bought 18 hours?": lambda names: 18 <= _row(names, "EWMA, downwards only") - _row(
        names, "EWMA of the current's residual") < 19,
    "All thirteen stores come from our simulator": lambda names: names["fleet"].data.index.get_level_values(
        "unit").nunique() + 1 == 13,
    "Three rows cost nothing here; on 1.2 weeks": lambda names: (
        names["board"].table()["expected cost per year"] == 0).sum() == 3,
    "one false alarm in eleven weeks": lambda names: round(1 / names["summary"].loc[
        "EWMA of the current's residual", "false alarms per week"]) == 11,
    "With 35 channels": lambda names: names["df"].shape[1] == 35,
}

FACTS = {}
