"""What the prose of mit_bih_ecg says in numbers that stand in no output beside it."""

import numpy as np

from claims.reasons import SET


def _median(names, kind, column):
    return names["clock"][names["shape"] == kind][column].median()


def _called(names, *score):
    return [names["row"](each)["called"] for each in score]


def _sizes(names, k):
    return np.sort(np.bincount(names["KMeans"](k, n_init=3, random_state=0).fit_predict(names["beats"])))


CLAIMS = {
    "the baseline wanders by more than a beat is high": lambda names: np.ptp(
        np.median(names["raw"], axis=1)) > np.median(names["beats"][names["shape"] == "narrow"].max(axis=1)),
    "The same three levels now find nearly the same number": lambda names: np.ptp(
        [len(names["rising"](level)) for level in (0.5, 0.8, 1.1)]) < 20,
    "to 0.4 s behind it: 234 numbers": lambda names: names["raw"].shape[1] == 234 and round(
        names["from_peak"][-1], 1) == 0.4,
    "its score is ready 0.4 s after its peak": lambda names: round(names["from_peak"][-1], 1) == 0.4,
    "it rests on thirteen beats": lambda names: names["held_back"].sum() == 13,
    "with chance 1/14, some 33 times in 468": lambda names: round(names["new"].sum() / (names[
        "held_back"].sum() + 1)) == 33 and names["new"].sum() == 468,
    "Nothing is called": lambda names: _called(names, names["raw_score"]) == [0],
    "the oddest of ours lie in twenty seconds of bad contact": lambda names: np.ptp(
        names["time"][np.argsort(names["raw_score"])[-8:]]) < 20,
    "The first beat behind second 16 is called": lambda names: names["is_called"][names["new"]][0],
    "none before it comes near": lambda names: names["score"][~names["new"]].max() < 0.6 * names["threshold"],
    "of the six beats of the documented strip two are called": lambda names: (lambda there: (there.sum(), (
        there & names["is_called"]).sum()))((names["time"] > 46.5) & (names["time"] < 50)) == (6, 2),
    "Nearly all wide beats have the same hump and the same trough": lambda names: np.mean(np.corrcoef(
        names["beats"][names["shape"] == "wide"]).mean(axis=1) > 0.8) > 0.9,
    "Two groups would make one of *wide* and *between*, four would split *narrow*": lambda names: _sizes(
        names, 2)[1] < 380 and (lambda four: four[-1] < 250 and 80 <= four[1] <= 90)(_sizes(names, 4)),
    "the two small clouds are the neighbours of odd beats": lambda names: (lambda times, odd: set(np.flatnonzero(
        (abs(times - 1) > 0.2).any(axis=1) & ~odd)) <= set(np.flatnonzero(odd) + 1) | set(np.flatnonzero(odd) - 1))(
            *names["hearts"]["simulated"]),
    "our threshold runs through the middle of it": lambda names: 0.25 < names["is_called"][
        names["shape"] == "between"].mean() < 0.75,
    "The wide beats come a little early, and the pause after them is a little long": lambda names: 0.85 < _median(
        names, "wide", "before") < 0.95 and 1.1 < _median(names, "wide", "after") < 1.2,
    "the others come on time": lambda names: all(abs(_median(names, kind, column) - 1) < 0.03 for kind in (
        "narrow", "between") for column in ("before", "after")),
    "a wide beat peaks later after its beginning than a narrow one": lambda names: (lambda start: start("wide") > start(
        "narrow") + 0.02)(lambda kind: -names["from_peak"][np.argmax(np.median(names["beats"][
            names["shape"] == kind], axis=0) > 0.4)]),
    "No lot of 2,000 comes near": lambda names: len(names["lots"]) == 2000 and max(names["lots"]) + 0.15 < names[
        "pause"][names["called"]].median(),
    "In lesson 06 the clock alone ranked every odd beat first": lambda names: (
        lambda times, odd: times["before"][odd].max() < times["before"][~odd].min())(*names["hearts"]["simulated"]),
    "Levelling is what counts": lambda names: min(_called(names, names["score"], names["from_pca"](
        names["beats"]))) > 1.5 * max(_called(names, names["raw_score"], names["from_pca"](names["raw"]))),
    "its component is nearly the shift up and down": lambda names: (lambda off: abs(np.linalg.svd(
        off - off.mean(axis=0), full_matrices=False)[2][0].mean()) * np.sqrt(234))(names["raw"][names["fit"]]) > 0.95,
    "Once the beats are level, the choice of the method hardly matters": lambda names: np.ptp(_called(
        names, names["score"], names["from_pca"](names["beats"]), names["from_pca"](names["beats"], 4))) < 10,
    "On this heart the clock ranks the wide ones worse": lambda names: names["roc_auc_score"](
        names["odd"][names["known"]], -names["times"]["before"][names["known"]]) < 0.95,
    "Three artifacts, the last of them the documented one": lambda names: (names["interval"] > 1.5).sum() == 3,
}

FACTS = {
    "five minutes of record 208 of the MIT-BIH Arrhythmia Database, minutes 19:35 to 24:35, one lead, 360 samples": SET,
    "a normal rhythm around second 10": SET,
    "\"after second 16\"": SET,
    "with an example from 46.5 to 50": SET,
    "such as from 207 to 215": SET,
}
