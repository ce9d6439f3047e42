"""What the prose of 09_beyond_sensors says in numbers that stand in no output beside it."""

import numpy as np
import pandas as pd

PRECISION = "average precision"


def _table(names, vectors, is_odd=None, who=None):
    is_odd, who = (names[name] if part is None else part for name, part in (("is_odd", is_odd), ("who", who)))
    return names["table"](names["twenty"](vectors, is_odd, who), is_odd)


def _pile(names, *kinds):
    return _table(names, *names["pile"](list(kinds)))


def _of(names, page):
    """The two tables of a page: the six lines' and the rule's."""
    return names["board"][page]


def _unsorted(names):
    """Mean share of odd words found when odd rows take part in choosing the threshold."""
    spans, words, shares = names["spans"].reshape(-1, 48), names["words"], []
    is_odd, who = words != "ai", np.arange(len(words))
    for seed in range(20):
        fit, held_back, new = names["split"](who, seed)
        detector = names["KNN"]().fit(spans[fit & ~is_odd])
        threshold = np.quantile(detector.decision_function(spans[held_back]), 0.95)
        shares.append((detector.decision_function(spans[new])[is_odd[new]] > threshold).mean())
    return np.mean(shares)


def _log(names):
    kinds = names["kinds"].to_numpy()
    return kinds != "", np.arange(len(kinds)), kinds


def _by_pairs(names):
    is_odd, who, kinds = _log(names)
    following = names["template"].groupby(names["block"]).shift(-1)
    pairs = pd.crosstab(names["block"], [names["template"], following]).loc[names["kinds"].index]
    found = names["twenty"](pairs.to_numpy(float), is_odd, who)
    means = names["mean_scores"](found)
    return names["table"](found, is_odd)[PRECISION].mean(), means.groupby(kinds[means.index]).mean()


def _by_counts(names):
    is_odd, who, kinds = _log(names)
    means = names["mean_scores"](names["twenty"](names["counts"].to_numpy(float), is_odd, who))
    return means.groupby(kinds[means.index]).mean()


def _cosine_is_better(names):
    is_odd, who, _ = _log(names)
    counts = names["counts"].to_numpy(float)
    unit = counts / np.linalg.norm(counts, axis=1, keepdims=True)
    gain = _table(names, unit, is_odd, who)[PRECISION] - _of(names, "server log")[0][PRECISION]
    return gain.mean() > 0.05 and (gain > -0.01).sum() >= 18


def _new_words(names):
    """Mean share of the right words typed that are not among the words to fit on."""
    typed, is_slip, shares = names["typed"], (names["typed"] != names["meant"]).to_numpy(), []
    for fit, _, new in (names["split"](np.arange(len(typed)), seed) for seed in range(20)):
        shares.append((~typed[new & ~is_slip].isin(typed[fit & ~is_slip])).mean())
    return np.mean(shares)


def _by_recording(names):
    return _table(names, names["hearts"], who=np.arange(len(names["is_odd"])))


