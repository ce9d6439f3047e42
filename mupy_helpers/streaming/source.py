"""Readings from an MQTT broker, each once and in order; how none is lost is said in `sink` (lesson 08)."""

import contextlib
import json
import queue
import threading
import time as clock
from collections import Counter, OrderedDict, deque
from dataclasses import dataclass, field

from mupy_helpers.checks import checked_count, checked_number, checked_switch
from mupy_helpers.streaming.alarms import checked_state
from mupy_helpers.streaming.connection import Connection, checked_timeout
from mupy_helpers.streaming.messages import LARGEST_PAYLOAD, decoded

RUNS = 100  # senders remembered
SHOWN = 100  # payloads set aside that are kept to look at
LONGEST_GOODBYE = 5.0  # seconds until the broker has confirmed the last receipts


@dataclass
class _Run:
    """What has come of one run: all numbers up to one, and readings ahead of a hole."""

    upto: int
    ahead: dict = field(default_factory=dict)
    since: float = 0.0


class MQTTSource(Connection):
    """Takes readings from a broker (QoS 1, persistent session): each number of a run once, in order.

    A payload that is too large or malformed is set aside and counted, and is not fatal. Readings without a run are
    handed on as they come. `commit` confirms what has been taken: call it when the readings are safe, for example
    after `Monitor.save` with `extra=source.state()`. What has not been confirmed is sent again after a restart.
    One source confirms for all: onlookers are made with `confirm=False`.

    Parameters
    ----------
    topic : str
    host, port, username, password, tls, certificate, key, longest_wait
        As in `MQTTSink`.
    client_id : str
        The broker keeps what comes for this name while we are away; no two clients at a time may have it.
    state : dict, optional
        From `state()` before a restart.
    confirm : bool
    patience : float
        Seconds to wait for a number that is missing before it is counted as lost.
    largest : int
        In bytes.
    longest_queue : int
        Readings that may wait for `take`; more are not taken, and come again from a sink.

    Attributes
    ----------
    counts : Counter
        "taken", "duplicate", "malformed", "too large", "lost", "full".
    aside : deque of (str, bytes)
        The last hundred payloads set aside, with the reason, cut to 200 bytes.
    """

    def __init__(self, topic, host="localhost", port=1883, *, client_id, state=None, confirm=True, username=None,
                 password=None, tls=False, certificate=None, key=None, patience=60.0, largest=LARGEST_PAYLOAD,
                 longest_queue=10000, longest_wait=30):
        if not isinstance(client_id, str) or not client_id:
            raise ValueError("client_id must be a name: the broker keeps readings for it while we are away")
        super().__init__(topic, host, port, client_id, username, password, tls, certificate, key, longest_wait,
                         clean_session=False)
        self.confirm, self.largest = checked_switch(confirm, "confirm"), checked_count(largest, "largest")
        self.patience = checked_number(patience, "patience", above=0)
        self.counts, self.aside = Counter(), deque(maxlen=SHOWN)
        self._lock, self._queue = threading.RLock(), queue.Queue(checked_count(longest_queue, "longest_queue"))
        with checked_state(type(self)):
            self._taken = OrderedDict((run, checked_count(number, "number", at_least=0))
                                      for run, number in ({"taken": {}} if state is None else state)["taken"].items())
        self._runs = OrderedDict((run, _Run(number)) for run, number in self._taken.items())
        self._confirmed, self._asked, self._receipts = OrderedDict(self._taken), set(), deque(maxlen=RUNS)
        self._start()

    def _greet(self):
        self._client.subscribe(self.topic, qos=1)
        with self._lock:
            self._asked.update(self._confirmed)  # a broker that died has forgotten the receipts

    def _set_aside(self, reason, payload, why):
        self.counts[reason] += 1
        self.aside.append((why, bytes(payload[:200])))

    def _message(self, client, userdata, message):
        with self._lock:
            if len(message.payload) > self.largest:
                return self._set_aside("too large", message.payload, f"{len(message.payload)} bytes")
            try:
                reading = decoded(message.payload)
            except ValueError as error:
                return self._set_aside("malformed", message.payload, str(error))
            if self._queue.full():
                self.counts["full"] += 1
            elif reading.run is None:
                self._queue.put_nowait(reading)
            else:
                self._number_came(reading)

    def _number_came(self, reading):
        run = self._runs.get(reading.run)
        if run is None:
            run = self._runs[reading.run] = _Run(reading.after)
            if len(self._runs) > RUNS:
                oldest, _ = self._runs.popitem(last=False)
                self._taken.pop(oldest, None)
                self._confirmed.pop(oldest, None)
        if reading.number <= run.upto or reading.number in run.ahead:
            self.counts["duplicate"] += 1
            if reading.number <= self._confirmed.get(reading.run, 0):
                self._asked.add(reading.run)  # its receipt was lost
            return
        if not run.ahead:
            run.since = clock.monotonic()  # a hole, if it is one, is as old as what came behind it
        run.ahead[reading.number] = reading
        self._hand_on(run)

    def _hand_on(self, run):
        while run.upto + 1 in run.ahead and not self._queue.full():
            run.upto += 1
            run.since = clock.monotonic()
            self._queue.put_nowait(run.ahead.pop(run.upto))

    def _tidy(self):
        """Give up numbers that are missing for too long, and repeat receipts that were lost."""
        with self._lock:
            for run in self._runs.values():
                self._hand_on(run)
                hole = run.ahead and run.upto + 1 not in run.ahead
                if hole and clock.monotonic() - run.since > self.patience:
                    first = min(run.ahead)
                    self.counts["lost"] += first - run.upto - 1
                    run.upto = first - 1
                    self._hand_on(run)
            asked, self._asked = self._asked & set(self._confirmed), set()
            receipts = [(run, self._confirmed[run]) for run in asked]
        self._confirm(receipts)

    def _confirm(self, receipts):
        for run, upto in receipts if self.confirm else ():
            self._receipts.append(self._client.publish(
                f"{self.topic}/receipt", json.dumps({"run": run, "upto": upto}), qos=1, retain=True))

    def take(self, most=1000, timeout=1.0):
        """Take readings that have come.

        Parameters
        ----------
        most : int
        timeout : float
            Seconds to wait for the first one.

        Returns
        -------
        list of Reading
            Empty when none has come.
        """
        readings, timeout = [], checked_timeout(timeout)
        most = checked_count(most, "most")
        self._tidy()
        with contextlib.suppress(queue.Empty):
            readings.append(self._queue.get(timeout=timeout))
            while len(readings) < most:
                readings.append(self._queue.get_nowait())
        with self._lock:
            self.counts["taken"] += len(readings)
            for reading in readings:
                if reading.run is not None:
                    self._taken[reading.run] = reading.number
        return readings

    def state(self):
        """Return what has been taken, to be saved together with what was made of it.

        Returns
        -------
        dict
        """
        with self._lock:
            return {"taken": dict(self._taken)}

    def commit(self):
        """Confirm all readings taken so far: no sink sends them again."""
        with self._lock:
            news = [(run, upto) for run, upto in self._taken.items() if upto > self._confirmed.get(run, 0)]
            self._confirmed.update(news)
        self._confirm(news)

    def close(self):
        """Leave the broker when it has the last receipts, or is gone."""
        # A socket that is closed before all has been read takes back what was sent last.
        until = clock.monotonic() + LONGEST_GOODBYE
        for receipt in list(self._receipts):
            with contextlib.suppress(ValueError, RuntimeError):  # it could not be sent
                while self.is_connected and not receipt.is_published() and clock.monotonic() < until:
                    clock.sleep(0.005)
        super().close()
