"""The course's figures: one style, colours with a meaning, an alt text on every figure."""

import contextlib
import functools
from io import BytesIO
from numbers import Integral

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase
from matplotlib.mathtext import MathTextParser

from mupy_helpers.checks import LARGEST, check_same_zone, checked_count, checked_length, checked_number, checked_switch
from mupy_helpers.metrics import checked_spans, inside

# Okabe-Ito colours, which colour-blind readers can tell apart. Each has one meaning in the whole course.
COLOURS = {
    "normal": "#0072B2",
    "anomaly": "#D55E00",
    "threshold": "#000000",
    "score": "#CC79A7",
    "healthy": "#009E73",
    "fault": "#E69F00",
    "second": "#56B4E9",
    "missing": "#999999",
}

YEARS = 100, 9900  # matplotlib's times lie between the years 1 and 9999, and an axis has margins

STYLE = {
    "figure.figsize": (10, 3.6),
    "figure.dpi": 80,
    "figure.constrained_layout.use": True,
    "font.size": 13,
    "axes.titlesize": 14,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 13,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": mpl.cycler(
        color=["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"],
        linestyle=["-", "--", "-.", ":", "-", "--", "-."],
    ),
    "date.converter": "concise",
    "legend.edgecolor": "none",
    "legend.framealpha": 0.85,
    "legend.fontsize": 12,
    "lines.linewidth": 1.4,
}


def use_style():
    """Switch on the course's figure style, and alt texts for figures shown in a notebook.

    This is the only function of the package that changes matplotlib's settings.
    """
    import matplotlib.pyplot as plt

    mpl.rcParams.update(STYLE)
    try:
        from IPython import get_ipython
    except ImportError:
        return
    shell = get_ipython()
    if shell is not None and hasattr(shell, "kernel"):
        if not plt.get_fignums():
            # The inline backend registers its own formatter when it is loaded: ours must come after.
            plt.switch_backend(plt.get_backend())
        shell.display_formatter.formatters["image/png"].for_type(Figure, _png_with_alt)


def _png_with_alt(figure):
    """Render a figure for the notebook: PNG bytes, and the metadata that carries its alt text."""
    buffer = BytesIO()
    figure.savefig(buffer, format="png", bbox_inches="tight", facecolor="white", metadata={"Software": None})
    return buffer.getvalue(), {"alt": alt_text(figure)}


def describe(figure_or_axes, text):
    """Give a figure the alt text that a reader who cannot see it will hear.

    It replaces the texts that the functions of this module have put together for the figure's parts.

    Parameters
    ----------
    figure_or_axes : matplotlib Figure or Axes
    text : str
        What the figure shows, in one or two sentences.

    Returns
    -------
    The object that was given.
    """
    figure_of(figure_or_axes)._mupy_alt = _one_line(text)
    return figure_or_axes


def figure_of(figure_or_axes):
    """Return the top-level Figure of a Figure, SubFigure or Axes.

    Parameters
    ----------
    figure_or_axes : matplotlib Figure, SubFigure or Axes

    Returns
    -------
    Figure
    """
    if not isinstance(figure_or_axes, (FigureBase, Axes)):
        raise TypeError(f"expected a matplotlib Figure or Axes, not {type(figure_or_axes).__name__}: "
                        "of an array of Axes give one, such as axes[0]")
    figure = figure_or_axes
    while not isinstance(figure, Figure):
        figure = figure.figure
    return figure


def alt_text(figure):
    """Return the figure's alt text; one put together from titles and axis labels where none was written.

    Parameters
    ----------
    figure : matplotlib Figure

    Returns
    -------
    str
    """
    figure = figure_of(figure)
    written = getattr(figure, "_mupy_alt", "")
    if written:
        return written
    drawn = [getattr(ax, "_mupy_alts", []) for ax in figure.axes]
    if any(drawn):
        return " ".join(text for texts in drawn for text in texts)
    parts = []
    for ax in figure.axes:
        title = ax.get_title("left") or ax.get_title()
        labels = [label for label in (ax.get_ylabel(), ax.get_xlabel()) if label]
        parts.append(": ".join(part for part in (title, " against ".join(labels)) if part))
    return "Figure. " + "; ".join(part for part in parts if part)


