"""What the lessons' prose says in numbers that do not stand in an output beside it.

`CLAIMS` holds for each lesson phrases of its prose, each with a function of the lesson's variables, as they are after
its last cell, that tells whether the phrase is true. `FACTS` holds phrases with numbers that no code of the lesson can
show, each with the reason. `test_exercises.py` checks both, and that every other number stands in an output.
"""

import pandas as pd

PRICES = "a price that the course sets (scoreboard.Costs)"
SET = "described in the documentation of the set, which the course does not hold"


def _healthy_room(names):
    room, leak = names["room"], names["leak"]
    start, end = (leak[["start", "end"]] if isinstance(leak, pd.Series) else leak.iloc[0][["start", "end"]])
    return room[(room.index < start) | (room.index > end + pd.Timedelta("1D"))]


def _noon_and_night(names):
    hours = _healthy_room(names).groupby(lambda time: time.hour).median()
    return 0.5 < hours[12] < 1.5 and 6.8 < hours[[22, 23, 0, 1, 2, 3]].min() and hours[[22, 23, 0, 1, 2, 3]].max() < 8


def _noons(room):
    noon = room.between_time("11:00", "13:00")
    return noon.groupby(noon.index.date).median()


def _climb(names):
    room = names["room"]
    return room["2015-10-23 12:00":"2015-10-28"].idxmax().day == 28 and 28 <= room["2015-10-28"].max() < 28.5


