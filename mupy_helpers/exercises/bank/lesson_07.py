"""Exercises of lesson 07, Ensembles, and the final scoreboard."""

import inspect

import numpy as np

from mupy_helpers.exercises.bank.answers import not_a_mask, not_a_number
from mupy_helpers.exercises.engine import Exercise, NotAttempted, Wrong


def _robust(train, scores):
    median = np.median(train)
    return (scores - median) / (1.4826 * np.median(np.abs(train - median)))


def _check_robust_z(names):
    answer = names["robust_z"]
    if not callable(answer):
        return f"`robust_z` should be a function of two arrays of scores; it is of type {type(answer).__name__}."
    train, scores = names["held_back"]["k-NN distance"], names["later"]["k-NN distance"]
    found = answer(train.copy(), scores.copy())
    if found is None:
        raise NotAttempted
    found = np.asarray(found, dtype=float)
    if found.shape == train.shape:
        return "It returns a number for each training score: the second argument is what is to be brought on the scale."
    if found.shape != scores.shape:
        return f"It returns an array of shape {found.shape}: one number for each of `scores` is asked for."
    train, scores = train.to_numpy(), scores.to_numpy()
    right = _robust(train, scores)
    if np.allclose(found, right, rtol=1e-3, atol=1e-6):
        return None
    if np.allclose(found, _robust(scores, scores), rtol=1e-3, atol=1e-6):
        return ("Median and MAD come from the scores to be judged: a leak among them becomes its own yardstick. "
                "Take both from `train_scores`.")
    if np.allclose(found, 1.4826 * right * 1.0, rtol=1e-3, atol=1e-6):
        return "The factor is missing: without it the MAD is not comparable with a standard deviation."
    if np.allclose(found, (scores - train.mean()) / train.std(), rtol=2e-2, atol=1e-6):
        return "That is the z-score: mean and standard deviation stretch with one wild score, median and MAD do not."
    if np.allclose(found, np.abs(right), rtol=1e-3, atol=1e-6):
        return ("You took the size of the distance: a score far **below** the median is as usual as can be, "
                "keep the sign.")
    return "Not the robust z: (scores - median) / (1.4826 * MAD), with both of them from `train_scores`."


def _check_majority(names):
    answer, later, limit = names["majority"], names["later"], names["healthy_limit"]
    if problem := not_a_mask("majority", answer, later):
        return problem
    above = (later > limit).sum(axis=1)
    if answer.equals(above >= 2):
        return None
    if answer.equals(above >= 1):
        return "That is True where **any** of them is above: this is the maximum's opinion, two are asked for."
    if answer.equals(above >= 3):
        return "That asks for all three: two of them are a majority already."
    if answer.equals((later > later.quantile(0.99)).sum(axis=1) >= 2):
        return "The limits were fitted on the rows to be judged: `healthy_limit` comes from the rows held back."
    if answer.equals(later.mean(axis=1) > limit.mean()):
        return "That averages raw scores on three scales, so that one detector decides alone: count votes."
    return "Not the majority: compare each column with its own limit, count the True of each row, ask for two or more."


def _adjusted(names, threshold):
    alarm = names["random_scores"] > threshold
    return alarm, names["metrics"].point_adjusted_precision_recall(names["truth"], alarm).f1


def _check_liar(names):
    answer = names["liar_threshold"]
    if problem := not_a_number("liar_threshold", answer):
        return problem
    alarm, f1 = _adjusted(names, answer)
    if f1 > 0.95:
        return None
    if not alarm.any():
        return "No row is above that threshold: even a liar has to say something. The scores lie between 0 and 1."
    if alarm.all():
        return "All rows are above that threshold: the false rows outnumber the events. Be rarer."
    found = names["metrics"].point_adjusted_precision_recall(names["truth"], alarm).recall
    if found < 1:
        return "Too rare: an event without a single lucky row counts as missed as a whole. Come down a little."
    return "Each false row still costs: all events are found, so the alarm can be rarer. Go up a little."


def _check_recall(names):
    answer, alarm, event = names["recall"], names["alarm_rows"], names["event_rows"]
    if problem := not_a_number("recall", answer):
        return problem
    if np.isclose(answer, names["metrics"].range_recall(event, alarm, cardinality="one"), atol=0.005):
        return None
    if np.isclose(answer, (alarm & event).sum() / event.sum(), atol=0.005):
        return "That is the recall row by row: the longer event counts more. Take each event's share first."
    if np.isclose(answer, names["metrics"].range_precision(event, alarm, cardinality="one"), atol=0.005):
        return "You went through the alarms: that is range precision. For recall go through the events."
    if np.isclose(answer, 1):
        return ("That takes an event as found as soon as it is touched, as point adjustment does: "
                "the share of its rows is asked for.")
    if np.isclose(answer, (alarm & event).sum() / alarm.sum(), atol=0.005):
        return "You divided by the rows in alarm: that is a precision."
    return "Not the range recall: for each of the two events, its rows under the alarm over its rows; then the mean."


