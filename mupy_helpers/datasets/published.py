"""Fetch the published sets: downloaded once from their own homes, verified, and returned with labels apart.

Nothing of them is in this repository. Where the files come from and how they are kept: see `store`.
"""

import json
from typing import NamedTuple

import numpy as np
import pandas as pd

from mupy_helpers.checks import checked_switch
from mupy_helpers.datasets.store import SETS, FetchError, fetch_files, one_of, registry

NAB_WINDOWS = "labels/combined_windows.json"
SKAB_UNITS = {
    "Accelerometer1RMS": "g",
    "Accelerometer2RMS": "g",
    "Current": "A",
    "Pressure": "bar",
    "Temperature": "°C",
    "Thermocouple": "°C",
    "Voltage": "V",
    "Volume Flow RateRMS": "L/min",
}
SKAB_NORMAL = "anomaly-free/anomaly-free"
ECG_RATE_HZ = 360
LOG_SYSTEMS = ("HDFS", "OpenSSH")

# What is known of the whole pump file (Kaggle, nphantawee/pump-sensor-data).
PUMP_STATUS = {"NORMAL": 205_836, "RECOVERING": 14_477, "BROKEN": 7}
PUMP_FAILURES = (
    "2018-04-12 21:55", "2018-04-18 00:30", "2018-05-19 03:18", "2018-05-25 00:30", "2018-06-28 22:00",
    "2018-07-08 00:11", "2018-07-25 14:00",
)  # fmt: skip
PUMP_SENSORS = [f"sensor_{number:02d}" for number in range(52)]

# What is known of CAIRSENSE_DataFiles.xlsx.
DENVER_SHEETS = (
    "Metadata", "Aeroqual", "AirAssure", "Airbeam", "Cairclip", "DylosPMC", "DylosPMF", "OPCPMF", "OPCPMT", "Shinyei",
    "Speck", "TZOA", "Wind",
)  # fmt: skip
DENVER_ROWS = {"Aeroqual": 212_047, "TZOA": 139_913}
DENVER_AEROQUAL_TIMES = ("2015-09-08 23:00", "2016-02-22 08:49")


def fetch_nab_names():
    """Return the names of the 58 series of the Numenta Anomaly Benchmark.

    Returns
    -------
    list of str
        Such as ``"realKnownCause/ambient_temperature_system_failure"``; no file is fetched for it.
    """
    return sorted(
        path.removeprefix("data/").removesuffix(".csv") for path in registry()["nab"] if path.startswith("data/")
    )


def fetch_nab(name=None, mirror=None):
    """Fetch one series of the Numenta Anomaly Benchmark, or all of them.

    Rows are as published and in the published order, which the benchmark's scores depend on: eight of the files
    repeat some stamps, and ``realKnownCause/machine_temperature_system_failure`` steps back once.

    Parameters
    ----------
    name : str, optional
        One of `fetch_nab_names`; all by default.
    mirror : str, optional
        Address to download from (see `store.fetch_files`).

    Returns
    -------
    DataFrame, or dict of str to DataFrame
        Index ``time``, column ``value``.

    Raises
    ------
    ValueError
        When there is no such series.
    FetchError
        When it cannot be had.

    References
    ----------
    Lavin, A. and Ahmad, S. (2015), "Evaluating real-time anomaly detection algorithms: the Numenta Anomaly
    Benchmark", IEEE ICMLA.
    """
    wanted = fetch_nab_names() if name is None else [_nab_name(name)]
    files = fetch_files("nab", [f"data/{each}.csv" for each in wanted], mirror)
    series = {}
    for each in wanted:
        table = pd.read_csv(files[f"data/{each}.csv"], parse_dates=["timestamp"])
        table = _time_index(table.rename(columns={"timestamp": "time"}), "time")
        series[each] = _describe(table, "nab", {"value": "not stated"}, f"NAB series {each}")
    return series if name is None else series[wanted[0]]


