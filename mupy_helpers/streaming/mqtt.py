"""Readings to and from an MQTT broker; none is lost and none counted twice when it dies on the way (lesson 08).

MQTT's own quality of service 1 ends at the broker: what a broker has taken and not yet written down dies with it. So
the sink numbers its readings and keeps each until the source has confirmed it, by a message on `TOPIC/receipt`; what
is not confirmed it sends again. The source hands each number on once, in order.
"""

import contextlib
import json
import queue
import threading
import time as clock
import uuid
from collections import Counter, OrderedDict, deque
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from mupy_helpers.checks import checked_count, checked_number, checked_path, checked_stamp, checked_switch
from mupy_helpers.streaming.alarms import checked_state
from mupy_helpers.streaming.journal import Journal
from mupy_helpers.streaming.messages import LARGEST_PAYLOAD, Reading, decoded, encoded

RUNS = 100  # senders remembered
SHOWN = 100  # payloads set aside that are kept to look at
TIDY_EVERY = 0.1  # seconds
LONGEST_PAUSE = 30.0  # seconds until all is sent again, where nobody confirms for long
LONGEST_TIMEOUT = 1e6  # seconds: threads can not wait much longer


def _checked_timeout(timeout):
    if not 0 <= checked_number(timeout, "timeout") <= LONGEST_TIMEOUT:
        raise ValueError(f"timeout must be from 0 to {LONGEST_TIMEOUT:g} seconds, not {timeout}")
    return float(timeout)


class _Connection:
    """A client of a broker that connects again by itself, waiting twice as long after each failure."""

    def __init__(self, topic, host, port, client_id, username, password, tls, certificate, key, longest_wait,
                 clean_session):
        import paho.mqtt.client as mqtt

        if not isinstance(topic, str) or not topic or set("+#\0") & set(topic):
            raise ValueError(f"topic must be a name such as 'stores/7', without + and #, not {topic!r}")
        for name, text in (("topic", topic), ("username", username), ("password", password), ("client_id", client_id)):
            if text is not None and not isinstance(text, str):
                raise TypeError(f"{name} must be text, not {type(text).__name__}")
            if text is not None and any("\ud800" <= letter <= "\udfff" for letter in text):
                raise ValueError(f"{name} has half a letter in it, which can not be sent")
        if not isinstance(host, str) or not host:
            raise ValueError(f"host must be the name or the address of a broker, such as 'localhost', not {host!r}")
        self.topic, self.host, self.port = topic, host, checked_count(port, "port")
        if self.port > 65535:
            raise ValueError(f"port must be from 1 to 65535, not {port}")
        self.refused = None
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=clean_session)
        if username is not None:
            self._client.username_pw_set(username, password)
        if tls or certificate:
            files = {name: None if given is None else str(checked_path(given, name)) for name, given in (
                ("tls", None if isinstance(tls, bool) else tls), ("certificate", certificate), ("key", key))}
            try:
                self._client.tls_set(ca_certs=files["tls"], certfile=files["certificate"], keyfile=files["key"])
            except OSError as error:  # that of a file, or of what is in it
                named = ", ".join(f"{name} {file}" for name, file in files.items() if file)
                raise ValueError(f"the connection can not be encrypted with {named}: {error.strerror or error}") from error
        self._client.reconnect_delay_set(1, checked_count(longest_wait, "longest_wait", at_most=86400))
        self._client.on_connect = self._connected
        self._client.on_message = self._message

    def _connected(self, client, userdata, flags, reason, properties):
        self.refused = str(reason) if reason.is_failure else None
        if self.refused is None:
            self._greet()

    def _message(self, client, userdata, message):
        raise NotImplementedError

    def _greet(self):
        raise NotImplementedError

    def _tidy(self):
        raise NotImplementedError

    def _start(self):
        self._leaving = threading.Event()
        self._tender = threading.Thread(target=self._tend, daemon=True)
        self._client.connect_async(self.host, self.port)
        self._client.loop_start()
        self._tender.start()

    def _tend(self):
        # What a broker took with it is sent again by itself: nobody may be calling us at that time.
        while not self._leaving.wait(TIDY_EVERY):
            self._tidy()

    @property
    def is_connected(self):
        """Whether the broker is there at this moment."""
        return self._client.is_connected()

    def wait_connected(self, timeout=10.0):
        """Wait for the broker.

        Parameters
        ----------
        timeout : float
            In seconds.

        Raises
        ------
        ConnectionError
            When it is not there by then, or refuses name or password.
        """
        until = clock.monotonic() + _checked_timeout(timeout)
        while not self.is_connected:
            if self.refused or clock.monotonic() > until:
                why = f"refused the connection: {self.refused}" if self.refused else f"did not answer in {timeout:g} s"
                raise ConnectionError(f"the broker at {self.host}:{self.port} {why}")
            clock.sleep(0.01)

    def close(self):
        """Leave the broker. What is not confirmed yet is given up: `flush` first."""
        self._leaving.set()
        self._tender.join()
        self._client.disconnect()
        self._client.loop_stop()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()


