"""The log of a distributed file system: the lives of its blocks, interleaved, some of them odd on purpose.

In the spirit of the log of Hadoop's file system that Xu et al. counted by block ("Detecting large-scale system
problems by mining console logs", SOSP 2009); every line is invented.
"""

import numpy as np
import pandas as pd

from mupy_helpers.checks import checked_count, checked_path
from mupy_helpers.simulate.small_sets import csv_bytes, gzip_bytes

START = pd.Timestamp("2021-03-15 18:00:00")
GAP = 18.0  # seconds from one allocation to the next, on average
# How many of 500 blocks are odd, and how.
KINDS = {"lost_replica": 3, "write_error": 3, "added_twice": 3, "wrong_order": 4, "slow": 3}
SHARES = {"two replicas": 1 / 12, "retry": 0.1, "moved": 0.04, "deleted": 0.6}  # usual, and rare or less rare
FILES = ("server_log.txt.gz", "server_log_labels.csv")
MASTER = "dfs.NameNode"


def simulate_server_log(n_blocks=500, seed=9):
    """Simulate the log of a file system that writes, reads, verifies and deletes blocks.

    A block is allocated, received by two or three nodes and added to the map; then most are read and verified, and
    many are deleted. Odd blocks: the master never hears of a replica (``lost_replica``), a write fails
    (``write_error``), replicas are added twice (``added_twice``), a block is read after its deletion or added to the
    map before it is received (``wrong_order``, with the counts of a usual life), the writing takes minutes (``slow``).
    A reader's retry and a move by the balancer are rare and harmless.

    Parameters
    ----------
    n_blocks : int
        At least 80. Of each 500 blocks 16 are odd.
    seed : int

    Returns
    -------
    lines : list of str
        In the order of time: ``YYMMDD hhmmss thread LEVEL component: message``.
    kinds : Series of str
        Index ``block`` in the order of allocation; a key of ``KINDS``, or an empty string for a usual block.
    """
    n_blocks = checked_count(n_blocks, "n_blocks", at_most=100_000)
    rng = np.random.default_rng(checked_count(seed, "seed", at_least=0))
    if n_blocks < 80:
        raise ValueError(f"n_blocks must be at least 80, so that every kind of odd block comes, not {n_blocks}")
    numbers = rng.integers(-(2 ** 63), 2 ** 63 - 1, n_blocks, dtype=np.int64)
    kinds = pd.Series("", index=pd.Index([f"blk_{number}" for number in numbers], name="block"), name="kind")
    odd = [kind for kind, count in KINDS.items() for _ in range(max(1, round(count * n_blocks / 500)))]
    # Neither the first nor the last blocks: a split by time leaves odd ones on both sides.
    places = rng.choice(np.arange(n_blocks // 25, n_blocks - n_blocks // 25), len(odd), replace=False)
    kinds.iloc[places] = odd
    orders = dict(zip(places[np.array(odd) == "wrong_order"], ["read", "added"] * n_blocks, strict=False))
    # Tasks of one job begin together: allocations come in bunches.
    bunches = np.repeat(np.cumsum(rng.exponential(8 * GAP, n_blocks // 8 + 1)), 8)[:n_blocks]
    starts = np.sort(bunches + rng.exponential(6.0, n_blocks))
    events = []
    for place, (block, kind) in enumerate(kinds.items()):
        life = _life(rng, block, f"{place // 8:03d}/part-{place % 8}", kind, orders.get(place))
        events += [(starts[place] + seconds, *rest) for seconds, *rest in life]
    events.sort(key=lambda event: event[0])  # stable: what a block does within a second stays in order
    stamps = (START + pd.to_timedelta([event[0] for event in events], unit="s")).strftime("%y%m%d %H%M%S")
    threads = [rng.integers(12, 40) if event[2] == MASTER else 100 + place // 4 for place, event in enumerate(events)]
    return [f"{stamp} {thread} {level} {component}: {message}" for stamp, thread, (_, level, component, message)
            in zip(stamps, threads, events, strict=True)], kinds


def write_server_log(folder):
    """Simulate the log and write it and its labels (``FILES``), the same bytes on every run; returns the two paths."""
    lines, kinds = simulate_server_log()
    log, labels = (checked_path(folder, "folder") / name for name in FILES)
    log.write_bytes(gzip_bytes("".join(f"{line}\n" for line in lines).encode("ascii")))
    labels.write_bytes(csv_bytes(kinds.to_frame().assign(is_anomaly=(kinds != "").astype("int64")), {}))
    return [log, labels]


def _life(rng, block, name, kind, order):
    """Return what happens to one block: (seconds since its allocation, level, component, message), in order."""
    pace = rng.lognormal(0.0, 0.4) * (rng.uniform(25, 40) if kind == "slow" else 1.0)
    hosts = rng.choice(200, 9, replace=False)
    address = [f"10.0.{host // 50}.{host % 50 + 1}" for host in hosts]
    # In a usual life of two replicas the map has two as well: only the pair of counts tells a lost one.
    n = 2 if kind != "lost_replica" and rng.random() < SHARES["two replicas"] else 3
    size = 67108864 if rng.random() < 0.8 else int(rng.integers(2 ** 12, 2 ** 26))
    events = [(0.0, "INFO", MASTER, f"allocated {block} for /jobs/sort_{name} with {n} replicas")]
    failed = n - 1 if kind == "write_error" else None
    added, ends = [], pace * (rng.uniform(6, 16) + np.cumsum(rng.uniform(0.4, 1.2, n))[::-1])
    for i in range(n):  # a node passes on what it receives: the last to begin is the first to end
        source, target = address[max(i - 1, 0)], address[i]
        begin = pace * rng.uniform(0.2, 1.5) + 0.1 * i
        end = ends[i]
        events.append((begin, "INFO", "dfs.Receiver",
                       f"receiving {block} from {source}:{rng.integers(32768, 61000)} to {target}:50010"))
        if i == failed:
            events.append((end, "WARN", "dfs.Receiver", f"writing {block} failed: connection reset by {source}"))
        else:
            events.append((end, "INFO", "dfs.Receiver", f"received {block} of size {size} from {source}"))
            added.append((end + rng.uniform(0.2, 0.7), f"added {target}:50010 to the map of {block}, size {size}"))
        events.append((end + rng.uniform(0, 0.1), "INFO", "dfs.Responder", f"responder {i} of {block} ends"))
    if kind == "lost_replica":
        added.pop(rng.integers(n))
    if order == "added":  # the map knows of a replica before any node has received it
        added[0] = (pace * 4, added[0][1])
    events += [(seconds, "INFO", MASTER, message) for seconds, message in added]
    done = max(event[0] for event in events) + 1
    if kind == "added_twice":
        events += [(done + rng.uniform(1, 60), "WARN", MASTER,
                    f"{address[i]}:50010 is in the map of {block} already, size {size}") for i in range(2)]
    return events + _later(rng, block, address, n - (kind in ("lost_replica", "write_error")), done, order)


def _later(rng, block, address, n, done, order):
    """Return what happens to a block after it is written: reads, a check, a move, in the end the deletion."""
    events = []
    n_reads = min(rng.poisson(1.6), 3) + (order == "read")
    reads = np.sort(done + rng.exponential(600, n_reads))
    for i, seconds in enumerate(reads):
        reader = address[3 + i % 6]
        if i == 0 and rng.random() < SHARES["retry"] / (1 - np.exp(-1.6)):
            events.append((seconds - rng.uniform(0.2, 0.9), "WARN", "dfs.Sender",
                           f"reader {reader} of {block} is gone, trying once more"))
        events.append((seconds, "INFO", "dfs.Sender", f"served {block} to {reader}"))
    if rng.random() < 0.7:
        events.append((done + rng.exponential(900), "INFO", "dfs.Scanner", f"verified {block}"))
    if rng.random() < SHARES["moved"]:
        events.append((done + rng.exponential(900), "INFO", "dfs.Balancer", f"moved {block} to {address[8]}"))
    if order == "read" or rng.random() < SHARES["deleted"]:
        if order == "read":  # the last read comes after the deletion
            gone = 30 + max([done, *(event[0] for event in events if event[0] != reads[-1])])
            events = [(gone + 90, *event[1:]) if event[0] == reads[-1] else event for event in events]
        else:
            gone = 30 + rng.exponential(1200) + max([done, *(event[0] for event in events)])
        events.append((gone, "INFO", MASTER, f"asks {n} nodes to delete {block}"))
        events += [(gone + rng.uniform(2, 20), "INFO", "dfs.Disk", f"deleted /data/current/{block}") for _ in range(n)]
    return events
