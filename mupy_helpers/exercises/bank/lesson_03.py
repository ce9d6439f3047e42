"""Exercises of lesson 03: statistical detection."""

import numpy as np
import pandas as pd

from mupy_helpers.exercises.bank.answers import not_a_number
from mupy_helpers.exercises.engine import Exercise, Wrong


def _check_blind_from(names):
    answer, shares, plant, z_of_28 = (names[name] for name in ("blind_from", "shares", "plant", "z_of_28"))
    if problem := not_a_number("blind_from", answer):
        return problem
    z = np.array([z_of_28(plant(share)) for share in shares])
    blind = shares[z <= 3]
    if np.isclose(answer, blind[0]):
        return None
    if np.isclose(answer, 100 * blind[0]):
        return "In per cent: the task asks for one of the `shares`, between 0 and 1."
    if np.isclose(answer, shares[z > 3][-1]):
        return "At this share the rule still sees the fault: it is the last one, and the task asks for the next."
    if np.isclose(answer, np.argmax(z <= 3)):
        return "That is a position in `shares`: look up the share at this position."
    if np.isclose(answer, z[z <= 3][0]):
        return "That is the z-score at this share; the task asks for the share."
    if np.isclose(answer, blind[-1]):
        return "That is the largest of the shares at which the rule is blind: the smallest is asked."
    return "Not the smallest share with a z of 3 or less: compute z_of_28(plant(share)) for each of the shares."


def _check_n_outliers(names):
    answer = names["n_outliers"]
    if problem := not_a_number("n_outliers", answer):
        return problem
    steps = names["generalized_esd"](names["weights"], max_outliers=8)
    beyond = steps["statistic"] > steps["critical"]
    if answer == steps["is_outlier"].sum():
        return None
    if answer == 0:
        return "You stopped at the first no, as Grubbs' test does: the three heavy boxes hide each other there."
    if answer == beyond.sum():
        return ("You counted the steps that say yes. The last yes counts for all steps before it, too: "
                "what was taken out first is further out than what came after it.")
    if answer == len(steps):
        return "That is how many the test looked for at most."
    return "Find the last step whose statistic is above its critical value: all values up to it are outliers."


def _check_quantile_threshold(names):
    answer, scores, train = names["quantile_threshold"], names["scores"], names["train"]
    if problem := not_a_number("quantile_threshold", answer):
        return problem
    past = scores[train.index]
    right = past.quantile(0.99)
    if np.isclose(answer, right, rtol=1e-4):
        return None
    if np.isclose(answer, scores.quantile(0.99), rtol=1e-4):
        return "That is the colleague's: the leak week helped to set the limit that should find it."
    if np.isclose(answer, past.max(), rtol=0.01):
        return "That is the largest score of the training days; the task asks for their 99 % quantile."
    if np.isclose(answer, past.quantile(0.01), atol=0.01):
        return "That is the 1 % quantile: high scores are the unusual ones."
    if np.isclose(answer, scores[scores.index >= "2015-10-18"].quantile(0.99), rtol=1e-4):
        return "These are the days to be judged: the threshold must come from the days before them."
    if np.isclose(answer, scores[:"2015-10-18"].quantile(0.99), rtol=1e-4):
        return "A slice by day takes in its last day: your rows include the 18th itself."
    if np.isclose(answer, train.quantile(0.99), rtol=0.01):
        return "That is a quantile of the room in °C; the threshold is for the scores."
    return "Not the 99 % quantile of the training scores: take scores[train.index] and its .quantile(0.99)."


def _moving(names, window=24, fit_rows=None, **other):
    detector = type(names["decomposition"])(**({"window": window, "period": 24, "n_seasons": 3} | other))
    return names["detect_entire"](detector, names["flow"], fit_rows=fit_rows or names["n_fit"])


def _check_short_scores(names):
    answer, n_fit = names["short_scores"], names["n_fit"]
    if isinstance(answer, dict):
        return "That is what on_events returns: the scores that go into it are asked."
    if not isinstance(answer, (pd.Series, np.ndarray)) or len(answer) != len(names["flow"]):
        return "`short_scores` should hold one score for each hour of `flow`, as detect_entire returns them."
    if answer.dtype == bool:
        return "True and False: the scores themselves are asked, before they are compared with 5."

    def same(scores):
        return np.allclose(np.asarray(answer, dtype=float), scores, atol=1e-6, equal_nan=True)

    if same(_moving(names)):
        return None
    if same(names["moving_scores"]):
        return "These are the scores of the longer window: one number in the detector has to change."
    if same(_moving(names, window=2)):
        return "A window of 2 rows: the rows are hours, so a day has 24 of them."
    if np.allclose(np.asarray(answer, dtype=float)[n_fit + 200:], _moving(names)[n_fit + 200:], rtol=0.5):
        return "Nearly: fit on the first n_fit rows, and keep period and n_seasons as they are above."
    return ("Not the same method with a shorter window: MovingMedianDecomposition(window=24, period=24, n_seasons=3), "
            "fitted on n_fit rows.")