def fetch_nab_events(name, mirror=None):
    """Fetch the labelled windows of one NAB series.

    Parameters
    ----------
    name : str
        One of `fetch_nab_names`.
    mirror : str, optional
        Address to download from.

    Returns
    -------
    DataFrame
        One row a window, columns ``start`` and ``end`` (both inside); no row where the series has no anomaly.

    Raises
    ------
    ValueError, FetchError
        As `fetch_nab`.
    """
    name = _nab_name(name)
    file = fetch_files("nab", [NAB_WINDOWS], mirror)[NAB_WINDOWS]
    windows = json.loads(file.read_text(encoding="utf-8"))[f"{name}.csv"]
    events = pd.DataFrame(windows, columns=["start", "end"], dtype=object)
    for column in events:
        events[column] = pd.to_datetime(events[column]).dt.as_unit("ns")
    return _describe(events, "nab", {}, f"Labelled windows of NAB series {name}")


def fetch_skab_names():
    """Return the names of the 34 labelled runs of the Skoltech Anomaly Benchmark, in the order of its leaderboard.

    Returns
    -------
    list of str
        ``"valve1/0"`` to ``"other/14"``; the run without anomaly is ``"anomaly-free/anomaly-free"`` and not listed.
    """
    paths = [path.removesuffix(".csv") for path in registry()["skab"]]
    groups = ["valve1", "valve2", "other"]
    labelled = [path.split("/") for path in paths if path != SKAB_NORMAL]
    return ["/".join(run) for run in sorted(labelled, key=lambda run: (groups.index(run[0]), int(run[1])))]


def fetch_skab(name=None, mirror=None):
    """Fetch the eight sensors of one run of the Skoltech Anomaly Benchmark, or of all labelled runs.

    Parameters
    ----------
    name : str, optional
        One of `fetch_skab_names`, or ``"anomaly-free/anomaly-free"``; all labelled runs by default.
    mirror : str, optional
        Address to download from (see `store.fetch_files`).

    Returns
    -------
    DataFrame, or dict of str to DataFrame
        Index ``time`` (about 1 s a row), eight columns under their published names, units in ``attrs``.

    Raises
    ------
    ValueError
        When there is no such run.
    FetchError
        When it cannot be had.

    References
    ----------
    Katser, I. and Kozitsin, V. (2020), "Skoltech Anomaly Benchmark (SKAB)", Kaggle.
    """
    tables = {run: table[list(SKAB_UNITS)] for run, table in _skab(name, mirror).items()}
    tables = {run: _describe(table, "skab", SKAB_UNITS, f"SKAB run {run}") for run, table in tables.items()}
    return tables if name is None else next(iter(tables.values()))


def fetch_skab_labels(name=None, mirror=None):
    """Fetch the labels of one run of the Skoltech Anomaly Benchmark, or of all labelled runs.

    Parameters
    ----------
    name, mirror
        As in `fetch_skab`.

    Returns
    -------
    DataFrame, or dict of str to DataFrame
        Index as in `fetch_skab`, columns ``anomaly`` and ``changepoint`` (0 or 1); all 0 for the anomaly-free run.

    Raises
    ------
    ValueError, FetchError
        As `fetch_skab`.
    """
    tables = {
        run: table.reindex(columns=["anomaly", "changepoint"]).fillna(0).astype("int64")
        for run, table in _skab(name, mirror).items()
    }
    tables = {run: _describe(table, "skab", {}, f"Labels of SKAB run {run}") for run, table in tables.items()}
    return tables if name is None else next(iter(tables.values()))


def fetch_ecg(mirror=None):
    """Fetch five minutes of an electrocardiogram with ectopic beats (MIT-BIH record 208, 19:35 to 24:35).

    Parameters
    ----------
    mirror : str, optional
        Address to download from (see `store.fetch_files`).

    Returns
    -------
    DataFrame, shape (108000, 1)
        Index ``time`` since the excerpt's start, column ``ecg`` in mV, 360 samples a second.

    Raises
    ------
    FetchError
        When it cannot be had.

    References
    ----------
    Moody, G. B. and Mark, R. G. (2001), "The impact of the MIT-BIH Arrhythmia Database", IEEE Engineering in
    Medicine and Biology 20(3), 45-50. The conversion to mV is that of ``scipy.datasets.electrocardiogram``.
    """
    with np.load(fetch_files("ecg", mirror=mirror)["ecg.dat"], allow_pickle=False) as archive:
        counts = archive["ecg"].astype("int64")
    # The converter's zero is at 1024 counts, and 200 counts are one millivolt.
    time = pd.to_timedelta(np.round(np.arange(len(counts)) * (1e9 / ECG_RATE_HZ)).astype("int64"), unit="ns")
    table = pd.DataFrame({"ecg": (counts - 1024) / 200.0}, index=pd.TimedeltaIndex(time, name="time"))
    table = _describe(table, "ecg", {"ecg": "mV"}, "Electrocardiogram, MIT-BIH record 208, lead MLII")
    table.attrs["sampling_rate_hz"] = ECG_RATE_HZ
    return table