def _gain_of_colour(names):
    patches, row, column = names["patches"], *np.divmod(np.arange(len(names["patches"])), 40)
    is_odd = (patches != names["pagoda"]).any(axis=(1, 2, 3))
    pixels = _table(names, patches.reshape(len(patches), -1), is_odd, row // 3 * 100 + column // 3)
    return _of(names, "pictures")[0][PRECISION].mean() - pixels[PRECISION].mean()


def _rule_wins_on_the_log(names):
    six, rule = _of(names, "server log")
    return 1.8 < rule[PRECISION].mean() / six[PRECISION].mean() < 2.2 and rule["false alarms"].max() == 0


def _hearts_are_weak(names):
    six, rule = _of(names, "heart sounds")
    chance = (six[PRECISION] / six["share of odd"]).mean()
    return 1.9 < chance < 2.4 and six[PRECISION].mean() > rule[PRECISION].mean() + 0.05


def _scaled_is_worse(names):
    drawings, is_odd, who = names["pile"]([8])
    fit = names["split"](who, 0)[0] & ~is_odd
    size = np.where(drawings[fit].std(axis=0) > 0, drawings[fit].std(axis=0), 1)
    return _table(names, drawings / size, is_odd, who)[PRECISION].mean() < _pile(names, 8)[PRECISION].mean() - 0.05


CLAIMS = {
    "Scaling would blow up the pixels of the margin": _scaled_is_worse,
    "their mean average precision is all but perfect": lambda names: _pile(names, 0)[PRECISION].mean() > 0.99,
    "Below both!": lambda names: _pile(names, 0, 8)[PRECISION].mean() < min(
        _pile(names, kind)[PRECISION].mean() for kind in (0, 8)),
    "ROC AUC lies between the two": lambda names: _pile(names, 8)["ROC AUC"].mean() < _pile(
        names, 0, 8)["ROC AUC"].mean() < _pile(names, 0)["ROC AUC"].mean(),
    "the distance puts nearly all strangers in front": lambda names: _of(
        names, "handwriting")[0]["ROC AUC"].mean() > 0.95,
    "Only the last is below the threshold": lambda names: (names["strangers"] < 1).sum() == 1,
    "a one so fat that it fills the frame": lambda names: names["digits"].target[np.flatnonzero(
        (names["digits"].data == names["drawings"][names["strangers"].index[-1]]).all(axis=1))].tolist() == [1],
    "are threes, a five and a nine, which are an eight but for a stroke": lambda names: sum(
        names["digits"].target[(names["digits"].data == names["drawings"][row]).all(axis=1)][0] in (3, 5, 9)
        for row in names["strangers"].index[-8:]) == 5,
    "From four words found in five to fewer than two in three": lambda names: 0.77 < _of(
        names, "spoken words")[0]["found"].mean() < 0.83 and 0.6 < _unsorted(names) < 2 / 3,
    "Here the 64 pixels": lambda names: names["drawings"].shape[1] == 64,
    "half a second long, 4,000 samples": lambda names: names["simulate_spoken_word"](
        "ai", 1, seed=1).shape == (1, 4000),
    "All 768 numbers of a patch": lambda names: names["patches"][0].size == 768,
    "Three numbers are worth more than 768": lambda names: _gain_of_colour(names) > 0.5,
    "A vector of three numbers beat one of 768": lambda names: _gain_of_colour(names) > 0.5,
    "twice as good as the distance, and do not call once for nothing": _rule_wins_on_the_log,
    "a throw has about four odd blocks": lambda names: 3.5 < 125 * _of(
        names, "server log")[0]["share of odd"].mean() < 4.5,
    "It ranks as the Euclidean distance does between rows that are divided by their own length": _cosine_is_better,
    "come close to the threshold, where they scored like usual ones": lambda names: 0.8 < _by_pairs(names)[1][
        "wrong_order"] < 1.1 and abs(_by_counts(names)["wrong_order"] - _by_counts(names)[""]) < 0.05,
    "falls, from 0.29 to 0.20": lambda names: [round(value, 2) for value in (
        _of(names, "server log")[0][PRECISION].mean(), _by_pairs(names)[0])] == [0.29, 0.20],
    "and their own scores double": lambda names: 1.8 < _by_pairs(names)[1][""] / _by_counts(names)[""] < 2.2,
    "and misses only errors that make another word": lambda names: 0.9 < _of(
        names, "typing errors")[1]["found"].mean() < 1 and _of(names, "typing errors")[1]["false alarms"].max() == 0,
    "calls every third right word": lambda names: 0.3 < _new_words(names) < 0.38,
    "Twice as good as chance, somewhat better": _hearts_are_weak,
    "three in four murmurs stay below the threshold": lambda names: 0.2 < _of(
        names, "heart sounds")[0]["found"].mean() < 0.3,
    "The mean hardly moves, from 0.40 to 0.42": lambda names: [round(table[PRECISION].mean(), 2) for table in (
        _of(names, "heart sounds")[0], _by_recording(names))] == [0.40, 0.42],
    "What gets smaller is the spread": lambda names: all(_by_recording(names)[what].std() < _of(
        names, "heart sounds")[0][what].std() for what in (PRECISION, "ROC AUC", "found")),
    "one recording in six or, more careful, one in three": lambda names: [round(
        1 / names["rejection"][T]["rejected"].mean()) for T in (8, 32)] == [6, 3],
    "a third and more would have been": lambda names: all(
        results["wrong, of rejected"].mean() > 0.32 for results in names["rejection"].values()),
    "Of the answers that are left fewer are wrong": lambda names: all((results["wrong, of accepted"] < results[
        "wrong, of all"]).mean() > 0.9 for results in names["rejection"].values()),
    "abstaining pays": lambda names: all((results["cost"] < results["cost, all answered"]).all()
                                         for results in names["rejection"].values()),
    "It refuses more than it **foretold**": lambda names: all((results["rejected"] > results[
        "rejected, foretold"]).mean() > 0.7 for results in names["rejection"].values()),
    "passes its **upper bound**": lambda names: all(results["cost"].mean() > results[
        "its upper bound"].mean() for results in names["rejection"].values()),
    "The six lines never changed": lambda names: len(names["board"]) == 6,
}


FACTS = {}