def _one_line(text):
    if not isinstance(text, str) or not text.strip():
        raise ValueError("the alt text is empty: say in a sentence what the figure shows")
    return " ".join(text.split())


def _whole(draw):
    """Let a function draw everything or nothing: where it fails, no figure stays open and no half of a plot stays."""
    @functools.wraps(draw)
    def drawn(*args, **kwargs):
        import matplotlib.pyplot as plt

        axes = [ax for ax in np.ravel(np.array([kwargs.get("ax"), *np.ravel(kwargs.get("axes"))], dtype=object))
                if isinstance(ax, Axes)]
        opened, there = set(plt.get_fignums()), [(ax, set(ax.get_children())) for ax in axes]
        try:
            return draw(*args, **kwargs)
        except Exception:
            for number in set(plt.get_fignums()) - opened:
                plt.close(number)
            for ax, before in there:
                for artist in set(ax.get_children()) - before:
                    artist.remove()
            raise
    return drawn


@contextlib.contextmanager
def _drawing():
    """Say in our words that matplotlib refuses an option that was handed on to it."""
    try:
        yield
    except (AttributeError, TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"matplotlib cannot draw this: {error}") from error


def _check_texts(**texts):
    for name, text in texts.items():
        if name != "alt" and text is not None and not isinstance(text, str):
            raise TypeError(f"{name} must be text, not {type(text).__name__}")
        if name != "alt" and text and text.count("$") > 1:
            try:
                MathTextParser("path").parse(text)
            except ValueError as error:
                raise ValueError(f"{name} has a formula between dollar signs that matplotlib cannot set: write \\$ for "
                                 "the sign itself") from error
    if texts.get("alt") is not None:
        _one_line(texts["alt"])


def _axes(ax, **kwargs):
    import matplotlib.pyplot as plt

    if ax is None:
        return plt.subplots(**kwargs)[1]
    if not isinstance(ax, Axes):
        raise TypeError(f"ax must be one matplotlib Axes, not {type(ax).__name__}")
    return ax


def _panels(axes, count, **kwargs):
    if axes is None:
        return _axes(None, nrows=count, sharex=True, **kwargs)
    axes = np.asarray(axes, dtype=object).ravel()
    if len(axes) != count:
        raise ValueError(f"axes holds {len(axes)} Axes where {count} are drawn: use plt.subplots(nrows={count})")
    return np.array([_axes(ax) for ax in axes], dtype=object)


def _checked(series, name="series"):
    if not isinstance(series, pd.Series):
        raise TypeError(f"{name} must be a pandas Series with a time index, not {type(series).__name__}")
    if not isinstance(series.index, pd.DatetimeIndex):
        raise TypeError(f"{name} needs a DatetimeIndex: use df.index = pd.to_datetime(...) first")
    if not pd.api.types.is_numeric_dtype(series) or pd.api.types.is_complex_dtype(series):
        raise TypeError(f"{name} holds {series.dtype}, not numbers: use pd.to_numeric(..., errors='coerce') first")
    if series.index.hasnans:
        raise ValueError(f"{name} has rows without a time stamp: drop them first")
    if not series.index.is_monotonic_increasing:
        raise ValueError(f"{name} is not in time order: use .sort_index() first")
    if len(series) < 2:
        raise ValueError(f"{name} has {len(series)} rows: a line needs two")
    if not YEARS[0] < series.index[0].year <= series.index[-1].year < YEARS[1]:
        raise ValueError(f"{name} runs from {series.index[0]} to {series.index[-1]}: matplotlib draws no times that far away")
    series = series.astype(float)
    if series.isna().all():
        raise ValueError(f"{name} holds nothing but missing values")
    if np.isinf(series).any():
        raise ValueError(f"{name} holds infinite values: replace them first, such as by NaN")
    return series


