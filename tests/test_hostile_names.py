"""Names that come with data are text: none becomes an element, an attribute or a link of a page, and none runs."""

import base64
import functools
import html
import http.client
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from matplotlib.figure import Figure
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook, new_output

from mupy_helpers import plots
from mupy_helpers.exercises.engine import Feedback
from mupy_helpers.leaderboard import Leaderboard
from mupy_helpers.own_data.__main__ import main as report
from mupy_helpers.scoreboard import Scoreboard
from mupy_helpers.widgets.show import answer_html
from tools import lessons, web
from tools.book.notebooks import tidy_table

RAN = "document.documentElement.dataset.ran=1"
HOSTILE = [
    f"<script>{RAN}</script>",
    f"\"><img src=x onerror='{RAN}'>",
    f"' onmouseover='{RAN}' autofocus onfocus='{RAN}",
    f"\" onload=\"{RAN}",
    f"](javascript:{RAN})",
    f"[here](javascript:{RAN}) ![x](x\" onerror=\"{RAN})",
    f"<svg/onload={RAN}>",
    f"</title></style></caption></table><script>{RAN}</script>",
    f"<!--><script>{RAN}</script>-->",
    f"<iframe srcdoc='<script>parent.{RAN}</script>'>",
    f"<a href='javascript:{RAN}'>click</a>",
    f"&lt;script&gt;{RAN}&lt;/script&gt;",
    f"`<img src=x onerror={RAN}>`",
    f"$\\href{{javascript:{RAN}}}{{x}}$",
    "{{7*7}}${7*7}<%= 7*7 %>",
]
TOGETHER = " ".join(HOSTILE)
HEADERS = (HOSTILE[0], HOSTILE[1], HOSTILE[3], TOGETHER)
HARMLESS = tuple(f"channel {number}" for number in range(len(HEADERS)))
SLOW = ("exported notebook", "widget")


def csv_of(names, folder):
    """A file with these headers: calm, then a jump in two channels, so that alarms name them."""
    rng = np.random.default_rng(3)
    table = pd.DataFrame(rng.normal(20, 1, (240, len(names))).round(3), columns=names)
    table.iloc[200:215, :2] += 30
    table.insert(0, "time", pd.date_range("2024-01-01", periods=len(table), freq="h"))
    path = folder / "table.csv"
    table.to_csv(path, index=False)
    return path


@functools.cache
def report_of(names):
    """The report on such a file; four names are as long as fifteen."""
    folder = Path(tempfile.mkdtemp())
    path = csv_of(names, folder)
    out = folder / "report.html"
    try:
        assert report([str(path), "--out", str(out)]) in (0, None)
        return out.read_text(encoding="utf-8")
    finally:
        shutil.rmtree(folder)


def figure_with(name):
    figure = Figure()
    ax = figure.subplots()
    series = pd.Series(np.arange(40.0), index=pd.date_range("2024", periods=40, freq="h"), name=name)
    plots.plot_series(series, ax=ax, title=name.replace("$", r"\$"))
    return figure


def exported(name):
    """What JupyterLab exports of a figure whose alt text, and of a table whose header, holds the name."""
    picture = base64.b64encode(b"\x89PNG").decode()
    alt = plots.alt_text(figure_with(name))
    table = pd.DataFrame({name: [1]}).rename_axis(name).to_html()
    outputs = [new_output("display_data", {"image/png": picture, "text/plain": alt},
                          metadata={"image/png": {"alt": alt}}),
               new_output("display_data", {"text/html": table, "text/plain": name})]
    notebook = new_notebook(cells=[new_code_cell("show()", outputs=outputs)])
    exporter = HTMLExporter(template_name="mupy", extra_template_basedirs=[
        str(lessons.ROOT / "tools" / "jupyter" / "nbconvert" / "templates")])
    page = exporter.from_notebook_node(nbformat.from_dict(notebook))[0]
    return page[page.index("<body"):]


def scoreboard(name):
    events = pd.DataFrame({"start": [pd.Timestamp("2024-01-03")], "end": [pd.Timestamp("2024-01-06")],
                           "kind": ["slow_leak"], "trip": [pd.Timestamp("2024-01-05")]})
    board = Scoreboard(events, scored_from="2024-01-02")
    alarms = pd.Series(False, index=pd.date_range("2024-01-01", periods=240, freq="h"))
    return board.add(name, alarms, fitted_on=name)._repr_html_()


