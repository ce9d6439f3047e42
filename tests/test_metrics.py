"""Events, lead time, false alarms and cost: by hand, and against the definitions written out row by row."""

import math

import numpy as np
import pandas as pd
import pytest

from mupy_helpers import metrics

HOUR = pd.Timedelta("1h")


def alarm(text, step="1h", start="2015-10-20"):
    """Return a Series from a picture such as "..##.": one character a row, # is an alarm, a blank is a missing row."""
    index = pd.date_range(start, periods=len(text), freq=step)
    kept = [place for place, mark in enumerate(text) if mark != " "]
    return pd.Series([text[place] == "#" for place in kept], index=index[kept])


def spans(*pairs, start="2015-10-20"):
    """Return spans given in hours after the start."""
    start = pd.Timestamp(start)
    return pd.DataFrame({"start": [start + a * HOUR for a, _ in pairs], "end": [start + b * HOUR for _, b in pairs]})


NONE = pd.DataFrame({"start": pd.to_datetime([]), "end": pd.to_datetime([])})


def hours(events):
    """Return events as pairs of hours after the start."""
    begin = pd.Timestamp("2015-10-20")
    return [((a - begin) / HOUR, (b - begin) / HOUR) for a, b in zip(events["start"], events["end"])]


# --- events

@pytest.mark.parametrize(("picture", "merge", "wanted"), [
    ("......", "0s", []),
    ("######", "0s", [(0, 5)]),
    ("#....#", "0s", [(0, 0), (5, 5)]),
    ("..##..", "0s", [(2, 3)]),
    ("#.#", "1h", [(0, 0), (2, 2)]),
    ("#.#", "2h", [(0, 2)]),  # exactly at the limit: one event
    ("#.#.#...#", "2h", [(0, 4), (8, 8)]),  # each joins the one before, however long the chain
    ("##   ##", "0s", [(0, 6)]),  # a gap in the recording does not end a run
    ("##   .#", "0s", [(0, 1), (6, 6)]),
    ("#", "0s", [(0, 0)]),
    ("", "0s", []),
])
def test_events_by_hand(picture, merge, wanted):
    assert hours(metrics.events_from_labels(alarm(picture), merge)) == wanted


def test_events_and_rows_give_each_other_back():
    labels = alarm(".##..#.####.#")
    assert (metrics.inside(labels.index, metrics.events_from_labels(labels)) == labels.to_numpy()).all()


def test_zeros_and_ones_are_labels_too():
    assert hours(metrics.events_from_labels(alarm(".##.").astype(int))) == [(1, 2)]
    assert hours(metrics.events_from_labels(alarm(".##.").astype(object))) == [(1, 2)]


def test_both_ends_of_a_span_are_inside():
    index = alarm("......").index
    assert list(metrics.inside(index, spans((1, 2), (4, 4)))) == [False, True, True, False, True, False]
    assert not metrics.inside(index, NONE).any()
    assert list(metrics.inside(index, spans((1, 2)).astype(str))) == [False, True, True, False, False, False]


# --- lead time

@pytest.mark.parametrize(("picture", "wanted"), [
    ("..........", math.nan),
    ("......#...", 2),
    ("....#.....", 4),  # in the very row in which the fault begins
    ("........#.", 0),
    (".........#", -1),
    (".#........", math.nan),  # before the fault: luck or false
    ("##########", math.nan),  # always up: warns of nothing
    ("..####....", math.nan),  # up already when the fault began
    ("..###....#", -1),  # ... and what counts is the next one raised
    ("..##.#....", 3),  # the first alarm was false, the second warns
    ("......   #", -1),
])
def test_lead_time_by_hand(picture, wanted):
    index = pd.date_range("2015-10-20", periods=10, freq="1h")
    found = metrics.lead_time(alarm(picture), index[8], since=index[4], merge="1h")
    assert found == wanted or (math.isnan(found) and math.isnan(wanted))


def test_an_alarm_that_flickers_across_the_begin_of_the_fault_is_the_one_before():
    flicker = alarm("#.#.#.#.#.#.#.#.#.#.", step="30min")
    moment, since = flicker.index[16], flicker.index[5]
    assert math.isnan(metrics.lead_time(flicker, moment, since))
    assert metrics.lead_time(flicker, moment, since, merge="0s") == 5


def test_an_alarm_after_the_fault_is_over_is_about_something_else():
    is_alarm = alarm(".........#")
    moment, since, over = is_alarm.index[[5, 3, 7]]
    assert metrics.lead_time(is_alarm, moment, since) == -4
    assert math.isnan(metrics.lead_time(is_alarm, moment, since, until=over))
    assert metrics.lead_time(is_alarm, moment, since, until=is_alarm.index[9]) == -4


