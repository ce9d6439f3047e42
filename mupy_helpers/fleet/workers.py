"""One job for each unit, on threads, processes or a cluster, though a unit may end the worker that it is on."""

import contextlib
import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial


def run(job, units, on, n_workers, tick):
    """Do the job for each unit where the caller wants it.

    Parameters
    ----------
    job : callable
        Takes a unit and its files, returns its row of the report; raises nothing.
    units : dict of str to list of Path
    on, n_workers
        As of `score_fleet`.
    tick : callable
        Called after each unit.

    Returns
    -------
    list of dict
        A row for each unit, in any order.
    """
    rows = {}

    def told(row):
        rows[row["unit"]] = row
        tick()

    if on == "threads":
        _on_dask(job, units, told, "threads", num_workers=n_workers)
    elif on == "processes":
        _on_processes(job, units, told, n_workers)
    elif on == "cluster":
        _on_local_cluster(job, units, told, n_workers)
    else:
        _on_client(job, units, told, on)
    return list(rows.values())


def failed(unit, reason):
    """Return the row of a unit that has no scores."""
    return {"unit": unit, "status": "failed", "reason": " ".join(str(reason).split())}


def _on_dask(job, units, told, scheduler, begun=None, **options):
    """Do the job on a scheduler of this machine. `begun` gets each unit as it is handed out."""
    from dask.base import get_scheduler
    from dask.callbacks import Callback

    begun = set() if begun is None else begun
    # A plain graph takes a third of the time of a delayed object for each unit.
    graph = {("unit", unit): (partial(job, unit, files),) for unit, files in units.items()}
    with Callback(pretask=lambda key, *_: begun.add(key[1]), posttask=lambda key, row, *_: told(row)):
        get_scheduler(scheduler=scheduler)(graph, list(graph), **options)


def _on_processes(job, units, told, n_workers):
    """Do the job on processes of this machine; what was on them as one ended is tried again, each by itself."""
    waiting = dict(units)

    def done(row):
        del waiting[row["unit"]]
        told(row)

    while waiting:
        begun = set()
        with _pool(min(n_workers, len(waiting))) as pool:
            try:
                # Many at a time, or a worker waits for this process after each; few of few, for each is to have some.
                several = max(1, min(32, len(waiting) // (8 * n_workers)))
                _on_dask(job, waiting, done, "processes", begun, pool=pool, chunksize=several)
            except BrokenProcessPool:
                suspects = [unit for unit in waiting if unit in begun]
        if waiting:
            _alone(job, {unit: waiting[unit] for unit in suspects}, done)


def _pool(n_workers):
    # Spawned on each system: a fork of a process that has threads may never come to its senses.
    return ProcessPoolExecutor(n_workers, mp_context=multiprocessing.get_context("spawn"))


def _alone(job, suspects, told):
    """Do the job for one unit after the other on one process; a unit that ends it has failed, by what ended it."""
    suspects = list(suspects.items())
    while suspects:
        with _pool(1) as pool:
            # Where not even this comes back it is no unit's fault, such as a script without its `if __name__ …`.
            number = pool.submit(os.getpid).result()
            process = next(each for each in multiprocessing.active_children() if each.pid == number)
            try:
                while suspects:
                    _on_dask(job, dict(suspects[:1]), told, "processes", pool=pool)
                    del suspects[0]
            except BrokenProcessPool:
                pass
        if suspects:
            told(failed(suspects.pop(0)[0], f"its process {_end(process.exitcode)}"))


def _end(status):
    """Say how a process ended."""
    if status is None or status >= 0:
        return "ended while it was scored" + ("" if status is None else f", with status {status}")
    name = signal.Signals(-status).name
    return f"was ended by {name}" + (", as the system does for lack of memory" if name == "SIGKILL" else "")


def _on_local_cluster(job, units, told, n_workers):
    from distributed import Client, LocalCluster

    # No page for people; that for machines takes a free port, as 8787 may be another cluster's.
    # No second try beside others: what was on a lost worker is tried again by itself, which tells more.
    cluster = LocalCluster(n_workers=n_workers, threads_per_worker=1, dashboard_address="127.0.0.1:0",
                           scheduler_kwargs={"dashboard": False, "allowed_failures": 0})
    with cluster, Client(cluster) as client:
        _on_client(job, units, told, client)
        with contextlib.suppress(TimeoutError):  # a worker that is just being started again can not be closed
            client.wait_for_workers(n_workers, timeout=30)


def _on_client(job, units, told, client):
    """Do the job on a cluster; units whose workers were lost are tried again, each with the cluster to itself."""
    from distributed import KilledWorker, as_completed

    def finished(units):
        futures = client.map(job, list(units), list(units.values()), pure=False)
        names = {future.key: unit for future, unit in zip(futures, units)}
        done = as_completed(futures)
        del futures  # each is let go as soon as its row is here, or a lost worker's would be scored again
        for future in done:
            yield names[future.key], future, future.exception()

    suspects = []
    for unit, future, failure in finished(units):
        if isinstance(failure, KilledWorker):
            suspects.append(unit)
        else:
            told(_row(unit, future, failure))
    for suspect in suspects:
        for unit, future, failure in finished({suspect: units[suspect]}):
            lost = "its worker ended while it was scored, with nothing else on it"
            told(failed(unit, lost) if isinstance(failure, KilledWorker) else _row(unit, future, failure))


def _row(unit, future, failure):
    return failed(unit, f"{type(failure).__name__}: {failure}") if failure else future.result()
