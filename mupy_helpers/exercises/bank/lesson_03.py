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


def _salaries(names):
    steps = names["generalized_esd"](names["salaries"], max_outliers=10)
    return steps, sorted(steps.loc[steps["is_outlier"], "value"])


def _check_odd_salaries(names):
    answer = names["odd_salaries"]
    if isinstance(answer, pd.DataFrame) or not np.iterable(answer) or isinstance(answer, str):
        return f"`odd_salaries` should be a list of salaries, it is of type {type(answer).__name__}."
    steps, right = _salaries(names)
    given = sorted(np.asarray(list(answer), dtype=float).tolist())
    if given == right:
        return None
    if len(given) == len(steps) and set(given) == set(steps["value"]):
        return "These are all ten that the test looked at: outliers are only those of which `is_outlier` is True."
    if given == sorted(steps.loc[steps["is_outlier"], "row"]):
        return "These are positions in the table; the salaries at them stand in the column `value`."
    if set(given) <= {0.0, 1.0}:
        return "True and False for each step: pick the salaries where it is True."
    if given and set(given) < set(right):
        return "Some are missing: an outlier is every value taken out up to the last step above its critical value."
    return 'Not what the test calls outliers: generalized_esd(salaries, max_outliers=10) has a column "is_outlier".'


def _check_quantile_threshold(names):
    answer, scores, train = names["quantile_threshold"], names["scores"], names["train"]
    if problem := not_a_number("quantile_threshold", answer):
        return problem
    past = scores[train.index]
    right = past.quantile(0.99)
    if np.isclose(answer, right, rtol=0.01):
        return None
    if np.isclose(answer, scores.quantile(0.99), rtol=1e-4):
        return "That is the colleague's: the leak week helped to set the limit that should find it."
    if np.isclose(answer, past.max(), rtol=0.01):
        return "That is the largest score of the training days; the task asks for their 99 % quantile."
    if np.isclose(answer, past.quantile(0.01), atol=0.01):
        return "That is the 1 % quantile: high scores are the unusual ones."
    if np.isclose(answer, scores[scores.index >= "2015-10-18"].quantile(0.99), rtol=1e-4):
        return "These are the days to be judged: the threshold must come from the days before them."
    if np.isclose(answer, train.quantile(0.99), rtol=0.01):
        return "That is a quantile of the room in °C; the threshold is for the scores."
    return "Not the 99 % quantile of the training scores: take scores[train.index] and its .quantile(0.99)."


def _short(names, window=24, fit_rows=None):
    detector = type(names["decomposition"])(window=window, period=24, n_seasons=3)
    scores = names["detect_entire"](detector, names["flow"], fit_rows=fit_rows or names["n_fit"])
    return names["on_events"](scores > 5)