# --- false alarms per week

def rate(picture, faults, merge="1h", step="1h"):
    return metrics.false_alarms_per_week(alarm(picture, step), faults, merge)


@pytest.mark.parametrize(("picture", "count"), [
    ("." * 168, 0),
    ("#" * 168, 7),  # it calls again every day
    ("#" + "." * 167, 1),
    ("." * 167 + "#", 1),
    ("#..#..#" + "." * 161, 3),
    ("#.#" + "." * 165, 2),
    ("##.##" + "." * 163, 2),
])
def test_false_alarms_in_one_healthy_week(picture, count):
    assert rate(picture, NONE) == pytest.approx(count)


def test_alarms_exactly_at_the_limit_are_one():
    picture = "#.#" + "." * 165
    assert rate(picture, NONE, merge="2h") == pytest.approx(1)
    assert rate(picture, NONE, merge="119min") == pytest.approx(2)


@pytest.mark.parametrize(("picture", "count"), [
    ("...##.....", 0),  # inside the fault
    ("..##......", 1),  # raised in healthy time, runs into the fault
    ("......###.", 0),  # raised in the fault, goes on after it
    ("...#......", 0),  # in the first row of the fault
    ("......#...", 0),  # in its last row
    (".......#..", 1),  # in the first row after it
    (".#.....#..", 2),
])
def test_what_counts_is_when_the_alarm_was_raised(picture, count):
    healthy_weeks = 6 / 168
    assert rate(picture, spans((3, 6)), merge="0s") == pytest.approx(count / healthy_weeks)


def test_an_alarm_joined_to_one_raised_in_the_fault_is_not_false():
    assert rate("......#.#.", spans((3, 6)), merge="2h") == 0
    assert rate("......#.#.", spans((3, 6)), merge="1h") > 0


def test_time_in_gaps_is_not_healthy_time():
    with_gap = alarm("#" + "." * 83 + " " * 400 + "." * 84)
    assert metrics.observed_weeks(with_gap.index) == pytest.approx(1)
    assert metrics.false_alarms_per_week(with_gap, NONE) == pytest.approx(1)


def test_without_a_healthy_row_the_rate_is_unknown():
    assert math.isnan(rate("..##..", spans((0, 5))))
    assert math.isnan(rate("", NONE))


def test_weeks_count_the_rows_kept():
    index = alarm("." * 168).index
    assert metrics.observed_weeks(index, np.arange(168) < 84) == pytest.approx(0.5)
    assert metrics.observed_weeks(index, np.zeros(168, dtype=bool)) == 0


# --- cost

PRICES = {"lost_load": 6000, "call_out": 80, "hours_needed": 12, "faults_per_year": 2}


@pytest.mark.parametrize(("lead", "lost"), [(12, 0), (12.5, 0), (11.99, 12000), (-3, 12000), (math.nan, 12000)])
def test_a_load_is_saved_by_an_alarm_in_time(lead, lost):
    assert metrics.expected_cost(lead, 0, **PRICES) == lost
    assert metrics.expected_cost(lead, 2, **PRICES) == pytest.approx(lost + 2 * 80 * 365.25 / 7)


def test_an_unknown_rate_gives_an_unknown_cost():
    assert math.isnan(metrics.expected_cost(20, math.nan, **PRICES))


# --- against the definitions, row by row

def slow_events(labels, merge):
    events = []
    for stamp, up in labels.items():
        if not up:
            continue
        before = labels.index[labels.index < stamp]
        if events and (labels[before[-1]] or stamp - events[-1][1] <= merge):
            events[-1][1] = stamp
        else:
            events.append([stamp, stamp])
    return events


def slow_lead(labels, moment, since, until, merge):
    for start, _ in slow_events(labels, merge):
        if since <= start <= until:
            return (moment - start).total_seconds() / 3600
    return math.nan