class SpokenDigit(NamedTuple):
    """One recording: which digit, by whom, which take, samples a second, and the sound (from -1 to 1)."""

    digit: int
    speaker: str
    take: int
    rate_hz: int
    signal: np.ndarray


def fetch_spoken_digits(speaker=None, mirror=None):
    """Fetch recordings of spoken digits: two speakers, twenty takes of each digit.

    Parameters
    ----------
    speaker : str, optional
        ``"jackson"`` or ``"theo"``; both by default.
    mirror : str, optional
        Address to download from (see `store.fetch_files`).

    Returns
    -------
    list of SpokenDigit
        Sorted by digit, speaker and take.

    Raises
    ------
    ValueError
        When there is no such speaker.
    FetchError
        When they cannot be had.

    References
    ----------
    Jackson, Z. et al. (2018), "Free Spoken Digit Dataset", Zenodo, doi:10.5281/zenodo.1342401.
    """
    from scipy.io import wavfile

    recordings = {}
    for path in registry()["spoken_digits"]:
        digit, who, take = path.removeprefix("recordings/").removesuffix(".wav").split("_")
        recordings[int(digit), who, int(take)] = path
    if speaker is not None:
        one_of(speaker, sorted({who for _, who, _ in recordings}), "speaker")
    wanted = {key: path for key, path in sorted(recordings.items()) if speaker in (None, key[1])}
    files = fetch_files("spoken_digits", wanted.values(), mirror)
    digits = []
    for key, path in wanted.items():
        rate, samples = wavfile.read(files[path])
        digits.append(SpokenDigit(*key, rate, samples / 32768.0))
    return digits


def fetch_logs(name, mirror=None):
    """Fetch 2,000 lines of a server's log, parsed into templates by Loghub.

    Parameters
    ----------
    name : str
        ``"HDFS"`` or ``"OpenSSH"``.
    mirror : str, optional
        Address to download from (see `store.fetch_files`).

    Returns
    -------
    DataFrame, shape (2000, 6 or 5)
        Index ``time``, columns ``line_id``, ``level`` (HDFS only), ``component``, ``pid``, ``content``, ``event_id``
        and ``event_template``. The OpenSSH log does not state its year: 1900 stands for it.

    Raises
    ------
    ValueError
        When there is no such log.
    FetchError
        When it cannot be had.

    References
    ----------
    Zhu, J. et al. (2023), "Loghub: a large collection of system log datasets for AI-driven log analytics", ISSRE.
    """
    path = f"{one_of(name, LOG_SYSTEMS, 'log')}_2k.log_structured.csv"
    table = pd.read_csv(fetch_files("logs", [path], mirror)[path], dtype=str, keep_default_na=False)
    if name == "HDFS":
        time = pd.to_datetime(table.pop("Date") + table.pop("Time"), format="%y%m%d%H%M%S")
    else:
        stamp = "1900 " + table.pop("Date") + " " + table.pop("Day") + " " + table.pop("Time")
        time = pd.to_datetime(stamp, format="%Y %b %d %H:%M:%S")
    table.columns = [_snake_case(column) for column in table.columns]
    table = table.astype({"line_id": "int64", "pid": "int64"}).assign(time=time)
    return _describe(_time_index(table, "time"), "logs", {}, f"2,000 lines of a {name} log, with event templates")


def fetch_pump(slices=False):
    """Fetch the pump's 52 sensors, from a file that you put on this machine (Kaggle asks for an account).

    Parameters
    ----------
    slices : bool
        True returns the two slices that the course's own tests use, instead of the whole file.

    Returns
    -------
    DataFrame, or dict of str to DataFrame
        Index ``time`` (one minute a row), columns ``sensor_00`` to ``sensor_51``, units not published. With slices:
        ``"normal"`` (7,244 minutes) and ``"before_failure"`` (721 minutes, the last of them the second failure).

    Raises
    ------
    FetchError
        When the file is not there, or is not what is known of it: says what differs.
    """
    if checked_switch(slices, "slices"):
        return {part: _pump_sensors(table) for part, table in _pump_slices().items()}
    return _pump_sensors(_pump_whole())


