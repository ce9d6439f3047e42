"""One scoring for a whole fleet, a unit at a time: on threads, processes or a cluster (lesson 08)."""

import itertools
import os
import time
from functools import partial
from pathlib import Path

import pandas as pd

from mupy_helpers.checks import check_callable, check_same_rows, checked_count, checked_flags, checked_path, file_error
from mupy_helpers.fleet.files import note_of, place_of, read_unit, units_of, write_table
from mupy_helpers.fleet.recipe_key import recipe_key
from mupy_helpers.fleet.workers import failed, run

REPORT = "_units.parquet"  # readers of a folder pass over names that begin with an underscore


def score_fleet(source, recipe, out, *, on="threads", n_workers=None, columns=None, progress=None):
    """Score every unit of a fleet by itself, and write scores and alarms as Parquet.

    Each worker holds one unit at a time, so memory does not grow with the fleet. Each unit's scores are written under
    another name first, so a file with the right name is a whole one. A second call goes on where the first one
    stopped: units whose scores were made by the same recipe from the same files are kept, all others are scored.
    Only one call at a time may write to a folder. Units that are no longer in the source stay in `out`.

    A unit may end its worker's whole process: a crash in compiled code, or the system for lack of memory. On processes
    and clusters that unit is a failed one: what was on a lost worker is tried again, each unit by itself, and only one
    that ends its worker then, too, has failed. Threads share the caller's process, and so its end: nothing helps there.
    A given client must get its lost workers back (a nanny does that), or the call waits for them.

    Threads start at once and need no `if __name__`, but take turns wherever the recipe is Python code, as pandas mostly
    is: then they are no faster than a loop. Processes and clusters need seconds to start, and use all cores.

    Parameters
    ----------
    source : path
        The fleet: ``7.parquet`` or ``unit=7/*.parquet`` for each unit. Rows have a time index, or a column `time`.
    recipe : callable
        Takes the readings of one unit (DataFrame with a time index) and returns a DataFrame with the same index and
        the columns score (float) and is_alarm (bool); such as ``partial(recipes.scored_current, before="2016-02-08")``.
        For processes and clusters it must be possible to pickle it.
    out : path
        Not in the source. Gets ``unit=7/scores.parquet`` for each unit, with time, score and is_alarm; pandas and Dask
        read the folder as one table. ``_units.parquet`` in it is the table that is returned.
    on : {"threads", "processes", "cluster"} or distributed.Client
        Where to score; "cluster" starts a `LocalCluster` and ends it. The workers of a client must reach both folders.
        A script that asks for processes or a cluster needs ``if __name__ == "__main__":``.
    n_workers : int, optional
        As many as there are cores by default; a client has its own.
    columns : list of str, optional
        Read these channels only.
    progress : callable, optional
        Called after each unit with the share that is done, 0 to 1.

    Returns
    -------
    DataFrame, one row per unit
        status ("scored", "kept" or "failed"), reason (of a failure), rows, alarms (how often one began), first alarm,
        seconds (for reading and scoring). Times are by the unit's own clock, without its zone.

    Raises
    ------
    ValueError, TypeError, OSError
        Before anything is scored. What is wrong with one unit is told in its row.
    """
    units, source, out = units_of(source), Path(source).resolve(), checked_path(out, "out").resolve()
    if out.is_relative_to(source) or source.is_relative_to(out):
        raise ValueError(f"out ({out}) and source must not lie in each other, or scores would be taken for readings")
    n_workers = checked_count(os.cpu_count() or 1 if n_workers is None else n_workers, "n_workers")
    if not (isinstance(on, str) and on in ("threads", "processes", "cluster")) and not hasattr(on, "scheduler_info"):
        raise ValueError(f"on must be 'threads', 'processes', 'cluster' or a distributed.Client, not {on!r}")
    if columns is not None:
        columns = [] if isinstance(columns, (str, bytes)) or not hasattr(columns, "__iter__") else list(columns)
        if not columns or not all(isinstance(each, str) for each in columns):
            raise ValueError("columns must be a list of the names of channels, or None for all")
    check_callable(progress, "progress")
    made_by = [recipe_key(recipe), columns]
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / REPORT).unlink(missing_ok=True)
    except OSError as error:
        raise file_error(error, "can not be written into", out) from error
    rows = {unit: _kept(unit, files, made_by, out) for unit, files in units.items()}
    waiting = {unit: files for unit, files in units.items() if rows[unit] is None}
    done = itertools.count(len(units) - len(waiting) + 1)

    def tick(*_):
        if progress:
            progress(min(1.0, next(done) / len(units)))

    if waiting:
        job = partial(_score_unit, recipe=recipe, made_by=made_by, out=out, columns=columns)
        rows |= {row["unit"]: row for row in run(job, waiting, on, n_workers, tick)}
    order = ["unit", "status", "reason", "rows", "alarms", "first alarm", "seconds"]
    table = pd.DataFrame([{"reason": "", **row} for row in rows.values()]).reindex(columns=order).set_index("unit")
    table = table.astype({"reason": "str", "rows": "Int64", "alarms": "Int64", "seconds": float})
    table["first alarm"] = pd.to_datetime(table["first alarm"], format="ISO8601")
    if all(unit.isascii() and unit.isdigit() for unit in units):  # as readers of the folder `out` see them
        table = table.set_axis(table.index.astype("int64")).sort_index()
    write_table(table, out / REPORT)
    return table


def _made_by(made_by, files):
    return [*made_by, [[each.name, each.stat().st_size, each.stat().st_mtime_ns] for each in files]]


def _kept(unit, files, made_by, out):
    """Return the row of a unit that is done already, None for any other."""
    note = note_of(place_of(out, unit) / "scores.parquet")
    try:
        is_same = note.get("made_by") == _made_by(made_by, files)
    except OSError:  # a link that leads nowhere: told when the unit is read
        is_same = False
    return {"unit": unit, "status": "kept", **note["row"]} if is_same else None


def _score_unit(unit, files, recipe, made_by, out, columns):
    """Score one unit, and return its row of the report."""
    begin, file = time.perf_counter(), place_of(out, unit) / "scores.parquet"
    kept = _kept(unit, files, made_by, out)
    if kept:  # a cluster does again what a lost worker had done and not yet told
        return {**kept, "status": "scored"}
    try:
        made_by = _made_by(made_by, files)  # before they are read: what is added meanwhile is scored the next time
        file.unlink(missing_ok=True)  # scores of another recipe must not outlive a failure of this one
        scores = _scored(recipe, read_unit(files, columns))
        begins = scores["is_alarm"] & ~scores["is_alarm"].shift(fill_value=False)
        first = str(begins.index.tz_localize(None)[begins.argmax()]) if begins.any() else None
        row = {"rows": len(scores), "alarms": int(begins.sum()), "first alarm": first,
               "seconds": round(time.perf_counter() - begin, 3)}
        write_table(scores, file, {"made_by": made_by, "row": row})
        return {"unit": unit, "status": "scored", **row}
    except (Exception, SystemExit) as error:  # whatever goes wrong with one unit, the others go on
        return failed(unit, f"{type(error).__name__}: {error}")


def _scored(recipe, readings):
    index = readings.index
    made = recipe(readings)
    if not isinstance(made, pd.DataFrame) or not {"score", "is_alarm"} <= set(made.columns):
        raise TypeError("the recipe must return a DataFrame with the columns score and is_alarm")
    check_same_rows(pd.Series(0, index), made, ("the readings", "what the recipe returned"))
    return pd.DataFrame({"score": made["score"].astype(float), "is_alarm": checked_flags(made["is_alarm"])},
                        index=index.rename("time"))
