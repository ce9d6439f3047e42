"""Exercises of lesson 01, What is an anomaly?"""

import numpy as np
import pandas as pd

from mupy_helpers.exercises.bank.answers import not_a_day, not_a_number
from mupy_helpers.exercises.engine import Exercise, Wrong


def _lower_fence(values):
    q1, q3 = values.quantile([0.25, 0.75])
    return q1 - 1.5 * (q3 - q1)


def _check_clean_fence(names):
    answer, salaries = names["clean_fence"], names["salaries"]
    if problem := not_a_number("clean_fence", answer):
        return problem
    clean = salaries[salaries > 100]
    if np.isclose(answer, _lower_fence(clean)):
        return None
    if np.isclose(answer, _lower_fence(salaries)):
        return ("That is the fence with the two wrong salaries still inside: leave them "
                "out before you take the quartiles.")
    if np.isclose(answer, clean.mean() - 3 * clean.std()) or np.isclose(answer, salaries.mean() - 3 * salaries.std()):
        return "That is a mean minus three standard deviations: Tukey's fence is made of quartiles."
    q1, q3 = clean.quantile([0.25, 0.75])
    if np.isclose(answer, q3 + 1.5 * (q3 - q1)):
        return "That is the upper fence: the lower one goes down from the first quartile."
    if np.isclose(answer, salaries[is_inside(salaries)].min()):
        return ("That is the smallest salary inside, where the boxplot's whisker ends; "
                "the fence itself lies further out.")
    if np.isclose(answer, round(_lower_fence(clean)), atol=0.01):
        return "Rounded: give the fence as it comes out, with its decimals."
    wrong_salaries = clean.index.symmetric_difference(salaries.index)
    if any(np.isclose(answer, _lower_fence(salaries.drop(person))) for person in wrong_salaries):
        return "You left out one of the two wrong salaries: both have to go."
    if np.isclose(answer, clean.quantile(0.25) - 1.5 * names["iqr"]):
        return "You took the new first quartile but the old interquartile range: both must come from the 98."
    if len(names["salaries"]) == 100 and np.isclose(answer, _lower_fence(salaries.drop([17, 23]))):
        return "drop takes the labels of persons, not their salaries: use salaries[~is_anomaly]."
    return ("Not the fence of the 98 right salaries: first quartile minus 1.5 times the "
            "interquartile range, without the two.")


def is_inside(values):
    """Return which values lie inside Tukey's fences, as a boolean Series."""
    q1, q3 = values.quantile([0.25, 0.75])
    return values.between(q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1))


def _check_second_strangest(names):
    answer, kolkata = names["second_strangest"], names["kolkata"]
    if problem := not_a_day("second_strangest", answer, kolkata):
        return problem
    month = kolkata.groupby(kolkata.index.month)
    gap = kolkata - month.transform("median")
    own_month = kolkata.groupby([kolkata.index.year, kolkata.index.month]).transform("median")

    def second(score):
        return score.nlargest(2).index[1]

    answer = pd.Timestamp(answer)
    if answer == second(gap.abs()):
        return None
    if answer in kolkata.index[:2]:
        return ("Your differences are all NaN: medians by month are indexed 1 to 12. "
                "transform(\"median\") gives one for each day.")
    if answer == gap.abs().idxmax():
        return "That is the first: the task asks for the second largest score."
    if answer in (kolkata.idxmax(), second(kolkata)):
        return "That is one of the warmest days of all: usual for its season. Compare each day with its own month."
    if answer in ((kolkata - kolkata.median()).abs().idxmax(), second((kolkata - kolkata.median()).abs())):
        return ("That is one of the coldest days of the table, which also wins against the median of the whole year: "
                "compare January with Januaries, by month.")
    if answer == second((kolkata - own_month).abs()):
        return ("You compared each day with its own month of its own year: a whole warm January would hide itself. "
                "Take all Januaries together, by kolkata.index.month.")
    if answer in (second(gap), second(-gap)):
        return "You looked in one direction only: a day can also be too cold. Take the distance, with abs()."
    return "Not the second largest distance from the median of the same month of the year, over all six years."


def _check_run_start(names):
    answer, late = names["run_start"], names["late"]
    if problem := not_a_day("run_start", answer, late):
        return problem
    ten = late.rolling(10).mean()
    last = late.index.get_loc(ten.idxmax())
    answer = pd.Timestamp(answer)
    if answer == late.index[last - 9]:
        return None
    if answer == late.index[last]:
        return "That is the last of the ten: a rolling mean stands at the date of its last member. Go back from there."
    if answer == late.index[last - 10]:
        return "One too far back: among ten parcels the first is nine places before the last."
    if answer in (ten.idxmax() - pd.Timedelta(days=9), ten.idxmax() - pd.Timedelta(days=10)):
        return "Nine days back is not nine parcels back: no parcels leave at weekends. Count places, not days."
    if answer in late.index[last - 8:last]:
        return "That lies inside the ten (a centred mean stands in the middle of them): the task asks for the first."
    if answer == late.idxmax():
        return "That is the single latest parcel: one late parcel is noise, the task asks for the worst ten in a row."
    return "Not the first of the worst ten in a row: find where `ten` is largest, and go nine parcels back."