class MQTTSink(_Connection):
    """Publishes readings to a broker (QoS 1), and keeps each until an `MQTTSource` has confirmed it.

    It keeps them in memory: they survive the broker and the source, but not the sender's own death. With `journal`
    they are in a file, too: a sender that was killed sends them again after its restart, and goes on in the same run.

    Parameters
    ----------
    topic : str
    host : str
    port : int
        1883, or 8883 with TLS, by custom.
    username, password : str, optional
    tls : bool or path
        True: encrypted, the broker's certificate checked against the authorities that this computer trusts.
        A path: against the authority in that file.
    certificate, key : path, optional
        Of this client, where the broker asks for one.
    window : int
        So many readings may be on their way; then `publish` waits.
    resend_after : float
        Seconds without a receipt after which all that is not confirmed is sent again; twice as long each time that
        this brings none, up to half a minute.
    largest : int
        Payloads above this are refused, in bytes.
    longest_wait : int
        The most seconds between two attempts to connect; the first is one second.
    client_id : str
        By default one is drawn.
    journal : path, optional
        Of this sink alone. Each reading is handed to the operating system before it is sent: that outlives the
        process, but is no protection against a power cut.
    """

    def __init__(self, topic, host="localhost", port=1883, *, username=None, password=None, tls=False,
                 certificate=None, key=None, window=1000, resend_after=5.0, largest=LARGEST_PAYLOAD, longest_wait=30,
                 client_id=None, journal=None):
        drawn = uuid.uuid4().hex
        super().__init__(topic, host, port, client_id or f"sink-{drawn}", username, password, tls, certificate, key,
                         longest_wait, clean_session=True)
        self.window, self.largest = checked_count(window, "window"), checked_count(largest, "largest")
        self.resend_after = checked_number(resend_after, "resend_after", above=0)
        self.counts = Counter()
        self._changed, self._unconfirmed = threading.Condition(), OrderedDict()
        self._number, self._confirmed = 0, 0
        self._progress, self._pause = clock.monotonic(), self.resend_after
        self.run, self._journal = drawn, None if journal is None else Journal(journal, topic)
        if self._journal:
            self.run, self._number, self._confirmed = self._journal.run, self._journal.number, self._journal.confirmed
            self._unconfirmed.update(self._journal.unconfirmed)
        self._start()

    @property
    def number(self):
        """The number of the newest reading of this run, those from the journal included."""
        return self._number

    def _greet(self):
        self._client.subscribe(f"{self.topic}/receipt", qos=1)
        self._resend()

    def _message(self, client, userdata, message):
        # Anybody may write there: what is no receipt of ours is none of our business.
        with contextlib.suppress(ValueError, RecursionError, TypeError, KeyError, UnicodeDecodeError):
            receipt = json.loads(message.payload[:1000])
            if receipt["run"] == self.run and self._confirmed < receipt["upto"] <= self._number:
                with self._changed:
                    self._confirmed, self._progress = int(receipt["upto"]), clock.monotonic()
                    self._pause = self.resend_after
                    while self._unconfirmed and next(iter(self._unconfirmed)) <= self._confirmed:
                        self._unconfirmed.popitem(last=False)
                    if self._journal:
                        self._journal.confirm(self._confirmed, self._unconfirmed)
                    self._changed.notify_all()

    def _send(self, readings):
        for reading in readings:
            if self.is_connected:  # else it is sent when the broker is back
                self._client.publish(self.topic, encoded(reading, min(self._confirmed, reading.number - 1)), qos=1)
                self.counts["sent"] += 1

    def _resend(self):
        with self._changed:
            again, self._progress = list(self._unconfirmed.values()), clock.monotonic()
        self._send(again)

    def _tidy(self):
        with self._changed:
            late = self._unconfirmed and clock.monotonic() - self._progress > self._pause
            self._pause = min(2 * self._pause, max(LONGEST_PAUSE, self.resend_after)) if late else self._pause
        if late:
            self._resend()

    def _wait(self, most, timeout):
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._unconfirmed) <= most, _checked_timeout(timeout)):
                raise TimeoutError(f"{len(self._unconfirmed)} readings are not confirmed after {timeout:g} s: is the "
                                   f"broker at {self.host}:{self.port} running, and does a source take them?")

    def publish(self, time, values, timeout=60.0):
        """Send a reading; wait where too many are on their way.

        Parameters
        ----------
        time : timestamp-like
        values : dict of str to float
            By channel; None and NaN are missing values.
        timeout : float
            In seconds.

        Returns
        -------
        int
            The number of the reading in this run.

        Raises
        ------
        TimeoutError
            The reading has not been taken then.
        ValueError
        """
        if not hasattr(values, "items"):
            raise TypeError(f"values must be a dict of numbers by channel, not {values!r}")
        try:
            plain = {str(name): None if value is None or value is pd.NA or value is pd.NaT or value != value else
                     float(value) if isinstance(value, (bool, np.bool_)) else checked_number(value, str(name)) for name, value in values.items()}
        except ValueError as error:
            raise ValueError(f"values must be finite, or None where they are missing: {error}") from None
        time = checked_stamp(time, "time").isoformat()
        if len(encoded(Reading(time, plain, self.run, self._number + 1), self._number)) > self.largest:
            raise ValueError(f"the reading is larger than {self.largest} bytes: send fewer channels at a time")
        self._wait(self.window - 1, timeout)
        with self._changed:
            reading = Reading(time, plain, self.run, self._number + 1)
            if self._journal:
                self._journal.add(reading)
            self._number += 1
            if not self._unconfirmed:
                self._progress = clock.monotonic()
            self._unconfirmed[self._number] = reading
        self._send([reading])
        return reading.number

    def flush(self, timeout=60.0):
        """Wait until all readings are confirmed.

        Parameters
        ----------
        timeout : float
            In seconds.

        Raises
        ------
        TimeoutError
        """
        self._wait(0, timeout)

    def close(self):
        """Leave the broker. What is not confirmed yet is given up, or stays in the journal: `flush` first."""
        super().close()
        if self._journal:
            self._journal.close()


@dataclass
class _Run:
    """What has come of one run: all numbers up to one, and readings ahead of a hole."""

    upto: int
    ahead: dict = field(default_factory=dict)
    since: float = 0.0


class MQTTSource(_Connection):
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
        self._confirmed, self._asked = OrderedDict(self._taken), set()
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
            self._client.publish(f"{self.topic}/receipt", json.dumps({"run": run, "upto": upto}), qos=1, retain=True)

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
        readings, timeout = [], _checked_timeout(timeout)
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