def _profile_band(names):
    room = names["room"]
    return room.groupby(room.index.hour).quantile(0.9).max() > 25 and 6.8 < _healthy_room(names)["2015"].groupby(
        lambda time: time.hour).median()[0] < 7.5


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
    "00_start_here": {
        "Eight readings of a cold room": lambda names: len(names["readings"]) == 8,
        "Seven dots lie near 2 °C and one does not": lambda names: sum(1.5 < x < 2.5 for x in names["readings"]) == 7,
    },
    "01_what_is_an_anomaly": {
        "between about 1 °C at noon and 7 to 8 °C by night": _noon_and_night,
        "it climbs, within five days, to 28 °C": _climb,
        "calls almost an hour after the trip": lambda names: 40 < (
            names["is_alarm"]["2015-10-20":].idxmax() - names["leak"]["trip"]).total_seconds() / 60 < 60,
        "The leak itself began two and a half days before": lambda names: 2.4 < (
            names["leak"]["trip"] - names["leak"]["start"]) / pd.Timedelta("1D") < 2.6,
        "the 35 channels began to look wrong": lambda names: names["df"].shape[1] == 35,
        "The days wobble around 400 loaves": lambda names: abs(
            names["sold"].median() - 400) < 10,
        "The fences stand at 238.75 and 3294.75": lambda names: (
            names["lower_fence"], names["upper_fence"]) == (238.75, 3294.75),
        "exactly two people are outside: 23 and 17 dollars": lambda names: sorted(
            names["salaries"][names["is_anomaly"]]) == [17, 23],
        "they are six dollars apart": lambda names: names["salaries"][names["is_anomaly"]].diff().abs().max() == 6,
        "warmer than at all healthy noons but three": lambda names: (
            _noons(_healthy_room(names)) > _noons(names["room"]["2015-10-22"]).iloc[0]).sum() == 3,
        "in a mean of three the run would hardly stand out": lambda names: (
            lambda three: three.max() - three[:"2015-06-09"].max() < 0.2)(names["late"].rolling(3).mean()),
        "More than a hundred days in the table are as warm": lambda names: (names["kolkata"] >= 32).sum() > 100,
        "threshold of 2.5 to 2.4 saves 120 of 7,320": lambda names: (
            (names["confusion"] * names["cost"]).to_numpy().sum() == 7320 and min(names["total"]) == 7200),
        "about three fifths of what doing nothing costs": lambda names: 0.58 < 7320 / (120 * names["y"].sum()) < 0.63,
        "of the frauds, half are flagged": lambda names: names["flagged"][names["y"] == 1].mean() == 0.5,
        "about one in seven is a fraud": lambda names: 6.3 < 1 / names["y"][names["flagged"]].mean() < 7.3,
        "33 were worth it": lambda names: names["y"][names["top"]].sum() == 33,
        "five times as many as there are frauds": lambda names: (
            round(0.01 * (names["y"] == 0).sum() / names["y"].sum()) == 5),
        "and 80 € for each needless call-out": lambda names: names["board"].costs.call_out == 80,
        "passed 13 °C for a short while": lambda names: 13 <= names["room"]["2015-11-03"].max() < 13.5,
        "or 43 a year, and costs 3,410 €": lambda names: [
            round(365.25 / 7 * row["false alarms per week"])
            for row in [names["board"].measure(names["room"] > 10)]] == [43]
        and names["board"].measure(names["room"] > 10)["expected cost per year"] - 6000 == 3410,
        "We looked at one channel of 35": lambda names: names["df"].shape[1] == 35,
    },
    "02_looking_at_time_series": {
        "Ten readings among more than 800,000": lambda names: names["readings"].size > 800_000
        and names["malformed"].to_numpy().sum() == 10,
        "five came as text": lambda names: sum(
            not pd.api.types.is_numeric_dtype(kind) for kind in names["readings"].dtypes) == 5,
        "finds the same twelve": lambda names: len(names["holes"]) == 12,
        "Seven of 35 never move": lambda names: ((names["values"] == 1).sum(), len(names["values"])) == (7, 35),
        "the mean moves by 0.2 °C or so": lambda names: (
            names["hourly"]["mean without glitches"] - names["hourly"]["mean"]).max().round(1) == 0.2,
        "the band reaches beyond 25 °C": _profile_band,
        "7 °C through the night": _profile_band,
        "goes with a room of 25 °C, a closed one with 7 °C": lambda names: names["df"].groupby("door_open")[
            "room_temp"].median().round().tolist() == [7, 25],
        "Two thirds of the open rows fell into the leak week": lambda names: 0.63 < names["is_leak"][
            names["df"]["door_open"] == 1].mean() < 0.69,
        "The season swings by 13 °C, the remainder mostly by 2": lambda names: 12.5 < (
            names["right"].seasonal.max() - names["right"].seasonal.min()) < 13.5
        and (names["right"].resid.dropna().abs() < 2).mean() > 0.9,
        "its dip on the 18th is a cloudy day": lambda names: names["right"].resid.idxmin().day == 18,
        "standard deviation is still two thirds of the series' own": lambda names: 0.63 < (
            names["wrong"].resid[names["both"]].std() / names["week"][names["both"]].std()) < 0.7,
        "its mean at noon and at night differ by ten degrees": lambda names: 9.5 < (
            names["week"].groupby(lambda time: time.hour).mean()[[12, 3]].diff().abs().max()) < 13.5,
        "More than a third of the rows have no dust reading": lambda names: (
            names["air"]["particles_1"].isna().mean() > 1 / 3),
        "Thirty-five channels do not mean 35 independent stories": lambda names: names["readings"].shape[1] == 35,
        "Twelve starts on the 22nd, where four were the most before": lambda names: names["daily"]["starts"][
            "2015-10-22"] == 12 and names["daily"]["starts"][:"2015-10-21"].max() == 4,
        "lower than on the days with a single start before it": lambda names: names["daily"][names["whole_day"]].query(
            "starts == 1")["median current (A)"][:"2015-10-21"].idxmin().day == 21,
        "15, 18 and 19 October were lower still": lambda names: (names["daily"]["median current (A)"][
            ["2015-10-15", "2015-10-18", "2015-10-19"]] < names["daily"]["median current (A)"]["2015-10-21"]).all(),
        "Eight per cent of the hours are absent": lambda names: (
            round(1 - len(names["flow"]) / names["expected"], 2) == 0.08),
        "Three times the flow collapses": lambda names: len(set(names["lowest"].index.date)) in (3, 4, 5, 6),
    },
    "03_statistical_detection": {
        "at 2,800 °C one row in ten still scores less than three": lambda names: _z_of_planted(names, 2800, 0.1) < 3
        and names["z_of_28"](names["plant"](0.1)) < 3,
        "The MAD moves little, and breaks down only when half of the rows are bad": lambda names: (
            lambda mad: mad.iloc[:41].max() < 1.2 and (mad.iloc[51:] == 0).all())(names["yardsticks"]["1.4826 MAD"]),
        "as a mean of two thirds of the rows": lambda names: 0.63 < 2 / 3.14159 < 0.67,
        "in 19 samples of 20": lambda names: abs(names["t"] - names["stats"].t.ppf(
            1 - 0.05 / (2 * names["n"]), names["n"] - 2)) < 1e-12,
        "it rests at 7 °C by night": lambda names: 6.5 < names["train"][names["train"].index.hour < 5].median() < 7.5,
        "seven days with readings": lambda names: names["train"].groupby(names["train"].index.date).size().gt(400).sum() == 7,
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
        "drawn on for three weeks": lambda names: 2.5 < (names["future"].index[-1] - names["future"].index[0]).days / 7 < 3.2,
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
    },
    "nab_ambient_temperature": {
        "Values from 57 to 86 indoors": lambda names: (
            int(names["temperature"].min()), int(names["temperature"].max())) == (57, 86),
        "with one false call in four weeks": lambda names: 3.5 < 1 / names["judge"](names["fixed_score"], 3)[2] < 4.5,
        "the memory is not yet three days old": lambda names: names["temperature"].idxmin() - names["holes"].loc[
            9, "end"] < pd.Timedelta("3D"),
    },
}

FACTS = {
    "00_start_here": {
        "By then the room stood at 28 °C": "told before any data is loaded; lesson 01 shows the recording",
    },
    "01_what_is_an_anomaly": {
        "492 of 284,807 card payments": SET,
        "record 208 of the MIT-BIH collection": SET,
        "a water pump with 52 sensors": SET,
    },
    "02_looking_at_time_series": {
        "with a band for the middle 80 per cent": "what plots.plot_day_profile draws; tested in test_plots.py",
    },
    "nab_ambient_temperature": {
        "holds 58 series, 52 of them with labelled anomalies": SET,
        "about 70 for Numenta's HTM and 40 for a windowed Gaussian, where 0 is": SET,
        "a detector that never alarms and 100 a perfect one": SET,
    },
}
