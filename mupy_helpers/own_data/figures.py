"""The figures of the report: the score, and the channels beside it."""

import base64
import warnings
from html import escape
from io import BytesIO

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from mupy_helpers import plots

POINTS = 2000


def thinned(series, points=POINTS):
    """Keep the lowest and the highest reading of each stretch, so that a drawn line looks the same.

    Parameters
    ----------
    series : Series with a time index
    points : int
        About how many readings are kept; a shorter series stays as it is.

    Returns
    -------
    Series, in the same order
    """
    if len(series) <= points:
        return series
    stretch = np.arange(len(series)) * (points // 2) // len(series)
    known = pd.Series(series.to_numpy()).dropna()
    by_stretch = known.groupby(stretch[known.index])
    kept = np.union1d(by_stretch.idxmin(), by_stretch.idxmax())
    # One missing reading in each stretch that has no other, or the line would be drawn across.
    empty = np.setdiff1d(stretch, stretch[known.index])
    return series.iloc[np.union1d(kept, np.searchsorted(stretch, empty)).astype(int)]


def _plain(name):
    """A name for a figure: short, and without the dollar signs that matplotlib would set as a formula."""
    return " ".join(str(name).split())[:60].replace("$", r"\$")


def _picture(figure):
    buffer = BytesIO()
    with warnings.catch_warnings():
        # A name in a script that the font lacks shows boxes in the figure; the text of the report has it right.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure.savefig(buffer, format="png", metadata={"Software": None})
    text = escape(plots.alt_text(figure).replace(r"\$", "$"), quote=True)
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    return f'<figure><img alt="{text}" src="data:image/png;base64,{data}"></figure>'


def _shade(ax, scored):
    events = scored.events
    if not len(events):
        return
    # A very short alarm would be too thin to see.
    least = 0.003 * (scored.scores.index[-1] - scored.scores.index[0])
    plots.shade_events(ax, pd.DataFrame({"start": events["start"], "end": np.maximum(
        events["end"], events["start"] + least)}).nlargest(500, "start"), kind="anomaly", label="alarm")


def _gap(series, step):
    """Steps longer than this are gaps in a thinned series."""
    steps = series.index.to_series().diff()
    return max(5 * step, 3 * steps.median(), pd.Timedelta("1ns"))


def score_figure(scored, step):
    """Draw the score with its threshold and the alarms.

    Parameters
    ----------
    scored : Scored
    step : Timedelta
        The usual step of the recording.

    Returns
    -------
    str
        HTML with the picture and its alt text.
    """
    figure = Figure()
    ax, scores = figure.subplots(), thinned(scored.scores.dropna())
    _shade(ax, scored)
    plots.plot_series(scores, ax=ax, gap=_gap(scores, step), color=plots.COLOURS["score"], label="score",
                      ylabel="score (1 = limit)", alt="The score")
    ax.axhline(scored.threshold, color=plots.COLOURS["threshold"], linestyle="--", label="threshold")
    ax.axvline(scored.healthy_until, color=plots.COLOURS["healthy"], linestyle=":", label="end of the healthy part")
    title = f"{alarms_in_words(len(scored.events))} in the rows after {scored.healthy_until:%d %b %Y %H:%M}"
    ax.set_title(title)
    if scores.max() > 30 * scored.threshold:
        ax.set_yscale("symlog", linthresh=float(scored.threshold))
    figure.legend(loc="outside lower center", ncols=4)  # inside it would hide readings
    plots.describe(ax, f"{title}. Line chart of the score from {scores.index[0]} to {scores.index[-1]}, highest "
                       f"{scores.max():.3g}, with the threshold at {scored.threshold:.3g} and the alarms shaded.")
    return _picture(figure)


def channel_figure(df, name, scored, step):
    """Draw a channel with the alarms.

    Parameters
    ----------
    df : DataFrame of float with a time index
    name : str
        The column.
    scored : Scored
    step : Timedelta
        The usual step of the recording.

    Returns
    -------
    str
        HTML with the picture and its alt text.
    """
    own = int((scored.events["channel"] == name).sum()) if len(scored.events) else 0
    figure, series = Figure(), thinned(df[name])
    ax = figure.subplots()
    _shade(ax, scored)
    ax.axvline(scored.healthy_until, color=plots.COLOURS["healthy"], linestyle=":", label="end of the healthy part")
    title = f"{_plain(name)}: {'highest in ' + alarms_in_words(own) if own else 'highest in no alarm'}"
    plots.plot_series(series, ax=ax, gap=_gap(series, step), label=_plain(name), ylabel=_plain(name), title=title)
    figure.legend(loc="outside lower center", ncols=4)  # inside it would hide readings
    return _picture(figure)


def alarms_in_words(count):
    """Return a number of alarms in words.

    Parameters
    ----------
    count : int

    Returns
    -------
    str
    """
    return f"{count:,} alarm{'' if count == 1 else 's'}" if count else "no alarm"
