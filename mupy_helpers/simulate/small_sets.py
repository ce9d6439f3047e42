"""Simulate the small bundled sets: salaries, shipments, Kolkata's days and Denver's air.

Every function takes a seed, returns DataFrames, and gives the same values on every run.
What is measured, what is calibrated and what is invented is written down in data/README.md.
"""

import gzip
import io

import numpy as np
import pandas as pd
from scipy.signal import lfilter

from mupy_helpers.checks import checked_count, checked_path

SALARY_OUTLIERS = {16: 23, 65: 17}
"""Person (0 to 99) and the monthly salary in US dollars that stands in the table by mistake."""

LATE_FORTNIGHT = ("2015-06-15", "2015-06-26")
"""First and last day of the two working weeks in which every shipment is a little late."""

WARM_JANUARY_DAY = "2013-01-16"
"""The January day that reads 32 °C."""


def salaries():
    """Simulate the salaries of 100 people, two of them far too low.

    Returns
    -------
    table : DataFrame, shape (100, 1)
        Index ``person`` (0 to 99), column ``salary`` in US dollars a month.
    labels : Series, shape (100,)
        1 for the two outliers, else 0.

    References
    ----------
    The values are those of the walk-through by Sayak Paul, "Introduction to anomaly detection in Python" (2019):
    the legacy generator with seed 7.
    """
    salary = np.random.RandomState(7).randint(1000, 2500, size=100).astype("int64")
    is_anomaly = np.zeros(100, dtype="int64")
    for person, wrong in SALARY_OUTLIERS.items():
        salary[person] = wrong
        is_anomaly[person] = 1
    index = pd.RangeIndex(100, name="person")
    return (
        pd.DataFrame({"salary": salary}, index=index),
        pd.Series(is_anomaly, index=index, name="is_anomaly"),
    )


def shipments(seed=13):
    """Simulate 300 shipments, one a working day, of which ten in a row are each a little late.

    Parameters
    ----------
    seed : int
        Seed of the generator.

    Returns
    -------
    table : DataFrame, shape (300, 2)
        Index ``shipped`` (date), columns ``promised_days`` (whole days) and ``actual_days`` (days).
    labels : Series, shape (300,)
        1 for the ten shipments of the late fortnight, else 0.
    """
    rng = np.random.default_rng(checked_count(seed, "seed", at_least=0))
    shipped = pd.bdate_range("2014-09-01", periods=300, name="shipped").as_unit("ns")
    promised = rng.choice([2, 3, 4], size=300, p=[0.3, 0.5, 0.2]).astype("int64")
    # A triangle has no tails: no shipment, late or early, is an outlier by itself.
    late = rng.triangular(-2.0, -0.2, 1.8, size=300)
    in_run = (shipped >= LATE_FORTNIGHT[0]) & (shipped <= LATE_FORTNIGHT[1])
    late[in_run] = rng.uniform(0.6, 1.3, size=in_run.sum())
    table = pd.DataFrame({"promised_days": promised, "actual_days": np.round(promised + late, 1)}, index=shipped)
    return table, pd.Series(in_run.astype("int64"), index=shipped, name="is_anomaly")


# Mean of the day's temperature in Kolkata by month, °C, close to the climate normals of Alipore 1991-2020.
KOLKATA_NORMALS = (19.9, 23.7, 28.2, 30.6, 31.3, 30.9, 29.5, 29.3, 29.3, 27.9, 24.6, 20.7)
# How far single days stray from that mean, °C: little in the monsoon, most in winter and before the rains.
KOLKATA_SPREAD = (1.6, 1.9, 1.7, 1.5, 1.5, 1.5, 1.1, 0.9, 0.9, 1.1, 1.3, 1.4)