def _check_dearer(names):
    answer, scores, y, thresholds = (names[name] for name in ("dearer_best", "scores", "y", "thresholds"))
    if problem := not_a_number("dearer_best", answer):
        return problem

    def cheapest(look, miss, hits_cost=True):
        looked = [look * ((scores > t) if hits_cost else (scores > t) & (y == 0)).sum() for t in thresholds]
        missed = [miss * ((scores <= t) & (y == 1)).sum() for t in thresholds]
        return thresholds[np.argmin(np.add(looked, missed))], np.min(np.add(looked, missed))

    best, lowest = cheapest(12, 120)
    if np.isclose(answer, best):
        return None
    if np.isclose(answer, lowest):
        return "That is the total cost at its lowest; the task asks for the threshold where it is reached."
    if np.isclose(answer, cheapest(4, 120)[0]):
        return ("That is still the cheapest threshold at the old prices: the look becomes dearer, and only the look. "
                "(When both prices grow alike, nothing changes.)")
    costs = [12 * (scores > t).sum() + 120 * ((scores <= t) & (y == 1)).sum() for t in thresholds]
    if np.isclose(answer, np.argmin(costs)):
        return "That is a position in the list of thresholds: look up the threshold at this position."
    if answer < cheapest(4, 120)[0]:
        return ("Lower than at the old price? A lower threshold flags more payments, and "
                "each look has just become dearer.")
    if np.isclose(answer, cheapest(4, 12)[0]):
        return "You made the missed fraud cheaper: it is the look that becomes dearer."
    if abs(answer - best) < 0.2:
        return "The right direction and close, the curve is flat here; the task asks for the lowest of all 61 totals."
    return ("Not the cheapest of `thresholds`: add up the price of every look and of "
            "every missed fraud for each of them.")


LIMITS = np.arange(5, 14.5, 0.5)


def _check_early_limit(names):
    answer, room, board = names["early_limit"], names["room"], names["board"]
    if problem := not_a_number("early_limit", answer):
        return problem
    if np.isclose(LIMITS, answer).any():
        answer = LIMITS[np.isclose(LIMITS, answer)][0]
    else:
        return "The task asks for one of the limits from 5 to 14 °C, in steps of half a degree."
    hours = {limit: board.measure(room > limit)["hours before the trip"] for limit in LIMITS}
    early = [limit for limit in LIMITS if hours[limit] >= 12]
    if answer == max(early):
        return None
    if answer in early:
        return "This limit is early enough, and so is a higher one: the highest is asked."
    if np.isnan(hours[answer]):
        return "With this limit nobody is called during the leak: an alarm was up already when it began, or none came."
    if hours[answer] > 0:
        return "With this limit the rule calls before the trip, but less than twelve hours before it: go lower."
    return "With this limit the rule calls after the trip: look at the sign of the hours, and go lower."


