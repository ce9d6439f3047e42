"""MQTT against a real Mosquitto: killed on the way, with passwords and TLS, and with rubbish on the topic."""

import gc
import json
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time as clock
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mupy_helpers import recipes
from mupy_helpers.detectors import EWMAChart, HotellingT2
from mupy_helpers.simulate import simulate_cold_store
from mupy_helpers.streaming import Monitor, MQTTSink, MQTTSource, play, watch
from mupy_helpers.streaming.journal import Journal
from mupy_helpers.streaming.messages import Reading, decoded, encoded

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
needs_mosquitto = pytest.mark.skipif(MOSQUITTO is None, reason="Mosquitto is not here: install the package mosquitto")
START = pd.Timestamp("2024-03-01")


class Broker:
    """A Mosquitto on a free port that can be killed and started again."""

    def __init__(self, folder, *lines):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.config = folder / "mosquitto.conf"
        self.config.write_text("\n".join([f"listener {self.port} 127.0.0.1", "log_type none", *lines]) + "\n")
        self.process, self.starts = None, 0
        self.start()

    def start(self):
        self.starts += 1
        self.process = subprocess.Popen([MOSQUITTO, "-c", str(self.config)], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        until = clock.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                assert clock.monotonic() < until and self.process.poll() is None, "Mosquitto does not start"
                clock.sleep(0.05)

    def kill(self):
        """End it without a chance to write anything down."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def broker(tmp_path, request):
    """A broker, with further lines of its settings as parameter."""
    made = Broker(tmp_path, "allow_anonymous true", *getattr(request, "param", []))
    yield made
    made.kill()


def at(number):
    return START + pd.Timedelta(seconds=90 * number)


def publish_all(sink, n, first=1):
    for number in range(first, first + n):
        sink.publish(at(number), {"room": number})


def take_all(source, n, seconds=60, commit=True):
    taken, until = [], clock.monotonic() + seconds
    while len(taken) < n and clock.monotonic() < until:
        taken += source.take(timeout=0.2)
        if commit:
            source.commit()
    return taken


class Background(threading.Thread):
    """Runs something beside the test, and raises there what it raised."""

    def __init__(self, function, *args):
        super().__init__(daemon=True)
        self.call, self.error = (function, args), None
        self.start()

    def run(self):
        try:
            self.call[0](*self.call[1])
        except Exception as error:  # handed on to the test by done()
            self.error = error

    def done(self, timeout=60):
        self.join(timeout)
        assert not self.is_alive(), "it still runs"
        if self.error:
            raise self.error


# --- A broker that dies -----------------------------------------------------------------------------------------------

def keeps_files(folder):
    """What makes a broker write down each second what it holds, and read it after it was killed."""
    return ["persistence true", f"persistence_location {folder}/", "autosave_interval 1", "user root"]


def kill_at_random(broker, taken, seed, n, kills, finished):
    """Kill a broker at moments drawn by a seed, and start it again after a moment or two."""
    rng = np.random.default_rng(seed)
    for moment in sorted(rng.integers(0, n, kills).tolist()):
        while len(taken) < moment and not finished.is_set():
            clock.sleep(0.001)
        clock.sleep(rng.uniform(0, 0.05))
        broker.kill()
        clock.sleep(rng.exponential(0.3))
        broker.start()


def sent_through_kills(broker, seed, n=10_000, kills=4, seconds=90):
    """Send readings at full speed while the broker is killed; return what was taken, with sink and source."""
    taken, finished = [], threading.Event()
    with (MQTTSource("store/7", "127.0.0.1", broker.port, client_id="watcher", longest_wait=1) as source,
          MQTTSink("store/7", "127.0.0.1", broker.port, longest_wait=1, resend_after=2) as sink):
        source.wait_connected()
        sink.wait_connected()
        sender = Background(publish_all, sink, n)
        killer = Background(kill_at_random, broker, taken, seed, n, kills, finished)
        until = clock.monotonic() + seconds
        while len(taken) < n and clock.monotonic() < until:
            taken += source.take(timeout=0.2)
            source.commit()
        finished.set()
        killer.done()
        sender.done()
        sink.flush(30)
        taken += source.take(timeout=0.5)
        return taken, sink, source


@needs_mosquitto
@pytest.mark.parametrize(("seed", "persistent"), [(1, False), (2, True)])
def test_with_the_broker_killed_at_random_no_reading_is_lost_and_none_counted_twice(tmp_path, seed, persistent):
    n = 10_000
    broker = Broker(tmp_path, "allow_anonymous true", *(keeps_files(tmp_path) if persistent else []))
    try:
        taken, sink, source = sent_through_kills(broker, seed, n)
    finally:
        broker.kill()
    assert [reading.number for reading in taken] == list(range(1, n + 1))
    assert [reading.values["room"] for reading in taken] == list(range(1, n + 1))
    assert source.counts["taken"] == n and not source.counts["lost"]
    assert broker.starts == 5 and (tmp_path / "mosquitto.db").exists() == persistent
    assert sink.counts["sent"] > n  # what was on its way has been sent again


@needs_mosquitto
def test_a_watcher_that_dies_between_two_savings_goes_on_without_a_loss(broker, tmp_path):
    rng = np.random.default_rng(1)
    rows = rng.normal(size=400)
    rows[250:260] += 9
    detector = EWMAChart().fit(rng.normal(size=(100, 1)))
    expected = detector.decision_function(rows)
    told, scores = [], {}
    with MQTTSink("store/7", "127.0.0.1", broker.port, resend_after=0.5, longest_wait=1) as sink:
        sink.wait_connected()
        monitor, state = watch(detector, ["room"], on=4.0), None

        def lives(monitor, state, batches, dies):
            """Take and save, batch by batch; what is taken last is not saved when it dies."""
            with MQTTSource("store/7", "127.0.0.1", broker.port, client_id="watcher", state=state) as source:
                source.wait_connected()
                if not scores:
                    sender.append(Background(lambda: (play(frame, sink.publish), sink.flush())))
                for _ in range(batches):
                    news = []
                    for reading in source.take(most=60, timeout=5):
                        for each in monitor.feed(reading.time, reading.values):
                            assert each.time not in scores
                            news.append(each)
                    monitor.save(tmp_path / "watcher.npz", extra=source.state())
                    source.commit()
                    scores.update((each.time, each.score) for each in news)
                    told.extend(str(alarm) for each in news for alarm in each.news)
                if dies:
                    for reading in source.take(most=60, timeout=5):
                        monitor.feed(reading.time, reading.values)  # and forgets

        sender, frame = [], pd.DataFrame({"room": rows}, index=[at(number) for number in range(400)])
        lives(monitor, state, 2, dies=True)
        while len(scores) < 400:
            monitor = Monitor.load(tmp_path / "watcher.npz")
            before = len(scores)
            lives(monitor, monitor.extra, 3, dies=len(scores) < 200)
            assert len(scores) > before
        sender[0].done()
    np.testing.assert_allclose([scores[time] for time in frame.index], expected, rtol=0, atol=1e-9)
    whole = watch(detector, ["room"], on=4.0)
    scored = [each for time, row in frame.iterrows() for each in whole.feed(time, row)]
    assert told == [str(alarm) for each in scored for alarm in each.news]
    assert len(told) >= 2


@needs_mosquitto
def test_what_the_broker_took_with_it_is_sent_again_though_nobody_calls_the_sink(broker):
    with MQTTSink("store/7", "127.0.0.1", broker.port, resend_after=2, longest_wait=1) as sink:
        sink.wait_connected()
        publish_all(sink, 10)
        broker.kill()
        broker.start()
        until = clock.monotonic() + 20
        while sink.counts["sent"] < 20:  # again, as soon as the broker is back: to nobody
            assert clock.monotonic() < until
            clock.sleep(0.01)
        with MQTTSource("store/7", "127.0.0.1", broker.port, client_id="watcher") as source:
            assert [reading.number for reading in take_all(source, 10, seconds=20)] == list(range(1, 11))
            sink.flush(10)
        assert sink.counts["sent"] <= 40  # less and less often


SENDER = """
import sys
import pandas as pd
from mupy_helpers.streaming import MQTTSink

with MQTTSink("store/7", "127.0.0.1", int(sys.argv[1]), journal=sys.argv[2], longest_wait=1) as sink:
    for number in range(1, int(sys.argv[3]) + 1):
        sink.publish(pd.Timestamp("2024-03-01") + pd.Timedelta(seconds=90 * number), {"room": number})
"""


@needs_mosquitto
def test_a_sender_that_is_killed_sends_again_what_its_journal_holds(broker, tmp_path):
    n, journal, moment = 4000, tmp_path / "journal", int(np.random.default_rng(5).integers(1, 2000))
    with MQTTSource("store/7", "127.0.0.1", broker.port, client_id="watcher", longest_wait=1) as source:
        source.wait_connected()
        sender = subprocess.Popen([sys.executable, "-c", SENDER, str(broker.port), str(journal), str(n)])
        try:
            taken, until = [], clock.monotonic() + 90
            while len(taken) < moment and clock.monotonic() < until:
                taken += source.take(most=100, timeout=0.2)
                source.commit()
            assert sender.poll() is None
        finally:
            sender.kill()
            sender.wait()
        broker.kill()  # with all that only it still held
        broker.start()
        with MQTTSink("store/7", "127.0.0.1", broker.port, journal=journal, resend_after=1, longest_wait=1) as sink:
            assert moment <= sink.number < n and len(sink._unconfirmed) > 0
            rest = Background(publish_all, sink, n - sink.number, sink.number + 1)
            taken += take_all(source, n - len(taken))
            rest.done()
            sink.flush()
        assert source.take(timeout=0.5) == [] and not source.counts["lost"]
    assert [reading.number for reading in taken] == list(range(1, n + 1))
    assert [reading.values["room"] for reading in taken] == list(range(1, n + 1))
    assert len({reading.run for reading in taken}) == 1


def test_a_journal_remembers_what_is_not_confirmed_and_stays_small(tmp_path, monkeypatch):
    monkeypatch.setattr("mupy_helpers.streaming.journal.SPARE", 50)
    path, readings = tmp_path / "journal", {}
    journal = Journal(path, "store/7")
    for number in range(1, 301):
        readings[number] = Reading("2024-03-01", {"room": float(number)}, journal.run, number)
        journal.add(readings[number])
        if number % 10 == 0:
            for old in [old for old in readings if old <= number - 5]:
                del readings[old]
            journal.confirm(number - 5, readings)
        assert len(path.read_bytes().splitlines()) < 80
    journal.close()
    whole = path.read_bytes()
    for cut in (0, 1, 20):  # a line that a crash has cut short was never sent
        path.write_bytes(whole + whole.splitlines()[-1][:cut])
        again = Journal(path, "store/7")
        again.close()
        assert (again.run, again.number, again.confirmed) == (journal.run, 300, 295)
        assert list(again.unconfirmed.values()) == list(readings.values())
    with pytest.raises(ValueError, match="the journal of the topic 'store/7', not of 'store/8'"):
        Journal(path, "store/8")
    for rubbish in (b"", b"{}\n", b"rubbish\n", b"[]\n", whole + b"rubbish\n"):
        path.write_bytes(rubbish)
        with pytest.raises(ValueError, match="journal is not the journal of a sink"):
            Journal(path, "store/7")
        assert path.read_bytes() == rubbish


def test_a_reading_that_can_not_be_noted_is_not_taken(tmp_path):
    with MQTTSink("store/7", "127.0.0.1", 1, journal=tmp_path / "journal") as sink:
        sink.publish(at(1), {"room": 1.0})
        file = sink._journal._file
        sink._journal._file = Full(file)
        with pytest.raises(OSError, match="disk full"):
            sink.publish(at(2), {"room": 2.0})
        sink._journal._file = file
        assert sink.number == 1 and sink.publish(at(2), {"room": 3.0}) == 2
    again = Journal(tmp_path / "journal", "store/7")
    again.close()
    assert [reading.values["room"] for reading in again.unconfirmed.values()] == [1.0, 3.0]


class Full:
    """A file on a disk that takes five more bytes."""

    def __init__(self, file):
        self.file, self.seek, self.truncate = file, file.seek, file.truncate

    def write(self, data):
        return self.file.write(data[:5])


@needs_mosquitto
def test_what_comes_while_the_watcher_is_away_is_kept_by_the_broker_or_the_sink(broker):
    with MQTTSource("store/7", "127.0.0.1", broker.port, client_id="watcher") as source:
        source.wait_connected()
        clock.sleep(0.3)  # until it has subscribed
    with MQTTSink("store/7", "127.0.0.1", broker.port, resend_after=0.5) as sink:
        sink.wait_connected()
        publish_all(sink, 150)
        with pytest.raises(TimeoutError, match="150 readings are not confirmed"):
            sink.flush(0.2)
        with MQTTSource("store/7", "127.0.0.1", broker.port, client_id="watcher") as source:
            assert [reading.number for reading in take_all(source, 150)] == list(range(1, 151))
            sink.flush()


@needs_mosquitto
def test_full_windows_wait_and_give_up_with_a_sentence(broker):
    with MQTTSink("store/7", "127.0.0.1", broker.port, window=5) as sink:
        publish_all(sink, 5)
        with pytest.raises(TimeoutError, match="5 readings are not confirmed after 0.2 s"):
            sink.publish(at(6), {"room": 6.0}, timeout=0.2)
        assert sink._number == 5


# --- Rubbish ----------------------------------------------------------------------------------------------------------

RUBBISH = [b"", b"\xff\xfe", b"{", b"[]", b"17", b'{"time": 3, "values": {"room": 1}}', b'{"time": "2024-03-01"}',
           b'{"time": "2024-03-01", "values": {}}', b'{"time": "2024-03-01", "values": {"room": "1"}}',
           b'{"time": "2024-03-01", "values": {"room": NaN}}', b'{"time": "2024-03-01", "values": {"room": true}}',
           b'{"run": 1, "number": 1, "time": "2024-03-01", "values": {"room": 1}}',
           b'{"run": "a", "number": -1, "time": "2024-03-01", "values": {"room": 1}}',
           b'{"run": "a", "number": 2, "after": 2, "time": "2024-03-01", "values": {"room": 1}}',
           b'{"run": "a", "time": "2024-03-01", "values": {"room": 1}}', b"[" * 5000]


@pytest.mark.parametrize("payload", RUBBISH)
def test_rubbish_is_told_from_readings(payload):
    with pytest.raises(ValueError):
        decoded(payload)


def test_a_reading_comes_back_as_it_went():
    reading = Reading("2024-03-01T00:01:30", {"room": 5.25, "coil": None}, "run", 7)
    assert decoded(encoded(reading)) == reading
    assert decoded(b'{"time": "2024-03-01", "values": {"room": 1}}') == Reading("2024-03-01", {"room": 1})


@needs_mosquitto
def test_rubbish_and_payloads_that_are_too_large_are_set_aside_and_not_fatal(broker):
    import paho.mqtt.client as mqtt

    with MQTTSource("store/7", "127.0.0.1", broker.port, client_id="watcher", largest=6000) as source:
        source.wait_connected()
        clock.sleep(0.3)
        other = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
        other.connect("127.0.0.1", broker.port)
        other.loop_start()
        for payload in [*RUBBISH, b"x" * 7000, b'{"time": "2024-03-01", "values": {"room": 1}}']:
            other.publish("store/7", payload, qos=1).wait_for_publish(5)
        for receipt in (b"", b"[]", b"\xff", b'{"run": "a"}', b'{"upto": 9}', b'{"run": 3, "upto": "x"}'):
            other.publish("store/7/receipt", receipt, qos=1).wait_for_publish(5)
        assert take_all(source, 1) == [Reading("2024-03-01", {"room": 1})]
        assert source.counts["malformed"] == len(RUBBISH) and source.counts["too large"] == 1
        assert len(source.aside) == len(RUBBISH) + 1 and max(len(payload) for _, payload in source.aside) <= 200
        with MQTTSink("store/7", "127.0.0.1", broker.port, largest=300) as sink:
            for upto in ("x", 9):
                other.publish("store/7/receipt", json.dumps({"run": sink.run, "upto": upto}), qos=1).wait_for_publish(5)
            with pytest.raises(ValueError, match="larger than 300 bytes"):
                sink.publish(at(1), {f"channel {number}": 1.0 for number in range(50)})
            with pytest.raises(ValueError, match="finite"):
                sink.publish(at(1), {"room": np.inf})
            publish_all(sink, 3)
            assert [reading.number for reading in take_all(source, 3)] == [1, 2, 3]
            sink.flush()
        other.disconnect()
        other.loop_stop()


@needs_mosquitto
def test_numbers_are_handed_on_once_in_order_and_a_hole_is_given_up_after_a_while(broker):
    import paho.mqtt.client as mqtt

    with MQTTSource("store/7", "127.0.0.1", broker.port, client_id="watcher", patience=0.5) as source:
        source.wait_connected()
        clock.sleep(0.3)
        other = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
        other.connect("127.0.0.1", broker.port)
        other.loop_start()
        for number in (12, 11, 14, 12, 13, 17):
            reading = Reading("2024-03-01", {"room": 1.0}, "another", number)
            other.publish("store/7", encoded(reading, after=10), qos=1).wait_for_publish(5)
        assert [reading.number for reading in take_all(source, 5, seconds=3)] == [11, 12, 13, 14, 17]
        assert source.counts == {"taken": 5, "duplicate": 1, "lost": 2}
        other.disconnect()
        other.loop_stop()


@needs_mosquitto
def test_a_hole_is_waited_for_after_a_restart_and_after_a_pause(broker):
    import paho.mqtt.client as mqtt

    state = {"taken": {"another": 10}}
    with MQTTSource("store/7", "127.0.0.1", broker.port, client_id="watcher", patience=1.5, state=state) as source:
        source.wait_connected()
        clock.sleep(1.6)  # longer than the patience
        other = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
        other.connect("127.0.0.1", broker.port)
        other.loop_start()
        for number, expected in ((12, []), (11, [11, 12])):
            other.publish("store/7", encoded(Reading("2024-03-01", {"room": 1.0}, "another", number)), qos=1)
            assert [reading.number for reading in take_all(source, 2, seconds=0.4)] == expected
        assert not source.counts["lost"]
        other.disconnect()
        other.loop_stop()


# --- Names, passwords, TLS --------------------------------------------------------------------------------------------

@needs_mosquitto
def test_a_password_is_asked_for(tmp_path):
    tool = shutil.which("mosquitto_passwd")
    if tool is None:
        pytest.skip("mosquitto_passwd is not here: install the package mosquitto")
    words = tmp_path / "words"
    words.write_text("store:cold\n")
    words.chmod(0o600)
    subprocess.run([tool, "-U", str(words)], check=True)
    broker = Broker(tmp_path, "allow_anonymous false", f"password_file {words}", "user root")
    try:
        with (MQTTSink("store/7", "127.0.0.1", broker.port, username="store", password="cold") as sink,
              MQTTSource("store/7", "127.0.0.1", broker.port, client_id="watcher", username="store",
                         password="cold") as source):
            source.wait_connected()
            publish_all(sink, 2)
            assert len(take_all(source, 2)) == 2
        with (MQTTSink("store/7", "127.0.0.1", broker.port, username="store", password="warm") as sink,
              pytest.raises(ConnectionError, match="refused the connection")):
            sink.wait_connected(5)
    finally:
        broker.kill()


# paho-mqtt leaves the socket of a refused certificate to the garbage collector.
@needs_mosquitto
@pytest.mark.filterwarnings("ignore:Exception ignored in. <ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning")
def test_tls_checks_the_certificate_of_the_broker(tmp_path):
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not here: install the package openssl")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(key), "-out",
                    str(certificate)], check=True, capture_output=True)
    broker = Broker(tmp_path, "allow_anonymous true", f"certfile {certificate}", f"keyfile {key}", "user root")
    try:
        with (MQTTSink("store/7", "127.0.0.1", broker.port, tls=certificate) as sink,
              MQTTSource("store/7", "127.0.0.1", broker.port, client_id="watcher", tls=certificate) as source):
            source.wait_connected()
            publish_all(sink, 2)
            assert len(take_all(source, 2)) == 2
        with (MQTTSink("store/7", "127.0.0.1", broker.port, tls=ssl.get_default_verify_paths().cafile or True) as sink,
              pytest.raises(ConnectionError, match="did not answer")):
            sink.wait_connected(1)
        del sink
        gc.collect()
    finally:
        broker.kill()


def test_settings_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="without"):
        MQTTSink("stores/#")
    with pytest.raises(ValueError, match="client_id"):
        MQTTSource("stores/7", client_id="")
    with pytest.raises(ValueError, match="port"):
        MQTTSink("stores/7", port=0)
    with pytest.raises(ValueError, match="from 1 to 65535"):
        MQTTSink("stores/7", port=99999)


# --- The player -------------------------------------------------------------------------------------------------------

def test_the_player_hands_on_every_row_at_the_speed_asked_for():
    rows = simulate_cold_store("2015-10-01", 0.05, warm_up_days=0.05).data
    got = []
    assert play(rows, lambda *reading: got.append(reading)) == len(rows)
    assert [time for time, _ in got] == list(rows.index)
    played = pd.DataFrame([values for _, values in got], index=rows.index)
    assert played.equals(rows.astype(float).rename_axis(None, axis=1))
    began = clock.monotonic()
    play(rows.iloc[:5], lambda *reading: None, speed=90 * 20)  # twenty rows in a second
    assert clock.monotonic() - began >= 4 / 20
    assert play(rows, got.append, stop=lambda: True) == 0
    with pytest.raises(TypeError, match="time index"):
        play(rows.to_numpy(), print)
    with pytest.raises(ValueError, match="speed"):
        play(rows, print, speed=0)


def test_the_tests_know_where_mosquitto_is():
    assert MOSQUITTO is None or Path(MOSQUITTO).exists()


# --- Lesson 08 --------------------------------------------------------------------------------------------------------

@needs_mosquitto
def test_a_source_leaves_when_the_broker_has_its_receipts(broker, monkeypatch):
    with MQTTSink("store/7", "127.0.0.1", broker.port) as sink:
        sink.wait_connected()
        source = MQTTSource("store/7", "127.0.0.1", broker.port, client_id="watcher")
        source.wait_connected()
        leave, left = source._client.disconnect, []
        monkeypatch.setattr(source._client, "disconnect", lambda: left.append(
            [receipt.is_published() for receipt in source._receipts]) or leave())
        sink.publish(START, {"room": 1.0})
        while not source.take():
            pass
        source.commit()
        source.close()
        sink.flush(timeout=5)
    assert left and left[0] and all(left[0])


@needs_mosquitto
def test_the_code_that_lesson_08_shows_works(broker, tmp_path, monkeypatch, capsys):
    lesson = (Path(__file__).parent.parent / "notebooks" / "source" / "08_batch_and_live.py").read_text("utf-8")
    blocks = re.findall(r"^# ```python\n(.*?)^# ```", lesson, re.M | re.S)
    # Twelve seconds: readings that came before the watcher had asked for them come again after five.
    watcher, sender = [re.sub(r"^# ?", "", block, flags=re.M).replace(
        'host="localhost"', f'host="127.0.0.1", port={broker.port}').replace("timeout=600", "timeout=12")
        for block in blocks]
    assert f"port={broker.port}" in sender and f"port={broker.port}" in watcher and "timeout=12" in watcher
    monkeypatch.chdir(tmp_path)
    rows = np.random.default_rng(1).normal(size=(60, len(recipes.MACHINE)))
    rows[50] += 30
    arriving = pd.DataFrame(rows[40:], index=[at(number) for number in range(20)], columns=recipes.MACHINE)
    names = {"arriving": arriving, "watch": watch, "recipes": recipes, "threshold": 100.0, "RULE": {"k": 1, "n": 1},
             "detector": HotellingT2(n_components=7).fit(pd.DataFrame(rows[:40], columns=recipes.MACHINE))}
    sending = Background(exec, sender, dict(names))
    exec(watcher, names)
    sending.done()
    assert names["monitor"].arrivals.counts == {"released": len(arriving)}
    told = capsys.readouterr().out
    assert f"Alarm 1 at {arriving.index[10]}" in told and "silence" in told
    assert Monitor.load(tmp_path / "watch.npz").arrivals.counts == names["monitor"].arrivals.counts
