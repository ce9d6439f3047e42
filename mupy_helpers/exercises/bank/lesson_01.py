"""Exercises of lesson 01, What is an anomaly?"""

import numpy as np
import pandas as pd

from mupy_helpers.exercises.bank.answers import not_a_day, not_a_number
from mupy_helpers.exercises.engine import Exercise, Wrong
from mupy_helpers.metrics import lead_time


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
        return "That is the fence with the two wrong salaries still inside: leave them out before you take the quartiles."
    if np.isclose(answer, clean.mean() - 3 * clean.std()) or np.isclose(answer, salaries.mean() - 3 * salaries.std()):
        return "That is a mean minus three standard deviations: Tukey's fence is made of quartiles."
    q1, q3 = clean.quantile([0.25, 0.75])
    if np.isclose(answer, q3 + 1.5 * (q3 - q1)):
        return "That is the upper fence: the lower one goes down from the first quartile."
    if np.isclose(answer, salaries[is_inside(salaries)].min()):
        return "That is the smallest salary inside, where the boxplot's whisker ends; the fence itself lies further out."
    return "Not the fence of the 98 right salaries: first quartile minus 1.5 times the interquartile range, without the two."


def is_inside(values):
    """Return which values lie inside Tukey's fences, as a boolean Series."""
    q1, q3 = values.quantile([0.25, 0.75])
    return values.between(q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1))


def _check_strangest_day(names):
    answer, kolkata = names["strangest_day"], names["kolkata"]
    if problem := not_a_day("strangest_day", answer, kolkata):
        return problem
    month = kolkata.groupby(kolkata.index.month)
    days = {
        "right": (kolkata - month.transform("median")).abs().idxmax(),
        "warmest": kolkata.idxmax(),
        "overall": (kolkata - kolkata.median()).abs().idxmax(),
    }
    answer = pd.Timestamp(answer)
    if answer == days["right"]:
        return None
    if answer == days["warmest"]:
        return "That is the warmest day of all: usual for its season. Compare each day with its own month."
    if answer == days["overall"]:
        return "You compared with the median of the whole year, so a cold winter day wins: compare January with Januaries."
    return "Not the day furthest from the median of its own month: did you take the distance in both directions, with abs()?"


def _check_run_end(names):
    answer, late = names["run_end"], names["late"]
    if problem := not_a_day("run_end", answer, late):
        return problem
    ten = late.rolling(10).mean()
    actual = names["shipments"]["actual_days"].rolling(10).mean()
    answer = pd.Timestamp(answer)
    if answer == ten.idxmax():
        return None
    if answer == late.idxmax():
        return "That is the single latest parcel: one late parcel is noise, the task asks for the worst ten in a row."
    if answer == late.index[late.index.get_loc(ten.idxmax()) - 9]:
        return "That is where the bad run began: a rolling mean carries the date of its last member, which is what is asked."
    if answer == actual.idxmax():
        return "You averaged the days on the road: a parcel promised for four days is not late after four. Use the lateness."
    return "Not the end of the worst ten in a row: take the rolling mean of the lateness over ten parcels, then its largest."


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
        return "That is still the cheapest threshold at the old price of looking: put the new price in."
    if np.isclose(answer, np.argmin([12 * (scores > t).sum() + 120 * ((scores <= t) & (y == 1)).sum() for t in thresholds])):
        return "That is a position in the list of thresholds: look up the threshold at this position."
    if answer < cheapest(4, 120)[0]:
        return "Lower than at the old price? A lower threshold flags more payments, and each look has just become dearer."
    return "Not the cheapest of `thresholds`: add up the price of every look and of every missed fraud for each of them."


def _check_limit(names):
    answer, room = names["limit"], names["room"]
    if problem := not_a_number("limit", answer):
        return problem
    if not 0 < answer < 30:
        return "That is no temperature of this room: a limit in °C between the coldest day and the leak week is meant."
    board_row = names["board"].measure(room > answer)
    lead = lead_time(room > answer, names["leak"]["trip"], since=names["leak"]["start"])
    if np.isnan(lead):
        return "With this limit the rule never calls: the room does not get that warm."
    if lead <= 0:
        return "With this limit the first alarm after the leak began still comes after the trip: go lower."
    if lead > 24 and board_row["false alarms per week"] > 20:
        return ("This limit lies inside the swing of every healthy night, so it calls all the time: an alarm that is always "
                "on is early by luck. Find a limit that healthy nights stay below, most of the time.")
    return None


