"""What the prose of 06_lstm_autoencoder says in numbers that stand in no output beside it."""

import numpy as np

from claims.reasons import SET


def _judged(names, detectors):
    return [names["judged"](one.decision_function(names["test"]), one.validation_scores_) for one in detectors]


def _fewer_after_and_others_instead(names):
    pca = names["table"].loc["PCA, 1 component"]
    others = pca["false calls"] - pca["after an ectopic beat"]
    return all(row["after an ectopic beat"] < pca["after an ectopic beat"]
               and row["false calls"] - row["after an ectopic beat"] > others
               for row in _judged(names, names["denses"] + names["lstms"]))


def _margin(names, k):
    error, is_ectopic = names["pca_error"](names["test"], k), names["is_ectopic"]
    return error[is_ectopic].min() / error[~is_ectopic].max()


def _shares_on(names, rows):
    shares = names["explained"].explain(rows)[rows.index.isin(names["complete"])].mean()
    return shares / shares.sum()


def _first_is_largest(names, day):
    for detector in names["fitted"]["LSTM autoencoder"]:
        scores = names["scores_of"](detector).where(names["ten"].index.isin(names["complete"])).dropna().loc[day]
        if scores.idxmax() != scores.index[0]:
            return False
    return True


def _of_pump(names, method, column):
    return [row[column] for name, row in names["pump_rows"].items() if method in name]