def kolkata(seed=7):
    """Simulate six years of daily mean temperature in Kolkata, with one January day that reads 32 °C.

    Parameters
    ----------
    seed : int
        Seed of the generator.

    Returns
    -------
    table : DataFrame, shape (2191, 1)
        Index ``date`` (2010-01-01 to 2015-12-31), column ``temperature`` in °C, to one decimal.
    labels : Series, shape (2191,)
        1 for the January day, else 0.
    """
    rng = np.random.default_rng(checked_count(seed, "seed", at_least=0))
    date = pd.date_range("2010-01-01", "2015-12-31", freq="D", name="date").as_unit("ns")
    middle_of_month = (np.arange(12) + 0.5) * 365.25 / 12
    day = np.asarray(date.day_of_year, dtype=float)
    mean = np.interp(day, middle_of_month, KOLKATA_NORMALS, period=365.25)
    spread = np.interp(day, middle_of_month, KOLKATA_SPREAD, period=365.25)
    # Weather of some days on top of a mood of some weeks: 0.9² + 0.44² is about 1.
    weather = 0.9 * _autoregressive(rng, len(date), 0.7) + 0.44 * _autoregressive(rng, len(date), 0.95)
    temperature = np.round(mean + spread * np.clip(weather, -2.6, 2.6), 1)
    is_anomaly = (date == WARM_JANUARY_DAY).astype("int64")
    temperature[is_anomaly == 1] = 32.0
    return (
        pd.DataFrame({"temperature": temperature}, index=date),
        pd.Series(is_anomaly, index=date, name="is_anomaly"),
    )


OZONE_UNITS = ("ozone_1", "ozone_2", "ozone_3")
PARTICLE_UNITS = ("particles_1", "particles_2", "particles_3")

# Published figures of the original recording (EPA CAIRSENSE, Denver) that the twin is calibrated to.
OZONE_TARGETS = {
    ("ozone_1", "ozone_2"): 0.59, ("ozone_1", "ozone_3"): 0.88, ("ozone_2", "ozone_3"): 0.67,
    ("ozone_1", "ozone_reference"): 0.83, ("ozone_2", "ozone_reference"): 0.71, ("ozone_3", "ozone_reference"): 0.92,
    ("ozone_1", "temperature"): 0.40, ("ozone_2", "temperature"): 0.52, ("ozone_3", "temperature"): 0.42,
    ("ozone_1", "humidity"): -0.48, ("ozone_2", "humidity"): -0.36, ("ozone_3", "humidity"): -0.48,
}  # fmt: skip
PARTICLE_TARGETS = {
    ("particles_1", "particles_2"): 0.08, ("particles_1", "particles_3"): 0.05, ("particles_2", "particles_3"): 0.84,
}  # fmt: skip
OZONE_MISSING = {"ozone_1": 0.064, "ozone_2": 0.167, "ozone_3": 0.075}

# Whole days without any row: the logger was off. Together they leave about 212,047 / 239,630 of the steps.
AIR_QUALITY_OUTAGES = (
    ("2015-10-12 09:20", "2015-10-16 14:10"),
    ("2015-11-25 17:40", "2015-11-30 10:00"),
    ("2015-12-23 21:10", "2016-01-02 08:30"),
)
PARTICLES_START, PARTICLES_END = "2015-11-03 12:00", "2016-02-22 08:40"


def air_quality(seed=7):
    """Simulate five and a half months of Denver's air as seen by a reference and six cheap sensors.

    A twin, at ten-minute steps, of the one-minute recording EPA CAIRSENSE Denver.
    Ozone is calibrated so that the correlations of ``OZONE_TARGETS`` and the missing rates hold; unit 1 of the
    particle sensors is broken. ``temperature`` holds °F, as the original does under a label that says °C.

    Parameters
    ----------
    seed : int
        Seed of the generator.

    Returns
    -------
    table : DataFrame
        Index ``time`` (ten-minute steps, rows absent in outages), columns ``ozone_1`` to ``ozone_3`` and
        ``ozone_reference`` (ppm), ``particles_1`` to ``particles_3`` (µg/m³), ``temperature`` (°F), ``humidity`` (%).

    References
    ----------
    Feinberg, S. et al. (2018), "Long-term evaluation of air sensor technology under ambient conditions in Denver,
    Colorado", Atmospheric Measurement Techniques 11, 4605-4615.
    """
    rng = np.random.default_rng(checked_count(seed, "seed", at_least=0))
    time = pd.date_range("2015-09-08 23:00", "2016-02-22 08:40", freq="10min", name="time").as_unit("ns")
    present = np.ones(len(time), dtype=bool)
    for start, end in AIR_QUALITY_OUTAGES:
        present &= ~((time >= start) & (time < end))

    temperature, humidity, sunshine, calm = _denver_weather(rng, time)
    reference = _denver_ozone(rng, time, temperature, humidity, sunshine)
    table = pd.DataFrame(
        {"ozone_reference": reference, "temperature": temperature, "humidity": humidity}, index=time
    )[present]
    table = table.round({"ozone_reference": 4, "temperature": 1, "humidity": 1})

    missing = {name: _missing_mask(rng, len(table), rate) for name, rate in OZONE_MISSING.items()}
    for name, values in _ozone_units(rng, table, missing).items():
        table[name] = values
    in_operation = (table.index >= PARTICLES_START) & (table.index <= PARTICLES_END)
    for name, values in _particle_units(rng, calm[present][in_operation]).items():
        values[_missing_mask(rng, len(values), 0.02)] = np.nan
        table[name] = np.nan
        table.loc[in_operation, name] = values
    return table[[*OZONE_UNITS, "ozone_reference", *PARTICLE_UNITS, "temperature", "humidity"]]