def _check_short_table(names):
    answer = names["short_table"]
    if isinstance(answer, pd.DataFrame):
        return "`short_table` should be what on_events returns, a dictionary and not a table."
    if not isinstance(answer, dict):
        return f"`short_table` should be what on_events returns, a dictionary; it is of type {type(answer).__name__}."
    if answer == _short(names):
        return None
    if answer == names["on_events"](names["moving_scores"] > 5):
        return "That is the table of the longer window: one number in the detector has to change."
    if answer == _short(names, window=names["decomposition"].window // 24):
        return "A window of 2 rows: the rows are hours, so a day has 24 of them."
    return ("Not the same method with a shorter window: MovingMedianDecomposition(window=24, period=24, n_seasons=3), "
            "fitted on n_fit rows, its scores above 5.")


SPANS = (10, 20, 40, 80)


def _leads(names, sign=-1, limit=None):
    standardised, past, board = names["standardised"], names["past"], names["board"]
    leads = {}
    for span in SPANS:
        smooth = sign * standardised.ewm(span=span, adjust=False).mean()
        smooth = smooth.abs() if sign == 0 else smooth
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
    if _same_leads(answer, _leads(names, limit=lambda smooth: names["down_threshold"])):
        return ("You used the threshold of 40 rows, in the chart's own units, for every span: "
                "each memory needs its own, from the training rows.")
    if len({float(hours) for hours in answer.values()}) == 1:
        return "All four are equal: does the memory inside your loop use `span`?"
    return ("These are not the hours of the four charts: smooth with the span, turn the sign, take the largest "
            "training value as the threshold, and measure.")


def _cusum(names, allowance=1.0, sign=-1, floor=True):
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
    if np.allclose(answer, _cusum(names, allowance=-1), atol=1e-6):
        return "The allowance has to be taken away in each row, and you add it."
    if np.allclose(answer, np.maximum(0, np.cumsum(-names["standardised"].to_numpy() - 1)), atol=1e-6):
        return "You cut at zero after summing: the cut belongs into each step, so that the sum can begin anew."
    if np.allclose(answer, np.maximum(0, -names["standardised"].to_numpy() - 1), atol=1e-6):
        return "That looks at each row alone: add to the sum of the row before."
    return "Not the lower CUSUM: total = max(0, total - value - 1) in each turn, then append it."


EXERCISES = [
    Exercise(
        id="03.1",
        minutes=4,
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
        names=("odd_salaries",),
        check=_check_odd_salaries,
        why="The two people of lesson 01, found by asking for up to ten: how many there are need not be known. "
            "The other salaries are no Gaussian bell at all, but they have no tails, and tails are what the test minds.",
        hints=(
            "The test is the one used above, on other values.",
            "steps has a column that says which values are outliers, and one with the values.",
            'Take the rows with steps["is_outlier"], their column "value", and .tolist().',
        ),
        solution="""
salary_steps = generalized_esd(salaries, max_outliers=10)
odd_salaries = salary_steps.loc[salary_steps["is_outlier"], "value"].tolist()
""",
        wrong=(
            Wrong('odd_salaries = generalized_esd(salaries, max_outliers=10)["value"].tolist()', "all ten"),
            Wrong('s = generalized_esd(salaries, max_outliers=10)\nodd_salaries = s.loc[s["is_outlier"], "row"].tolist()',
                  "positions"),
            Wrong("odd_salaries = [salaries.min()]", "Some are missing"),
            Wrong('odd_salaries = generalized_esd(salaries, max_outliers=10)["is_outlier"]', "True and False"),
            Wrong("odd_salaries = generalized_esd(salaries, max_outliers=10)", "should be a list"),
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
            Wrong("quantile_threshold = train.quantile(0.99)", "in °C"),
            Wrong("quantile_threshold = scores[train.index].quantile(0.01)", "1 % quantile"),
            Wrong('quantile_threshold = scores["2015-10-18":].quantile(0.99)', "to be judged"),
        ),
    ),
    Exercise(
        id="03.4",
        minutes=5,
        names=("short_table",),
        check=_check_short_table,
        why="A collapse of 13 to 16 hours fills more than half of a day's window: the median itself goes down, and the "
            "hours after it seem too high. A ghost again, this time of the median.",
        hints=(
            "Only one number in MovingMedianDecomposition(...) changes.",
            "Scores come from detect_entire(..., flow, fit_rows=n_fit), as above.",
            "Hand `scores > 5` to on_events and keep what it returns.",
        ),
        solution="""
shorter = MovingMedianDecomposition(window=24, period=24, n_seasons=3)
short_table = on_events(detect_entire(shorter, flow, fit_rows=n_fit) > 5)
""",
        wrong=(
            Wrong("short_table = on_events(moving_scores > 5)", "longer window"),
            Wrong("short_table = moving_scores > 5", "of type Series"),
            Wrong("short_table = on_events(detect_entire(MovingMedianDecomposition(window=2, period=24, n_seasons=3), "
                  "flow, fit_rows=n_fit) > 5)", "the rows are hours"),
            Wrong('short_table = pd.DataFrame({"short": on_events(moving_scores > 5)})', "not a table"),
        ),
    ),
    Exercise(
        id="03.5",
        minutes=6,
        names=("leads",),
        check=_check_leads,
        why="Between 20 and 40 rows the warning jumps by most of a day: on the evening of the 21st the chart passes its "
            "threshold by a hair, or misses it. A warning time from one event says little about the next one.",
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
        why="Ten lines of Page's, from 1954, and still in every control room. "
            "The zero makes it forget good times at once; the allowance makes it ignore small chance.",
        hints=(
            "A loop with a running total, as for the EWMA, and a list that collects it.",
            "In each turn: take the total so far, add -value, take away the allowance of 1.",
            "max(0, ...) around it keeps the total from falling below zero; then append it.",
        ),
        solution="""
total, lower_sum = 0.0, []
for value in standardised:
    total = max(0.0, total - value - 1)
    lower_sum.append(total)
""",
        wrong=(
            Wrong("total, lower_sum = 0.0, []\nfor value in standardised:\n    total = total - value - 1\n"
                  "    lower_sum.append(total)", "far below zero"),
            Wrong("total, lower_sum = 0.0, []\nfor value in standardised:\n    total = max(0.0, total + value - 1)\n"
                  "    lower_sum.append(total)", "upper sum"),
            Wrong("total, lower_sum = 0.0, []\nfor value in standardised:\n    total = max(0.0, total - value)\n"
                  "    lower_sum.append(total)", "allowance is missing"),
            Wrong("lower_sum = np.maximum(0, np.cumsum(-standardised - 1))", "after summing"),
            Wrong("total, lower_sum = 0.0, [0.0]\nfor value in standardised:\n    total = max(0.0, total - value - 1)\n"
                  "    lower_sum.append(total)", "One value too many"),
            Wrong("lower_sum = max(0, -standardised.iloc[-1] - 1)", "a list or an array"),
        ),
    ),
]