EXERCISES = [
    Exercise(
        id="01.1",
        minutes=4,
        names=("clean_fence",),
        check=_check_clean_fence,
        why="Leaving two wild values out moves the fence by some 20 dollars; it moves the mean minus three standard "
            "deviations by more than 200. Quartiles hardly feel what they should catch.",
        hints=(
            "Take the two people out first, then do what the cell above does.",
            "salaries[~is_anomaly] holds the other 98; their quartiles come from .quantile([0.25, 0.75]).",
            "The fence is q1 - 1.5 * (q3 - q1), with the quartiles of salaries[~is_anomaly].",
        ),
        solution="""
clean_q1, clean_q3 = salaries[~is_anomaly].quantile([0.25, 0.75])
clean_fence = clean_q1 - 1.5 * (clean_q3 - clean_q1)
""",
        wrong=(
            Wrong("clean_fence = lower_fence", "still inside"),
            Wrong("clean_fence = salaries[~is_anomaly].mean() - 3 * salaries[~is_anomaly].std()", "made of quartiles"),
            Wrong("a, b = salaries[~is_anomaly].quantile([0.25, 0.75])\nclean_fence = b + 1.5 * (b - a)",
                  "upper fence"),
            Wrong("clean_fence = salaries[~is_anomaly].min()", "whisker"),
            Wrong("clean_fence = salaries[~is_anomaly].quantile([0.25, 0.75])", "one number"),
        ),
    ),
    Exercise(
        id="01.2",
        minutes=5,
        names=("second_strangest",),
        check=_check_second_strangest,
        why="Its score is half the first one's and hardly above the third's: a list of "
            "strange days always has a second. "
            "A month is a coarse context, too; early February is cooler than February's median.",
        hints=(
            "Each day needs the median of its own month of the year beside it: groupby can do that.",
            'kolkata.groupby(kolkata.index.month).transform("median") gives that median for each day.',
            "Subtract it from kolkata, take .abs(), then .nlargest(2): the second of them is asked.",
        ),
        solution="""
usual = kolkata.groupby(kolkata.index.month).transform("median")
second_strangest = (kolkata - usual).abs().nlargest(2).index[1]
""",
        wrong=(
            Wrong("second_strangest = warm_day", "That is the first"),
            Wrong("second_strangest = kolkata.idxmax()", "warmest days of all"),
            Wrong("second_strangest = (kolkata - kolkata.median()).abs().nlargest(2).index[1]", "whole year"),
            Wrong('m = kolkata.resample("MS").transform("median")\n'
                  "second_strangest = (kolkata - m).abs().nlargest(2).index[1]", "own month of its own year"),
            Wrong('m = kolkata.groupby(kolkata.index.month).transform("median")\n'
                  "second_strangest = (kolkata - m).nlargest(2).index[1]", "one direction only"),
            Wrong('m = kolkata.groupby(kolkata.index.month).transform("median")\n'
                  "second_strangest = (kolkata - m).abs().max()", "should be a day"),
        ),
    ),
    Exercise(
        id="01.3",
        minutes=5,
        names=("run_start",),
        check=_check_run_start,
        why="Ten parcels had to come in before the mean said so: what looks at runs is late by the length of the run.",
        hints=(
            "`ten` is largest at one date: .idxmax() finds it. Is that the first or the last of the ten?",
            "A rolling mean stands at the date of its last member: the first is nine parcels before it.",
            "late.index.get_loc(...) turns the date into a place; take 9 from it, and late.index[...] turns it back.",
        ),
        solution="""
last = late.index.get_loc(ten.idxmax())
run_start = late.index[last - 9]
""",
        wrong=(
            Wrong("run_start = ten.idxmax()", "last of the ten"),
            Wrong("run_start = ten.idxmax() - pd.Timedelta(days=9)", "not nine parcels"),
            Wrong("run_start = late.index[late.index.get_loc(ten.idxmax()) - 10]", "too far back"),
            Wrong("run_start = late.rolling(10, center=True).mean().idxmax()", "inside the ten"),
            Wrong("run_start = late.idxmax()", "single latest parcel"),
            Wrong("run_start = ten.max()", "should be a day"),
        ),
    ),
    Exercise(
        id="01.4",
        minutes=5,
        names=("dearer_best",),
        check=_check_dearer,
        why="The best threshold is a matter of prices: the dearer a false alarm, the surer one wants to be.",
        hints=(
            "Copy the two lines that made `total` and `best`, and change one price.",
            "The price of a look stands in front of (scores > t).sum().",
            "Make a new list of totals with 12 there, then thresholds[np.argmin(new_total)].",
        ),
        solution="""
dearer_total = [12 * (scores > t).sum() + 120 * (is_fraud & (scores <= t)).sum() for t in thresholds]
dearer_best = thresholds[np.argmin(dearer_total)]
""",
        wrong=(
            Wrong("dearer_best = best", "still the cheapest"),
            Wrong("d = [12 * (scores > t).sum() + 120 * ((scores <= t) & (y == 1)).sum() for t in thresholds]\n"
                  "dearer_best = min(d)", "total cost at its lowest"),
            Wrong("d = [12 * (scores > t).sum() + 120 * ((scores <= t) & (y == 1)).sum() for t in thresholds]\n"
                  "dearer_best = np.argmin(d)", "position"),
            Wrong("dearer_best = 1.5", "each look has just become dearer"),
        ),
    ),
    Exercise(
        id="01.5",
        minutes=6,
        names=("early_limit",),
        check=_check_early_limit,
        why="Now read the rest of its row: it calls for nothing twice a day, and costs nearly ten times what never "
            "calling costs. A warning among that many is luck.",
        hints=(
            "for limit in np.arange(5, 14.5, 0.5): board.add(f\"room > {limit} °C\", "
            "room > limit), then show the board.",
            "Read the column of hours from the bottom up: where does it first pass twelve?",
            "board.measure(room > limit)[\"hours before the trip\"] gives the hours of "
            "one limit: take the largest limit "
            "for which they are 12 or more.",
        ),
        solution="""
limits = np.arange(5, 14.5, 0.5)
hours_before = [board.measure(room > limit)["hours before the trip"] for limit in limits]
early_limit = max(limit for limit, hours in zip(limits, hours_before) if hours >= 12)
""",
        wrong=(
            Wrong("early_limit = 10", "after the trip"),
            Wrong("early_limit = 8", "less than twelve"),
            Wrong("early_limit = 7", "so is a higher one"),
            Wrong("early_limit = 12", "after the trip"),
            Wrong("early_limit = 8.2", "steps of half a degree"),
            Wrong("early_limit = room > 8", "one number"),
        ),
    ),
]