def _autoregressive(rng, n, memory):
    """Return a first-order autoregressive series of n values with mean 0 and standard deviation 1."""
    noise = rng.standard_normal(n)
    noise[1:] *= np.sqrt(1 - memory**2)
    return lfilter([1.0], [1.0, -memory], noise)


def _denver_weather(rng, time):
    """Return temperature (°F), relative humidity (%), sunshine (0 to 1) and calm (0 to 1 or so) at each time."""
    n = len(time)
    hour = np.asarray(time.hour + time.minute / 60, dtype=float)
    days = np.asarray((time - time[0]) / pd.Timedelta(days=1), dtype=float)
    # Daily means of Denver: about 70 °F at the start of the record, 32 °F at the turn of the year, 36 °F at its end.
    season = np.interp(days, [0, 22, 53, 84, 113, 144, 167], [72, 64, 50, 38, 31, 32, 36])
    fronts = 8.0 * _autoregressive(rng, n, np.exp(-1 / (6 * 24 * 2.5)))
    clouds = _autoregressive(rng, n, np.exp(-1 / (6 * 18)))
    clearness = 1 / (1 + np.exp(-1.2 - 1.1 * clouds))
    # Sunrise and sunset move from 06:35 and 18:25 at the start to 07:20 and 16:40 at the solstice.
    half_day = np.interp(days, [0, 104, 167], [6.3, 4.7, 5.4])
    sun = np.clip(np.cos(np.clip((hour - 12.0) / half_day, -1, 1) * np.pi / 2), 0, None)
    sunshine = sun * clearness
    # The ground answers the sun with a lag of some hours.
    warmth = lfilter([0.05], [1.0, -0.95], sunshine)
    temperature = season + fronts + 34.0 * (warmth - 0.22) + 0.5 * _autoregressive(rng, n, 0.8)
    moisture = _autoregressive(rng, n, np.exp(-1 / (6 * 30)))
    dew_point = 0.55 * season - 1.0 + 0.25 * fronts + 6.0 * moisture - 3.0 * clouds
    depression = 4.0 * np.logaddexp(0.0, (temperature - dew_point) / 4.0)
    humidity = 100 * _vapour_pressure(temperature - depression) / _vapour_pressure(temperature)
    wind = _autoregressive(rng, n, np.exp(-1 / (6 * 8)))
    calm = np.exp(-0.5 * wind - 1.2 * warmth)
    return temperature, humidity, sunshine, calm


def _vapour_pressure(fahrenheit):
    """Return the saturation vapour pressure of water in hPa (Magnus formula) at a temperature in °F."""
    celsius = (fahrenheit - 32) / 1.8
    return 6.112 * np.exp(17.62 * celsius / (243.12 + celsius))


