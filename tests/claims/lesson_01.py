"""What the prose of 01_what_is_an_anomaly says in numbers that stand in no output beside it."""

import pandas as pd

from claims.reasons import SET


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


def _limits(names):
    leak = names["events"][names["events"]["kind"] == "slow_leak"]
    return names["widgets"].judge_thresholds(names["scored"], leak, range(3, 26))


CLAIMS = {
    "No limit warns in time, so the load is lost at each of them": lambda names: (
        _limits(names)["faults called in time"] == 0).all(),
    "the cheapest are those that call nobody before that": lambda names: (lambda table: (
        (table.loc[table["cost"] == table["cost"].min(), "false alarms per week"] == 0).all()
        and (table.loc[table["cost"] == table["cost"].min(), "hours ahead"] < 0).all()))(_limits(names)),
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
}

FACTS = {
    "492 of 284,807 card payments": SET,
    "record 208 of the MIT-BIH collection": SET,
    "a water pump with 52 sensors": SET,
}
