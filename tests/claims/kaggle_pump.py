"""What the prose of kaggle_pump says in numbers that stand in no output beside it."""

import pandas as pd


def _first(series, is_past):
    return f"{series.index[is_past(series)][0]:%H:%M}"


def _draws(names):
    forest = pd.DataFrame(names["grades"]).query("`try` == 'forest, 52 sensors'").groupby("split")["AP, pump running"]
    return {split: (round(each.min(), 2), round(each.max(), 2)) for split, each in forest}


CLAIMS = {
    "The last fall takes twenty minutes": lambda names: _first(
        names["fall"]["sensor_04"], lambda values: values < 500) == "00:09",
    "at 23:15, `sensor_00` takes a small step up": lambda names: _first(
        names["before"]["sensor_00"], lambda values: values > 2.365) == "23:15",
    "leads to a level that is usual on the quiet days": lambda names: names["slices"]["normal"]["sensor_00"].quantile(
        [0.05, 0.95]).sub(names["before"]["sensor_00"]["2018-04-17 23:20":"2018-04-18 00:05"].median()).prod() < 0,
    "and never foresees one failure": lambda names: all(
        names["status"].shift(10)[stop] == "NORMAL" for stop in names["stops"]["start"]),
    "more than was reported": lambda names: names["table"].loc["the clock", ("right", "random minutes")] > 0.985,
    "the clock is worth what \"no\" is worth": lambda names: names["table"].loc[
        "the clock", (slice(None), "later failures")].sub(names["table"].loc[
            "always no", (slice(None), "later failures")]).abs().max() < 0.01,
    "most positive minutes are of that kind": lambda names: names["is_down"].sum() > 0.5 * names["soon"].sum(),
    "The five draws run from .45 to .65 and from .10 to .30": lambda names: _draws(names) == {
        "random minutes": (0.45, 0.65), "later failures": (0.1, 0.3)},
    "On the twin every rule finds all seven": lambda names: (names["board"]["found"] == 7).all(),
    "from a factor of 1.5 on with about one false call a week at most": lambda names: (
        names["board"].loc[(slice(None), [1.5, 2, 3]), "false a week"].max() < 1.2),
    "calls seven times a week for nothing, and would find more than half": lambda names: (
        lambda row: 6.5 < row["false a week"] < 7.5 and row["by chance"] > 3.5)(names["board"].loc[("two agree", 1)]),
    "Ten to forty-five minutes": lambda names: (lambda ahead: (round(min(ahead)), round(max(ahead))) == (10, 45))(
        names["minutes_ahead"]((names["scores"] > 2 * names["held_back"](names["scores"]))["2018-04-06":]).values()),
    "when a call comes in the 24 hours before it": lambda names: names["day"] == pd.Timedelta("24h"),
    "divided by 51, still that of the mean": lambda names: len(names["held_back_rows"].columns) == 51 and (
        names["held_back_rows"].mean(axis=1).idxmax() == names["moment"]),
    "in the hour after, `sensor_08` moved with it, by 12 of its spreads, and that is the threshold": lambda names: (
        lambda rows, at: (list(rows.loc[at].nlargest(2).index), round(rows.loc[at, "sensor_08"])) == (
            ["sensor_09", "sensor_08"], 12) and pd.Timedelta(0) < at - names["moment"] < pd.Timedelta("1h"))(
                names["held_back_rows"], names["rules"]["two agree"](names["held_back_rows"]).idxmax()),
    "The failure moves two sensors by 15 of theirs, and five minutes later by 37": lambda names: names["rules"][
        "two agree"](names["z_before"])["2018-04-18 00:10":"2018-04-18 00:15"].round().tolist() == [15, 37],
    "So the real failure is called 20 minutes ahead at a factor of 1, and 15 at a factor of 2": lambda names: [
        names["minutes_before"](names["z_quiet"], names["z_before"], names["rules"]["two agree"], factor)
        for factor in (1, 2)] == [20, 15],
    "Two of the three rules, perfect on the twin": lambda names: sum(pd.isna(names["minutes_before"](
        names["z_quiet"], names["z_before"], rule, 1)) for rule in names["rules"].values()) == 2,
    "it calls ten times a week for nothing, would find five by chance, and finds four": lambda names: (
        lambda row: 9.5 < row["false a week"] < 10.5 and row["found"] == 4 and row["by chance"] > 5)(
            names["both"](None, names["rules"]["two agree"])),
    "a clock is right as often as the network that was reported": lambda names: names["table"].loc[
        "the clock", ("right", "random minutes")] > 0.97,
    "say, with 95 % confidence, only that p": lambda names: abs(0.65**7 - 0.05) < 0.002,
}

FACTS = {
    "1,000 minutes **drawn at random** to train, 1,000 others to test": "the report's protocol, as its page states it",
    "Reported: about 97 % right": "the report's own figure, not ours",
    "Reported: 98.5 % right on its test rows": "the report's own figure, not ours",
    "So on random minutes .97 tells nothing": "the report's own figure, not ours",
}
