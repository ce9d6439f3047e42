"""Time readings from sink to score through a real Mosquitto, with and without its death: python benchmarks/streaming.py

Sink, broker, source and monitor run on this machine, sink and source in one process. The delay of a reading is the
time from the call of `publish` to its score.
"""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import boards  # noqa: E402
from mupy_helpers.detectors import EWMAChart  # noqa: E402
from mupy_helpers.streaming import MQTTSink, MQTTSource, watch  # noqa: E402

ROWS, PACED_ROWS, PER_SECOND, TOPIC = 10_000, 1_000, 100, "stores/7"


class Broker:
    """A Mosquitto on a free port of this machine, without a file: what it holds dies with it.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder):
        program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
        if program is None:
            raise SystemExit("Mosquitto is not here: install the package mosquitto")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        settings = folder / "mosquitto.conf"
        settings.write_text(f"listener {self.port} 127.0.0.1\nlog_type none\nallow_anonymous true\n")
        self.command = [program, "-c", str(settings)]
        self.start()

    def start(self):
        """Start it, and wait until it answers."""
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                if time.monotonic() > until or self.process.poll() is not None:
                    raise SystemExit("Mosquitto does not start") from None
                time.sleep(0.02)

    def kill(self):
        """End it without a chance to write anything down."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def simulated(n, seed):
    """Return a fitted detector, and rows with the index of their times.

    Parameters
    ----------
    n : int
    seed : int

    Returns
    -------
    detector : EWMAChart
    rows : DataFrame, shape (n, 1)
    """
    rng = np.random.default_rng(seed)
    index = pd.date_range("2024-03-01", periods=n, freq="90s")
    return EWMAChart().fit(rng.normal(size=(1000, 1))), pd.DataFrame({"room": rng.normal(size=n)}, index=index)


def delays_at(delays):
    """Return the delays of half and of 99 % of the readings, in milliseconds."""
    return dict(zip(("delay_50_ms", "delay_99_ms"), 1000 * np.quantile(delays, [0.5, 0.99]), strict=True))


def by_frame(detector, rows):
    """Score all rows in one call."""
    begin = time.perf_counter()
    scores = detector.decision_function(rows)
    return scores, {"readings_per_second": len(rows) / (time.perf_counter() - begin)}


def by_row(detector, rows):
    """Score row by row, without a broker."""
    monitor, scores, delays = watch(detector, ["room"], on=4.0), [], []
    for stamp, values in zip(rows.index, rows.to_numpy(), strict=True):
        begin = time.perf_counter()
        scores += [each.score for each in monitor.feed(stamp, values)]
        delays.append(time.perf_counter() - begin)
    return np.array(scores), {"readings_per_second": len(rows) / sum(delays), **delays_at(delays)}


def through_broker(detector, rows, per_second=None, kill=False):
    """Score readings that come through a broker.

    Parameters
    ----------
    detector : EWMAChart
    rows : DataFrame, shape (n, 1)
    per_second : float, optional
        By default as fast as it goes.
    kill : bool
        Kill the broker when half of the readings have been scored, and start it again at once.

    Returns
    -------
    scores : ndarray of float
    figures : dict of str to float
    """
    n, sent, scored, scores, failed = len(rows), np.zeros(len(rows)), np.zeros(len(rows)), [], []
    monitor = watch(detector, ["room"], on=4.0)

    def send(sink):
        try:
            begin = time.perf_counter()
            for i, (stamp, value) in enumerate(zip(rows.index, rows["room"].tolist(), strict=True)):
                if per_second:
                    time.sleep(max(0.0, begin + i / per_second - time.perf_counter()))
                sent[i] = time.perf_counter()
                sink.publish(stamp, {"room": value})
        except Exception as error:  # told below, by the thread that waits
            failed.append(error)

    with tempfile.TemporaryDirectory() as folder:
        broker = Broker(Path(folder))
        try:
            with (MQTTSource(TOPIC, "127.0.0.1", broker.port, client_id="watcher", longest_wait=1) as source,
                  MQTTSink(TOPIC, "127.0.0.1", broker.port, longest_wait=1) as sink):
                source.wait_connected()
                sink.wait_connected()
                sender, last = threading.Thread(target=send, args=(sink,), daemon=True), time.monotonic()
                sender.start()
                while len(scores) < n:
                    readings = source.take(timeout=0.2)
                    for reading in readings:
                        scores += [each.score for each in monitor.feed(reading.time, reading.values)]
                        scored[len(scores) - 1] = time.perf_counter()
                    source.commit()
                    last = time.monotonic() if readings else last
                    if failed or time.monotonic() - last > 60:
                        raise SystemExit(f"only {len(scores):,} of {n:,} readings came: {failed or 'no more for 60 s'}")
                    if kill and len(scores) >= n // 2:
                        kill = False
                        broker.kill()
                        broker.start()
                sender.join()
                sink.flush()
        finally:
            broker.kill()
    seconds = scored[-1] - sent[0]
    return np.array(scores), {"readings_per_second": n / seconds, **delays_at(scored - sent)}


