"""The course's table: what each method would have bought on the cold store."""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from mupy_helpers import metrics
from mupy_helpers.checks import check_same_zone, checked_flags, checked_stamp, checked_times

# Rows before this moment may be used for fitting; the board counts from it on, for every method alike.
SCORED_FROM = pd.Timestamp("2015-10-18")
# After the repair the store needs a day to cool down; alarms in that day are neither right nor false.
SETTLING = pd.Timedelta("1D")
# How a measured column is shown: its digits, and a word where there is no number.
SHOWN = {
    "hours before the trip": (1, "no warning"),
    "false alarms per week": (2, "unknown"),
    "expected cost per year": (0, "unknown"),
}


def _measured(is_alarm, scored_from, leak=None):
    """Lead time in hours, false alarms per week, and the healthy weeks observed; a leak has start, end and trip."""
    # Measured on all rows: an alarm that is up already when the counting starts was not raised there.
    left_out = [(is_alarm.index[0], scored_from - pd.Timedelta("1ns"))] if is_alarm.index[0] < scored_from else []
    lead = float("nan")
    if leak is not None:
        left_out.append((leak["start"], leak["end"] + SETTLING))
        lead = metrics.lead_time(is_alarm, leak["trip"], since=leak["start"], until=leak["end"])
    left_out = pd.DataFrame(left_out, columns=["start", "end"], dtype="datetime64[ns]")
    false_alarms = metrics.false_alarms_per_week(is_alarm, faults=left_out)
    weeks = metrics.observed_weeks(is_alarm.index, ~metrics.inside(is_alarm.index, left_out))
    return lead, false_alarms, weeks


def _checked_book(events, needed, moment):
    """A service book whose columns are there, with times in them."""
    if not isinstance(events, pd.DataFrame) or not needed <= set(events.columns):
        raise TypeError(f"events needs the columns {', '.join(sorted(needed))}: use load_fleet_events()")
    if not events["unit"].map(pd.api.types.is_hashable).all():
        raise ValueError("events must name one unit in each row")
    events = metrics.checked_spans(events, "events")
    events = events.assign(**{moment: checked_times(events[moment], f"the {moment}s of events")})
    if len(events) and events["start"].dt.tz is None and events[moment].dt.tz is not None:
        raise ValueError(f"the starts and {moment}s of events must both have a time zone, or neither")
    return events


def measure_fleet(method, run, scored_from):
    """Measure a method on every store of a simulated fleet, each store by itself.

    Parameters
    ----------
    method : callable
        Takes the readings of one store (DataFrame with a time index) and returns its alarms: a Series of bool with
        the same index. It may fit on what comes before `scored_from`, store by store.
    run : ColdStoreRun
        From `simulate.simulate_cold_store`; at most one slow leak in a store.
    scored_from : timestamp
        Alarms before this moment are not counted.

    Returns
    -------
    DataFrame, one row per unit
        leak (bool), hours before the trip (NaN without a leak, and where no alarm was raised during it),
        false alarms (count), healthy weeks (those the false alarms are counted in).

    Raises
    ------
    ValueError
        Also when a store leaked twice, or when a leak began before `scored_from` or never reached its trip.
    """
    if not callable(method):
        raise TypeError(f"method must be a function of the readings of a store, not {method!r}")
    readings, events = getattr(run, "data", None), getattr(run, "events", None)
    if not isinstance(readings, pd.DataFrame) or list(readings.index.names) != ["unit", "time"]:
        raise TypeError("run must be what simulate_cold_store returned: its data have the index (unit, time)")
    events = _checked_book(events, {"unit", "kind", "start", "end", "trip"}, "trip")
    scored_from = checked_stamp(scored_from, "scored_from")
    check_same_zone(readings.index.levels[1], [scored_from, *events["start"], *events["trip"].dropna()],
                    ("the readings", "scored_from and events"))
    leaks = events[events["kind"] == "slow_leak"].set_index("unit")
    if leaks.index.duplicated().any():
        raise ValueError("a store leaked twice: simulate at most one slow leak in a store")
    if leaks["trip"].isna().any() or (leaks["start"] < scored_from).any():
        raise ValueError(f"each leak must begin after scored_from ({scored_from}) and reach its trip within the run")
    rows = {}
    for unit, store in readings.groupby(level="unit"):
        is_alarm = metrics.checked_alarm(method(store.droplevel("unit")))
        leak = leaks.loc[unit] if unit in leaks.index else None
        lead, false_alarms, weeks = _measured(is_alarm, scored_from, leak)
        rows[unit] = {"leak": leak is not None, "hours before the trip": round(lead, 1),
                      "false alarms": round(false_alarms * weeks), "healthy weeks": round(weeks, 2)}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("unit")


