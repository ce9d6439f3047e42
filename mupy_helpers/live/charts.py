"""The live page's three plots: room, drive current, score (Bokeh)."""

from bokeh.layouts import column
from bokeh.models import (
    ColumnDataSource,
    DatetimeTickFormatter,
    FixedTicker,
    NumeralTickFormatter,
    Range1d,
)
from bokeh.plotting import figure

from mupy_helpers.live.engine import FAULTS, SHOWN, STEP
from mupy_helpers.plots import COLOURS

LOWEST, HIGHEST = 0.1, 3e4  # of the scores that are drawn: their axis is logarithmic
DASHES = {"leak": "\\", "door": "/", "stuck": "-"}


class Charts:
    """Three plots over the last two days.

    Parameters
    ----------
    engine : Engine

    Attributes
    ----------
    layout : Column
        Of Bokeh.
    """

    def __init__(self, engine):
        self._source = ColumnDataSource(_columns([]))
        self._faults = {kind: ColumnDataSource({"x0": [], "x1": []}) for kind in FAULTS}
        self._x = Range1d()
        room = self._figure("Room temperature (°C)")
        current = self._figure("Drive current (A)", y_range=(-0.5, 10.9))
        score = self._figure("Score", y_axis_type="log", y_range=(LOWEST, HIGHEST))
        room.y_range.range_padding = 0.5  # room for the legend
        # Plain numbers: the exponents of powers of ten would be small print.
        score.yaxis.ticker = FixedTicker(ticks=[0.1, 1, 10, 100, 1000, 10000])
        score.yaxis.formatter = NumeralTickFormatter(format="0,0[.]0")
        room.line("time", "room", source=self._source, color=COLOURS["normal"], line_width=3, legend_label="measured")
        room.scatter("time", "alarm", source=self._source, marker="triangle", size=8, color=COLOURS["anomaly"],
                     legend_label="in alarm")
        current.line("time", "current", source=self._source, color=COLOURS["normal"], line_width=3,
                     legend_label="measured")
        current.line("time", "expected", source=self._source, color=COLOURS["healthy"], line_width=4,
                     line_dash=[4, 4], legend_label="should be")
        score.line("time", "score", source=self._source, color=COLOURS["score"], line_width=4, legend_label="score")
        score.hspan(y=[engine.threshold], line_color=COLOURS["threshold"], line_width=3, line_dash="14 7",
                    legend_label="limit")
        self._figures = [room, current, score]
        for plot in self._figures:
            plot.legend.location, plot.legend.orientation = "top_left", "horizontal"
            plot.legend.background_fill_alpha, plot.legend.padding, plot.legend.margin = 0.8, 2, 2
            plot.legend.border_line_color = None
        self.fit(1280)
        self.restart(engine)
        self.layout = column(*self._figures, sizing_mode="stretch_both", spacing=0)

    def _figure(self, title, **options):
        plot = figure(title=title, x_range=self._x, x_axis_type="datetime", toolbar_location=None, tools="",
                      sizing_mode="stretch_both", min_height=100, min_border=5, **options)
        for kind, source in self._faults.items():
            plot.vstrip("x0", "x1", source=source, fill_color=COLOURS["fault"], fill_alpha=0.25, line_color=None,
                        hatch_pattern=DASHES[kind], hatch_color="#7a5200", hatch_alpha=0.35, hatch_scale=24)
        plot.xaxis.formatter = DatetimeTickFormatter(hours="%H:%M", days="%-d %b", hourmin="%H:%M")
        plot.yaxis.ticker.desired_num_ticks = 4
        plot.xgrid.grid_line_color = plot.ygrid.grid_line_color = "#cccccc"
        for axis in plot.axis:
            axis.major_label_text_color, axis.minor_tick_line_color = "#111111", None
        return plot

    def fit(self, width):
        """Choose the size of the letters, and how many times are written below the plots.

        Parameters
        ----------
        width : int
            Of the window, in pixels.
        """
        pixels = 28 if width >= 1600 else 20
        for plot in self._figures:
            plot.legend.spacing, plot.legend.glyph_width = (16, 36) if width >= 500 else (4, 16)
            plot.title.text_font_size = plot.legend.label_text_font_size = f"{pixels}px"
            plot.title.text_color = plot.legend.label_text_color = "#111111"
            plot.axis.major_label_text_font_size = f"{pixels}px"
            plot.xaxis.ticker.desired_num_ticks = 6 if width >= 1000 else 4 if width >= 500 else 2

    def restart(self, engine):
        """Draw a store from its beginning.

        Parameters
        ----------
        engine : Engine
        """
        self._source.data = _columns(engine.history)
        for source in self._faults.values():
            source.data = {"x0": [], "x1": []}
        self._scroll(engine)

    def go_on(self, moments, engine):
        """Draw what has come.

        Parameters
        ----------
        moments : list of Moment
        engine : Engine
        """
        self._source.stream(_columns(moments), rollover=SHOWN)
        for kind, source in self._faults.items():
            spans = [(start, stop or engine.now) for of, start, stop in engine.spans if of == kind]
            if spans or source.data["x0"]:
                source.data = {"x0": [start for start, _ in spans], "x1": [stop for _, stop in spans]}
        self._scroll(engine)

    def _scroll(self, engine):
        end = engine.now + 6 * STEP
        self._x.update(start=end - SHOWN * STEP, end=end)


def _columns(moments):
    nothing = float("nan")
    return {
        "time": [moment.time for moment in moments],
        "room": [moment.room for moment in moments],
        "current": [moment.current for moment in moments],
        "expected": [moment.expected for moment in moments],
        "score": [min(max(moment.score, LOWEST), HIGHEST) for moment in moments],
        "alarm": [moment.room if moment.is_alarm else nothing for moment in moments],
    }