def arguments():
    """Read the options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="also write the figures to this file, one flat object")
    parser.add_argument("--rows", type=int, default=ROWS, help=f"readings at full speed ({ROWS})")
    parser.add_argument("--paced-rows", type=int, default=PACED_ROWS, help=f"readings at a pace ({PACED_ROWS})")
    parser.add_argument("--per-second", type=float, default=PER_SECOND, help=f"the pace ({PER_SECOND})")
    parser.add_argument("--seed", type=int, default=2027)
    return parser.parse_args()


def main():
    """Print the table and, if asked, write the figures as one flat JSON object."""
    options = arguments()
    if options.rows < 10 or options.paced_rows < 10 or not options.per_second > 0:
        raise SystemExit("--rows and --paced-rows must be 10 or more, and --per-second above 0")
    detector, rows = simulated(max(options.rows, options.paced_rows), options.seed)
    whole, paced = rows.iloc[:options.rows], rows.iloc[:options.paced_rows]
    pace = f"{options.per_second:g} a second"
    ways = [("one frame, no broker", "frame", whole, by_frame, {}),
            ("row by row, no broker", "row_by_row", whole, by_row, {}),
            ("broker, full speed", "", whole, through_broker, {}),
            ("broker killed once", "killed", whole, through_broker, {"kill": True}),
            (f"broker, {pace}", "paced", paced, through_broker, {"per_second": options.per_second}),
            (f"broker killed once, {pace}", "paced_killed", paced, through_broker,
             {"per_second": options.per_second, "kill": True})]
    boards.say(
        f"{options.rows:,} readings of one channel at full speed, {options.paced_rows:,} at {pace}, seed "
        f"{options.seed}; EWMA chart; sink, Mosquitto, source and monitor on one machine with {os.cpu_count()} cores, "
        "quality of service 1, no persistence file. Delay: from publish to score; at full speed mostly the wait in the "
        "window of 1,000 readings on their way. Every way must give the scores of the frame."
    )
    print()
    table, figures, expected = [], {}, detector.decision_function(rows)
    for name, key, part, way, settings in ways:
        scores, measured = way(detector, part, **settings)
        if len(scores) != len(part) or not np.allclose(scores, expected[:len(part)], rtol=0, atol=1e-9):
            raise SystemExit(f"{name}: the scores are not those of the frame")
        cells = [measured.get(figure) for figure in ("delay_50_ms", "delay_99_ms")]
        table.append((name, f"{measured['readings_per_second']:,.0f}", *(
            None if cell is None else f"{cell:,.2f}" for cell in cells)))
        figures |= {f"{key}_{figure}".strip("_"): value for figure, value in measured.items()}
        print(f"  {name}: {measured['readings_per_second']:,.0f} a second", file=sys.stderr, flush=True)
    boards.show(table, ["readings/s", "50 %, ms", "99 %, ms"])
    if options.json:
        boards.write_figures(options.json, figures)


if __name__ == "__main__":
    main()
