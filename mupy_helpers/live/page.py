"""The live page: an engine, its plots and its words, put together for each viewer (lesson 08)."""

import socket
import time as clock

import panel as pn

from mupy_helpers.checks import checked_number
from mupy_helpers.live.board import Board
from mupy_helpers.live.charts import Charts
from mupy_helpers.live.engine import FAULTS, SHOWN, STEP, Engine
from mupy_helpers.live.words import alarm_in_words, speed_in_words, state_in_words, when

SPEED = 3600.0  # seconds of the store in a second of ours
TICK = 250  # milliseconds
NO_FAULT = [("", "None")]
TITLE = "A cold store, live"


class Page:
    """What one viewer sees. Each viewer has a store, a fault and a clock of their own.

    Parameters
    ----------
    speed : float
        Seconds of the store in a second.
    seed : int
        Of the first fortnight; the next one has the next seed.

    Attributes
    ----------
    board : Board
    engine : Engine
    """

    def __init__(self, speed=SPEED, seed=1):
        self.speed = checked_number(speed, "speed", above=0)
        self.engine = self._begin(seed)
        self._charts = Charts(self.engine)
        self.board = Board(plots=self._charts.layout, speed=f"Time runs at {speed_in_words(self.speed)}.", sizing_mode="stretch_both",
                           faults=NO_FAULT + [(kind, words) for kind, (words, _) in FAULTS.items()])
        self.board.param.watch(self._choose, "fault")
        self.board.param.watch(lambda event: self._say(), "paused")
        self.board.param.watch(lambda event: self._charts.fit(event.new), "width")
        self._due, self._last, self._note = 0.0, clock.monotonic(), ""
        self._say()

    @staticmethod
    def _begin(seed):
        engine = Engine(seed)
        engine.step(SHOWN)  # so that there is something to see
        return engine

    def _choose(self, event):
        self.engine.switch(event.new or None)
        self._note = ""
        self._say()

    def tick(self):
        """Go on by as much as time has passed, and show it."""
        now = clock.monotonic()
        passed, self._last = now - self._last, now
        if self.board.paused:
            return
        self._due = min(self._due + passed * self.speed / STEP.total_seconds(), SHOWN)
        rows, self._due = int(self._due), self._due % 1
        if not rows:
            return
        if self.engine.is_over:
            self.engine = self._begin(self.engine.seed + 1)
            self._charts.restart(self.engine)
            self.board.param.update(fault="", alarms=[])
            self._note = "The fortnight is over: another one begins."
        else:
            self._charts.go_on(self.engine.step(rows), self.engine)
        self._say()

    def _say(self):
        engine, newest = self.engine, self.engine.history[-1]
        state = state_in_words(engine)
        fault = FAULTS[engine.fault][0] if engine.fault else None
        self.board.param.update(
            clock=when(newest.time) + (", paused" if self.board.paused else ""), state=state, is_alarm=engine.is_alarm, alarms=[alarm_in_words(alarm) for alarm in engine.alarms],
            since=f"{fault} since {when(engine.since)}." if fault else self._note,
            description=f"Three plots of the last two days up to {when(newest.time)}: room temperature, now "
                        f"{newest.room:.1f} °C; drive current, now {newest.current:.1f} A, with what it should be; "
                        f"score with its limit. {state}")


def make(speed=SPEED):
    """Make the page for a viewer who has just come.

    Parameters
    ----------
    speed : float

    Returns
    -------
    Board
    """
    page = Page(speed)
    pn.state.add_periodic_callback(page.tick, period=TICK)
    return page.board


def free_port():
    """Return a port of this computer that nobody listens on.

    Returns
    -------
    int
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def server(port, speed=SPEED):
    """Return a server of the page, for this computer alone; it answers as soon as its loop runs.

    Parameters
    ----------
    port : int
    speed : float

    Returns
    -------
    Server
        Of Panel.

    Raises
    ------
    OSError
        When the port is in use.
    """
    return pn.io.server.get_server(
        {"/": lambda: make(speed)}, port=port, address="127.0.0.1", title=TITLE,
        websocket_origin=[f"127.0.0.1:{port}", f"localhost:{port}"])
