"""What the prose of 06_lstm_autoencoder says in numbers that stand in no output beside it."""

import numpy as np

from claims.reasons import SET


def _false_calls(names, detectors):
    rows = [names["judged"](one.decision_function(names["test"]), one.validation_scores_) for one in detectors]
    return np.array([(row["false calls"], row["beside an ectopic beat"]) for row in rows])


def _margin(names, k):
    error, is_ectopic = names["pca_error"](names["test"], k), names["is_ectopic"]
    return error[is_ectopic].min() / error[~is_ectopic].max()


def _shares_on(names, rows):
    shares = names["explained"].explain(rows)[names["lstm_score"][rows.index].notna()].mean()
    return shares / shares.sum()


def _of_pump(names, method, column):
    return [row[column] for name, row in names["pump_rows"].items() if method in name]


CLAIMS = {
    "at a third of the distance": lambda names: 0.25 < names["nearest"](
        names["windows"][names["shuffled"][names["border"]:]], names["windows"][names["shuffled"][:names["border"]]]
    ) / names["nearest"](names["windows"][names["border"] + names["width"] - 1:], names["windows"][:names["border"]])
    < 0.4,
    "the first three minutes hold nothing else": lambda names: not names["ectopic"][names["minute"] < 3].any(),
    "That component is nearly flat": lambda names: np.ptp(names["directions"][0]) < 0.1 * abs(
        names["directions"][0].mean()),
    "it lets the whole beat move up and down": lambda names: np.corrcoef(
        names["train"].mean(axis=1), (names["train"] - names["mean_beat"]) @ names["directions"][0])[0, 1] ** 2 > 0.99,
    "Perfect ranking again, fewer false calls than PCA and a smaller margin": lambda names: names["judged"](
        names["dense"].decision_function(names["test"]), names["dense"].validation_scores_)["margin"] < names[
        "table"].loc["PCA, 1 component", "margin"] / 2,
    "no better than PCA: one component is enough": lambda names: names["ours"] > names["pca_error"](
        names["validation"], 1).mean() / names["of_mean_beat"],
    "two components reach the widest margin, four do worse than one, sixteen better again": lambda names: (
        lambda m: max(m, key=m.get) == 2 and m[4] < m[1] < m[16])(
        {k: _margin(names, k) for k in (1, 2, 4, 8, 16, 32)}),
    "its window already holds the beginning of the early beat": lambda names: (
        names["called"] & np.roll(names["is_ectopic"], -1) & ~names["is_ectopic"]).sum() > (
        names["called"] & np.roll(names["is_ectopic"], 1) & ~names["is_ectopic"]).sum(),
    "by expected cost it beats both networks on the board": lambda names: names["board"].table()[
        "expected cost per year"].pipe(lambda cost: cost["PCA, three channels"] < min(
            cost["LSTM autoencoder"], cost["dense autoencoder"])),
    "in one case of three, and PCA's in one of five": lambda names: (
        lambda luck: 0.3 < luck["LSTM autoencoder"] < 0.4 and 0.3 < luck["dense autoencoder"] < 0.4
        and 0.17 < luck["PCA, three channels"] < 0.23)(1 - np.exp(-names["weekly"] * 2 / 7)),
    "It calls eight times a week and more": lambda names: names["board"].table().loc[
        "LSTM forecaster", "false alarms per week"] > 8,
    "PCA with one component is six hours later": lambda names: 5 < names["board"].table()[
        "hours before the trip"].pipe(lambda hours: hours["LSTM autoencoder"] - hours["PCA, three channels"]) < 7,
    "two rows in the morning": lambda names: (names["day_22"] > names["limit"]).sum() == 2 and names["day_22"].index[
        names["day_22"] > names["limit"]].hour.max() == 9,
    "the current carries the most with each seed": lambda names: all(
        share.idxmax() == "drive_current" for share in names["blame"].values()),
    "each of the three has a third, by construction": lambda names: np.allclose(
        _shares_on(names, names["late_rows"]), 1 / 3, atol=0.02),
    "From noon on there is no score": lambda names: names["day_22"][names["day_22"].index.hour >= 12].isna().all(),
    "calls nearly four times a week for nothing": lambda names: 3.5 < names["one_sensor"].loc[
        "sensor_04", "false a week"] < 4,
    "eight days are little": lambda names: names["pump_fit"].index.normalize().nunique() == 8,
    "from ten minutes to forty": lambda names: all(
        9 < 60 * names["good"].loc["sensor_00"].iloc[place] < 41 for place in range(7)),
    "the networks are early for three to six": lambda names: (
        min(_of_pump(names, "autoencoder", "early")), max(_of_pump(names, "autoencoder", "early"))) == (3, 6),
    "chance would give them two to four": lambda names: all(
        2 < chance < 4.2 for chance in _of_pump(names, "autoencoder", "by chance")),
    "the smallest margin of all that have it": lambda names: max(
        names["judged"](one.decision_function(names["test"]), one.validation_scores_)["margin"]
        for one in names["vaes"]) < names["judged"](names["dense"].decision_function(names["test"]),
                                                    names["dense"].validation_scores_)["margin"],
}

FACTS = {
    "a precision of .01, a recall of .71 and an F1 of .03": "what the public notebook on this recording prints",
    "a pump with 52 sensors": SET,
}