def fetch_pump_labels(slices=False):
    """Fetch the state of the pump at each minute.

    Parameters
    ----------
    slices : bool
        As in `fetch_pump`.

    Returns
    -------
    Series of str, or dict of str to Series
        Index as in `fetch_pump`: ``"NORMAL"``, ``"RECOVERING"`` or ``"BROKEN"``.

    Raises
    ------
    FetchError
        As `fetch_pump`.
    """
    if checked_switch(slices, "slices"):
        return {part: _pump_status(table) for part, table in _pump_slices().items()}
    return _pump_status(_pump_whole())


def fetch_air_quality_denver(sheet="Aeroqual"):
    """Fetch one sheet of EPA CAIRSENSE Denver, from a workbook that you put on this machine.

    Needs the package openpyxl, and about a minute for a sheet. ``TEMP`` is labelled °C and holds °F.

    Parameters
    ----------
    sheet : str
        One of ``DENVER_SHEETS``: ``"Aeroqual"`` is ozone, ``"TZOA"`` particles.

    Returns
    -------
    DataFrame
        Index ``time``, columns as published.

    Raises
    ------
    ValueError
        When there is no such sheet.
    FetchError
        When the workbook is not there, or is not what is known of it: says what differs.

    References
    ----------
    Feinberg, S. et al. (2018), "Long-term evaluation of air sensor technology under ambient conditions in Denver,
    Colorado", Atmospheric Measurement Techniques 11, 4605-4615.
    """
    one_of(sheet, DENVER_SHEETS, "sheet")
    (file,) = fetch_files("air_quality_denver").values()
    try:
        with pd.ExcelFile(file, engine="openpyxl") as workbook:
            sheets = workbook.sheet_names
            table = pd.read_excel(workbook, sheet_name=sheet) if sheet in sheets else pd.DataFrame()
    except ImportError as error:
        raise FetchError("Reading CAIRSENSE_DataFiles.xlsx needs the package openpyxl: install it first.") from error
    except Exception as error:  # whatever a damaged file breaks in zipfile, zlib and openpyxl
        raise FetchError(f"{file} is not an Excel workbook, or it is damaged: {error}") from error
    table, problems = check_denver(sheets, sheet, table)
    _refuse(file, problems)
    return _describe(table, "air_quality_denver", {}, f"CAIRSENSE Denver, sheet {sheet}")


def check_denver(sheets, sheet, table):
    """Compare a sheet of the CAIRSENSE workbook with what is known of it.

    Parameters
    ----------
    sheets : list of str
        Names of the workbook's sheets.
    sheet : str
        Which of them ``table`` is.
    table : DataFrame
        The sheet as read.

    Returns
    -------
    table : DataFrame
        The sheet with its first column of times as index ``time``.
    problems : list of str
        What differs from what is known, in words; empty for the right file.
    """
    if not isinstance(table, pd.DataFrame):
        raise TypeError(f"table must be a DataFrame, not {type(table).__name__}")
    problems = []
    absent = [name for name in DENVER_SHEETS if name not in sheets]
    if absent:
        problems.append(f"sheets are missing: {', '.join(absent)}")
    if sheet not in sheets or sheet == "Metadata":
        return table, problems
    times = [name for name in table.columns if pd.api.types.is_datetime64_any_dtype(table[name])]
    if times:
        table = _time_index(table.rename(columns={times[0]: "time"}), "time")
    else:
        problems.append(f"sheet {sheet} has no column of times")
    if sheet in DENVER_ROWS and len(table) != DENVER_ROWS[sheet]:
        problems.append(f"sheet {sheet} has {len(table):,} rows instead of {DENVER_ROWS[sheet]:,}")
    if sheet != "Wind":
        names = [str(name).upper() for name in table.columns]
        for part, what in (("TEMP", "temperature"), ("RHAMB", "humidity"), ("SOC", "reference")):
            if not any(part in name for name in names):
                problems.append(f"sheet {sheet} has no {what} column ({part})")
    if sheet == "Aeroqual" and times and len(table):
        first, last = (moment.strftime("%Y-%m-%d %H:%M") for moment in (table.index.min(), table.index.max()))
        if (first, last) != DENVER_AEROQUAL_TIMES:
            problems.append(f"sheet Aeroqual runs {first} to {last} instead of {' to '.join(DENVER_AEROQUAL_TIMES)}")
    return table, problems


