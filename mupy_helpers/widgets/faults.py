"""Put a fault into a healthy series, and see which detector notices (lesson 03)."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from mupy_helpers import plots
from mupy_helpers.checks import checked_count, checked_number, checked_rows
from mupy_helpers.detectors import CUSUMChart, EWMAChart, detect_entire
from mupy_helpers.detectors.baselines import LastValue
from mupy_helpers.widgets.show import answer_html, show

KINDS = ("spike", "level shift", "drift", "frozen", "more noise")
SIZES = (0.0, 1.0, 2.0, 3.0, 4.0, 6.0)  # nothing at all shows who calls by luck
DAY = 48  # rows of half an hour
# Three weeks: ten days to fit on, ten healthy ones for the limits, two in which the fault may be.
N_FIT, N_HEALTHY, N_ROWS = 10 * DAY, 20 * DAY, 22 * DAY
FAULT = slice(N_HEALTHY + 12, N_HEALTHY + 36)  # twelve hours, a spike but its first row


def healthy_series(seed=7):
    """Simulate three healthy weeks of a temperature with a daily cycle, every half hour.

    Parameters
    ----------
    seed : int

    Returns
    -------
    Series of float, shape (1056,), °C; the noise has a standard deviation of one degree and remembers itself.
    """
    rng = np.random.default_rng(checked_count(seed, "seed", at_least=0))
    noise = rng.normal(0, 0.8, size=N_ROWS)  # 0.8 and 0.6 make a standard deviation of 1
    for row in range(1, N_ROWS):
        noise[row] += 0.6 * noise[row - 1]
    index = pd.date_range("2015-10-01", periods=N_ROWS, freq="30min", name="time")
    return pd.Series(20 + 3 * np.sin(2 * np.pi * np.arange(N_ROWS) / DAY) + noise, index=index, name="temperature")


def inject(series, kind, size, rows=FAULT, seed=0):
    """Put a fault into a copy of a series.

    Parameters
    ----------
    series : Series of float
    kind : {"spike", "level shift", "drift", "frozen", "more noise"}
        One row off; all rows off; a ramp from nothing to the full size; standing still, where the size means nothing;
        random ups and downs besides.
    size : float
        In units of the series, such as °C.
    rows : slice
        The rows of the fault, by position.
    seed : int
        Of the random ups and downs.

    Returns
    -------
    Series of float
    """
    if not isinstance(series, pd.Series):
        raise TypeError(f"series must be a pandas Series, not {type(series).__name__}")
    checked_rows(series, "series")
    size = checked_number(size, "size")
    values, seed = series.to_numpy(dtype=float, copy=True), checked_count(seed, "seed", at_least=0)
    try:
        here = np.arange(len(series))[rows]
    except (IndexError, TypeError, ValueError):
        here = np.array([])
    if here.ndim != 1 or len(here) == 0:
        raise ValueError(f"rows ({rows}) hold no row of the series: it has {len(series)}")
    if kind == "spike":
        values[here[0]] += size
    elif kind == "level shift":
        values[here] += size
    elif kind == "drift":
        values[here] += np.linspace(0, size, len(here))
    elif kind == "frozen":
        values[here] = values[here[0]]
    elif kind == "more noise":
        values[here] += np.random.default_rng(seed).normal(0, 1, len(here)) * size
    else:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {kind!r}")
    return pd.Series(values, index=series.index, name=series.name)


def _residual(series):
    """What is left when the usual value of the time of day, in the rows to fit on, is taken away."""
    clock = np.arange(len(series)) % DAY
    usual = series[:N_FIT].groupby(clock[:N_FIT]).median().to_numpy()
    return series - usual[clock]


def _off_mean(series):
    return (series - series[:N_FIT].mean()).abs() / series[:N_FIT].std()


def _spread(series):
    """How unusual the spread of the steps of the last six hours is, upwards or downwards."""
    spread = np.log(series.diff().rolling(12).std().bfill().clip(lower=0.05))
    return (spread - spread[:N_FIT].median()).abs()


DETECTORS = {
    "z-score": _off_mean,
    "z-score of the residual": lambda series: _off_mean(_residual(series)),
    "last value": lambda series: detect_entire(LastValue(), series, N_FIT),
    "EWMA of the residual": lambda series: detect_entire(EWMAChart(0.2), _residual(series), N_FIT),
    "CUSUM of the residual": lambda series: detect_entire(CUSUMChart(1.0), _residual(series), N_FIT),
    "spread of six hours": _spread,
}


def alarms_of(series, detectors=None):
    """Return the alarms of each detector: scores above the largest of ten healthy days that it was not fitted on.

    Parameters
    ----------
    series : Series of float, shape (1056,)
        From `healthy_series`, with or without a fault in its last two days.
    detectors : dict of str to callable, optional
        Each takes the series and returns one score per row, higher = more anomalous, and fits on the first 480 rows
        alone; those of lesson 03 by default.

    Returns
    -------
    DataFrame of bool: the rows of the last two days, one column per detector
    """
    if not isinstance(series, pd.Series) or len(series) != N_ROWS:
        raise ValueError(f"series must be a pandas Series of {N_ROWS} rows: use healthy_series(), with or without a fault")
    checked_rows(series, "series")
    if detectors is not None and not (isinstance(detectors, dict) and all(map(callable, detectors.values()))):
        raise TypeError("detectors must be a dict of functions by name, each of a series")
    alarms = {}
    for name, detector in (DETECTORS if detectors is None else detectors).items():
        try:
            scores = np.asarray(detector(series), dtype=float)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{name} must return one finite score for each row, and fails: {error}") from error
        if scores.shape != (len(series),) or not np.isfinite(scores).all():
            raise ValueError(f"{name} must return one finite score for each of the {len(series)} rows")
        alarms[name] = scores[N_HEALTHY:] > scores[N_FIT:N_HEALTHY].max()
    return pd.DataFrame(alarms, index=series.index[N_HEALTHY:])


def answers(kinds=KINDS, sizes=SIZES, detectors=None, n_series=10):
    """Ask each detector about each fault of each size.

    Parameters
    ----------
    kinds : sequence of str
    sizes : sequence of float
        °C; the noise of the series has a standard deviation of 1.
    detectors : dict of str to callable, optional
        As in `alarms_of`.
    n_series : int
        In so many series, each with noise of its own.

    Returns
    -------
    DataFrame, one row per kind, size and detector
        found: in how many of the series an alarm was up within the fault; hours: from the fault's first row to the
        first such alarm, median over those.
    """
    for name, given in (("kinds", kinds), ("sizes", sizes)):
        if isinstance(given, (str, bytes)) or not hasattr(given, "__len__"):
            raise TypeError(f"{name} must be a list, not {given!r}")
    rows, n_series = [], checked_count(n_series, "n_series", at_most=10_000)
    fault = slice(FAULT.start - N_HEALTHY, FAULT.stop - N_HEALTHY)
    for kind in kinds:
        for size in sizes[-1:] if kind == "frozen" else sizes:  # a frozen sensor has no size
            first = {}
            for seed in range(n_series):
                inside = alarms_of(inject(healthy_series(seed), kind, size, seed=seed), detectors).iloc[fault]
                for name in inside:
                    hours = inside[name].to_numpy().argmax() / 2 if inside[name].any() else np.nan
                    first.setdefault(name, []).append(hours)
            rows += [{"kind": kind, "size": size, "detector": name, "found": int(np.isfinite(hours).sum()),
                      "hours": np.nanmedian(hours) if np.isfinite(hours).any() else np.nan}
                     for name, hours in first.items()]
    return pd.DataFrame(rows)


def fault_injector(detectors=None):
    """Show a fault to choose and to size, with every detector's answer; without a kernel, all answers side by side.

    Parameters
    ----------
    detectors : dict of str to callable, optional
        As in `alarms_of`.
    """
    import ipywidgets

    # Sliders both: in JupyterLab the arrow keys of a list would move to another cell.
    kind = ipywidgets.SelectionSlider(options=KINDS, value="level shift", description="fault", continuous_update=False,
                                      layout={"width": "26em"})
    size = ipywidgets.SelectionSlider(options=[(f"{size:g} °C", size) for size in SIZES], value=2.0,
                                      description="size", continuous_update=False, layout={"width": "26em"})

    def answer(kind, size):
        series = inject(healthy_series(), kind, size)
        alarms = alarms_of(series, detectors)
        return answer_html(in_words(alarms, kind, size), draw_answer(series, alarms, kind, size))

    show([kind, size], answer, draw_answers(answers(detectors=detectors)))


def in_words(alarms, kind, size):
    """Say in a sentence who noticed.

    Parameters
    ----------
    alarms : DataFrame
        From `alarms_of`.
    kind : str
    size : float

    Returns
    -------
    str
    """
    inside = alarms.iloc[FAULT.start - N_HEALTHY:FAULT.stop - N_HEALTHY]
    said = [f"{name} after {inside[name].to_numpy().argmax() / 2:g} h" for name in inside if inside[name].any()]
    what = "A frozen sensor" if kind == "frozen" else f"Fault: {kind}, {size:g} °C"
    return f"{what}. " + (f"Noticed by {', '.join(said)}." if said else "Nobody notices.")


def draw_answer(series, alarms, kind, size):
    """Draw the last three days of a series, and the alarms of each detector below it.

    Parameters
    ----------
    series : Series of float
    alarms : DataFrame of bool
    kind : str
    size : float

    Returns
    -------
    Figure
    """
    figure, (top, below) = plt.subplots(nrows=2, sharex=True, figsize=(10, 4.6), height_ratios=[3, 2])
    shown = series[N_HEALTHY - DAY:]
    top.plot(shown, color=plots.COLOURS["normal"], linestyle="-")
    for ax in (top, below):
        ax.axvspan(*series.index[[FAULT.start, FAULT.stop - 1]], color=plots.COLOURS["fault"], alpha=0.22)
    for place, name in enumerate(alarms):
        up = alarms.index[alarms[name]]
        below.plot(up, [place] * len(up), "|", color=plots.COLOURS["anomaly"], markersize=12, markeredgewidth=2)
    below.set_yticks(range(len(alarms.columns)), alarms.columns)
    below.set_ylim(len(alarms.columns) - 0.4, -0.6)
    top.set(title="A frozen sensor" if kind == "frozen" else f"{kind.capitalize()}, {size:g} °C",
            ylabel="temperature (°C)")
    below.set_xlabel("shaded: the fault; marks: alarms in the last two days", loc="left")
    plots.describe(figure, "Three days of temperature with a fault on the second, the alarms of each detector below. "
                           f"{in_words(alarms, kind, size)}")
    return figure


def draw_answers(table):
    """Draw what every detector says to every fault, one panel for each kind.

    Parameters
    ----------
    table : DataFrame
        From `answers`.

    Returns
    -------
    Figure
    """
    kinds, names = list(dict.fromkeys(table["kind"])), list(dict.fromkeys(table["detector"]))
    widths = [1 + table.loc[table["kind"] == kind, "size"].nunique() for kind in kinds]
    figure, axes = plt.subplots(ncols=len(kinds), sharey=True, figsize=(11.5, 3.4), squeeze=False, width_ratios=widths)
    figure.suptitle("Each detector has its blind spot", weight="bold", x=0, ha="left")
    most = max(table["found"].max(), 1)
    for ax, kind in zip(axes[0], kinds):
        part = table[table["kind"] == kind]
        sizes = {size: place for place, size in enumerate(dict.fromkeys(part["size"]))}
        for row in part.itertuples():
            x, y = sizes[row.size], names.index(row.detector)
            ax.plot(x, y, "o", markersize=11, color=plots.COLOURS["missing"], fillstyle="none", markeredgewidth=0.8)
            if row.found:
                ax.plot(x, y, "o", markersize=11 * np.sqrt(row.found / most), color=plots.COLOURS["anomaly"])
        ax.set_title(kind, fontsize=12.5)
        ax.set_xticks(list(sizes.values()), [f"{size:g}" for size in sizes] if len(sizes) > 1 else [""], fontsize=11)
        ax.set_xlim(-0.6, len(sizes) - 0.4)
        ax.set_xlabel("size (°C)" if len(sizes) > 1 else "any size")
    axes[0][0].set_yticks(range(len(names)), names)
    axes[0][0].set_ylim(len(names) - 0.5, -0.5)
    blind = {name: [kind for kind in kinds if (lambda part: part.iloc[-1] * 2 < most)(
        table[(table["kind"] == kind) & (table["detector"] == name)].sort_values("size")["found"])] for name in names}
    plots.describe(figure, "Filled dots where a detector noticed a fault, larger the more often; one panel per kind of fault. "
                   + " ".join(f"{name} mostly misses {', '.join(some)} at the largest size." if some
                              else f"{name} notices each kind at the largest size." for name, some in blind.items()))
    return figure
