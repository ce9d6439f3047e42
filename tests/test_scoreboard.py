"""The scoreboard on a hand-made recording: sixteen days by the hour, with a leak of three days."""

import numpy as np
import pandas as pd
import pytest

from mupy_helpers.scoreboard import Costs, Scoreboard, measure_failures, measure_fleet, read_fleets

INDEX = pd.date_range("2015-10-16", "2015-10-31 23:00", freq="1h")
EVENTS = pd.DataFrame({
    "kind": ["slow_leak", "door"],
    "start": pd.to_datetime(["2015-10-22 06:00", "2015-10-30 00:00"]),
    "end": pd.to_datetime(["2015-10-25 06:00", "2015-10-30 02:00"]),
    "trip": pd.to_datetime(["2015-10-23 06:00", None]),
})
# From 18 October on 336 rows are scored; the leak (73 rows) and the day of settling after it (24) are not healthy.
HEALTHY_WEEKS = (336 - 73 - 24) / 168


def alarms(*stamps):
    return pd.Series(INDEX.isin(pd.to_datetime(list(stamps), format="ISO8601")), index=INDEX)


@pytest.fixture
def board():
    return Scoreboard(EVENTS)


def test_a_warning_in_time(board):
    row = board.add("early", alarms("2015-10-22 16:00")).table().loc["early"]
    assert row["hours before the trip"] == 14 and row["false alarms per week"] == 0
    assert row["expected cost per year"] == 0 and row["fitted on"] == "nothing"


def test_a_late_alarm_and_two_false_ones(board):
    board.add("late", alarms("2015-10-23 09:00", "2015-10-19 04:00", "2015-10-30 01:00"), fitted_on="before 18 October")
    row = board.table().loc["late"]
    assert row["hours before the trip"] == -3
    assert row["false alarms per week"] == pytest.approx(2 / HEALTHY_WEEKS, abs=0.005)
    assert row["expected cost per year"] == pytest.approx(6000 + 2 / HEALTHY_WEEKS * 80 * 365.25 / 7, abs=0.5)
    assert row["fitted on"] == "before 18 October"


def test_alarms_where_methods_are_fitted_or_the_store_settles_do_not_count(board):
    quiet = board.add("quiet", alarms("2015-10-22 16:00")).table().loc["quiet"]
    fitted = board.add("quiet", alarms("2015-10-22 16:00", "2015-10-16 05:00", "2015-10-25 20:00")).table().loc["quiet"]
    pd.testing.assert_series_equal(quiet, fitted)


def test_an_alarm_after_the_repair_is_no_late_warning(board):
    row = board.add("after", alarms("2015-10-29 00:00")).table().loc["after"]
    assert np.isnan(row["hours before the trip"]) and row["false alarms per week"] > 0


def test_always_on_is_never_a_warning(board):
    row = board.add("always", pd.Series(True, index=INDEX)).table().loc["always"]
    assert np.isnan(row["hours before the trip"]) and row["expected cost per year"] > 6000


def test_measure_gives_the_row_without_keeping_it(board):
    measured = board.measure(alarms("2015-10-22 16:00"))
    assert board.table().empty
    assert measured == board.add("kept", alarms("2015-10-22 16:00")).table().loc["kept"].drop("fitted on").to_dict()


def test_a_method_of_the_same_name_is_replaced_in_its_place(board):
    board.add("a", alarms("2015-10-22 16:00")).add("b", alarms()).add("a", alarms("2015-10-22 18:00"))
    assert list(board.table().index) == ["a", "b"]
    assert board.table().loc["a", "hours before the trip"] == 12


def test_no_alarm_is_shown_in_words(board):
    board.add("silent", alarms()).add("early", alarms("2015-10-22 16:00"))
    assert np.isnan(board.table().loc["silent", "hours before the trip"])
    for shown in (repr(board), board._repr_html_()):
        assert "no warning" in shown and "14.0" in shown and "6000" in shown and "nan" not in shown.lower()
        assert "hours before the trip" in shown and "expected cost per year" in shown


def test_a_rate_that_nobody_can_know_is_shown_in_words():
    short = Scoreboard(EVENTS, scored_from="2015-10-22 06:00")
    until_the_end = alarms("2015-10-22 16:00")[:"2015-10-25 06:00"]
    row = short.add("short", until_the_end).table().loc["short"]
    assert np.isnan(row["false alarms per week"]) and np.isnan(row["expected cost per year"])
    assert repr(short).count("unknown") == 2


