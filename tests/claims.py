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
        "threshold of 2.5 to 2.4 saves 120 of 7,320": lambda names: (names["confusion"] * names["cost"]).to_numpy().sum() == 7320
        and min(names["total"]) == 7200,
        "about three fifths of what doing nothing costs": lambda names: 0.58 < 7320 / (120 * names["y"].sum()) < 0.63,
        "of the frauds, half are flagged": lambda names: names["flagged"][names["y"] == 1].mean() == 0.5,
        "about one in seven is a fraud": lambda names: 6.3 < 1 / names["y"][names["flagged"]].mean() < 7.3,
        "33 were worth it": lambda names: names["y"][names["top"]].sum() == 33,
        "five times as many as there are frauds": lambda names: round(0.01 * (names["y"] == 0).sum() / names["y"].sum()) == 5,
        "and 80 € for each needless call-out": lambda names: names["board"].costs.call_out == 80,
        "passed 13 °C for a short while": lambda names: 13 <= names["room"]["2015-11-03"].max() < 13.5,
        "or 43 a year, and costs 3,410 €": lambda names: [
            round(365.25 / 7 * row["false alarms per week"]) for row in [names["board"].measure(names["room"] > 10)]] == [43]
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
        "More than a third of the rows have no dust reading": lambda names: names["air"]["particles_1"].isna().mean() > 1 / 3,
        "Thirty-five channels do not mean 35 independent stories": lambda names: names["readings"].shape[1] == 35,
        "Twelve starts on the 22nd, where four were the most before": lambda names: names["daily"]["starts"][
            "2015-10-22"] == 12 and names["daily"]["starts"][:"2015-10-21"].max() == 4,
        "lower than on the days with a single start before it": lambda names: names["daily"][names["whole_day"]].query("starts == 1")[
            "median current (A)"][:"2015-10-21"].idxmin().day == 21,
        "15, 18 and 19 October were lower still": lambda names: (names["daily"]["median current (A)"][
            ["2015-10-15", "2015-10-18", "2015-10-19"]] < names["daily"]["median current (A)"]["2015-10-21"]).all(),
        "Eight per cent of the hours are absent": lambda names: round(1 - len(names["flow"]) / names["expected"], 2) == 0.08,
        "Three times the flow collapses": lambda names: len(set(names["lowest"].index.date)) in (3, 4, 5, 6),
    },
    "04_distance_and_clustering": {
        "A z-score per channel would call in few of the rows": lambda names: names["far"].mean() < 0.1,
        "hardly a healthy row is further out": lambda names: names["further"]["Mahalanobis"].mean() < 0.001,
        "the leak is nearer to the middle than much of health": lambda names: names["further"]["Euclidean"].mean() > 0.9,
        "of which 23 and 17 are wrong": lambda names: sorted(names["salaries"][names["wrong"]]) == [17, 23],
        "the place of the salary 17 when": lambda names: names["salaries"].min() == 17,
        "among people who earn a thousand and more": lambda names: sorted(names["salaries"])[2] > 1000,
        "Wrong labels among the 2,000 points": lambda names: len(names["X"]) == 2000,
        "with PyOD's default of one half it is the best": lambda names: min(
            names["ours"], key=names["ours"].get) == "OCSVM",
        "some draws leave nobody an error, one gives everybody ninety and more": lambda names: (
            names["errors"].max(axis=1) <= 1).any() and names["errors"].min(axis=1).max() >= 90,
        "one-class SVM and CBLOF lead, HBOS and ABOD trail": lambda names: list(
            names["place"].sort_values().index)[:2] == ["OCSVM", "CBLOF"] and set(
            names["place"].nlargest(2).index) == {"HBOS", "ABOD"},
        "The spread is larger than the mean": lambda names: (names["errors"].std() > names["errors"].mean()).all(),
        "Isolation Forest warns a day ahead with one half of the seeds": lambda names: sum(
            lead > 18 for lead in names["forest_leads"]) == 5,
        "On stores that nobody has looked at, the day's warning holds, for every unit": lambda names: min(
            names["results"][name][:, 0].min() for name in names["results"] if name != "T² + SPE") > 22,
        "have **more** of them here than the seven": lambda names: names["results"]["Mahalanobis, 13 channels"][
            :, 1].mean() > names["results"]["Mahalanobis, 7 channels"][:, 1].mean(),
        "and the profile is low in all of them": lambda names: names["collapsed"].max() < names["profile"].max() / 2,
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
    "04_distance_and_clustering": {
        "A pump with 52 sensors and 220,000 rows": SET,
    },
    "nab_ambient_temperature": {
        "holds 58 series, 52 of them with labelled anomalies": SET,
        "about 70 for Numenta's HTM and 40 for a windowed Gaussian, where 0 is": SET,
        "a detector that never alarms and 100 a perfect one": SET,
    },
}