def _note(ax, title, alt, default):
    """Keep what was drawn in one Axes; what an author wrote replaces what we put together from the data."""
    if alt is not None:
        ax._mupy_alts, ax._mupy_written = [_one_line(alt)], True
    elif not getattr(ax, "_mupy_written", False):
        finding = title if not title or title.endswith((".", "?", "!")) else title + "."
        ax._mupy_alts = [*getattr(ax, "_mupy_alts", []), _one_line(f"{finding} {default}")]


def _labelled(ax, title, ylabel, alt, default):
    if title:
        ax.set_title(title)
    if ylabel:
        ax.set_ylabel(ylabel)
    _note(ax, title, alt, default)
    return ax


def gaps(index, longest=None):
    """Find the stretches in which no row was recorded.

    Parameters
    ----------
    index : DatetimeIndex, in time order
    longest : timedelta-like, optional
        Steps longer than this are gaps. Default: five times the median step.

    Returns
    -------
    DataFrame with the columns start and end: the last row before and the first row after each gap.
    """
    if not isinstance(index, pd.DatetimeIndex) or not index.is_monotonic_increasing:
        raise ValueError("gaps are looked for in a DatetimeIndex in time order: use .sort_index() first")
    steps = index.to_series().diff()
    # Duplicate stamps have steps of zero; where they abound, the usual step is still not zero.
    longest = 5 * steps[steps > pd.Timedelta(0)].median() if longest is None else checked_length(longest, "longest", zero=True)
    after = index[steps > longest]
    before = index[np.flatnonzero(steps > longest) - 1]
    return pd.DataFrame({"start": before, "end": after})


def with_gaps_open(series, longest=None):
    """Insert a NaN into each gap, so that a line drawn through the series breaks there.

    Parameters
    ----------
    series : Series with a time index
    longest : timedelta-like, optional
        As in `gaps`.

    Returns
    -------
    Series of float, the given rows and one NaN per gap.
    """
    series = _checked(series)
    holes = gaps(series.index, longest)
    if holes.empty:
        return series
    middles = pd.DatetimeIndex(holes["start"] + (holes["end"] - holes["start"]) / 2)
    # A stable sort, or rows that share a time stamp could change places.
    return pd.concat([series, pd.Series(np.nan, index=middles, name=series.name)]).sort_index(kind="stable")


@_whole
def plot_series(series, *, ax=None, title="", ylabel="", alt=None, gap=None, show_gaps=True, **line):
    """Draw a time series; where rows are missing the line is left open and the gap shaded.

    Parameters
    ----------
    series : Series with a time index
    ax : Axes, optional
    title, ylabel : str
        The finding; the quantity with its unit.
    alt : str, optional
        Alt text of these Axes. Default: title, range and number of wide gaps.
    gap : timedelta-like, optional
        Steps longer than this are gaps. Default: five times the median step.
    show_gaps : bool
        Shade gaps of more than 1 % of the width.
    **line
        Passed to `Axes.plot`.

    Returns
    -------
    Axes
    """
    series = _checked(series)
    _check_texts(title=title, ylabel=ylabel, alt=alt)
    gap, show_gaps = None if gap is None else checked_length(gap, "gap", zero=True), checked_switch(show_gaps, "show_gaps")
    ax = _axes(ax)
    wide = _draw(series, ax, gap, show_gaps, **line)
    quantity = line.get("label") or ylabel or series.name or "the series"
    text = (f"Line chart of {quantity} from {series.index[0]:%d %b %Y} to {series.index[-1]:%d %b %Y}, "
            f"between {series.min():.4g} and {series.max():.4g}.")
    if wide:
        text += f" {wide} wide gap{'s' if wide > 1 else ''} in the recording left open."
    return _labelled(ax, title, ylabel, alt, text)


def _draw(series, ax, gap=None, show_gaps=True, **line):
    """Draw a checked series with its gaps open; return how many gaps are wider than 1 % of the whole."""
    open_series = with_gaps_open(series, gap)
    with _drawing():
        ax.plot(open_series.index, open_series.to_numpy(), **{"color": COLOURS["normal"], "linestyle": "-", **line})
    holes = gaps(series.index, gap)
    wide = holes[(holes["end"] - holes["start"]) > 0.01 * (series.index[-1] - series.index[0])]
    shaded = ax.__dict__.setdefault("_mupy_shaded", set())  # two series of one recording share their gaps
    for hole in wide.itertuples(index=False) if show_gaps else []:
        if hole not in shaded:
            ax.axvspan(hole.start, hole.end, facecolor="none", edgecolor=COLOURS["missing"], hatch="//",
                       linewidth=0, label=None if shaded else "no data")
            shaded.add(hole)
    ax.margins(x=0.01)
    return len(wide)