def _denver_ozone(rng, time, temperature, humidity, sunshine):
    """Return ozone in ppm: made by sun and warmth, eaten by the city's exhaust on still winter nights."""
    made = lfilter([0.03], [1.0, -0.97], sunshine)
    season = np.interp(np.arange(len(time)) / len(time), [0, 0.35, 0.65, 1], [1.15, 0.85, 0.8, 1.1])
    mixing = _autoregressive(rng, len(time), np.exp(-1 / (6 * 14)))
    gusts = _autoregressive(rng, len(time), np.exp(-1 / 9))
    level = 0.016 + 0.040 * made * season + 0.00022 * (temperature - 45) - 0.00011 * (humidity - 50)
    # Softly bounded by zero: what is left at night is little, never negative, never stuck at one value.
    return 0.003 * np.logaddexp(0.0, (level + 0.0075 * mixing + 0.002 * gusts) / 0.003)


def _ozone_units(rng, table, missing):
    """Return the readings (ppm) of three cheap ozone units whose correlations are those of OZONE_TARGETS.

    Each unit is a weighted sum of what is common (reference, temperature, humidity) and of its own drift and noise.
    The weights are the rows of a Cholesky factor; missing values, clipping at zero and rounding move the
    correlations a little, so the aim is corrected by what was missed.
    """
    common = ["ozone_reference", "temperature", "humidity"]
    order = [*common, "ozone_3", "ozone_1", "ozone_2"]
    own = [_own_drift(rng, len(table)) for _ in OZONE_UNITS]
    basis = _uncorrelated([*(table[name].to_numpy() for name in common), *own])
    wanted = table[common].corr().reindex(index=order, columns=order)
    for name in OZONE_UNITS:
        wanted.loc[name, name] = 1.0
    _set_pairs(wanted, OZONE_TARGETS)
    aim = wanted.copy()
    level = {"ozone_1": (0.029, 0.0125), "ozone_2": (0.034, 0.0150), "ozone_3": (0.027, 0.0115)}
    for _ in range(4):
        weights = np.linalg.cholesky(aim.to_numpy())
        units = {}
        for row, name in zip(weights[3:], order[3:], strict=True):
            mean, spread = level[name]
            units[name] = np.round(np.clip(mean + spread * _weighted_sum(row, basis), 0.0, None), 3)
            units[name][missing[name]] = np.nan
        reached = pd.DataFrame({**{name: table[name].to_numpy() for name in common}, **units}).corr()
        _set_pairs(aim, {pair: aim.loc[pair] + wanted.loc[pair] - reached.loc[pair] for pair in OZONE_TARGETS})
    return units


def _particle_units(rng, calm):
    """Return the readings (µg/m³) of three particle units: 2 and 3 agree, 1 is broken and follows nothing."""
    n = len(calm)
    haze = np.exp(0.9 * _autoregressive(rng, n, np.exp(-1 / (6 * 20)))) * calm
    own_2 = np.exp(0.8 * _autoregressive(rng, n, np.exp(-1 / 30)))
    # The broken unit jumps between levels that have nothing to do with the air.
    jumps = np.where(rng.random(n) < 0.01, rng.normal(0.0, 1.0, size=n), np.nan)
    jumps[0] = 0.0
    broken = pd.Series(jumps).ffill().to_numpy() + 0.5 * rng.standard_normal(n)
    basis = _uncorrelated([np.log(haze + 1.0), np.log(own_2 + 1.0), broken])
    order = ["particles_3", "particles_2", "particles_1"]
    wanted = pd.DataFrame(np.eye(3), index=order, columns=order)
    _set_pairs(wanted, PARTICLE_TARGETS)
    level = {"particles_1": (21.0, 6.0), "particles_2": (8.2, 3.4), "particles_3": (7.4, 3.0)}
    units = {}
    for row, name in zip(np.linalg.cholesky(wanted.to_numpy()), order, strict=True):
        mean, spread = level[name]
        units[name] = np.round(np.clip(mean + spread * _weighted_sum(row, basis), 0.0, None), 1)
    return units


def _own_drift(rng, n):
    """Return what one unit adds of its own: slow drift over weeks, wander over hours, noise."""
    drift = _autoregressive(rng, n, np.exp(-1 / (6 * 24 * 6)))
    wander = _autoregressive(rng, n, np.exp(-1 / 36))
    return 0.6 * drift + 0.6 * wander + 0.35 * rng.standard_normal(n)