def read_fleets(results):
    """Sum up what methods did on one fleet or several.

    Parameters
    ----------
    results : dict of str to DataFrame
        For each method the rows of `measure_fleet`; those of several fleets with an index level called fleet.

    Returns
    -------
    DataFrame, one row per method
        How many leaks were called 12 and 36 hours before the trip, the false alarms per week over all healthy weeks,
        and, with several fleets, the same for each fleet: how far they differ is the spread of that rate.
    """
    needed = {"leak", "hours before the trip", "false alarms", "healthy weeks"}
    if not isinstance(results, dict) or not all(
            isinstance(table, pd.DataFrame) and needed <= set(table.columns) for table in results.values()):
        raise TypeError("results must be a dict of what measure_fleet returned, by method")
    rows = {}
    for method, table in results.items():
        hours, leaks = table["hours before the trip"], int(table["leak"].sum())
        rows[method] = {f"{least} hours ahead": f"{(hours >= least).sum()} of {leaks}" for least in (12, 36)}
        rows[method]["false alarms per week"] = round(_rate(table), 2)
        if "fleet" in table.index.names:
            rows[method]["fleet by fleet"] = ", ".join(f"{_rate(one):.2f}" for _, one in table.groupby(level="fleet"))
    return pd.DataFrame.from_dict(rows, orient="index")


def _rate(table):
    return table["false alarms"].sum() / table["healthy weeks"].sum()


def measure_failures(is_alarm, events, merge="1D"):
    """Measure alarms on a fleet in which many things fail (lesson 05), each unit by itself.

    An alarm during a fault that ends in no failure, such as a broken sensor, is neither right nor false: those spans
    are left out, as are a failing fault from its start to a day after its end.

    Parameters
    ----------
    is_alarm : Series of bool, index (unit, time)
        All rows are counted: leave out those on which the method was fitted. A fault that began before the first row
        of its unit, or that fails after the last, is not measured.
    events : DataFrame
        From `load_fleet_events`: unit, kind, start, end, failure (NaT where there is none) and is_fault.
    merge : timedelta-like
        Alarms no more than this apart are one call: somebody who came today is not called again today.

    Returns
    -------
    failures : DataFrame, one row per failure
        unit, kind, failure, hours ahead: from the first alarm of this fault to its failure, NaN where none came.
    units : DataFrame, one row per unit
        false alarms (count), healthy weeks (those that they are counted in).

    Raises
    ------
    TypeError, ValueError
    """
    events = _checked_book(events, {"unit", "kind", "start", "end", "failure", "is_fault"}, "failure")
    if not isinstance(is_alarm, pd.Series) or list(is_alarm.index.names) != ["unit", "time"]:
        raise TypeError("is_alarm must be a Series with the index (unit, time), as the readings of the fleet have it")
    failures, units = [], {}
    faults = events[checked_flags(events["is_fault"], "is_fault of events")] if len(events) else events
    if isinstance(is_alarm.index.levels[1], pd.DatetimeIndex):
        check_same_zone(is_alarm.index.levels[1], [*faults["start"], *faults["failure"].dropna()],
                        ("is_alarm", "events"))
    faults_of = {unit: list(rows.itertuples()) for unit, rows in faults.groupby("unit")}
    for unit, alarm in is_alarm.groupby(level="unit"):
        alarm = metrics.checked_alarm(alarm.droplevel("unit"))
        times, healthy = alarm.index, np.ones(len(alarm), dtype=bool)
        # As lead_time and false_alarms_per_week do it, but the alarms are looked at once for all faults of a unit.
        raised = metrics.events_from_labels(alarm, merge)["start"]
        for fault in faults_of.get(unit, []):
            healthy &= (times < fault.start) | (times > fault.end + SETTLING)
            # A comparison with NaT is false: a fault that stopped no store is no failure.
            if fault.start >= times[0] and fault.failure <= times[-1]:
                first = raised[(raised >= fault.start) & (raised <= fault.end)].min()  # NaT where none was raised
                lead = (fault.failure - first) / pd.Timedelta("1h")
                failures.append((unit, fault.kind, fault.failure, round(lead, 1)))
        weeks = metrics.observed_weeks(times, healthy)
        false_alarms = healthy[times.get_indexer(metrics.calls(alarm, merge))].sum()
        units[unit] = {"false alarms": int(false_alarms), "healthy weeks": round(weeks, 2)}
    return (pd.DataFrame(failures, columns=["unit", "kind", "failure", "hours ahead"]),
            pd.DataFrame.from_dict(units, orient="index").rename_axis("unit"))


@dataclass(frozen=True)
class Costs:
    """What being late and being wrong cost; change them to those of your own store.

    Parameters
    ----------
    lost_load : float
        Euros for a store of produce.
    call_out : float
        Euros for a technician who finds nothing wrong.
    hours_needed : float
        Hours before the trip by which the alarm must come, to get a technician there in time.
    faults_per_year : float
        How often the refrigerant leaks out.
    """

    lost_load: float = 6000.0
    call_out: float = 80.0
    hours_needed: float = 12.0
    faults_per_year: float = 1.0


