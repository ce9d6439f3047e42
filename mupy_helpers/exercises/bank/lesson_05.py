"""Exercises of lesson 05: supervised detection."""

import numpy as np
import pandas as pd

from mupy_helpers.exercises.bank.answers import not_a_number
from mupy_helpers.exercises.engine import Exercise, Wrong


def _check_rate_24(names):
    answer = names["rate_24"]
    if problem := not_a_number("rate_24", answer):
        return problem
    y = names["label"](names["one"].index, names["own"], pd.Timedelta("24h"))
    if np.isclose(answer, y.mean(), rtol=1e-6):
        return None
    if np.isclose(answer, 100 * y.mean(), rtol=1e-6):
        return "In per cent: a share lies between 0 and 1."
    if np.isclose(answer, names["y_one"].mean(), rtol=1e-6):
        return "That is the share for a horizon of 48 hours: label the rows anew."
    if np.isclose(answer, (y == 1).mean(), rtol=1e-6):
        return "You divided by all rows: those without a label, in which the store is broken, do not count."
    if np.isclose(answer, (y != 0).mean(), rtol=1e-6):
        return "NaN is not 0, so your comparison took rows without a label for ones."
    if np.isclose(answer, (y == 1).sum()):
        return "That is how many ones there are: the task asks for their share of the labelled rows."
    return 'Not the base rate: label(one.index, own, pd.Timedelta("24h")), and then the share where not NaN.'


def _check_pressure_fall(names):
    answer, pressure = names["pressure_fall"], names["pressure"]
    # A shift by a length of time leaves rows beyond the end; they do no harm.
    if not isinstance(answer, pd.Series) or not pressure.index.isin(answer.index).all() or not answer.index.is_unique:
        return "`pressure_fall` should be a Series with one value for each row of `pressure`."
    answer = answer.reindex(pressure.index)
    mean = pressure.rolling("24h").mean()
    rows = slice(4 * 288, -4 * 288)

    def same(right):
        return np.allclose(answer.iloc[rows], right.iloc[rows], atol=1e-3, equal_nan=False)

    if same(mean.shift(576) - mean):
        return None
    if same(mean - mean.shift(576)):
        return "That is a rise: a fall is positive when the pressure was higher two days ago."
    if same(mean.shift(-576) - mean):
        return "A negative shift brings a later row back: your feature knows what comes in two days."
    if same(mean.shift(48) - mean) or same(mean.shift(2) - mean) or same(mean.shift(288) - mean):
        return 'Without freq, shift counts rows, and a row is five minutes: say how long, shift(freq="48h").'
    if same(pressure.shift(576) - pressure):
        return "These are single readings: take the rolling mean of 24 hours first."
    centred = pressure.rolling("24h", center=True).mean()
    if same(centred.shift(576) - centred):
        return "A centred window looks twelve hours ahead: it must end at its own row."
    return 'Not the fall of the mean: take pressure.rolling("24h").mean(), shifted by two days, minus itself.'


def _check_shared(names):
    answer = names["shared"]
    if problem := not_a_number("shared", answer):
        return problem
    group = pd.Series(names["at_random"], index=names["X"].index)
    before, after = (group.groupby(level="unit").shift(step) for step in (1, -1))
    earlier, later = before.notna() & (before != group), after.notna() & (after != group)
    ones = names["y"] == 1
    if np.isclose(answer, (earlier | later)[ones].mean(), atol=0.004):
        return None
    if np.isclose(answer, earlier[ones].mean(), atol=0.004) or np.isclose(answer, later[ones].mean(), atol=0.004):
        return "You looked to one side only: the row before can be the twin, or the row after."
    if np.isclose(answer, (earlier & later)[ones].mean(), atol=0.004):
        return "You asked for a twin on both sides: one is enough."
    if np.isclose(answer, 1 - (earlier | later)[ones].mean(), atol=0.004):
        return "That is the share of rows **without** a twin."
    if np.isclose(answer, (earlier | later)[ones].sum()):
        return "That is how many rows have a twin: the task asks for their share of the ones."
    return "Not the share: is the group of the row before, or of the row after, another one? Among rows with label 1."


