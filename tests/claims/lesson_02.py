"""What the prose of 02_looking_at_time_series says in numbers that stand in no output beside it."""

import pandas as pd


def _healthy_room(names):
    room, leak = names["room"], names["leak"]
    start, end = (leak[["start", "end"]] if isinstance(leak, pd.Series) else leak.iloc[0][["start", "end"]])
    return room[(room.index < start) | (room.index > end + pd.Timedelta("1D"))]


def _profile_band(names):
    room = names["room"]
    return room.groupby(room.index.hour).quantile(0.9).max() > 25 and 6.8 < _healthy_room(names)["2015"].groupby(
        lambda time: time.hour).median()[0] < 7.5


CLAIMS = {
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
}

FACTS = {
    "with a band for the middle 80 per cent": "what plots.plot_day_profile draws; tested in test_plots.py",
}