def test_names_are_escaped_in_html(board):
    board.add("room < 10 & <b>cold</b>", alarms())
    assert "room &lt; 10 &amp; &lt;b&gt;cold" in board._repr_html_()


def test_an_empty_board_says_so(board):
    assert "without a row yet" in repr(board) and board._repr_html_() is None and board.table().empty


def test_costs_can_be_ones_own():
    late = alarms("2015-10-23 09:00", "2015-10-19 04:00")
    dear = Scoreboard(EVENTS, costs=Costs(lost_load=100, call_out=10, hours_needed=-4, faults_per_year=3))
    assert dear.add("late", late).table().loc["late", "expected cost per year"] == pytest.approx(
        10 / HEALTHY_WEEKS * 365.25 / 7, abs=0.5)  # with hours_needed below -3 a late call still saves the load
    lost = Scoreboard(EVENTS, costs=Costs(lost_load=100, call_out=0, faults_per_year=3))
    assert lost.add("late", late).table().loc["late", "expected cost per year"] == 300


def test_the_learners_table_is_a_copy(board):
    board.add("early", alarms("2015-10-22 16:00"))
    mine = board.table()
    mine.loc["early", "hours before the trip"] = 99
    assert board.table().loc["early", "hours before the trip"] == 14


@pytest.mark.parametrize(("call", "error", "message"), [
    (lambda: Scoreboard(EVENTS.drop(columns="kind")), TypeError, "columns kind, start, end and trip"),
    (lambda: Scoreboard(None), TypeError, "load_cold_store_events"),
    (lambda: Scoreboard(EVENTS[1:]), ValueError, "exactly one row of kind 'slow_leak', found 0"),
    (lambda: Scoreboard(pd.concat([EVENTS, EVENTS])), ValueError, "found 2"),
    (lambda: Scoreboard(EVENTS.assign(trip=pd.NaT)), ValueError, "trip .* must lie between"),
    (lambda: Scoreboard(EVENTS.assign(trip=pd.Timestamp("2015-10-01"))), ValueError, "trip .* must lie between"),
    (lambda: Scoreboard(EVENTS, costs={"call_out": 3}), TypeError, r"Costs\(call_out=120\), not dict"),
    (lambda: Scoreboard(EVENTS, scored_from="2015-10-23"), ValueError, "after the leak began"),
    (lambda: Scoreboard(EVENTS).add("  ", alarms()), ValueError, "give the method a name"),
    (lambda: Scoreboard(EVENTS).add(3, alarms()), ValueError, "give the method a name"),
    (lambda: Scoreboard(EVENTS).add("array", alarms().to_numpy()), TypeError, "is_alarm must be a Series"),
    (lambda: Scoreboard(EVENTS).add("scores", alarms("2015-10-22 16:00") * 0.3), ValueError, "threshold first"),
    (lambda: Scoreboard(EVENTS).add("only before", alarms()[:"2015-10-20"]), ValueError, "one value for each row"),
    (lambda: Scoreboard(EVENTS).add("only after", alarms()["2015-10-23":]), ValueError, "one value for each row"),
    (lambda: Scoreboard(EVENTS, costs=Costs(call_out=-1)).add("a", alarms()), ValueError, "call_out must be"),
])
def test_bad_input_is_refused_in_words(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_refused_method_leaves_the_board_alone(board):
    with pytest.raises(TypeError):
        board.add("array", alarms().to_numpy())
    assert board.table().empty


class Fleet:
    """Two stores by the hour, of which the first leaks: what measure_fleet needs of a simulated run."""

    def __init__(self, **changes):
        stores = {unit: pd.DataFrame({"on": 0.0}, index=INDEX) for unit in (0, 1)}
        self.data = pd.concat(stores, names=["unit", "time"])
        self.events = EVENTS.assign(unit=0, **changes)


def called_at(*stamps):
    return lambda store: pd.Series(store.index.isin(pd.to_datetime(list(stamps), format="ISO8601")), index=store.index)


def test_a_fleet_is_measured_store_by_store():
    table = measure_fleet(called_at("2015-10-17 05:00", "2015-10-19 04:00", "2015-10-22 16:00"), Fleet(), "2015-10-18")
    assert table["leak"].tolist() == [True, False]
    assert table["hours before the trip"][0] == 14 and np.isnan(table["hours before the trip"][1])
    assert table["false alarms"].tolist() == [1, 2]  # without a leak the call of the 22nd is false, too
    assert table["healthy weeks"].tolist() == pytest.approx([HEALTHY_WEEKS, 336 / 168], abs=0.006)


def test_a_fleet_counts_as_the_board_does(board):
    method = called_at("2015-10-19 04:00", "2015-10-22 23:00", "2015-10-30 01:00")
    row, unit = board.measure(method(Fleet().data.loc[0])), measure_fleet(method, Fleet(), "2015-10-18").loc[0]
    assert unit["hours before the trip"] == row["hours before the trip"]
    assert row["false alarms"].startswith(f"{unit['false alarms']} in ")


@pytest.mark.parametrize("changes, scored_from, words", [
    ({"kind": "slow_leak"}, "2015-10-18", "leaked twice"),
    ({"trip": pd.NaT}, "2015-10-18", "reach its trip"),
    ({}, "2015-10-23", "begin after scored_from"),
])
def test_a_fleet_that_can_not_be_measured_is_refused(changes, scored_from, words):
    with pytest.raises(ValueError, match=words):
        measure_fleet(called_at("2015-10-22 16:00"), Fleet(**changes), scored_from)


def test_fleets_are_summed_up_and_kept_apart():
    early = measure_fleet(called_at("2015-10-22 16:00"), Fleet(), "2015-10-18")
    late = measure_fleet(called_at("2015-10-19 04:00", "2015-10-23 01:00"), Fleet(), "2015-10-18")
    both = pd.concat({1: early, 2: late}, names=["fleet"])
    row = read_fleets({"method": both}).loc["method"]
    weeks = early["healthy weeks"].sum()
    assert row["12 hours ahead"] == "1 of 2" and row["36 hours ahead"] == "0 of 2"
    assert row["false alarms per week"] == pytest.approx(4 / (2 * weeks), abs=0.006)
    assert row["fleet by fleet"] == f"{1 / weeks:.2f}, {3 / weeks:.2f}"
    assert "fleet by fleet" not in read_fleets({"method": early})


# --- a fleet in which many things fail

FAULTS = pd.DataFrame({
    "unit": [0, 0, 1, 1],
    "kind": ["slow_leak", "stuck_sensor", "fan_failure", "power_cut"],
    "start": pd.to_datetime(["2015-10-18 00:00", "2015-10-24 00:00", "2015-10-15 00:00", "2015-10-20 12:00"]),
    "end": pd.to_datetime(["2015-10-21", "2015-10-25", "2015-10-19", "2015-10-21"]),
    "failure": pd.to_datetime(["2015-10-20 00:00", None, "2015-10-18 00:00", "2015-10-20 12:00"]),
    "is_fault": True,
})


def fleet_alarms(first, second):
    parts = {unit: alarms(*stamps) for unit, stamps in enumerate((first, second))}
    return pd.concat(parts, names=["unit", "time"])


def test_failures_of_a_fleet_are_measured_unit_by_unit():
    quiet_day = ["2015-10-28 06:00", "2015-10-28 20:00"]  # one call: the second is within a day of the first
    failures, units = measure_failures(fleet_alarms(["2015-10-19 04:00", "2015-10-24 12:00", *quiet_day],
                                                    ["2015-10-28 06:00", "2015-10-30 06:00"]), FAULTS)
    assert failures["kind"].tolist() == ["slow_leak", "power_cut"]  # the fan's fault began before the first row
    assert failures["hours ahead"].iloc[0] == 20 and np.isnan(failures["hours ahead"].iloc[1])
    assert units["false alarms"].tolist() == [1, 2]
    # Of the 384 rows, the leak and its settling take 97, the stuck sensor and its settling 49.
    assert units["healthy weeks"].iloc[0] == pytest.approx((384 - 97 - 49) / 168, abs=0.005)


def test_alarms_that_are_always_up_warn_of_no_failure():
    up = pd.concat({unit: pd.Series(True, index=INDEX) for unit in (0, 1)}, names=["unit", "time"])
    failures, units = measure_failures(up, FAULTS)
    assert failures["hours ahead"].isna().all() and (units["false alarms"] > 5).all()


@pytest.mark.parametrize("bad", [alarms("2015-10-19"), [True, False]])
def test_failures_need_alarms_by_unit_and_time(bad):
    with pytest.raises(TypeError, match="unit, time"):
        measure_failures(bad, FAULTS)


def test_failures_need_the_columns_of_the_fleet():
    with pytest.raises(TypeError, match="load_fleet_events"):
        measure_failures(fleet_alarms([], []), EVENTS)