def _uncorrelated(series):
    """Return the series standardised, each with what the earlier ones explain taken out (Gram-Schmidt)."""
    basis = []
    for values in series:
        rest = values - values.mean()
        for earlier in basis:
            rest = rest - (rest * earlier).mean() * earlier
        basis.append(rest / rest.std())
    return basis


def _weighted_sum(weights, basis):
    """Return the sum of the basis series times their weights, without a matrix product (its order may vary)."""
    total = np.zeros(len(basis[0]))
    for weight, values in zip(weights, basis, strict=False):
        total += weight * values
    return total


def _set_pairs(matrix, pairs):
    """Write each value of {(row, column): value} into a symmetric matrix, in both halves."""
    for (row, column), value in pairs.items():
        matrix.loc[row, column] = value
        matrix.loc[column, row] = value


def _missing_mask(rng, n, rate):
    """Return which of n rows are missing: three quarters in blocks of hours to days, the rest one by one."""
    mask = np.zeros(n, dtype=bool)
    wanted = round(rate * n)
    while mask.sum() < 0.75 * wanted:
        length = min(int(np.ceil(rng.lognormal(3.5, 1.1))), wanted - int(mask.sum()))
        start = int(rng.integers(0, n - length))
        mask[start : start + length] = True
    single = rng.choice(np.flatnonzero(~mask), size=wanted - int(mask.sum()), replace=False)
    mask[single] = True
    return mask


# What each file holds: which part of the simulation (0 the table, 1 the labels) and the decimals of each column.
FILES = {
    "salaries.csv": (salaries, 0, {}),
    "salaries_labels.csv": (salaries, 1, {}),
    "shipments.csv": (shipments, 0, {"actual_days": 1}),
    "shipments_labels.csv": (shipments, 1, {}),
    "kolkata.csv": (kolkata, 0, {"temperature": 1}),
    "kolkata_labels.csv": (kolkata, 1, {}),
    "air_quality.csv.gz": (
        lambda: (air_quality(),),
        0,
        {
            **dict.fromkeys(OZONE_UNITS, 3),
            "ozone_reference": 4,
            **dict.fromkeys([*PARTICLE_UNITS, "temperature", "humidity"], 1),
        },
    ),
}


def write_small_sets(folder, names=None):
    """Simulate the small sets and write their files, the same bytes on every run.

    Parameters
    ----------
    folder : path
        Folder to write to; it is made when it does not exist.
    names : iterable of str, optional
        File names out of ``FILES``; all of them by default.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    ValueError
        When a name is not one of ``FILES``.
    """
    folder = checked_path(folder, "folder")
    try:
        names = list(FILES if names is None else names)
        unknown = [name for name in names if name not in FILES]
    except TypeError:
        raise ValueError(f"names must be a list of file names, not {names!r}") from None
    if unknown:
        raise ValueError(f"No small set is called {unknown[0]!r}; the files are: {', '.join(FILES)}.")
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in names:
        simulation, part, decimals = FILES[name]
        content = csv_bytes(simulation()[part], decimals)
        target = folder / name
        target.write_bytes(gzip_bytes(content) if name.endswith(".gz") else content)
        written.append(target)
    return written


def csv_bytes(table, decimals):
    """Return a table as CSV with fixed decimals, a bare line feed at each line's end, and nothing for a missing value.

    Parameters
    ----------
    table : DataFrame or Series
        Its index becomes the first column; times are written to the minute, whole days as dates.
    decimals : dict of str to int
        Digits after the point of each column of floats.

    Returns
    -------
    bytes
    """
    table = table.to_frame() if isinstance(table, pd.Series) else table.copy()
    if isinstance(table.index, pd.DatetimeIndex):
        whole_days = bool((table.index == table.index.normalize()).all())
        table.index = table.index.strftime("%Y-%m-%d" if whole_days else "%Y-%m-%d %H:%M")
    for column, digits in decimals.items():
        table[column] = [f"{value:.{digits}f}" if value == value else "" for value in table[column]]
    return table.to_csv(lineterminator="\n").encode("ascii")


def gzip_bytes(content):
    """Return content compressed by gzip with no file name and no time in it, so that the same bytes come every time."""
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=buffer, mtime=0) as stream:
        stream.write(content)
    return buffer.getvalue()
