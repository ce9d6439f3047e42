"""The figures say what they show, in pictures and in words, and draw nothing that was not measured."""

import itertools
import os

import matplotlib as mpl
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook

from mupy_helpers import plots
from tools import lessons

OKABE_ITO = {"#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7", "#999999"}
TEMPLATES = str(lessons.ROOT / "tools" / "jupyter" / "nbconvert" / "templates")
PNG = "image/png"


@pytest.fixture(autouse=True)
def _no_figure_left():
    yield
    plt.close("all")


@pytest.fixture
def series():
    index = pd.date_range("2015-10-01", periods=240, freq="1h")
    values = 5 + 3 * np.sin(np.arange(240) * 2 * np.pi / 24)
    return pd.Series(values, index=index, name="room")


@pytest.fixture
def holed(series):
    """The series with a day missing, one lone hour missing, and ten rows at the end of another gap."""
    return series.drop(series.index[48:72]).drop(series.index[[100]]).drop(series.index[150:160])


@pytest.fixture
def events():
    return pd.DataFrame({"start": pd.to_datetime(["2015-10-02", "2015-10-05"]),
                         "end": pd.to_datetime(["2015-10-02 12:00", "2015-10-06 00:00"])})


def alt(ax):
    return plots.alt_text(plots.figure_of(ax))


def spans(ax):
    """Return (start, end) of each shaded span."""
    return [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in ax.patches]


# --- colours and style

def test_every_meaning_has_its_own_okabe_ito_colour():
    colours = list(plots.COLOURS.values())
    assert set(colours) <= OKABE_ITO
    assert len(set(colours)) == len(colours)
    assert {"normal", "anomaly", "threshold", "score", "healthy", "fault"} <= set(plots.COLOURS)


def test_lines_of_the_style_differ_without_colour_too():
    cycle = list(plots.STYLE["axes.prop_cycle"])
    assert {entry["color"] for entry in cycle} <= OKABE_ITO
    assert len({(entry["color"], entry["linestyle"]) for entry in cycle}) == len(cycle)
    for first, second in itertools.pairwise(cycle):
        assert first["linestyle"] != second["linestyle"]


def test_only_use_style_changes_the_settings(series, events):
    with mpl.rc_context():
        before = dict(mpl.rcParams)
        plots.plot_series(series)
        plots.plot_scores(series, series, 7, events=events)
        plots.plot_fences([1, 2, 3], (0, 2))
        plots.plot_day_profile(series)
        plots.plot_correlation(pd.DataFrame({"a": series, "b": -series}).corr())
        assert dict(mpl.rcParams) == before
        plots.use_style()
        changed = {key for key in before if mpl.rcParams[key] != before[key]}
        assert "axes.prop_cycle" in changed
        assert changed <= set(plots.STYLE)


# --- gaps

def test_gaps_are_found_where_rows_are_missing(holed):
    found = plots.gaps(holed.index)
    assert list(found["start"]) == [pd.Timestamp("2015-10-02 23:00"), pd.Timestamp("2015-10-07 05:00")]
    assert list(found["end"]) == [pd.Timestamp("2015-10-04 00:00"), pd.Timestamp("2015-10-07 16:00")]
    assert len(plots.gaps(holed.index, "90min")) == 3
    assert plots.gaps(holed.index, "2D").empty


def test_duplicate_stamps_make_no_gaps():
    index = pd.date_range("2015-10-01", periods=10, freq="1h").repeat(3)
    assert plots.gaps(index).empty


@pytest.mark.parametrize("index", [pd.RangeIndex(5), pd.DatetimeIndex(["2015-10-02", "2015-10-01"])])
def test_gaps_need_time_in_order(index):
    with pytest.raises(ValueError, match="sort_index"):
        plots.gaps(index)


@pytest.mark.parametrize("dtype", [float, int, bool])
@pytest.mark.parametrize("zone", [None, "Europe/Paris"])
def test_open_gaps_keep_every_row_and_add_one_missing_value_each(holed, dtype, zone):
    given = holed.round().astype(dtype).tz_localize(zone)
    opened = plots.with_gaps_open(given)
    assert opened.dtype == float and opened.name == "room"
    assert len(opened) == len(given) + 2
    pd.testing.assert_series_equal(opened.dropna(), given.astype(float), check_freq=False)