def _check_mended(names):
    answer, learned = names["mended"], names["learned"]
    if not isinstance(answer, dict) or set(answer) != set(learned):
        return "`mended` should be a dictionary with one number for each kind in `learned`."

    if any(np.ndim(value) for value in answer.values()):
        return "`mended` holds the scores themselves: `volume(first[kind], scores)` makes one number of them."

    def measured(combine):
        return np.array([names["volume"](names["first"][kind], combine(scores)) for kind, scores in learned.items()])

    found = np.array([answer[kind] for kind in learned], dtype=float)
    two = ["forgetful", "amplitude"]
    if np.allclose(found, measured(lambda scores: scores[two].max(axis=1)), atol=0.002):
        return None
    if np.allclose(found, measured(lambda scores: scores.max(axis=1)), atol=0.002):
        return "All three columns took part: leave the LSTM autoencoder out, it never forgot."
    if np.allclose(found, measured(lambda scores: scores[two].mean(axis=1)), atol=0.002):
        return "That is the mean of the two: the larger of the two scores in each row is asked for."
    larger = np.maximum(measured(lambda scores: scores[two[0]]), measured(lambda scores: scores[two[1]]))
    if np.allclose(found, larger, atol=0.002):
        return ("You took the larger of the two **volumes**: that picks the winner after the event. Put the scores "
                "together row by row, then measure.")
    if np.allclose(found, measured(lambda scores: scores[two[1]]), atol=0.002):
        return "That is the amplitude alone: take the larger of it and \"forgetful\" in each row."
    return "Not these volumes: for each kind scores[[\"forgetful\", \"amplitude\"]].max(axis=1), then volume(...)."


def _check_detector(names):
    from mupy_helpers.leaderboard import score_recording, simulated_recording
    from mupy_helpers.metrics import volume_under_surface

    answer, recording = names["MyDetector"], simulated_recording("level shift", 1)
    if not inspect.isclass(answer):
        return ("`MyDetector` should be the class itself, so that the board can make a new one for each recording; "
                f"it is of type {type(answer).__name__}.")
    try:
        scores, looks_ahead = score_recording(answer(), recording, "MyDetector")
    except (TypeError, ValueError) as error:
        return str(error)
    if looks_ahead:
        return ("Its scores of the first half change when the second half is cut off: it looks ahead. Learn what is "
                "usual in fit, from the past.")
    labels = recording.labels.to_numpy()[recording.fit_rows:]
    if np.ptp(scores) == 0:
        return "All rows get the same score: nothing is ranked."
    volume, reverse, chance = (volume_under_surface(labels, ranked, window=48).pr for ranked in (
        scores, -scores, np.random.default_rng(7).random(len(scores))))
    reached = f"VUS-PR {volume:.2f} on the level shift, where random scores get {chance:.2f}"
    if volume > 1.1 * chance:
        return None
    if reverse > 1.1 * chance:
        return f"It ranks the wrong way round ({reached}): higher must mean more anomalous."
    return f"It ranks no better than chance ({reached}): what is different about a row whose level has moved?"


_CLASS = "class MyDetector:\n    def fit(self, X):\n        self.middle, self.size = X.mean(), X.std()\n"
_SCORE = "    def decision_function(self, X):\n        return "
_PARTS = '["forgetful", "amplitude"]'