def shade_events(ax, events, *, kind="fault", label=None):
    """Shade the spans of events on a time axis.

    Parameters
    ----------
    ax : Axes
    events : DataFrame with the columns start and end
    kind : {"fault", "healthy", "anomaly"}
        Which meaning of colour.
    label : str, optional
        Name in the legend.

    Returns
    -------
    Axes
    """
    if not isinstance(kind, str) or kind not in ("fault", "healthy", "anomaly"):
        raise ValueError(f"kind must be 'fault', 'healthy' or 'anomaly', not {kind!r}")
    if not isinstance(ax, Axes):
        raise TypeError(f"ax must be one matplotlib Axes, not {type(ax).__name__}")
    _check_texts(label=label)
    events = checked_spans(events, "events")
    years = [each.year for each in (*events["start"], *events["end"])]
    if years and not YEARS[0] < min(years) <= max(years) < YEARS[1]:
        raise ValueError("events has times that are too far away: matplotlib draws none of them")
    for number, event in enumerate(events.itertuples()):
        ax.axvspan(event.start, event.end, color=COLOURS[kind], alpha=0.22, linewidth=0,
                   label=(label or kind) if number == 0 else None)
    return ax


def _within(events, index):
    """The parts of events inside what is drawn; else their shade would stretch the axis beyond the data."""
    check_same_zone(index, [*events["start"], *events["end"]], ("series", "events"))
    events = events[(events["end"] >= index[0]) & (events["start"] <= index[-1])]
    return events.assign(start=events["start"].clip(lower=index[0]), end=events["end"].clip(upper=index[-1]))


@_whole
def plot_scores(series, scores, threshold=None, *, events=None, event_label="true event", axes=None, title="",
                ylabel="", alt=None):
    """Draw a series above its anomaly scores, with the threshold and the rows that pass it.

    Parameters
    ----------
    series, scores : Series with the same time index
        Higher scores are more anomalous.
    threshold : float, optional
    events : DataFrame with the columns start and end, optional
        True events, shaded in both panels as far as the series goes.
    event_label : str
        What the shaded spans are, for the legend.
    axes : pair of Axes, optional
    title, ylabel, alt : str
        As in `plot_series`.

    Returns
    -------
    array of two Axes
    """
    series, scores = _checked(series), _checked(scores, "scores")
    if not series.index.equals(scores.index):
        raise ValueError("series and scores have different time stamps: give one score for each row")
    threshold = None if threshold is None else checked_number(threshold, "threshold")
    _check_texts(title=title, ylabel=ylabel, alt=alt, event_label=event_label)
    if events is not None:
        events = _within(checked_spans(events, "events"), series.index)
    axes = _panels(axes, 2, figsize=(10, 5.2), height_ratios=[3, 2])
    top, bottom = axes
    _draw(series, top)
    _draw(scores, bottom, color=COLOURS["score"])
    bottom.set_ylabel("score")
    text = f"Two panels: {ylabel or series.name or 'the series'} above, its anomaly score below."
    if threshold is not None:
        bottom.axhline(threshold, color=COLOURS["threshold"], linestyle="--", label="threshold")
        above = scores > threshold
        top.plot(series.index[above], series[above], linestyle="", marker="o", markersize=4,
                 color=COLOURS["anomaly"], label="above threshold")
        text += f" {int(above.sum())} of {len(scores)} rows pass the threshold of {threshold:.3g}."
    if events is not None:
        shade_events(top, events, label=event_label)
        shade_events(bottom, events, label=event_label)
        text += f" {len(events)} span{'s are' if len(events) != 1 else ' is'} shaded: {event_label}."
    named = {label: handle for ax in (bottom, top) for handle, label in zip(*ax.get_legend_handles_labels())}
    if named:  # one legend for both panels, beside them: inside it would cover the series
        top.legend(named.values(), named.keys(), loc="upper left", bbox_to_anchor=(1.0, 1.0))
    _labelled(top, title, ylabel, alt, text)
    return axes


