"""The row-by-row metrics once more: slowly, from their definitions, sharing no code with the package."""

import math
from fractions import Fraction

import numpy as np


def random_rows(rng, longest=70, events=5):
    """Return labels and alarms as lists of 0 and 1; runs may touch the ends, and alarms may be absent."""
    n = int(rng.integers(1, longest))
    columns = []
    for count in (rng.integers(1, events), rng.integers(0, events + 1)):
        column = [0] * n
        for _ in range(count):
            start = int(rng.integers(0, n))
            for row in range(start, min(n, start + int(rng.integers(1, 9)))):
                column[row] = 1
        columns.append(column)
    return columns


def pieces(column):
    """Return the runs of ones as lists of rows."""
    found = []
    for row, value in enumerate(column):
        if value and (row == 0 or not column[row - 1]):
            found.append([])
        if value:
            found[-1].append(row)
    return found


def range_reward(ranges, others, alpha, cardinality, bias):
    """Return the mean reward of the runs, after figure 2 and the equations of Tatbul et al. (2018)."""
    rewards = []
    for run in pieces(ranges):
        size = len(run)
        weight = {"flat": lambda i: 1, "front": lambda i: size - i + 1, "back": lambda i: i,
                  "middle": lambda i: i if i <= size / 2 else size - i + 1}[bias]
        touching = [other for other in pieces(others) if set(other) & set(run)]
        most = sum(weight(i) for i in range(1, size + 1))
        overlap = sum(sum(weight(i) for i in range(1, size + 1) if run[i - 1] in other) / most for other in touching)
        factor = 1 / len(touching) if len(touching) > 1 and cardinality == "reciprocal" else 1
        rewards.append(alpha * bool(touching) + (1 - alpha) * factor * overlap)
    return sum(rewards) / len(rewards) if rewards else math.nan


def adjusted(labels, alarms):
    """Return the alarms after point adjustment."""
    result = list(alarms)
    for run in pieces(labels):
        if any(alarms[row] for row in run):
            for row in run:
                result[row] = 1
    return result


def _spread(point, distance, left, right):
    """Return how much of the zone is nearer to the point (or the event, a pair) than the distance."""
    low, high = point
    return max(min(high + distance, right) - max(low - distance, left), 0)


def _integral(function, left, right, bends):
    """Integrate a function that is a straight line between its bends, where it may jump: exact."""
    marks = sorted({left, right, *[bend for bend in bends if left < bend < right]})
    total = Fraction(0)
    for a, b in zip(marks, marks[1:]):
        # Two points around the middle have a straight line's mean; the ends are left alone for the jumps.
        total += (b - a) * (function(a + (b - a) / 3) + function(b - (b - a) / 3)) / 2
    return total


def affiliation(labels, alarms):
    """Return precision and recall after Huet et al. (2022), with fractions and integrals."""
    n = len(labels)
    events = [(Fraction(run[0]), Fraction(run[-1] + 1)) for run in pieces(labels)]
    predicted = [(Fraction(run[0]), Fraction(run[-1] + 1)) for run in pieces(alarms)]
    if not events:
        return math.nan, math.nan
    precisions, recalls = [], []
    for place, (begin, end) in enumerate(events):
        left = (events[place - 1][1] + begin) / 2 if place else Fraction(0)
        right = (end + events[place + 1][0]) / 2 if place + 1 < len(events) else Fraction(n)
        here = [(max(a, left), min(b, right)) for a, b in predicted if max(a, left) < min(b, right)]
        if not here:
            recalls.append(0)
            continue

        def farther(t):
            distance = max(begin - t, t - end, Fraction(0))
            return 1 if distance == 0 else 1 - _spread((begin, end), distance, left, right) / (right - left)

        bends = [begin, end, begin - (right - end), end + (begin - left)]
        precisions.append(sum(_integral(farther, a, b, bends) for a, b in here) / sum(b - a for a, b in here))

        def missed_by(t):
            distance = min(max(a - t, t - b, Fraction(0)) for a, b in here)
            return 1 - _spread((t, t), distance, left, right) / (right - left)

        edges = [edge for pair in here for edge in pair]
        bends = edges + [(a + b) / 2 for a in edges for b in [*edges, left, right]]
        recalls.append(_integral(missed_by, begin, end, bends) / (end - begin))
    return (float(sum(precisions) / len(precisions)) if precisions else math.nan,
            float(sum(recalls) / len(recalls)))


def volumes(labels, scores, window, n_thresholds=None):
    """Return the volumes under both surfaces, each label, threshold and segment looked at by itself."""
    n, events = len(labels), pieces(labels)
    thresholds = sorted(set(scores), reverse=True)
    if n_thresholds:
        ranked = sorted(scores, reverse=True)
        thresholds = [ranked[int(i)] for i in np.linspace(0, n - 1, n_thresholds)]
    inside = sum(labels)
    roc, pr = [], []
    for w in range(window + 1):
        half = w // 2
        sloped = [float(label) for label in labels]
        reached = []
        for event in events:
            reached.append(set(range(max(event[0] - half, 0), min(event[-1] + half, n - 1) + 1)))
            for row in reached[-1] - set(event):
                distance = max(event[0] - row, row - event[-1])
                sloped[row] = min(1.0, sloped[row] + math.sqrt(1 - distance / w))
        segments = []
        for rows in reached:
            if segments and segments[-1] & rows:
                segments[-1] |= rows
            else:
                segments.append(set(rows))
        points = [(0.0, 0.0)]
        area = 0.0
        for threshold in thresholds:
            above = {row for row in range(n) if scores[row] >= threshold}
            true = sum(sloped[row] for row in above)
            counted = sum(1.0 if labels[row] else sloped[row] * (row in above) for row in range(n))
            positives = (inside + counted) / 2
            found = sum(1 for segment in segments if segment & above) / len(segments)
            recall = min(true / positives, 1) * found
            rate = (len(above) - true) / (n - positives) if n > positives else math.nan
            area += (recall - points[-1][1]) * true / len(above)
            points.append((rate, recall))
        points.append((1.0, 1.0))
        roc.append(sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in zip(points, points[1:])))
        pr.append(area)
    return sum(roc) / len(roc), sum(pr) / len(pr)


def nab(series, weights, threshold):
    """Return the scaled score at one threshold; series are (scores, windows as pairs of rows, both inside)."""
    found_pays, false_costs, missed_costs = weights
    curve = lambda y: 2 / (1 + math.exp(5 * y)) - 1  # noqa: E731
    total, counted = 0.0, 0
    for scores, windows in series:
        n = len(scores)
        begin = min(math.floor(0.15 * n), 750)
        alarms = [row for row in range(begin, n) if scores[row] >= threshold]
        for start, end in windows:
            if end < begin:
                continue
            counted += 1
            hits = [row for row in alarms if start <= row <= end]
            if hits:
                total += found_pays * curve(-(end - hits[0] + 1) / (end - start + 1)) / curve(-1)
            else:
                total -= missed_costs
        for row in alarms:
            if any(start <= row <= end for start, end in windows):
                continue
            past = [(end, end - start) for start, end in windows if end < row]
            y = (row - max(past)[0]) / max(max(past)[1], 1) if past else math.inf
            total += false_costs * (curve(y) if y <= 3 else -1)
    worst, best = -missed_costs * counted, found_pays * counted
    return 100 * (total - worst) / (best - worst) if counted else math.nan