EXERCISES = [
    Exercise(
        id="07.1",
        minutes=3,
        names=("robust_z",),
        check=_check_robust_z,
        why="A scale that has seen the rows it judges is stretched by the very fault that it should show.",
        hints=(
            "np.median(train_scores) is the middle; the fault must have no say in it.",
            "The MAD is the median of np.abs(train_scores - median).",
            "Subtract the median from `scores` and divide by 1.4826 * MAD.",
        ),
        solution="""
def robust_z(train_scores, scores):
    median = np.median(train_scores)
    mad = np.median(np.abs(train_scores - median))
    return (scores - median) / (1.4826 * mad)
""",
        wrong=(
            Wrong("def robust_z(train_scores, scores):\n    m = np.median(scores)\n"
                  "    return (scores - m) / (1.4826 * np.median(np.abs(scores - m)))", "its own yardstick"),
            Wrong("def robust_z(train_scores, scores):\n    m = np.median(train_scores)\n"
                  "    return (scores - m) / np.median(np.abs(train_scores - m))", "factor is missing"),
            Wrong("def robust_z(train_scores, scores):\n"
                  "    return (scores - train_scores.mean()) / train_scores.std()", "That is the z-score"),
            Wrong("def robust_z(train_scores, scores):\n    m = np.median(train_scores)\n"
                  "    return np.abs(scores - m) / (1.4826 * np.median(np.abs(train_scores - m)))", "keep the sign"),
        ),
    ),
    Exercise(
        id="07.2",
        minutes=3,
        names=("majority",),
        check=_check_majority,
        why="A vote needs no scale at all, only a limit for each, and no single broken detector can carry it.",
        hints=(
            "later > healthy_limit compares each column with its own limit.",
            "Count the True of each row: .sum(axis=1).",
            "Ask for two or more: >= 2.",
        ),
        solution="majority = (later > healthy_limit).sum(axis=1) >= 2",
        wrong=(
            Wrong("majority = (later > healthy_limit).any(axis=1)", "maximum's opinion"),
            Wrong("majority = (later > healthy_limit).all(axis=1)", "asks for all three"),
            Wrong("majority = (later > later.quantile(0.99)).sum(axis=1) >= 2", "rows to be judged"),
            Wrong("majority = later.mean(axis=1) > healthy_limit.mean()", "three scales"),
        ),
    ),
    Exercise(
        id="07.3",
        minutes=3,
        names=("liar_threshold",),
        check=_check_liar,
        why="Nothing was detected, and the number looks like a breakthrough: ask which metric a table uses.",
        hints=(
            "Try a few: metrics.point_adjusted_precision_recall(truth, random_scores > 0.98).f1.",
            "Higher thresholds cost fewer false rows, until one of the three events has no lucky row left.",
            "Look between 0.985 and 0.995.",
        ),
        solution="liar_threshold = 0.99",
        wrong=(
            Wrong("liar_threshold = 0.5", "rarer. Go up"),
            Wrong("liar_threshold = 1.5", "has to say something"),
            Wrong("liar_threshold = -1", "outnumber the events"),
            Wrong("liar_threshold = 0.9995", "Too rare"),
        ),
    ),
    Exercise(
        id="07.4",
        minutes=3,
        names=("recall",),
        check=_check_recall,
        why="Row by row, one long outage that was seen hides the short ones nobody was told of; here each weighs the same.",
        hints=(
            "The first event is rows 3 to 6, the second rows 10 and 11.",
            "For each of them take alarm_rows over its rows, and its mean.",
            "Then the mean of the two.",
        ),
        solution="recall = (alarm_rows[3:7].mean() + alarm_rows[10:12].mean()) / 2",
        wrong=(
            Wrong("recall = (alarm_rows & event_rows).sum() / event_rows.sum()", "row by row"),
            Wrong("recall = (event_rows[2:6].mean() + event_rows[8:10].mean() + event_rows[11]) / 3",
                  "range precision"),
            Wrong("recall = 1.0", "touched"),
            Wrong("recall = (alarm_rows & event_rows).sum() / alarm_rows.sum()", "divided by the rows in alarm"),
        ),
    ),
    Exercise(
        id="07.5",
        minutes=4,
        names=("mended",),
        check=_check_mended,
        why="A robust level beside a learned shape costs two lines, and gives back what the preprocessing took.",
        hints=(
            "learned[kind] is a table with one column of scores for each detector.",
            "scores[[\"forgetful\", \"amplitude\"]].max(axis=1) is the larger in each row.",
            "{kind: volume(first[kind], ...) for kind, scores in learned.items()}",
        ),
        solution=f"""
mended = {{kind: volume(first[kind], scores[{_PARTS}].max(axis=1)) for kind, scores in learned.items()}}
""",
        wrong=(
            Wrong("mended = {k: volume(first[k], s.max(axis=1)) for k, s in learned.items()}", "All three columns"),
            Wrong(f"mended = {{k: volume(first[k], s[{_PARTS}].mean(axis=1)) for k, s in learned.items()}}",
                  "mean of the two"),
            Wrong('mended = {k: max(volume(first[k], s["forgetful"]), volume(first[k], s["amplitude"])) '
                  "for k, s in learned.items()}", "after the event"),
            Wrong("mended = 0.45", "should be a dictionary"),
            Wrong(f"mended = {{k: s[{_PARTS}].max(axis=1) for k, s in learned.items()}}", "scores themselves"),
        ),
    ),
    Exercise(
        id="07.6",
        minutes=5,
        names=("MyDetector",),
        check=_check_detector,
        why="Two methods are all it takes: what you write at work can stand on the same board tomorrow.",
        hints=(
            "Begin with FarFromMedian and change one thing.",
            "In fit keep what is usual: self.middle, self.size = X.mean(), X.std().",
            "In decision_function return one number a row, for instance the distance from the middle smoothed over "
            "the rows before: .rolling(12, min_periods=1).mean().",
        ),
        solution="""
class MyDetector:
    def fit(self, X):
        self.middle, self.size = X.mean(), X.std()

    def decision_function(self, X):
        off = (X - self.middle) / self.size
        return off.rolling(12, min_periods=1).mean().abs().max(axis=1)
""",
        wrong=(
            Wrong(_CLASS + _SCORE + "-((X - self.middle) / self.size).abs().max(axis=1)", "wrong way round"),
            Wrong(_CLASS + _SCORE + "((X - X.mean()) / X.std()).abs().max(axis=1)", "looks ahead"),
            Wrong(_CLASS + _SCORE + "X.shift(1).sum(axis=1, skipna=False)", "NaN or infinite"),
            Wrong(_CLASS + _SCORE + "X.iloc[:, 0] * 0", "same score"),
            Wrong(_CLASS, "no method decision_function"),
            Wrong("MyDetector = FarFromMedian()", "class itself"),
        ),
    ),
]