def test_no_segment_of_the_line_crosses_a_gap(holed):
    ax = plots.plot_series(holed)
    stamps, values = ax.lines[0].get_data()
    stamps = pd.DatetimeIndex(stamps)
    drawn = ~np.isnan(values[:-1]) & ~np.isnan(values[1:])
    steps = (stamps[1:] - stamps[:-1])[drawn]
    assert steps.max() == pd.Timedelta("2h")  # the lone missing hour; the default lets five steps pass
    for hole in plots.gaps(holed.index).itertuples():
        inside = (stamps > hole.start) & (stamps < hole.end)
        assert inside.sum() == 1 and np.isnan(values[inside]).all()
    tight = plots.plot_series(holed, gap="1h").lines[0].get_data()[1]
    assert np.isnan(tight).sum() == 3


def test_wide_gaps_are_shaded_once(holed):
    ax = plots.plot_series(holed)
    plots.plot_series(holed + 1, ax=ax, color=plots.COLOURS["second"])
    assert len(spans(ax)) == 2
    assert ax.get_legend_handles_labels()[1].count("no data") == 1
    assert not plots.plot_series(holed, show_gaps=False).patches


# --- alt texts

def test_alt_text_of_a_series_is_true(holed):
    ax = plots.plot_series(holed, title="Two holes", ylabel="room (°C)")
    assert alt(ax) == (f"Two holes. Line chart of room (°C) from 01 Oct 2015 to 10 Oct 2015, between {holed.min():.4g} "
                       f"and {holed.max():.4g}. 2 wide gaps in the recording left open.")
    assert ax.get_title() == "Two holes"
    assert ax.get_ylabel() == "room (°C)"


def test_a_question_as_title_keeps_its_mark(series):
    assert alt(plots.plot_series(series, title="Was it warm?")).startswith("Was it warm? Line chart of room")


def test_each_panel_and_each_line_is_described(series):
    figure, (top, bottom) = plt.subplots(nrows=2)
    plots.plot_series(series, ax=top, ylabel="room (°C)")
    plots.plot_series(series * 10, ax=top, label="ten times the room")
    plots.plot_fences([1, 2, 30], (0, 10), ax=bottom, xlabel="salary")
    text = plots.alt_text(figure)
    for part in ("room (°C)", "ten times the room", "Histogram of 3 values of salary"):
        assert text.count(part) == 1
    assert top.get_ylabel() == "room (°C)"  # the second line took nothing away


def test_words_given_as_alt_replace_those_put_together(series):
    ax = plots.plot_series(series, alt="  A calm wave,\n  between two and eight. ")
    assert alt(ax) == "A calm wave, between two and eight."
    plots.plot_series(series + 1, ax=ax)
    assert alt(ax) == "A calm wave, between two and eight."


@pytest.mark.parametrize("drawn_first", [True, False])
def test_describe_has_the_last_word(series, drawn_first):
    figure, ax = plt.subplots()
    if drawn_first:
        plots.plot_series(series, ax=ax)
    assert plots.describe(ax, "Ours.") is ax
    if not drawn_first:
        plots.plot_series(series, ax=ax)
    assert plots.alt_text(figure) == "Ours."
    assert plots.describe(figure, "Newer.") is figure
    assert plots.alt_text(figure) == "Newer."


def test_two_figures_keep_their_own_texts(series):
    first, second = plots.plot_series(series, alt="The first."), plots.plot_series(series, alt="The second.")
    assert (alt(first), alt(second)) == ("The first.", "The second.")


def test_a_subfigure_belongs_to_its_figure(series):
    figure = plt.figure()
    left, right = figure.subfigures(1, 2)
    ax = left.subplots()
    assert plots.figure_of(ax) is plots.figure_of(left) is figure
    plots.plot_series(series, ax=ax, title="Left")
    plots.plot_series(series, ax=right.subplots(), title="Right")
    assert plots.alt_text(figure).startswith("Left. Line chart") and " Right. Line chart" in plots.alt_text(figure)
    plots.describe(right, "Both halves.")
    assert plots.alt_text(figure) == "Both halves."


def test_a_figure_without_words_says_what_its_labels_say():
    figure, ax = plt.subplots()
    ax.set(title="Falling", xlabel="hour", ylabel="room (°C)")
    assert plots.alt_text(figure) == "Figure. Falling: room (°C) against hour"


@pytest.mark.parametrize("text", ["", "  \n", None, 3])
def test_an_empty_alt_text_is_refused(series, text):
    figure, ax = plt.subplots()
    with pytest.raises(ValueError, match="say in a sentence"):
        plots.describe(ax, text)
    if text is not None:
        with pytest.raises(ValueError, match="say in a sentence"):
            plots.plot_series(series, alt=text)


def test_describe_wants_a_figure_or_axes():
    with pytest.raises(TypeError, match=r"not ndarray.*axes\[0\]"):
        plots.describe(plt.subplots(2)[1], "Two panels.")