def check_pump(table):
    """Compare the pump's file with what is known of it.

    Parameters
    ----------
    table : DataFrame
        The file as read.

    Returns
    -------
    list of str
        What differs from what is known, in words; empty for the right file.
    """
    if not isinstance(table, pd.DataFrame):
        raise TypeError(f"table must be a DataFrame, not {type(table).__name__}")
    needed = ["timestamp", *PUMP_SENSORS, "machine_status"]
    absent = [name for name in needed if name not in table.columns]
    if absent:
        shown = ", ".join(absent[:3]) + (f" and {len(absent) - 3} more" if len(absent) > 3 else "")
        return [f"columns are missing: {shown}"]
    problems = []
    if len(table) != sum(PUMP_STATUS.values()):
        problems.append(f"it has {len(table):,} rows instead of {sum(PUMP_STATUS.values()):,}")
    counts = table["machine_status"].value_counts().to_dict()
    for status, expected in PUMP_STATUS.items():
        if counts.pop(status, 0) != expected:
            found = int((table["machine_status"] == status).sum())
            problems.append(f"{found:,} rows are {status} instead of {expected:,}")
    if counts:
        problems.append(f"machine_status holds unknown values: {', '.join(map(str, sorted(counts, key=str)))}")
    broken = pd.to_datetime(table.loc[table["machine_status"] == "BROKEN", "timestamp"], errors="coerce", format="ISO8601")
    broken = broken.dt.strftime("%Y-%m-%d %H:%M").fillna("no time")
    if tuple(broken) != PUMP_FAILURES:
        problems.append(f"the failures are at {', '.join(broken) or 'no time'} instead of {', '.join(PUMP_FAILURES)}")
    if table["sensor_15"].notna().any():
        problems.append("sensor_15 holds values, where the published file has none")
    return problems


def _nab_name(name):
    return one_of(str(name).removesuffix(".csv"), fetch_nab_names(), "NAB series")


def _skab(name, mirror):
    runs = fetch_skab_names()
    wanted = runs if name is None else [one_of(str(name).removesuffix(".csv"), [*runs, SKAB_NORMAL], "SKAB run")]
    files = fetch_files("skab", [f"{run}.csv" for run in wanted], mirror)
    tables = {}
    for run in wanted:
        table = pd.read_csv(files[f"{run}.csv"], sep=";", parse_dates=["datetime"])
        tables[run] = _time_index(table.rename(columns={"datetime": "time"}), "time")
    return tables


def _pump_whole():
    (file,) = fetch_files("pump").values()
    try:
        table = pd.read_csv(file, low_memory=False)
    except (OSError, ValueError) as error:  # pandas' own errors are ValueErrors
        raise FetchError(f"{file} is not the published file: it cannot be read as CSV, {error}") from error
    _refuse(file, check_pump(table))
    return table


def _pump_slices():
    files = fetch_files("pump_slices")
    return {
        "normal": pd.read_csv(files["train_sensor_data_slice.csv"]),
        # This slice marks the failure by 1, all else by 0.
        "before_failure": pd.read_csv(files["prediction_slice1_current.csv"]).replace(
            {"machine_status": {0.0: "NORMAL", 1.0: "BROKEN"}}
        ),
    }


def _pump_sensors(table):
    sensors = _time_index(table.rename(columns={"timestamp": "time"}), "time")[PUMP_SENSORS]
    return _describe(sensors, "pump", {}, "Pump with 52 sensors, one row a minute; units are not published")


def _pump_status(table):
    status = _time_index(table.rename(columns={"timestamp": "time"}), "time")["machine_status"]
    return _describe(status, "pump", {}, "State of the pump at each minute")


def _refuse(file, problems):
    if problems:
        raise FetchError(f"{file} is not the published file: {'; '.join(problems)}.")


def _time_index(table, column):
    table = table.set_index(column)
    table.index = pd.DatetimeIndex(table.index).as_unit("ns")
    return table


def _snake_case(name):
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in name).lstrip("_")


def _describe(table, name, units, description):
    published = SETS[name]
    table.attrs = {
        "units": dict(units),
        "source": published.source,
        "licence": published.licence,
        "description": description,
    }
    return table
