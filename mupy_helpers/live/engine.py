"""The cold store behind the live page: it goes on row by row, and a fault can be put in and taken out (lesson 08)."""

from collections import deque
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from mupy_helpers.checks import checked_count
from mupy_helpers.detectors import HotellingT2
from mupy_helpers.live.symptoms import SYMPTOMS, Symptoms
from mupy_helpers.simulate import DoorAjar, SlowLeak, StuckSensor, simulate_cold_store
from mupy_helpers.streaming import watch

STEP = pd.Timedelta(minutes=5)
DAY = pd.Timedelta(days=1) // STEP
FIT_DAYS, HELD_DAYS = 42, 42  # what the detector is fitted on, and what its limit comes from
RUN_DAYS = 14
SHOWN = 2 * DAY
START = pd.Timestamp("2016-01-01")
FAULTS = {
    "leak": ("Leak", lambda start, end: SlowLeak(start, end, rate=0.35, growth=0.2)),
    "door": ("Door left open", lambda start, end: DoorAjar(start, end, fraction=1.0)),
    "stuck": ("Stuck sensor", lambda start, end: StuckSensor(start, end, sensor="room_temp")),
}


@dataclass(frozen=True)
class Fitted:
    """What has been learnt from healthy days.

    Parameters
    ----------
    symptoms : Symptoms
    detector : HotellingT2
    threshold : float
        The highest score of healthy days that nothing was fitted on.
    """

    symptoms: Symptoms
    detector: HotellingT2
    threshold: float

    def monitor(self):
        """Return a monitor that has seen nothing yet.

        Returns
        -------
        Monitor
        """
        return watch(self.detector, SYMPTOMS, on=self.threshold, k=3, n=3, merge="6h")


@lru_cache(maxsize=2)
def fitted(seed=7):
    """Simulate twelve healthy weeks, fit on the first six, and take the limit from the other six.

    Parameters
    ----------
    seed : int

    Returns
    -------
    Fitted
    """
    days = FIT_DAYS + HELD_DAYS
    healthy = _readings(START - pd.Timedelta(days=days), days, seed, ())
    past = healthy.iloc[:FIT_DAYS * DAY]
    symptoms = Symptoms(past)
    table = symptoms.fresh().table(healthy)
    # On the first day the symptoms do not know yet how warm the crop is.
    detector = HotellingT2(n_components=len(SYMPTOMS)).fit(table.iloc[DAY:len(past)])
    return Fitted(symptoms, detector, float(detector.decision_function(table.iloc[len(past):]).max()))


def _readings(start, days, seed, faults):
    return simulate_cold_store(start, days, seed=seed, step_seconds=STEP.total_seconds(), faults=faults).data


@dataclass(frozen=True)
class Moment:
    """One reading of the store and what was made of it.

    Parameters
    ----------
    time : Timestamp
    room, current : float
        °C and A.
    expected : float
        What the current should be, NaN while the compressor rests.
    score : float
    is_alarm : bool
    fault : str or None
        The one that the viewer has switched on.
    """

    time: pd.Timestamp
    room: float
    current: float
    expected: float
    score: float
    is_alarm: bool
    fault: str | None


class Engine:
    """A simulated cold store that is watched while it runs, with a fault to switch on and off.

    A fortnight can be played; before it lies a day that is not shown, in which the symptoms settle.

    Parameters
    ----------
    seed : int
        Of weather, people and noise.

    Attributes
    ----------
    history : deque of Moment
        Of the last two days.
    alarms : list of Alarm
        All begins and ends, the oldest first.
    fault : str or None
    since : Timestamp or None
        When it was switched on.
    spans : list of (str, Timestamp, Timestamp or None)
        Each fault that was switched on: which, from when, until when.
    threshold : float
    """

    def __init__(self, seed=1):
        self.seed = checked_count(seed, "seed", at_least=0)
        learnt = fitted()
        self.threshold = learnt.threshold
        self.history, self.alarms = deque(maxlen=SHOWN), []
        self.fault, self.since, self.spans = None, None, []
        self._symptoms, self._monitor = learnt.symptoms.fresh(), learnt.monitor()
        self._next = 0
        self._simulate()
        # The symptoms settle on the first day, and that day's scores must not call anybody.
        for row in self._rows[:DAY]:
            self._symptoms.push(row)
        self._next = DAY

    def _simulate(self):
        end = START + pd.Timedelta(days=RUN_DAYS + 1)
        faults = [FAULTS[kind][1](start, stop or end) for kind, start, stop in self.spans]
        data = _readings(START, RUN_DAYS + 1, self.seed, faults)
        self._times, self._rows = data.index, data.to_dict("records")

    @property
    def now(self):
        """The time of the next reading."""
        return self._times[min(self._next, len(self._times) - 1)]

    @property
    def is_over(self):
        """Whether the fortnight has been played."""
        return self._next >= len(self._times)

    @property
    def is_alarm(self):
        """Whether the newest reading is in alarm."""
        return bool(self.history) and self.history[-1].is_alarm

    def switch(self, fault):
        """Switch a fault on from the next reading on, in place of the one before; None repairs the store.

        What has been is not changed: the same store is simulated again, with the fault from now on.

        Parameters
        ----------
        fault : {"leak", "door", "stuck"} or None

        Raises
        ------
        ValueError
        """
        if fault is not None and not (isinstance(fault, str) and fault in FAULTS):
            raise ValueError(f"fault must be one of {', '.join(FAULTS)} or None, not {fault!r}")
        if fault == self.fault or self.is_over:
            return
        if self.fault is not None:
            kind, start, _ = self.spans.pop()
            self.spans += [(kind, start, self.now)] if start < self.now else []
        if fault is not None:
            self.spans.append((fault, self.now, None))
        self.fault, self.since = fault, None if fault is None else self.now
        self._simulate()

    def step(self, rows=1):
        """Go on.

        Parameters
        ----------
        rows : int
            Readings of five minutes.

        Returns
        -------
        list of Moment
            Fewer than asked for at the end of the fortnight.
        """
        moments = []
        for _ in range(checked_count(rows, "rows")):
            if self.is_over:
                break
            moments.append(self._take(self._times[self._next], self._rows[self._next]))
            self._next += 1
        self.history.extend(moments)
        return moments

    def _take(self, time, reading):
        [scored] = self._monitor.feed(time, self._symptoms.push(reading))
        self.alarms += scored.news
        return Moment(time, reading["room_temp"], reading["drive_current"], self._symptoms.expected_current(reading),
                      scored.score, scored.is_alarm, self.fault)