# --- what each function draws

def test_axes_given_are_used_and_returned(series, events):
    correlation = pd.DataFrame({"a": series, "b": -series}).corr()
    for draw in (lambda ax: plots.plot_series(series, ax=ax), lambda ax: plots.shade_events(ax, events),
                 lambda ax: plots.plot_fences([1, 2], (0, 1), ax=ax), lambda ax: plots.plot_day_profile(series, ax=ax),
                 lambda ax: plots.plot_correlation(correlation, ax=ax)):
        figure, ax = plt.subplots()
        count = len(plt.get_fignums())
        assert draw(ax) is ax
        assert len(plt.get_fignums()) == count and ax.has_data() | bool(ax.patches)


def test_a_series_is_drawn_as_it_is(series):
    ax = plots.plot_series(series, linewidth=3)
    line, = ax.lines
    assert np.array_equal(line.get_ydata(), series) and line.get_color() == plots.COLOURS["normal"]
    assert line.get_linewidth() == 3


def test_events_are_shaded_in_their_colour(series, events):
    ax = plots.shade_events(plots.plot_series(series), events, kind="anomaly", label="bad days")
    assert spans(ax) == [tuple(mpl.dates.date2num([event.start, event.end])) for event in events.itertuples()]
    assert {mpl.colors.to_hex(patch.get_facecolor()).upper() for patch in ax.patches} == {plots.COLOURS["anomaly"]}
    assert ax.get_legend_handles_labels()[1] == ["bad days"]
    assert not plots.shade_events(plots.plot_series(series), events.iloc[:0]).patches


def test_scores_pass_the_threshold_in_picture_and_words(series, events):
    scores = (series - 5).abs().rename("score")
    top, bottom = plots.plot_scores(series, scores, 2.5, events=events, title="Peaks", ylabel="room (°C)")
    above = scores > 2.5
    marked, = [line for line in top.lines if line.get_marker() == "o"]
    assert np.array_equal(marked.get_ydata(), series[above]) and 0 < above.sum() < len(above)
    assert [line.get_ydata()[0] for line in bottom.lines if line.get_linestyle() == "--"] == [2.5]
    assert len(spans(top)) == len(spans(bottom)) == 2
    assert "threshold" in [text.get_text() for text in top.get_legend().get_texts()]
    assert alt(top) == (f"Peaks. Two panels: room (°C) above, its anomaly score below. {above.sum()} of 240 rows pass "
                        "the threshold of 2.5. 2 spans are shaded: true event.")
    assert (top.get_ylabel(), bottom.get_ylabel()) == ("room (°C)", "score")


def test_scores_without_a_threshold_and_in_given_axes(series):
    figure, axes = plt.subplots(2)
    drawn = plots.plot_scores(series, series, axes=axes)
    assert list(drawn) == list(axes)
    assert plots.alt_text(figure) == "Two panels: room above, its anomaly score below."
    warm_up = series.where(np.arange(240) > 20)
    top, bottom = plots.plot_scores(series, warm_up, 0)
    assert "219 of 240 rows pass" in alt(top)


def test_values_beyond_the_fences_are_marked():
    ax = plots.plot_fences(pd.Series([10, 11, 12, 12, 13, 40, -5]), (8, 15), xlabel="salary", title="Two out")
    marked, = [line for line in ax.lines if line.get_marker() == "X"]
    assert sorted(marked.get_xdata()) == [-5, 40]
    assert [line.get_xdata()[0] for line in ax.lines if line.get_linestyle() == "--"] == [8, 15]
    assert alt(ax) == "Two out. Histogram of 7 values of salary with fences at 8 and 15; 2 lie outside."
    assert sum(patch.get_height() for patch in ax.patches) == 7


def test_a_value_on_the_fence_is_inside():
    assert "; 0 lie outside." in alt(plots.plot_fences([1, 2, 3], (1, 3)))


def test_the_usual_day_is_the_median_by_hour(series, events):
    odd = series.copy()
    odd["2015-10-05":"2015-10-06"] = 99.0
    ax = plots.plot_day_profile(odd, exclude=events, ylabel="room (°C)", label="healthy")
    kept = odd[~((odd.index >= events["start"][0]) & (odd.index <= events["end"][0]))
               & ~((odd.index >= events["start"][1]) & (odd.index <= events["end"][1]))]
    wanted = kept.groupby(kept.index.hour).median()
    assert np.array_equal(ax.lines[0].get_ydata(), wanted) and list(ax.lines[0].get_xdata()) == list(range(24))
    assert alt(ax) == (f"Median room (°C) (healthy) by hour of the day with a band for the middle 80 %: lowest near "
                       f"{wanted.idxmin()} h at {wanted.min():.3g}, "
                       f"highest near {wanted.idxmax()} h at {wanted.max():.3g}.")
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert band.max() == kept.groupby(kept.index.hour).quantile(0.9).max()