@_whole
def plot_fences(values, fences, *, ax=None, bins=30, title="", xlabel="", alt=None):
    """Draw a distribution with its fences; the values beyond them are marked as anomalies.

    Parameters
    ----------
    values : array-like, shape (n,)
    fences : pair of float
        Lower and upper fence, such as Tukey's quartiles ∓ 1.5 interquartile ranges (Tukey 1977).
    ax, bins, title, xlabel, alt
        As usual.

    Returns
    -------
    Axes
    """
    try:
        if np.iscomplexobj(values):
            raise TypeError
        values = np.asarray(values, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise TypeError("values must be numbers, one column of them") from None
    if values.ndim != 1 or len(values) == 0:
        raise ValueError(f"values must be one column with at least one value, not of shape {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError("values contain NaN or infinite values: drop them first, with .dropna()")
    try:
        low, high = (float(fence) for fence in fences)
    except (TypeError, ValueError, OverflowError):
        low = high = np.nan
    if np.isnan([low, high]).any():
        raise ValueError(f"fences must be two numbers, the lower and the upper, not {fences!r}")
    if low > high:
        raise ValueError(f"the lower fence {low:g} is above the upper fence {high:g}")
    _check_texts(title=title, xlabel=xlabel, alt=alt)
    bins = checked_count(bins, "bins", at_most=10_000) if isinstance(bins, Integral) else bins
    ax = _axes(ax)
    outside = (values < low) | (values > high)
    with _drawing():
        ax.hist(values, bins=bins, color=COLOURS["normal"], alpha=0.75, label="values")
    for fence in (low, high):
        ax.axvline(fence, color=COLOURS["threshold"], linestyle="--", label="fences" if fence == low else None)
    ax.plot(values[outside], np.zeros(outside.sum()), linestyle="", marker="X", markersize=11, clip_on=False,
            zorder=5, color=COLOURS["anomaly"], label="outside")
    ax.set_xlabel(xlabel)
    ax.legend()
    text = (f"Histogram of {len(values)} values of {xlabel or 'the data'} with fences at {low:.4g} and {high:.4g}; "
            f"{int(outside.sum())} lie outside.")
    return _labelled(ax, title, "count", alt, text)


@_whole
def plot_day_profile(series, *, exclude=None, ax=None, title="", ylabel="", alt=None, label="", **line):
    """Draw the usual day: the median by hour, with the band that holds the middle 80 %.

    Parameters
    ----------
    series : Series with a time index
    exclude : DataFrame with the columns start and end, optional
        Spans left out, such as known faults.
    ax, title, ylabel, alt, label
        As usual; `label` names the line in the legend.
    **line
        Passed to `Axes.plot`.

    Returns
    -------
    Axes
    """
    series = _checked(series)
    _check_texts(title=title, ylabel=ylabel, alt=alt, label=label)
    if exclude is not None:
        exclude = checked_spans(exclude, "exclude")
        check_same_zone(series.index, [*exclude["start"], *exclude["end"]], ("series", "exclude"))
        series = series[~inside(series.index, exclude)]
    if series.dropna().empty:
        raise ValueError("no rows are left for the day profile: the excluded spans cover the whole series")
    by_hour = series.groupby(series.index.hour)
    median, low, high = by_hour.median(), by_hour.quantile(0.1), by_hour.quantile(0.9)
    ax = _axes(ax)
    with _drawing():
        drawn, = ax.plot(median.index, median, **{"color": COLOURS["normal"], "linestyle": "-", "label": label, **line})
    ax.fill_between(median.index, low, high, color=drawn.get_color(), alpha=0.2, linewidth=0)
    ax.set(xlabel="hour of the day", xticks=range(0, 24, 3))
    quantity = f"{ylabel or series.name or 'value'}{f' ({label})' if label else ''}"
    text = (f"Median {quantity} by hour of the day with a band for the middle 80 %: "
            f"lowest near {median.idxmin()} h at {median.min():.3g}, "
            f"highest near {median.idxmax()} h at {median.max():.3g}.")
    return _labelled(ax, title, ylabel, alt, text)


@_whole
def plot_correlation(correlation, *, ax=None, title="", alt=None):
    """Draw a correlation matrix, each cell with its number.

    Parameters
    ----------
    correlation : DataFrame, square, values in -1 to 1
    ax, title, alt
        As usual.

    Returns
    -------
    Axes
    """
    import seaborn as sns

    if not isinstance(correlation, pd.DataFrame) or list(correlation.index) != list(correlation.columns):
        raise ValueError("not a correlation matrix: rows and columns differ; use df.corr()")
    if len(correlation) < 2:
        raise ValueError("a correlation needs at least two columns")
    if not all(pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_complex_dtype(kind)
               for kind in correlation.dtypes):
        raise ValueError("not a correlation matrix: it must hold numbers; use df.corr()")
    correlation = correlation.astype(float)
    _check_texts(title=title, alt=alt)
    if not (correlation.isna() | (correlation.abs() <= 1 + 1e-9)).to_numpy().all():
        raise ValueError("not a correlation matrix: values must lie between -1 and 1; use df.corr()")
    values = correlation.where(~np.eye(len(correlation), dtype=bool))
    if values.isna().all(axis=None):
        raise ValueError("no correlation is known: none of the columns varies together with another one")
    size = 1.8 + 0.75 * len(correlation)
    ax = _axes(ax, figsize=(size + 1.5, size))
    sns.heatmap(correlation, ax=ax, vmin=-1, vmax=1, cmap="RdBu_r", annot=True, fmt=".2f", square=True,
                linewidths=0.5, annot_kws={"size": 11}, cbar_kws={"label": "Pearson r"})
    text = (f"Correlation matrix of {', '.join(map(str, correlation.columns))}: "
            f"from {values.min().min():.2f} to {values.max().max():.2f} off the diagonal.")
    return _labelled(ax, title, "", alt, text)


@_whole
def plot_decomposition(result, *, axes=None, title="", alt=None):
    """Draw a decomposition into trend, season and remainder, one panel each, all on scales of the same length.

    Parameters
    ----------
    result : statsmodels DecomposeResult
        From `STL(...).fit()` or `seasonal_decompose(...)`, on a series with a time index.
    axes : four Axes, optional
    title, alt : str
        As usual.

    Returns
    -------
    array of four Axes
    """
    if not all(hasattr(result, name) for name in ("observed", "trend", "seasonal", "resid")):
        raise TypeError(f"result must be a decomposition, as from STL(...).fit(), not {type(result).__name__}")
    _check_texts(title=title, alt=alt)
    panels = {"observed": result.observed, "trend": result.trend, "season": result.seasonal, "remainder": result.resid}
    panels = {name: _checked(part, name) for name, part in panels.items()}
    if any(part.abs().max() > LARGEST for part in panels.values()):
        raise ValueError(f"result has values beyond {LARGEST:.0e}: use another unit")
    axes = _panels(axes, 4, figsize=(10, 7.5))
    for ax, (name, part) in zip(axes, panels.items()):
        _draw(part, ax, show_gaps=False)
        ax.set_ylabel(name)
    # A panel that scaled itself would blow a small remainder up to the height of the season.
    height = 1.1 * max(float(part.max() - part.min()) for part in panels.values()) or 1.0
    for ax, part in zip(axes, panels.values()):
        middle = (part.max() + part.min()) / 2
        ax.set_ylim(middle - height / 2, middle + height / 2)
    spread = {name: float(part.std()) for name, part in panels.items()}
    text = ("Four panels: the observed series, its trend, its season and the remainder, with standard deviations "
            + ", ".join(f"{name} {value:.3g}" for name, value in spread.items()) + ".")
    _labelled(axes[0], title, "observed", alt, text)
    return axes