def _check_model(names):
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    model, X, is_train = names["model"], names["X"], names["is_train"]
    if not isinstance(model, Pipeline):
        return (f"`model` should be a pipeline that holds scaler and classifier, it is of type {type(model).__name__}: "
                "scaled outside, the test rows help to set the scale.")
    parts = [part for _, part in model.steps]
    if [type(part) for part in parts] != [StandardScaler, KNeighborsClassifier]:
        return "The pipeline should hold a StandardScaler and then a KNeighborsClassifier."
    if parts[1].n_neighbors != 15:
        return "The classifier should ask fifteen neighbours, as in the table above."
    if not hasattr(parts[0], "mean_"):
        return "The pipeline is not fitted yet: call .fit with the training rows."
    if not hasattr(parts[1], "n_samples_fit_"):
        return "The classifier in the pipeline is not fitted: call .fit of the whole pipeline, not of a part."
    if parts[1].n_samples_fit_ != is_train.sum():
        return "Fitted on other rows than the training's: some of the test units were there. Use is_train."
    if not np.allclose(parts[0].mean_, X[is_train].mean()):
        return "The scaler has seen other rows than the classifier: fit the pipeline as a whole."
    return None


def _check_corrected(names):
    answer, inflated, kept = (names[name] for name in ("corrected", "inflated", "kept"))
    if np.shape(answer) != np.shape(inflated):
        return "`corrected` should hold one probability for each of `inflated`."
    answer, odds = np.asarray(answer, dtype=float), inflated / (1 - inflated)
    if np.allclose(answer, odds * kept / (1 + odds * kept), rtol=1e-6):
        return None
    if np.allclose(answer, odds * kept):
        return "These are the right odds: turned into probabilities they are odds / (1 + odds)."
    if np.allclose(answer, inflated * kept):
        return "You multiplied the probabilities: the factor belongs to the odds. A sure row would become unsure."
    if np.allclose(answer, odds / kept / (1 + odds / kept)):
        return "They grew: dropping zeros made them too high, so the odds must go down."
    if np.any(answer > 1):
        return "Some are above 1, so these are no probabilities: turn the odds back with odds / (1 + odds)."
    return "Not the corrected probabilities: odds = inflated / (1 - inflated), times `kept`, and then odds / (1 + odds)."


def _costs_of_levels(names, call_out, units="validation"):
    where = names["validation"] if units == "validation" else names["unit"] % 4 == 0
    costs = []
    for level in names["levels"]:
        found, stores = names["measure_failures"](names["p"][where] > level, names["events"])
        costs.append(6000 * (~(found["hours ahead"] >= 12)).sum() + call_out * stores["false alarms"].sum())
    return np.array(costs)


def _check_dear_threshold(names):
    answer, levels = names["dear_threshold"], names["levels"]
    if problem := not_a_number("dear_threshold", answer):
        return problem
    costs = _costs_of_levels(names, 4000)
    if np.isclose(answer, costs.min()):
        return "That is the lowest cost, in euros: the task asks for the level at which it is reached."
    place = np.flatnonzero(np.isclose(levels, answer))
    if len(place) == 0:
        return "Not one of the `levels`: for example min(levels, key=...) picks one of them."
    if costs[place[0]] == costs.min():
        return None
    if _costs_of_levels(names, 80)[place[0]] == _costs_of_levels(names, 80).min():
        return "That is the cheapest when a call-out costs as little as on our scoreboard."
    if costs[place[0]] == costs.max():
        return "That is the dearest of the levels, not the cheapest."
    return "At another level it costs less: 6000 for each failure not in time, 4000 for each false alarm."