EXERCISES = [
    Exercise(
        id="01.1",
        minutes=4,
        names=("clean_fence",),
        check=_check_clean_fence,
        why="Two wild values hardly move the quartiles, so the fence does not depend on what it should catch; "
            "try the same with mean minus three standard deviations.",
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
            Wrong("a, b = salaries[~is_anomaly].quantile([0.25, 0.75])\nclean_fence = b + 1.5 * (b - a)", "upper fence"),
            Wrong("clean_fence = salaries[~is_anomaly].min()", "whisker"),
            Wrong("clean_fence = salaries[~is_anomaly].quantile([0.25, 0.75])", "one number"),
        ),
    ),
    Exercise(
        id="01.2",
        minutes=5,
        names=("strangest_day",),
        check=_check_strangest_day,
        why="Compared with its own kind, a value that is usual over the year becomes the strangest of all.",
        hints=(
            "Each day needs the median of its own month of the year beside it: groupby can do that.",
            'kolkata.groupby(kolkata.index.month).transform("median") gives that median for each day.',
            "Subtract it from kolkata, take .abs(), then .idxmax().",
        ),
        solution="""
usual = kolkata.groupby(kolkata.index.month).transform("median")
strangest_day = (kolkata - usual).abs().idxmax()
""",
        wrong=(
            Wrong("strangest_day = kolkata.idxmax()", "warmest day of all"),
            Wrong("strangest_day = (kolkata - kolkata.median()).abs().idxmax()", "whole year"),
            Wrong('m = kolkata.groupby(kolkata.index.month).transform("median")\nstrangest_day = (kolkata - m).idxmin()',
                  "both directions"),
            Wrong('m = kolkata.groupby(kolkata.index.month).transform("median")\nstrangest_day = (kolkata - m).abs().max()',
                  "should be a day"),
        ),
    ),
    Exercise(
        id="01.3",
        minutes=4,
        names=("run_end",),
        check=_check_run_end,
        why="No single parcel gave the run away; looking at members together did.",
        hints=(
            "The rolling mean is there already, in `ten`.",
            "A rolling mean stands at the date of the last of its ten members.",
            "The date of the largest value of a Series is .idxmax().",
        ),
        solution="run_end = ten.idxmax()",
        wrong=(
            Wrong("run_end = late.idxmax()", "single latest parcel"),
            Wrong('run_end = shipments["actual_days"].rolling(10).mean().idxmax()', "days on the road"),
            Wrong("run_end = late.index[late.index.get_loc(ten.idxmax()) - 9]", "began"),
            Wrong("run_end = ten.max()", "should be a day"),
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
            Wrong("dearer_best = best", "old price"),
            Wrong("d = [12 * (scores > t).sum() + 120 * ((scores <= t) & (y == 1)).sum() for t in thresholds]\n"
                  "dearer_best = min(d)", "total cost at its lowest"),
            Wrong("d = [12 * (scores > t).sum() + 120 * ((scores <= t) & (y == 1)).sum() for t in thresholds]\n"
                  "dearer_best = np.argmin(d)", "position"),
            Wrong("dearer_best = 1.5", "each look has just become dearer"),
        ),
    ),
    Exercise(
        id="01.5",
        minutes=5,
        names=("limit",),
        check=_check_limit,
        why="Early enough for the trip, and now read what the same limit costs in healthy weeks: "
            'board.add("my limit", room > limit) puts it beside row zero.',
        hints=(
            "What does the room read at the warmest moment of a healthy night?",
            "A little above that is the lowest limit that leaves healthy nights in peace.",
            "Try numbers between 8 and 10 in steps of a half, and put each on the board.",
        ),
        solution="limit = 8.5",
        wrong=(
            Wrong("limit = 10", "after the trip"),
            Wrong("limit = 6", "inside the swing"),
            Wrong("limit = 29.9", "never calls"),
            Wrong("limit = 50", "no temperature"),
            Wrong("limit = room > 8.5", "one number"),
        ),
    ),
]
