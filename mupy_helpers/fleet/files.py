"""A fleet as a folder of Parquet: a file for each unit (``7.parquet``), or a folder for each (``unit=7/…``)."""

import contextlib
import json
import os
from pathlib import Path
from urllib.parse import quote, unquote

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mupy_helpers.checks import checked_index, checked_path, file_error

NOTE = b"mupy_fleet"  # in the footer of a file of scores: what it was made of, and what is in it


def write_fleet(data, folder):
    """Write the readings of a fleet as a folder of Parquet, one folder for each unit.

    Parameters
    ----------
    data : DataFrame, index (unit, time)
        As from `datasets.load_fleet`, or the `data` of `simulate.simulate_cold_store`.
    folder : path
        Made where it is not there; may hold other units already, so a large fleet can be written in parts.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    TypeError
        When the index is not (unit, time), or a column can not be written as Parquet.
    FileExistsError
        When one of the units is there already; then nothing is written.
    ValueError, OSError
        When a name is missing, twice the same or none that a file can have; when a file can not be written.
    """
    folder = checked_path(folder, "folder")
    if not isinstance(data, pd.DataFrame) or list(data.index.names) != ["unit", "time"]:
        raise TypeError("data must be a DataFrame with the index (unit, time), as from datasets.load_fleet()")
    if data.index.get_level_values("unit").hasnans:
        raise ValueError("data has rows without a unit: drop them, or name their unit")
    if data.columns.has_duplicates or not all(isinstance(name, str) for name in data.columns):
        raise ValueError("data must have channels with names of their own, all of them text: rename the columns")
    files = {unit: place_of(folder, unit) / "readings.parquet" for unit in data.index.unique("unit")}
    if len(set(files.values())) < len(files):
        raise ValueError("two units of data have the same name as text, such as 1 and '1': rename one")
    there = [unit for unit, file in files.items() if file.parent.exists()]
    if there:
        raise FileExistsError(f"unit {there[0]} is in {folder} already: choose another folder, or other units")
    for unit, readings in data.groupby(level="unit"):
        write_table(readings.droplevel("unit"), files[unit])
    return folder


def units_of(source):
    """Find the files of each unit, without opening them.

    Parameters
    ----------
    source : path

    Returns
    -------
    dict of str to list of Path
        Names that begin with a dot or an underscore are passed over.

    Raises
    ------
    NotADirectoryError
    ValueError
        When there is no unit, or one twice.
    """
    folder, units = checked_path(source, "source"), {}
    if not _is_folder(folder):
        raise NotADirectoryError(f"{folder} is no folder: source must be one, with a Parquet file for each unit")
    for place in sorted(folder.iterdir()):
        if place.name.startswith((".", "_")):
            continue
        if place.is_dir() and "=" in place.name:
            unit = unquote(place.name.partition("=")[2])
            files = [file for file in sorted(place.rglob("*.parquet")) if not file.name.startswith((".", "_"))]
        elif place.suffix == ".parquet":
            unit, files = place.stem, [place]
        else:
            continue
        if unit in units:
            raise ValueError(f"unit {unit} is there twice in {folder}, the second time as {place.name}")
        units[unit] = files
    if not units:
        raise ValueError(f"no units in {folder}: it must hold files such as 7.parquet or folders such as unit=7")
    return units


def _is_folder(path):
    try:
        return path.is_dir()
    except OSError:  # such as a name that is too long
        return False


def place_of(folder, unit):
    """Return the folder of one unit, such as ``unit=7``; what a file system may not like in a name is quoted."""
    try:
        return Path(folder) / f"unit={quote(str(unit), safe='')}"
    except UnicodeError:
        raise ValueError(f"no folder can have the name of the unit {str(unit)!r}: rename it") from None


def read_unit(files, columns):
    """Read the rows of one unit, in the order of its files, with a checked time index."""
    if not files:
        raise ValueError("no Parquet file in its folder")
    tables = []
    for file in files:
        # As one file, on one thread: the name of its folder is no column of it, and the other cores have units of theirs.
        with pq.ParquetFile(file, page_checksum_verification=True) as parquet:
            there = parquet.schema_arrow.names
            missing = [column for column in columns or [] if column not in there]
            if missing:
                raise ValueError(f"{file.name} has no column {missing[0]!r}")
            wanted = columns and [*columns, *{"time"}.intersection(there)]
            rows = parquet.read(wanted, use_threads=False, use_pandas_metadata=True)
        table = rows.to_pandas(use_threads=False)
        tables.append(table.set_index("time") if "time" in table else table)
    readings = pd.concat(tables) if len(tables) > 1 else tables[0]
    if checked_index(readings.index, "the unit") is None:
        raise ValueError("its rows have no times: give it a time index, or a column 'time' of time stamps")
    return readings


def note_of(file):
    """Return what a file of scores says of itself; nothing where it is not there, not whole or not ours."""
    try:
        note = json.loads((pq.read_metadata(file).metadata or {}).get(NOTE, b"{}"))
        if note:  # the end says what the file was, not whether it still reads as it was written
            scores = pd.read_parquet(file, use_threads=False, page_checksum_verification=True)
            if list(scores.columns) != ["score", "is_alarm"] or len(scores) != note["row"]["rows"]:
                return {}
        return note
    except Exception:  # whatever damage breaks in pyarrow and pandas
        return {}


def write_table(table, file, note=None):
    """Write a table so that a file with this name is a whole one, whenever the power fails."""
    half = file.with_name(f"_half_{file.name}")
    try:
        table = pa.Table.from_pandas(table, nthreads=1)
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise TypeError(f"{file.name} can not be written, as a column holds what Parquet has no place for: "
                        f"{error}") from error
    if note:
        table = table.replace_schema_metadata({**table.schema.metadata, NOTE: json.dumps(note)})
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, half, write_page_checksum=True)
        os.replace(half, file)
    except OSError as error:
        with contextlib.suppress(OSError):
            half.unlink(missing_ok=True)
        raise file_error(error, "can not be written", file) from error