def slow_rate(labels, faults, merge, repeat):
    def healthy(stamp):
        return not any(fault.start <= stamp <= fault.end for fault in faults.itertuples())

    steps = sorted(b - a for a, b in zip(labels.index[:-1], labels.index[1:]))
    middle = (steps[(len(steps) - 1) // 2] + steps[len(steps) // 2]) / 2
    weeks = sum(healthy(stamp) for stamp in labels.index) * middle / pd.Timedelta("7D")
    false = sum(healthy(moment) for moment in slow_calls(labels, merge, repeat))
    return false / weeks if weeks else math.nan


def slow_calls(labels, merge, repeat):
    moments = []
    for start, end in slow_events(labels, merge):
        last = None
        for stamp, up in labels.items():
            if up and start <= stamp <= end and (last is None or stamp >= last + repeat):
                moments.append(stamp)
                last = stamp
    return moments


def random_case(seed):
    """Return alarms with gaps and uneven steps, fault spans that may touch and overlap, and a merging time."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 90))
    steps = rng.choice([90, 90, 90, 90, 60, 3600], size=n)
    index = pd.Timestamp("2015-10-20") + pd.to_timedelta(np.cumsum(steps), unit="s")
    up, values = bool(rng.integers(2)), []
    flip = rng.choice([0.05, 0.3, 0.6])
    for _ in range(n):
        up = up ^ (rng.random() < flip)
        values.append(up)
    ends = np.sort(rng.integers(0, n, size=(int(rng.integers(0, 4)), 2)), axis=1)
    faults = pd.DataFrame({"start": index[ends[:, 0]], "end": index[ends[:, 1]]})
    merge = pd.Timedelta(seconds=int(rng.choice([0, 90, 180, 300, 3600])))
    since, moment, until = np.sort(rng.integers(0, n, size=3))
    return pd.Series(values, index=index), faults, merge, index[since], index[moment], index[until]


@pytest.mark.parametrize("seed", range(250))
def test_definitions_row_by_row(seed):
    is_alarm, faults, merge, since, moment, until = random_case(seed)
    found = metrics.events_from_labels(is_alarm, merge)
    assert [[event.start, event.end] for event in found.itertuples()] == slow_events(is_alarm, merge)
    lead = metrics.lead_time(is_alarm, moment, since, until, merge)
    assert lead == pytest.approx(slow_lead(is_alarm, moment, since, until, merge), nan_ok=True)
    repeat = pd.Timedelta(seconds=[90, 100, 400, 86_400][seed % 4])
    assert list(metrics.calls(is_alarm, merge, repeat)) == slow_calls(is_alarm, merge, repeat)
    per_week = metrics.false_alarms_per_week(is_alarm, faults, merge, repeat)
    assert per_week == pytest.approx(slow_rate(is_alarm, faults, merge, repeat), nan_ok=True)
    saved = not math.isnan(lead) and lead >= 0.5
    wanted = 3 * (0 if saved else 100) + per_week * 7 * 365.25 / 7
    cost = metrics.expected_cost(lead, per_week, lost_load=100, call_out=7, hours_needed=0.5, faults_per_year=3)
    assert cost == pytest.approx(wanted, nan_ok=True)


@pytest.mark.parametrize("seed", range(50))
def test_each_alarm_is_either_false_or_a_warning(seed):
    """With the fault's span as the healthy rows' complement, no alarm is counted twice and none is lost."""
    is_alarm, _, merge, since, moment, until = random_case(seed)
    fault = pd.DataFrame({"start": [since], "end": [until]})
    starts = metrics.events_from_labels(is_alarm, merge)["start"]
    warned = [start for start in starts if since <= start <= until]
    lead = metrics.lead_time(is_alarm, moment, since, until, merge)
    assert math.isnan(lead) == (not warned)
    healthy = ~metrics.inside(is_alarm.index, fault)
    if healthy.any():
        per_week = metrics.false_alarms_per_week(is_alarm, fault, merge, "365D")
        count = per_week * metrics.observed_weeks(is_alarm.index, healthy)
        assert round(count, 6) + len(warned) == len(starts)


# --- bad input

GOOD = alarm("..##..")


@pytest.mark.parametrize(("bad", "error", "message"), [
    ([True, False], TypeError, "must be a Series of True and False with a time index"),
    (GOOD.to_numpy(), TypeError, "must be a Series of True and False with a time index"),
    (GOOD.reset_index(drop=True), TypeError, "must be a Series of True and False with a time index"),
    (GOOD.to_frame(), TypeError, "must be a Series of True and False with a time index"),
    (GOOD.astype(object).where(GOOD), ValueError, r"4 missing values.*fillna\(False\)"),
    (GOOD * 0.5, ValueError, "compare the scores with a threshold"),
    (GOOD.astype(str), ValueError, "compare the scores with a threshold"),
    (GOOD[::-1], ValueError, r"sort_index\(\)"),
    (pd.concat([GOOD, GOOD[-1:]]), ValueError, "1 duplicate time stamps"),
    (GOOD.set_axis(GOOD.index.where(GOOD)), ValueError, "4 rows without a time"),
])
@pytest.mark.parametrize("call", [
    metrics.events_from_labels,
    lambda bad: metrics.lead_time(bad, GOOD.index[4], GOOD.index[1]),
    lambda bad: metrics.false_alarms_per_week(bad, NONE),
])
def test_bad_alarms_are_refused_in_words(call, bad, error, message):
    with pytest.raises(error, match=message):
        call(bad)


@pytest.mark.parametrize(("bad", "error", "message"), [
    ([("2015-10-20", "2015-10-21")], TypeError, "must be a DataFrame with the columns start and end"),
    (spans((1, 2))[["start"]], TypeError, "must be a DataFrame with the columns start and end"),
    (spans((3, 2)), ValueError, "ends before it starts"),
    (spans((1, 2)).assign(end=pd.NaT), ValueError, "without a start or an end"),
    (spans((1, 2)).assign(end="soon"), ValueError, "soon"),
])
def test_bad_spans_are_refused_in_words(bad, error, message):
    with pytest.raises(error, match=message):
        metrics.inside(GOOD.index, bad)
    with pytest.raises(error, match=message):
        metrics.false_alarms_per_week(GOOD, bad)


@pytest.mark.parametrize(("call", "message"), [
    (lambda: metrics.events_from_labels(GOOD, "-1h"), "merge must be a time of zero or more"),
    (lambda: metrics.events_from_labels(GOOD, pd.NaT), "merge must be a time of zero or more"),
    (lambda: metrics.lead_time(GOOD, GOOD.index[1], since=GOOD.index[4]), "since .* is later than the moment"),
    (lambda: metrics.lead_time(GOOD, GOOD.index[4], GOOD.index[1], until=GOOD.index[3]), "until .* is earlier"),
    (lambda: metrics.lead_time(GOOD, None, GOOD.index[1]), "moment is not a time"),
    (lambda: metrics.lead_time(GOOD, GOOD.index[4], pd.NaT), "since is not a time"),
    (lambda: metrics.observed_weeks(GOOD.index[:1]), "1 rows are too few"),
    (lambda: metrics.observed_weeks(GOOD.index, [True]), "each of the 6 rows"),
    (lambda: metrics.observed_weeks(GOOD.index, np.arange(6)), "keep must hold True and False"),
    (lambda: metrics.false_alarms_per_week(GOOD[:1], NONE), "too few"),
    (lambda: metrics.calls(GOOD, repeat="0s"), "repeat must be a time longer than zero"),
    (lambda: metrics.calls(GOOD, repeat="soon"), "repeat must be a time longer than zero, such as '1h', not 'soon'"),
    (lambda: metrics.events_from_labels(GOOD, merge="soon"),
     "merge must be a time of zero or more, such as '1h', not 'soon'"),
    (lambda: metrics.expected_cost(1, 1, **{**PRICES, "lost_load": -1}), "lost_load must be .* not -1"),
    (lambda: metrics.expected_cost(1, 1, **{**PRICES, "call_out": math.nan}), "call_out must be"),
    (lambda: metrics.expected_cost(1, 1, **{**PRICES, "faults_per_year": math.inf}), "faults_per_year must be"),
    (lambda: metrics.expected_cost(1, 1, **{**PRICES, "hours_needed": math.nan}), "hours_needed must be"),
    (lambda: metrics.expected_cost(1, -0.1, **PRICES), "false_alarms must be zero or more"),
    (lambda: metrics.expected_cost("1 h", 1, **PRICES), "lead_hours must be a number, or NaN, not '1 h'"),
    (lambda: metrics.expected_cost(1, 1, **{**PRICES, "call_out": "80"}), "call_out must be a finite number, not '80'"),
    (lambda: metrics.lead_time(GOOD, "soon", GOOD.index[1]), "moment is not a time: .* not 'soon'"),
    (lambda: metrics.lead_time(GOOD.tz_localize("UTC"), GOOD.index[4], GOOD.index[1]), "both have a time zone"),
    (lambda: metrics.lead_time(GOOD, GOOD.index[4], GOOD.index[1], GOOD.index[5].tz_localize("UTC")), "both have a"),
    (lambda: metrics.inside(GOOD.tz_localize("UTC").index, spans((1, 2))), "index and spans must both have a time"),
    (lambda: metrics.observed_weeks(GOOD.index[::-1]), "index is not in time order"),
])
def test_bad_values_are_refused_in_words(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("call", [lambda index: metrics.inside(index, NONE), metrics.observed_weeks])
def test_what_is_no_time_index_is_refused(call):
    with pytest.raises(TypeError, match="index must be a DatetimeIndex"):
        call(list(GOOD.index))


@pytest.mark.parametrize(("function", "words"), [
    (metrics.lead_time, "up already when the fault began does not count"),
    (metrics.false_alarms_per_week,
     "One made while all was well is false, even if the alarm lasts until a fault begins"),
    (metrics.false_alarms_per_week, "one made during a fault is not, even if the alarm lasts beyond"),
    (metrics.observed_weeks, "time in gaps is not counted"),
    (metrics.events_from_labels, "A gap in the recording does not end a run"),
])
def test_the_docstrings_say_what_the_definitions_decide(function, words):
    assert words in " ".join(function.__doc__.split())