def test_a_correlation_matrix_shows_its_numbers(series):
    frame = pd.DataFrame({"a": series, "b": -series, "c": series.shift(3).fillna(5)})
    ax = plots.plot_correlation(frame.corr())
    shown = [float(text.get_text()) for text in ax.texts]
    assert np.allclose(shown, frame.corr().to_numpy().ravel(), atol=0.005)
    off = frame.corr().to_numpy()[np.triu_indices(3, 1)]
    assert alt(ax) == f"Correlation matrix of a, b, c: from {off.min():.2f} to {off.max():.2f} off the diagonal."


def test_a_decomposition_has_four_panels(series):
    from statsmodels.tsa.seasonal import STL, seasonal_decompose

    result = STL(series, period=24).fit()
    axes = plots.plot_decomposition(result, title="A day repeats")
    parts = {"observed": result.observed, "trend": result.trend, "season": result.seasonal, "remainder": result.resid}
    assert [ax.get_ylabel() for ax in axes] == list(parts)
    for ax, part in zip(axes, parts.values()):
        assert np.array_equal(ax.lines[0].get_ydata(), part)
    spread = ", ".join(f"{name} {part.std():.3g}" for name, part in parts.items())
    assert alt(axes[0]) == ("A day repeats. Four panels: the observed series, its trend, its season and the remainder, "
                            f"with standard deviations {spread}.")
    figure, given = plt.subplots(2, 2)
    plots.plot_decomposition(seasonal_decompose(series, period=24), axes=given)
    assert all(len(ax.lines) == 1 for ax in given.ravel())


# --- bad input

def _damaged(series, how):
    if how == "list":
        return list(series)
    if how == "no time":
        return series.reset_index(drop=True)
    if how == "unsorted":
        return series[::-1]
    if how == "short":
        return series[:1]
    if how == "words":
        return series.astype(str)
    if how == "missing":
        return series * np.nan
    if how == "infinite":
        return series.where(series > 3, np.inf)
    return series.set_axis(series.index.where(np.arange(len(series)) != 5))


@pytest.mark.parametrize(("how", "error", "message"), [
    ("list", TypeError, "must be a pandas Series with a time index, not list"),
    ("no time", TypeError, "DatetimeIndex.*to_datetime"),
    ("unsorted", ValueError, r"not in time order: use .sort_index\(\)"),
    ("short", ValueError, "has 1 rows"),
    ("words", TypeError, "not numbers: use pd.to_numeric"),
    ("missing", ValueError, "nothing but missing values"),
    ("infinite", ValueError, "infinite values"),
    ("no stamp", ValueError, "rows without a time stamp"),
])
@pytest.mark.parametrize("draw", [plots.plot_series, plots.plot_day_profile, plots.with_gaps_open,
                                  lambda bad: plots.plot_scores(bad, bad)])
def test_a_bad_series_is_refused_in_words(series, draw, how, error, message):
    with pytest.raises(error, match=message):
        draw(_damaged(series, how))
    assert not plt.get_fignums()  # no empty figure stays behind


