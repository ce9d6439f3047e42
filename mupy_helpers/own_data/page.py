"""The report: one HTML file that shows what was found, and asks nothing of any other computer."""

import os
from html import escape

import matplotlib as mpl
import numpy as np
from scipy.signal import find_peaks

from mupy_helpers import plots
from mupy_helpers.checks import check_callable, checked_path
from mupy_helpers.own_data.figures import alarms_in_words, channel_figure, score_figure
from mupy_helpers.own_data.inspecting import in_words, inspect
from mupy_helpers.own_data.reading import TableError
from mupy_helpers.own_data.scoring import MERGE, score
from mupy_helpers.recipes import HELD_BACK

MOST_FIGURES = 12
MOST_ROWS = 50
MOST_BELOW = 10

STYLE = """
body { font: 1.05rem/1.55 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; }
h1, h2 { line-height: 1.25; } h2 { margin-top: 2.5rem; } figure { margin: 1.5rem 0; } img { max-width: 100%; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .8rem; border-bottom: 1px solid #bbb; overflow-wrap: anywhere; }
caption { text-align: left; font-weight: bold; padding: .3rem 0; } th { white-space: nowrap; }
h1, p, li { overflow-wrap: anywhere; } .moments td:nth-child(-n+2) { white-space: nowrap; overflow-wrap: normal; }
@media print { body { max-width: none; margin: 0; font-size: 10pt; } h2 { break-after: avoid; }
  figure, tr { break-inside: avoid; } .wide { overflow: visible; } }
"""


def _drawn(df, scored):
    """The channels to draw: those that are the highest in most alarms, then those with the highest scores."""
    counts = scored.events["channel"].value_counts()
    highest = scored.parts.loc[scored.healthy_until:].max()
    order = sorted((name for name in df if name in scored.parts),
                   key=lambda name: (-int(counts.get(name, 0)), -float(highest[name])))
    return order[:MOST_FIGURES]


def _list(sentences):
    return "<ul>\n" + "\n".join(f"<li>{escape(each)}</li>" for each in sentences) + "\n</ul>"


def _table(caption, heads, rows, kind="wide"):
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in heads)
    body = "\n".join("<tr>" + "".join(f"<td>{escape(str(each))}</td>" for each in row) + "</tr>" for row in rows)
    return (f'<div class="{kind}"><table><caption>{escape(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n'
            f"<tbody>\n{body}\n</tbody></table></div>")


def _channel_rows(findings):
    for name, row in findings.channels.iterrows():
        yield (name, _percent(row["missing"]), "yes" if row["constant"] else "no",
               f"{row['stuck']} rows from {row['stuck_since']}" if row["stuck"] else "no",
               f"{row['period']} rows ({row['correlation']:.2f})" if row["period"] else "none")


def _event_rows(scored):
    # The first fifty with the highest scores, in time order: what a reader looks at first.
    for event in scored.events.nlargest(MOST_ROWS, "score").sort_values("start").itertuples():
        yield event.start, event.end, event.began, event.channel, f"{event.score:.3g}"