def leaderboard(name):
    volumes = pd.DataFrame([[0.3, 0.4]], index=[name], columns=["one", "two"])
    return Leaderboard(volumes, volumes, {name: False})._repr_html_()


PAGES = {
    "feedback": lambda name: Feedback("wrong", f"your `{name}` is not {name}", code=name)._repr_html_(),
    "scoreboard": scoreboard,
    "leaderboard": leaderboard,
    "widget": lambda name: answer_html(name, figure_with(name)),
    "exported notebook": exported,
    "table of the book": lambda name: tidy_table(pd.DataFrame({name: [name]}).rename_axis(name).to_html()),
}


def skeleton(page):
    """The page without its texts: elements, and the names of their attributes."""
    return [(tag.name, sorted(tag.attrs)) for tag in BeautifulSoup(page, "html.parser").find_all(True)]


def without_backticks(name):
    return name.replace("`", "")  # which make code of what they enclose, and nothing else


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_the_same_elements_whatever_the_names(page):
    expected = skeleton(PAGES[page]("harmless"))
    for name in map(without_backticks, [TOGETHER] if page in SLOW else [TOGETHER, *HOSTILE]):
        made = PAGES[page](name)
        assert skeleton(made) == expected, name
        assert html.unescape(re.sub("<[^>]+>", " ", made)).count(RAN) >= (RAN in name), "the name is not shown"


def test_a_report_has_the_same_elements_whatever_the_headers():
    bad, good = report_of(HEADERS), report_of(HARMLESS)
    assert skeleton(bad) == skeleton(good)
    soup = BeautifulSoup(bad, "html.parser")
    cells = " ".join(cell.get_text() for cell in soup.select(".moments td"))
    assert f"<script>{RAN}</script>" in cells, "the alarm names its channel"
    assert any(RAN in image["alt"] for image in soup.find_all("img")), "the alt text names the channel"
    assert "default-src 'none'" in soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]


@pytest.mark.parametrize("name", ["<b>bold.csv", "a\" onload=\"x.csv"])
def test_the_name_of_the_file_is_text_too(tmp_path, name):
    try:
        path = csv_of(HARMLESS[:1], tmp_path).rename(tmp_path / name)
    except OSError:
        pytest.skip("this system has no such names")
    report([str(path), "--out", str(tmp_path / "report.html")])
    soup = BeautifulSoup((tmp_path / "report.html").read_text(encoding="utf-8"), "html.parser")
    assert not soup.find("b") and not soup.find(attrs={"onload": True})


def test_nothing_runs_in_a_browser(tmp_path):
    browser = web.chromium()
    if browser is None:
        pytest.skip("Chromium is not here, in which the pages are opened")
    # Without the report's own policy, which would stop what should not even be there.
    page = report_of(HEADERS)
    page = page.replace("default-src 'none'", "default-src * 'unsafe-inline' 'unsafe-eval'")
    page = page.replace("style-src", "x-src")
    bodies = [make(name) for page_of, make in PAGES.items()
              for name in ([TOGETHER] if page_of in SLOW else [TOGETHER, *HOSTILE])]
    page = page.replace("</body>", "".join(f"<div>{body}</div>" for body in bodies) + "</body>")

    def opened(page):
        file = tmp_path / "page.html"
        file.write_text(page, encoding="utf-8")
        options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'p'}",
                   "--virtual-time-budget=2000", "--dump-dom"]
        done = subprocess.run([browser, *options, file.as_uri()], capture_output=True, timeout=120, check=True)
        return re.search(rb"<html[^>]*data-ran", done.stdout)

    assert opened(page.replace("</body>", f"<img src=x onerror='{RAN}'></body>")), "the browser runs what is there"
    assert not opened(page)


@pytest.fixture(scope="module")
def live():
    from mupy_helpers.live.notebook import serve_in_thread

    return serve_in_thread(3600.0)


def asked(port, path, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize(("origin", "status"), [
    ("http://127.0.0.1:{}", 101), ("http://localhost:{}", 101), ("http://evil.example", 403),
    ("http://127.0.0.1.evil.example:{}", 403), ("http://127.0.0.1:1", 403), ("null", 403),
])
def test_only_its_own_page_may_talk_to_the_live_page(live, origin, status):
    # A token that is none is refused later, in the socket: whether the socket is opened is what counts.
    assert asked(live, "/ws", Connection="Upgrade", Upgrade="websocket", Origin=origin.format(live),
                 **{"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13",
                    "Sec-WebSocket-Protocol": "bokeh, none"}) == status