CLAIMS = {
    "The highest score of all is a false call, in the night to the 19th": lambda names: str(
        names["lstm_score"]["2015-10-14":"2015-10-23 08:30"].idxmax())[:10] in ("2015-10-18", "2015-10-19"),
    "at a third of the distance": lambda names: 0.25 < names["nearest"](
        names["windows"][names["shuffled"][names["border"]:]], names["windows"][names["shuffled"][:names["border"]]]
    ) / names["nearest"](names["windows"][names["border"] + names["width"] - 1:], names["windows"][:names["border"]])
    < 0.4,
    "the first three minutes hold nothing else": lambda names: not names["ectopic"][names["minute"] < 3].any(),
    "That component is nearly flat": lambda names: np.ptp(names["directions"][0]) < 0.1 * abs(
        names["directions"][0].mean()),
    "it lets the whole beat move up and down": lambda names: np.corrcoef(
        names["train"].mean(axis=1), (names["train"] - names["mean_beat"]) @ names["directions"][0])[0, 1] ** 2 > 0.99,
    "Perfect ranking again, somewhat fewer false calls than PCA and a smaller margin": lambda names: (
        lambda ours, pca: ours["average precision"] > 0.9999 and ours["margin"] < pca["margin"] / 2
        and 0.5 < ours["false calls"] / pca["false calls"] < 1)(
        _judged(names, [names["dense"]])[0], names["table"].loc["PCA, 1 component"]),
    "it is widest with one component, and wider with four than with two": lambda names: (
        lambda m: max(m, key=m.get) == 1 and m[4] > m[2])({k: _margin(names, k) for k in (1, 2, 4, 8, 16, 32)}),
    ("one more score like the 55 exceeds them all with chance 1/56 (lesson 04), "
     "on average 8.5 of the 478 normal beats"): lambda names: (
        len(names["validation"]) == 55 and (~names["is_ectopic"]).sum() == 478 and round(478 / 56, 1) == 8.5),
    "The networks call fewer of the beats after a pause, and others instead": _fewer_after_and_others_instead,
    "the LSTM has the smallest margin": lambda names: max(
        row["margin"] for row in _judged(names, names["lstms"])) < min(
        row["margin"] for row in _judged(names, names["denses"])),
    "The codes hold 1, 4 and 32 numbers": lambda names: (
        names["dense"].n_code, names["lstm"].n_units) == (4, 32),
    "The ranking holds; the margin varies by a factor of two and the false calls by nearly three": lambda names: (
        lambda table: table["margin"].min() > 1 and 1.8 < table["margin"].max() / table["margin"].min() < 2.2
        and 2.5 < table["false calls"].max() / table["false calls"].min() < 3)(
        names["pd"].DataFrame(names["recordings"])),
    "From the leak's start to 12 hours before the trip, the last useful moment, are 48.5 hours": lambda names: round(
        (names["board"].leak["trip"] - names["board"].leak["start"]).total_seconds() / 3600 - 12, 1) == 48.5,
    "no better than PCA: one component is enough": lambda names: names["ours"] > names["pca_error"](
        names["validation"], 1).mean() / names["of_mean_beat"],
    "with two, as many as the dense code has, it is as early as the networks, with three": lambda names: (
        names["makers"]["dense autoencoder"](0).n_code == 2 and names["board"].table().pipe(
            lambda board: abs(board.loc["PCA of 3 channels, k = 2", "hours before the trip"]
                              - board.loc["dense autoencoder", "hours before the trip"]) < 1
            and board.loc["PCA of 3 channels, k = 2", "false alarms"].startswith("3 "))),
    "more than one time in three; as often as PCA, one time in five or in two": lambda names: (
        lambda luck: 0.3 < luck["LSTM autoencoder"] < 0.4 and 0.3 < luck["dense autoencoder"] < 0.4
        and 0.17 < luck["PCA of 3 channels, k = 1"] < 0.23
        and 0.45 < luck["PCA of 3 channels, k = 2"] < 0.55)(1 - np.exp(-names["weekly"] * 2 / 7)),
    "It calls eight times a week and more": lambda names: names["board"].table().loc[
        "LSTM forecaster", "false alarms per week"] > 8,
    "PCA with one component is six hours later": lambda names: 5 < names["board"].table()[
        "hours before the trip"].pipe(lambda hours: hours["LSTM autoencoder"] - hours["PCA of 3 channels, k = 1"]) < 7,
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
    "On 14, 17, 20 and 21 October, too, the first score of the day is its largest, with each seed": lambda names: all(
        _first_is_largest(names, f"2015-10-{day}") for day in (14, 17, 20, 21, 22)),
    "the threshold is that of the 17th": lambda names: names["lstm_score"][names["late_rows"].index].idxmax() == names[
        "lstm_score"]["2015-10-17"].first_valid_index(),
    "The red points of the 15th are training rows": lambda names: (
        names["fit_rows"].index.normalize().max() == names["pd"].Timestamp("2015-10-15")),
    "where chance at the same rates would find one to four": lambda names: all(
        1 < chance < 4 for chance in _of_pump(names, "", "by chance")),
    "Their F1 is .13 to .35": lambda names: (
        lambda f1: (round(min(f1), 2), round(max(f1), 2)) == (0.13, 0.35))(_of_pump(names, "", "F1")),
    "even calls at random get .07 or .08, more than twice their .03": lambda names: all(
        round(f1, 2) in (0.07, 0.08) and f1 > 0.06 for f1 in _of_pump(names, "", "F1 by chance")),
    "8 to 30 hours before each failure": lambda names: (min(names["WEAR_HOURS"]), max(names["WEAR_HOURS"])) == (8, 30),
    "Ten of the networks' 17 early calls come before that, and so does one of PCA's four": lambda names: all(
        (sum(_of_pump(names, method, "before any wear")), sum(_of_pump(names, method, "early"))) == counts
        for method, counts in (("autoencoder", (10, 17)), ("PCA", (1, 4)))),
    "agree to about 1e-5": lambda names: abs(names["h"] - names["by_keras"]).max() < 1e-5,
    "ours any call in 24 hours": lambda names: names["day"].total_seconds() == 24 * 3600,
    "the best of 51": lambda names: len(names["one_sensor"]) == 51,
}

FACTS = {
    "a precision of .01, a recall of .71 and an F1 of .03": "what the public notebook on this recording prints",
    "a pump with 52 sensors": SET,
}
