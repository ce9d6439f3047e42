"""Readings to an MQTT broker; none is lost and none counted twice when it dies on the way (lesson 08).

MQTT's own quality of service 1 ends at the broker: what a broker has taken and not yet written down dies with it. So
the sink numbers its readings and keeps each until the source has confirmed it, by a message on `TOPIC/receipt`; what
is not confirmed it sends again. The source hands each number on once, in order.
"""

import contextlib
import json
import threading
import time as clock
import uuid
from collections import Counter, OrderedDict

import numpy as np
import pandas as pd

from mupy_helpers.checks import checked_count, checked_number, checked_stamp
from mupy_helpers.streaming.connection import Connection, checked_timeout
from mupy_helpers.streaming.journal import Journal
from mupy_helpers.streaming.messages import LARGEST_PAYLOAD, Reading, encoded

LONGEST_PAUSE = 30.0  # seconds until all is sent again, where nobody confirms for long


class MQTTSink(Connection):
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
            if not self._changed.wait_for(lambda: len(self._unconfirmed) <= most, checked_timeout(timeout)):
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
            plain = {str(name): _plain(value, str(name)) for name, value in values.items()}
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


def _plain(value, name):
    """A number of Python's, or None where it is missing."""
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return None
    return float(value) if isinstance(value, (bool, np.bool_)) else checked_number(value, name)