def _rows_below(scored):
    """The highest scores that raised no alarm, each from another stretch of the recording, in time order."""
    scores = scored.scores[scored.healthy_until:].to_numpy(copy=True)
    index = scored.scores.index[-len(scores):]
    for event in scored.events.itertuples():
        first, last = index.slice_locs(event.start, event.end)
        scores[max(first - MERGE, 0):last + MERGE] = 0
    peaks, _ = find_peaks(np.pad(scores, 1), distance=max(MERGE, len(scores) // 50))
    highest = peaks[np.argsort(-scores[peaks - 1], kind="stable")][:MOST_BELOW] - 1
    return [(moment, scored.parts.loc[moment].idxmax(), f"{scored.scores[moment]:.2g}")
            for moment in index[np.sort(highest)]]


def _in_short(df, scored):
    """The result in words: what a reader wants to know first."""
    events = scored.events
    believed = (f"We believe that all was well before {scored.healthy_until:%Y-%m-%d %H:%M:%S}, and look for what is "
                f"unusual from then to {df.index[-1]:%Y-%m-%d %H:%M:%S}.")
    if not len(events):
        return f"{believed} We find no alarm."
    lengths = events["end"] - events["start"]
    places = {"first": 0, "highest": events["score"].idxmax()}
    if lengths.any():
        places["longest"] = lengths.idxmax()
    parts = [f"We find {alarms_in_words(len(events))}; {_percent(scored.share)} of these rows are in one."]
    for place in dict.fromkeys(places.values()):
        event, names = events.loc[place], " and ".join(name for name, other in places.items() if other == place)
        what = f"The {names}" if len(events) > 1 else "It"
        lasts = f" and lasts {in_words(event['end'] - event['start'])}" if event["end"] > event["start"] else ""
        begun = f"begun by {event['began']}, " if event["began"] != event["channel"] else ""
        parts.append(f"{what} begins at {event['start']:%Y-%m-%d %H:%M:%S}{lasts}; {begun}most unusual in it: "
                     f"{event['channel']} (score {event['score']:.3g}, threshold {scored.threshold:.3g}).")
    return " ".join([believed, *parts])


def _percent(share):
    return "less than 0.1 %" if 0 < share < 0.001 else f"{share:.1%}".replace("%", " %")


def _page(title, df, notes, findings, scored):
    step, total = findings.step, len(scored.events)
    drawn = _drawn(df, scored)
    with mpl.rc_context(plots.STYLE):
        pictures = [score_figure(scored, step)] + [channel_figure(df, name, scored, step) for name in drawn]
    alarms = _table(f"The alarms with the highest scores ({min(total, MOST_ROWS)} of {total:,})",
                    ["from", "to", "begun by", "most unusual", "score"], _event_rows(scored),
                    "wide moments") + (
        "<p>A channel's alarm marks where something new begins, and ends when nothing newer comes: what jumps and "
        "stays may be one row long here. The figures below show what followed.</p>") if total else (
        "<p>No row behind the healthy part is above the threshold.</p>")
    rows_below = _rows_below(scored)
    below = ("<p>No alarm is no proof. These rows come next, each from another stretch: where the first part hid a "
             "fault, what you look for may be here.</p>" + _table(
                 f"The most unusual rows without an alarm (an alarm is a score above {scored.threshold:.3g})",
                 ["at", "most unusual", "score"], rows_below, "wide moments")) if rows_below else ""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<h1>{escape(title)}</h1>
<p>{escape(_in_short(df, scored))}</p>
{"<p>Before you believe it:</p>" + _list(scored.notes) if scored.notes else ""}
<h2>What is unusual</h2>
{pictures[0]}
{alarms}
{below}
<h2>The channels</h2>
<p>{"These are the channels" if len(drawn) < df.shape[1] else "We show the channels"} with the most alarms first, \
{len(drawn)} of {df.shape[1]}. Of long series we draw the lowest and the highest reading of each stretch.</p>
{"".join(pictures[1:])}
<h2>What we read</h2>
{_list(notes + findings.notes)}
{_table("Channel by channel", ["channel", "missing", "constant", "stuck", "period (autocorrelation)"],
        _channel_rows(findings))}
<h2>How we scored</h2>
<p>A row is scored from the rows up to it, never from later ones.
Nobody has labelled this table, so the recipe learns from its first part alone and says where to look:</p>
{_list(scored.proposals)}
<p>The first part of the recording fits all this; its last {100 * HELD_BACK:.0f} % are held back for the limits.
The score of a row is that of the channel that is highest.</p>
<p>An alarm is a score above {scored.threshold:.3g}. {escape(scored.how)}</p>
<h2>What this cannot tell</h2>
<p>An alarm says that a row is unusual, not that something is broken.
What was wrong in the first part already counts as usual here.
There are no labels in this, so nobody has measured how many alarms are false: look at the first ten and judge.
A slow drift is seen late, and a sensor that is stuck is listed above but raises no alarm by itself.
What goes wrong within the usual range of a channel is no news: it shows at most where four or more channels move
together.</p>
</main>
</body>
</html>
"""


def check_place(path):
    """Refuse a place for the report before anything is computed.

    Parameters
    ----------
    path : Path

    Raises
    ------
    TableError
        Where no file can be made, or where one stands that is no web page.
    """
    try:
        path.exists()
    except OSError as error:  # such as a name that is too long
        raise TableError(f"the report cannot be written to {path}: {error.strerror or error}") from error
    problem = ("that is a folder" if path.is_dir() else "there is no such folder" if not path.parent.is_dir() else
               "its folder may not be written in" if not os.access(path.parent, os.W_OK) else None)
    if problem:
        raise TableError(f"the report cannot be written to {path}: {problem}")
    if path.is_file():
        try:
            with path.open("rb") as file:
                start = file.read(200).lstrip().lower()
        except OSError as error:
            raise TableError(f"{path} is there already and cannot be read: {error.strerror or error}") from error
        if start and not start.startswith((b"<!doctype html", b"<html")):
            raise TableError(f"{path} is there already and is no report: choose another place (--out)")


def write_report(df, path, *, title="What is unusual in your data", notes=(), healthy=0.3, progress=None):
    """Inspect and score a table, and write what was found as one HTML file.

    Parameters
    ----------
    df : DataFrame of float with a time index, shape (n, d)
        As from `read_table`.
    path : path-like
        Where the report goes; an earlier report there is replaced when the new one is whole, any other file is not.
    title : str
    notes : list of str
        Sentences about how the table was read, shown first.
    healthy : float or timestamp-like
        As in `score`.
    progress : callable, optional
        Called with a line of text at each step.

    Returns
    -------
    Scored

    Raises
    ------
    TypeError, TableError
    """
    path, say = checked_path(path), progress or (lambda text: None)
    check_callable(progress, "progress")
    if not isinstance(title, str):
        raise TypeError(f"title must be text, not {title!r}")
    if isinstance(notes, str) or not hasattr(notes, "__iter__") or not all(isinstance(each, str) for each in notes):
        raise TypeError(f"notes must be a list of sentences, not {notes!r}")
    check_place(path)
    say("looking for gaps, stuck channels and seasons")
    findings = inspect(df)
    say(f"scoring {df.shape[1]} channel{'s' if df.shape[1] > 1 else ''}")
    every = max(1, df.shape[1] // 5)
    scored = score(df, healthy, lambda done, total: say(f"{done} of {total} scored") if done % every == 0 else None)
    say("drawing")
    page = _page(title, df, list(notes), findings, scored)
    half = path.with_name(path.name + ".part")
    try:
        # A name may hold what UTF-8 has no bytes for; the browser shows a question mark.
        half.write_text(page, encoding="utf-8", errors="replace")
        os.replace(half, path)
    except OSError as error:
        half.unlink(missing_ok=True)
        raise TableError(f"the report cannot be written to {path}: {error.strerror or error}") from error
    return scored