EXERCISES = [
    Exercise(
        id="05.1",
        minutes=3,
        names=("rate_24",),
        check=_check_rate_24,
        why="A shorter horizon makes the ones rarer, and the alarm more pressing. Choose it by what you can still do "
            "in that time, not by what is easy to learn.",
        hints=(
            "The function `label` takes the horizon as its last argument.",
            "Rows without a label are NaN, and the mean of a Series leaves NaN out.",
            'label(one.index, own, pd.Timedelta(...)).mean()',
        ),
        solution='rate_24 = label(one.index, own, pd.Timedelta("24h")).mean()',
        wrong=(
            Wrong("rate_24 = y_one.mean()", "horizon of 48 hours"),
            Wrong('rate_24 = (label(one.index, own, pd.Timedelta("24h")) == 1).mean()', "divided by all rows"),
            Wrong('rate_24 = (label(one.index, own, pd.Timedelta("24h")) != 0).mean()', "NaN is not 0"),
            Wrong('rate_24 = label(one.index, own, pd.Timedelta("24h")).sum()', "how many ones"),
        ),
    ),
    Exercise(
        id="05.2",
        minutes=4,
        names=("pressure_fall",),
        check=_check_pressure_fall,
        why="A feature that compares a store with itself two days ago needs no healthy period, and forgets what it was "
            "like before: each has its use. Shifted by rows (576 of them) it would be the same here, and wrong as soon "
            "as a row is missing.",
        hints=(
            'A window of a length of time ends at its own row: pressure.rolling("24h").',
            'shift(freq="48h") moves each value two days on, to the row that it is the past of.',
            "The shifted mean minus the mean; .reindex(pressure.index) drops what lies beyond the end.",
        ),
        solution="""
mean_24 = pressure.rolling("24h").mean()
two_days_ago = mean_24.shift(freq="48h").reindex(pressure.index)
pressure_fall = two_days_ago - mean_24
""",
        wrong=(
            Wrong('m = pressure.rolling("24h").mean()\npressure_fall = m - m.shift(576)', "a rise"),
            Wrong('m = pressure.rolling("24h").mean()\npressure_fall = m.shift(freq="-48h") - m', "negative shift"),
            Wrong('m = pressure.rolling("24h").mean()\npressure_fall = m - m.shift(freq="48h")', "a rise"),
            Wrong('pressure_fall = pressure.rolling("24h").mean().iloc[-1]', "one value for each row"),
            Wrong('m = pressure.rolling("24h").mean()\npressure_fall = m.shift(48) - m', "counts rows"),
            Wrong("pressure_fall = pressure.shift(576) - pressure", "single readings"),
            Wrong('m = pressure.rolling("24h", center=True).mean()\npressure_fall = m.shift(576) - m', "centred window"),
        ),
    ),
    Exercise(
        id="05.3",
        minutes=4,
        names=("shared",),
        check=_check_shared,
        why="Nearly every one of the rows to be found had its twin, two hours away, in the training set. "
            "No learner needs to understand anything to score well on that.",
        hints=(
            "Make a Series of the groups, and shift it by 1 and by -1 within each store.",
            "A twin is there where the group before is not NaN and another one, or the group after.",
            "The mean of a boolean Series is a share; take it over y == 1.",
        ),
        solution="""
group = pd.Series(at_random, index=X.index)
before, after = (group.groupby(level="unit").shift(step) for step in (1, -1))
twin = (before.notna() & (before != group)) | (after.notna() & (after != group))
shared = twin[y == 1].mean()
""",
        wrong=(
            Wrong('g = pd.Series(at_random, index=X.index)\nb = g.groupby(level="unit").shift(1)\n'
                  "shared = (b != g)[y == 1].mean()", "one side only"),
            Wrong('g = pd.Series(at_random, index=X.index)\nb, a = (g.groupby(level="unit").shift(s) for s in (1, -1))\n'
                  "shared = ((b != g) & (a != g))[y == 1].mean()", "on both sides"),
            Wrong('g = pd.Series(at_random, index=X.index)\nb, a = (g.groupby(level="unit").shift(s) for s in (1, -1))\n'
                  "shared = ((b == g) & (a == g))[y == 1].mean()", "**without** a twin"),
            Wrong('g = pd.Series(at_random, index=X.index)\nb, a = (g.groupby(level="unit").shift(s) for s in (1, -1))\n'
                  "shared = ((b != g) | (a != g))[y == 1].sum()", "how many rows have a twin"),
        ),
    ),
    Exercise(
        id="05.4",
        minutes=2,
        names=("model",),
        check=_check_model,
        why="On this table the scale of the test rows would have changed little. The habit matters: with a step that "
            "selects features, or reads the labels, the same slip invents a result.",
        hints=(
            "make_pipeline takes the steps in their order.",
            "One call of .fit on the pipeline fits the scaler and then the classifier, on the same rows.",
            "make_pipeline(StandardScaler(), KNeighborsClassifier(15)).fit(...), with the rows of is_train.",
        ),
        solution="model = make_pipeline(StandardScaler(), KNeighborsClassifier(15)).fit(X[is_train], y[is_train])",
        wrong=(
            Wrong("model = KNeighborsClassifier(15).fit(StandardScaler().fit_transform(X)[is_train], y[is_train])",
                  "should be a pipeline"),
            Wrong("model = make_pipeline(StandardScaler(), KNeighborsClassifier(15)).fit(X[labelled], y[labelled])",
                  "some of the test units"),
            Wrong("model = make_pipeline(StandardScaler(), KNeighborsClassifier(15))", "not fitted yet"),
            Wrong("model = make_pipeline(StandardScaler().fit(X), KNeighborsClassifier(15))\n"
                  "model[-1].fit(model[0].transform(X)[is_train], y[is_train])", "other rows than the classifier"),
            Wrong("model = make_pipeline(StandardScaler(), KNeighborsClassifier()).fit(X[is_train], y[is_train])",
                  "fifteen neighbours"),
        ),
    ),
    Exercise(
        id="05.5",
        minutes=4,
        names=("corrected",),
        check=_check_corrected,
        why="Compare corrected.mean() with the learner that saw all rows, and both with the share of ones: the two "
            "agree within a few thousandths, and both lie below the share, because these six stores failed "
            "differently. The order of the rows has not changed, so it was only ever a matter of the threshold.",
        hints=(
            "odds = inflated / (1 - inflated)",
            "Multiply the odds by `kept`.",
            "From odds to a probability: odds / (1 + odds).",
        ),
        solution="""
odds = inflated / (1 - inflated) * kept
corrected = odds / (1 + odds)
""",
        wrong=(
            Wrong("corrected = inflated * kept", "multiplied the probabilities"),
            Wrong("corrected = inflated / (1 - inflated) * kept", "the right odds"),
            Wrong("o = inflated / (1 - inflated) / kept\ncorrected = o / (1 + o)", "They grew"),
            Wrong("corrected = inflated.mean() * kept", "one probability for each"),
        ),
    ),
    Exercise(
        id="05.6",
        minutes=5,
        names=("dear_threshold",),
        check=_check_dear_threshold,
        why="The model is the same; what changed is the price, and with it who should be called. "
            "That is why the threshold does not belong into the model.",
        hints=(
            "Write the function `bill` anew, with the other price.",
            'missed = (~(found["hours ahead"] >= 12)).sum(), and units["false alarms"].sum() false alarms.',
            "min(levels, key=function) gives the level for which a function of it is smallest.",
        ),
        solution="""
def dear_cost(level):
    found, stores_called = measure_failures(p[validation] > level, events)
    missed = (~(found["hours ahead"] >= 12)).sum()
    return 6000 * missed + 4000 * stores_called["false alarms"].sum()


dear_threshold = min(levels, key=dear_cost)
""",
        wrong=(
            Wrong("dear_threshold = min(levels, key=lambda level: sum(bill(p[validation] > level).values()))",
                  "as little as on our scoreboard"),
            Wrong("dear_threshold = 4000 / 10000", "Not one of the `levels`"),
            Wrong("dear_threshold = levels", "should be one number"),
        ),
    ),
]