class Scoreboard:
    """Rows of methods, all measured in the same way on the same recording.

    Only the leak is a fault here: an alarm raised at any other time is false, also one about a warm room or a glitch.

    Parameters
    ----------
    events : DataFrame
        From `load_cold_store_events`: needs one row of kind "slow_leak" with start, end and trip.
    costs : Costs, optional
    scored_from : timestamp, optional
        Alarms before this moment are not counted, because methods may be fitted there.
    """

    def __init__(self, events, costs=None, scored_from=SCORED_FROM):
        if not isinstance(events, pd.DataFrame) or not {"kind", "start", "end", "trip"} <= set(events.columns):
            raise TypeError("the board needs events with the columns kind, start, end and trip: "
                            "use load_cold_store_events()")
        leaks = events[events["kind"] == "slow_leak"]
        if len(leaks) != 1:
            raise ValueError(f"the board needs events with exactly one row of kind 'slow_leak', found {len(leaks)}")
        if costs is not None and not isinstance(costs, Costs):
            raise TypeError(f"costs must be a Costs(...), such as Costs(call_out=120), not {type(costs).__name__}")
        leaks = metrics.checked_spans(leaks, "events").assign(trip=checked_times(leaks["trip"], "the trip"))
        self.leak, self.scored_from = leaks.iloc[0], checked_stamp(scored_from, "scored_from")
        times = [self.leak["start"], self.leak["trip"], self.scored_from]
        if len({each.tz is None for each in times if not pd.isna(each)}) > 1:
            raise ValueError("the start and the trip of the leak and scored_from must all have a time zone, or none")
        if not self.leak["start"] <= self.leak["trip"] <= self.leak["end"]:
            raise ValueError(f"the trip ({self.leak['trip']}) must lie between start and end of the leak")
        self.costs = Costs() if costs is None else costs
        if self.scored_from > self.leak["start"]:
            raise ValueError(f"scored_from ({self.scored_from}) is after the leak began ({self.leak['start']}): "
                             "its first hours would not count")
        self._rows = {}

    def add(self, method, is_alarm, fitted_on="nothing"):
        """Measure a method and put it on the board; a method of the same name is replaced.

        Parameters
        ----------
        method : str
        is_alarm : Series of bool with a time index
            True where the method raises an alarm, one value for each row of the recording.
        fitted_on : str
            Which rows the method and its threshold have seen.

        Returns
        -------
        Scoreboard, itself: so that the last line of a cell shows it.
        """
        if not isinstance(method, str) or not method.strip():
            raise ValueError("give the method a name that says what it does")
        self._rows[method] = {"method": method, "fitted on": fitted_on, **self.measure(is_alarm)}
        return self

    def measure(self, is_alarm):
        """Measure a method without putting it on the board.

        Parameters
        ----------
        is_alarm : Series of bool with a time index

        Returns
        -------
        dict
            The measured columns: hours before the trip, false alarms counted and per week, expected cost per year.
        """
        is_alarm = metrics.checked_alarm(is_alarm)
        check_same_zone(is_alarm.index, [self.scored_from], ("is_alarm", "the board"))
        scored = is_alarm[is_alarm.index >= self.scored_from]
        if scored.empty or scored.index[0] > self.leak["start"] or scored.index[-1] < self.leak["trip"]:
            raise ValueError(f"the alarms must cover the recording from {self.scored_from} past the trip on "
                             f"{self.leak['trip']}: give one value for each row of the cold store")
        lead, false_alarms, weeks = _measured(is_alarm, self.scored_from, self.leak)
        cost = metrics.expected_cost(lead, false_alarms, **asdict(self.costs))
        return {
            "hours before the trip": round(lead, 1),
            "false alarms": f"{false_alarms * weeks:.0f} in {weeks:.1f} weeks",
            "false alarms per week": round(false_alarms, 2),
            "expected cost per year": round(cost, 0),
        }

    def table(self):
        """Return the board as a DataFrame, one row per method in the order they were added.

        Returns
        -------
        DataFrame, one row per method; hours are NaN where no alarm was raised during the leak.
        """
        return pd.DataFrame(list(self._rows.values())).set_index("method") if self._rows else pd.DataFrame()

    def _shown(self):
        table = self.table().astype(object)
        for column, (digits, word) in SHOWN.items():
            table[column] = [word if pd.isna(value) else f"{value:.{digits}f}" for value in table[column]]
        return table

    def __repr__(self):
        return self._shown().to_string() if self._rows else "Scoreboard without a row yet: use .add(...)"

    def _repr_html_(self):
        return self._shown().to_html() if self._rows else None