SPANS = (10, 20, 40, 80)


def _leads(names, sign=-1, limit=None, size=False):
    standardised, past, board = names["standardised"], names["past"], names["board"]
    leads = {}
    for span in SPANS:
        smooth = sign * standardised.ewm(span=span, adjust=False).mean()
        smooth = smooth.abs() if size else smooth
        threshold = smooth[past.index].max() if limit is None else limit(smooth)
        leads[span] = board.measure(names["on_all_rows"](smooth > threshold))["hours before the trip"]
    return leads


def _same_leads(answer, right):
    return all(np.isclose(float(answer[span]), right[span], atol=0.06, equal_nan=True) for span in SPANS)


def _check_leads(names):
    answer = names["leads"]
    if not isinstance(answer, dict) or set(answer) != set(SPANS):
        return "`leads` should be a dictionary with the keys 10, 20, 40 and 80, and hours as values."
    if not all(np.isscalar(hours) and not isinstance(hours, (str, bool)) for hours in answer.values()):
        return 'Each value of `leads` should be one number: take ["hours before the trip"] of what measure returns.'
    if _same_leads(answer, _leads(names)):
        return None
    if all(np.isnan(float(hours)) for hours in answer.values()):
        return ("None of your charts warns. Either they look upwards, while a leak lowers the current, or their "
                "thresholds are the largest of all rows: then nothing can be above them.")
    if _same_leads(answer, _leads(names, size=True)):
        return "Your chart looks both ways: take the memory with a minus sign, not its size."
    if _same_leads(answer, _leads(names, limit=lambda smooth: names["down_threshold"])):
        return ("You used the threshold of 40 rows, in the chart's own units, for every span: "
                "each memory needs its own, from the training rows.")
    if len({float(hours) for hours in answer.values()}) == 1:
        return "All four are equal: does the memory inside your loop use `span`?"
    return ("These are not the hours of the four charts: smooth with the span, turn the sign, take the largest "
            "training value as the threshold, and measure.")


def _cusum(names, allowance=0.5, sign=-1, floor=True):
    total, sums = 0.0, []
    for value in names["standardised"]:
        total += sign * value - allowance
        total = max(0.0, total) if floor else total
        sums.append(total)
    return np.array(sums)


def _check_lower_sum(names):
    answer = names["lower_sum"]
    if not np.iterable(answer) or isinstance(answer, (str, dict)):
        return "`lower_sum` should be a list or an array with one value for each row, collected in the loop."
    answer = np.asarray(list(answer), dtype=float)
    right = _cusum(names)
    if len(answer) == len(right) + 1:
        return "One value too many: the 0 that it starts from is not one of the rows."
    if len(answer) != len(right):
        return f"`lower_sum` has {len(answer)} values for {len(right)} rows: append one in each turn of the loop."
    if np.allclose(answer, right, atol=1e-6):
        return None
    if np.allclose(answer, _cusum(names, floor=False), atol=1e-6):
        return "It falls far below zero, where it would have to climb back from: max(0, ...) is missing."
    if np.allclose(answer, _cusum(names, sign=1), atol=1e-6):
        return "That is the upper sum: a leak lowers the current, so it adds -value."
    if np.allclose(answer, _cusum(names, allowance=0), atol=1e-6):
        return "The allowance is missing: without it the sum climbs on pure chance."
    if np.allclose(answer, _cusum(names, allowance=-0.5), atol=1e-6):
        return "The allowance has to be taken away in each row, and you add it."
    if np.allclose(answer, np.maximum(0, np.cumsum(-names["standardised"].to_numpy() - 0.5)), atol=1e-6):
        return "You cut at zero after summing: the cut belongs into each step, so that the sum can begin anew."
    if np.allclose(answer, np.maximum(0, -names["standardised"].to_numpy() - 0.5), atol=1e-6):
        return "That looks at each row alone: add to the sum of the row before."
    if np.allclose(answer, np.cumsum(np.maximum(0, -names["standardised"].to_numpy() - 0.5)), atol=1e-6):
        return "You cut each row at zero before summing: then good rows never bring the sum down again."
    return "Not the lower CUSUM: total = max(0, total - value - 0.5) in each turn, then append it."