@pytest.mark.parametrize(("call", "error", "message"), [
    (lambda s, e: plots.plot_series(s, ax="left"), TypeError, "ax must be one matplotlib Axes, not str"),
    (lambda s, e: plots.plot_scores(s, s[5:]), ValueError, "one score for each row"),
    (lambda s, e: plots.plot_scores(s, list(s)), TypeError, "scores must be a pandas Series"),
    (lambda s, e: plots.plot_scores(s, s, np.nan), ValueError, "threshold must be a finite number"),
    (lambda s, e: plots.plot_scores(s, s, axes=plt.subplots(3)[1]), ValueError, "axes holds 3 Axes where 2 are drawn"),
    (lambda s, e: plots.shade_events(plt.gca(), e, kind="odd"), ValueError, "kind must be .*not 'odd'"),
    (lambda s, e: plots.shade_events(plt.gca(), e["start"]), TypeError, "events must be a DataFrame with the columns"),
    (lambda s, e: plots.shade_events(plt.gca(), e[["end"]]), TypeError, "events must be a DataFrame with the columns"),
    (lambda s, e: plots.plot_day_profile(s, exclude=e[["start"]]), TypeError, "columns start and end"),
    (lambda s, e: plots.plot_day_profile(s, exclude=e.assign(start=s.index[0], end=s.index[-1])),
     ValueError, "no rows are left"),
    (lambda s, e: plots.plot_fences([1, np.nan], (0, 1)), ValueError, "dropna"),
    (lambda s, e: plots.plot_fences([], (0, 1)), ValueError, "at least one value"),
    (lambda s, e: plots.plot_fences([[1, 2]], (0, 1)), ValueError, "one column"),
    (lambda s, e: plots.plot_fences([1, 2], (3, 1)), ValueError, "lower fence 3 is above the upper fence 1"),
    (lambda s, e: plots.plot_fences([1, 2], (1, 2, 3)), ValueError, "two numbers"),
    (lambda s, e: plots.plot_fences([1, 2], (np.nan, 2)), ValueError, "two numbers"),
    (lambda s, e: plots.plot_correlation(s.to_frame()), ValueError, r"use df.corr\(\)"),
    (lambda s, e: plots.plot_correlation(s.to_frame().corr()), ValueError, "at least two columns"),
    (lambda s, e: plots.plot_correlation(pd.DataFrame({"a": s, "b": s}).cov()), ValueError, "between -1 and 1"),
])
def test_bad_input_is_refused_in_words(series, events, call, error, message):
    with pytest.raises(error, match=message):
        call(series, events)


def test_a_decomposition_needs_time_and_four_axes(series):
    from statsmodels.tsa.seasonal import STL

    with pytest.raises(TypeError, match="observed must be a pandas Series"):
        plots.plot_decomposition(STL(series.to_numpy(), period=24).fit())
    with pytest.raises(ValueError, match="2 Axes where 4"):
        plots.plot_decomposition(STL(series, period=24).fit(), axes=plt.subplots(2)[1])


# --- from the figure to the notebook and its web page

CELLS = [
    "import matplotlib.pyplot as plt\nfrom mupy_helpers import plots\nplots.use_style()",
    "figure, ax = plt.subplots(figsize=(2, 2))\nplots.describe(ax, 'Room \"1\" stays < 8 & > 2 °C.')\nplt.show()",
    "figure, ax = plt.subplots(figsize=(2, 2))\nax.set(title='Nobody wrote', ylabel='room')\nplt.show()",
    "for text in ('Of two, the first.', 'Of two, the second.'):\n"
    "    plots.describe(plt.subplots(figsize=(2, 2))[1], text)\nplt.show()",
    "halves = plt.figure(figsize=(2, 2)).subfigures(1, 2)\n"
    "plots.describe(halves[0].subplots(), 'Two halves.')\nplt.show()",
]


@pytest.fixture(scope="module")
def executed():
    notebook = new_notebook(cells=[new_code_cell(source) for source in CELLS])
    kept = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    NotebookClient(notebook, kernel_name="python3").execute(env={**kept, "PYTHONPATH": str(lessons.ROOT)})
    return nbformat.reads(nbformat.writes(notebook), as_version=4)


def test_alt_texts_are_stored_in_the_notebook(executed):
    stored = [[output.metadata.get(PNG, {}).get("alt") for output in cell.outputs if PNG in output.get("data", {})]
              for cell in executed.cells]
    assert stored == [[], ['Room "1" stays < 8 & > 2 °C.'], ["Figure. Nobody wrote: room"],
                      ["Of two, the first.", "Of two, the second."], ["Two halves."]]


def test_alt_texts_reach_the_exported_page(executed):
    page, _ = HTMLExporter(template_name="mupy", extra_template_basedirs=[TEMPLATES]).from_notebook_node(executed)
    assert [image["alt"] for image in BeautifulSoup(page, "html.parser").find_all("img")] == [
        'Room "1" stays < 8 & > 2 °C.', "Figure. Nobody wrote: room", "Of two, the first.", "Of two, the second.",
        "Two halves."]
    assert "stays &lt; 8 &amp; &gt; 2" in page


def test_plot_scores_shades_events_only_as_far_as_the_series_goes(series):
    first, last = series.index[[0, -1]]
    events = pd.DataFrame({"start": [series.index[200], first - pd.Timedelta("9D")],
                           "end": [last + pd.Timedelta("30D"), first - pd.Timedelta("8D")]})
    top, bottom = plots.plot_scores(series, series, events=events, title="Two spans, one in sight", ylabel="room (°C)")
    for ax in (top, bottom):
        right_ends = [span.get_x() + span.get_width() for span in ax.patches]
        assert len(right_ends) == 1 and right_ends[0] <= mpl.dates.date2num(last) + 1e-6
