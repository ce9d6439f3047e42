"""What the prose of 06_lstm_autoencoder says in numbers that stand in no output beside it."""

import numpy as np

from claims.reasons import SET


def _false_calls(names, detectors):
    rows = [names["judged"](one.decision_function(names["test"]), one.validation_scores_) for one in detectors]
    return np.array([(row["false calls"], row["beside an ectopic beat"]) for row in rows])


def _of_pump(names, method, column):
    return [row[column] for name, row in names["rows"].items() if method in name]


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
    "Perfect ranking again, a smaller margin": lambda names: names["judged"](
        names["dense"].decision_function(names["test"]), names["dense"].validation_scores_)["margin"] < names[
        "table"].loc["PCA, 1 component", "margin"] / 2,
    "half or more of the LSTM's false calls": lambda names: all(
        beside >= false / 2 for false, beside in _false_calls(names, names["lstms"])),
    "the dense one half as often with one seed and as often with another": lambda names: (
        min(_false_calls(names, names["denses"])[:, 0]) < 25 and max(_false_calls(names, names["denses"])[:, 0]) > 38),
    "It calls eight times a week and more": lambda names: names["board"].table().loc[
        "LSTM forecaster", "false alarms per week"] > 8,
    "PCA with one component is six hours later": lambda names: 5 < names["board"].table()[
        "hours before the trip"].pipe(lambda hours: hours["LSTM autoencoder"] - hours["PCA, three channels"]) < 7,
    "two rows in the morning": lambda names: (names["day_22"] > names["limit"]).sum() == 2 and names["day_22"].index[
        names["day_22"] > names["limit"]].hour.max() == 9,
    "Before noon the score drops to its lowest": lambda names: names["no_window"][
        names["day_22"].index.hour >= 12].all(),
    "eight days are little": lambda names: names["fit_rows"].index.normalize().nunique() == 8,
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