EXERCISES = [
    Exercise(
        id="03.1",
        minutes=3,
        names=("blind_from",),
        check=_check_blind_from,
        why="For a lump of outliers in one place the z-score is near the square root of (1 - share) / share, which is "
            "3 at a tenth: no fault that fills a tenth of the data can be found by this rule, however large it is.",
        hints=(
            "You need z_of_28(plant(share)) for each share: a list comprehension does it.",
            "z = np.array([z_of_28(plant(share)) for share in shares]) can be compared with 3 all at once.",
            "shares[z <= 3] are the shares at which the rule is blind; the smallest comes first.",
        ),
        solution="""
z_planted = np.array([z_of_28(plant(share)) for share in shares])
blind_from = shares[z_planted <= 3].min()
""",
        wrong=(
            Wrong("blind_from = max(share for share in shares if z_of_28(plant(share)) > 3)", "still sees"),
            Wrong("blind_from = 100 * min(share for share in shares if z_of_28(plant(share)) <= 3)", "per cent"),
            Wrong("blind_from = max(share for share in shares if z_of_28(plant(share)) <= 3)", "smallest is asked"),
            Wrong("blind_from = [z_of_28(plant(share)) <= 3 for share in shares].index(True)", "position"),
            Wrong("blind_from = shares[shares > 0.1]", "one number"),
            Wrong("blind_from = 0.5", "for each of the shares"),
        ),
    ),
    Exercise(
        id="03.2",
        minutes=2,
        names=("n_outliers",),
        check=_check_n_outliers,
        why="The first step says no and is overruled: once the heaviest boxes are out, the yardstick shrinks. "
            "`is_outlier`, the column that we left out, does this reading for you.",
        hints=(
            "Compare the columns statistic and critical, step by step.",
            "Which is the last step at which the statistic is the larger one?",
            "All values taken out up to that step are outliers, those of earlier steps included.",
        ),
        solution="""
box_steps = generalized_esd(weights, max_outliers=8)
n_outliers = box_steps.index[box_steps["statistic"] > box_steps["critical"]].max()
""",
        wrong=(
            Wrong("n_outliers = 0", "first no"),
            Wrong('s = generalized_esd(weights, max_outliers=8)\nn_outliers = (s["statistic"] > s["critical"]).sum()',
                  "counted the steps"),
            Wrong("n_outliers = 8", "at most"),
            Wrong("n_outliers = [107.6, 107.9, 108.1]", "one number"),
        ),
    ),
    Exercise(
        id="03.3",
        minutes=3,
        names=("quantile_threshold",),
        check=_check_quantile_threshold,
        why="The colleague's is more than five times higher: the days in which the room was lost set the limit for "
            "finding lost days. More data are better only if they are data of the normal.",
        hints=(
            "The scores of the training days are wanted, and nothing later.",
            "train.index holds their times.",
            "scores[train.index].quantile(...), with the share that should lie below.",
        ),
        solution="quantile_threshold = scores[train.index].quantile(0.99)",
        wrong=(
            Wrong("quantile_threshold = scores.quantile(0.99)", "the colleague's"),
            Wrong("quantile_threshold = scores[train.index].max()", "99 % quantile"),
            Wrong('quantile_threshold = scores[:"2015-10-18"].quantile(0.99)', "the 18th itself"),
            Wrong("quantile_threshold = train.quantile(0.99)", "in °C"),
            Wrong("quantile_threshold = scores[train.index].quantile(0.01)", "1 % quantile"),
            Wrong('quantile_threshold = scores["2015-10-18":].quantile(0.99)', "to be judged"),
        ),
    ),
    Exercise(
        id="03.4",
        minutes=3,
        names=("short_scores",),
        check=_check_short_scores,
        why="A collapse that fills more than half of a day's window takes the median down with it, and the hours after "
            "it seem too high: a ghost again, this time of the median.",
        hints=(
            "Only one number in MovingMedianDecomposition(...) changes.",
            "Scores come from detect_entire(..., flow, fit_rows=n_fit), as above.",
            "detect_entire(MovingMedianDecomposition(window=..., period=24, n_seasons=3), flow, fit_rows=n_fit)",
        ),
        solution="""
shorter = MovingMedianDecomposition(window=24, period=24, n_seasons=3)
short_scores = detect_entire(shorter, flow, fit_rows=n_fit)
""",
        wrong=(
            Wrong("short_scores = moving_scores", "longer window"),
            Wrong("short_scores = detect_entire(MovingMedianDecomposition(window=24, period=24, n_seasons=3), flow, "
                  "fit_rows=n_fit) > 5", "True and False"),
            Wrong("short_scores = detect_entire(MovingMedianDecomposition(window=2, period=24, n_seasons=3), flow, "
                  "fit_rows=n_fit)", "the rows are hours"),
            Wrong("short_scores = on_events(moving_scores > 5)", "on_events returns"),
        ),
    ),
    Exercise(
        id="03.5",
        minutes=6,
        names=("leads",),
        check=_check_leads,
        why="Between 20 and 40 rows the warning jumps by most of a day: in the last row of the 21st the chart passes "
            "its threshold by a hair, or misses it. A warning time from one event says little about the next one.",
        hints=(
            "A loop over the four spans; each turn fills leads[span].",
            "In each turn: smooth = -standardised.ewm(span=span, adjust=False).mean(); its threshold is the largest "
            "of smooth[past.index].",
            'leads[span] = board.measure(on_all_rows(smooth > threshold))["hours before the trip"]',
        ),
        solution="""
leads = {}
for span in [10, 20, 40, 80]:
    smooth_span = -standardised.ewm(span=span, adjust=False).mean()
    is_alarm_span = smooth_span > smooth_span[past.index].max()
    leads[span] = board.measure(on_all_rows(is_alarm_span))["hours before the trip"]
""",
        wrong=(
            Wrong("leads = {s: board.measure(on_all_rows((a := standardised.ewm(span=s, adjust=False).mean()) "
                  '> a[past.index].max()))["hours before the trip"] for s in [10, 20, 40, 80]}', "look upwards"),
            Wrong("leads = {s: board.measure(on_all_rows(-standardised.ewm(span=s, adjust=False).mean() "
                  '> down_threshold))["hours before the trip"] for s in [10, 20, 40, 80]}', "each memory needs its own"),
            Wrong("leads = {s: board.measure(on_all_rows((a := standardised.ewm(span=s, adjust=False).mean().abs()) "
                  '> a[past.index].max()))["hours before the trip"] for s in [10, 20, 40, 80]}', "both ways"),
            Wrong("leads = {s: 42.5 for s in [10, 20, 40, 80]}", "All four are equal"),
            Wrong("leads = {s: board.measure(on_all_rows(down > down_threshold)) for s in [10, 20, 40, 80]}",
                  "should be one number"),
            Wrong("leads = [24, 24, 42, 44]", "a dictionary"),
        ),
    ),
    Exercise(
        id="03.6",
        minutes=5,
        names=("lower_sum",),
        check=_check_lower_sum,
        why="Page's four lines, from 1954, and still in use. The zero makes it forget good times at once; the allowance "
            "makes it ignore small chance. On the board, looking one way, it is as early as the one-sided EWMA.",
        hints=(
            "A loop with a running total, as for the EWMA, and a list that collects it.",
            "In each turn: take the total so far, add -value, take away the allowance of 0.5.",
            "max(0, ...) around it keeps the total from falling below zero; then append it.",
        ),
        solution="""
total, lower_sum = 0.0, []
for value in standardised:
    total = max(0.0, total - value - 0.5)
    lower_sum.append(total)
""",
        wrong=(
            Wrong("total, lower_sum = 0.0, []\nfor value in standardised:\n    total = total - value - 0.5\n"
                  "    lower_sum.append(total)", "far below zero"),
            Wrong("total, lower_sum = 0.0, []\nfor value in standardised:\n    total = max(0.0, total + value - 0.5)\n"
                  "    lower_sum.append(total)", "upper sum"),
            Wrong("total, lower_sum = 0.0, []\nfor value in standardised:\n    total = max(0.0, total - value)\n"
                  "    lower_sum.append(total)", "allowance is missing"),
            Wrong("lower_sum = np.maximum(0, np.cumsum(-standardised - 0.5))", "after summing"),
            Wrong("lower_sum = (-standardised - 0.5).clip(lower=0).cumsum()", "before summing"),
            Wrong("total, lower_sum = 0.0, [0.0]\nfor value in standardised:\n    total = max(0.0, total - value - 0.5)\n"
                  "    lower_sum.append(total)", "One value too many"),
            Wrong("lower_sum = max(0, -standardised.iloc[-1] - 0.5)", "a list or an array"),
        ),
    ),
]
