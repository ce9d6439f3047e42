"""The talk: its story and timing from the source, its numbers from the lessons, every slide as Chromium shows it."""

import re
import shutil
from html import unescape

import jupytext
import nbformat
import numpy as np
import pytest
from pyod.models.knn import KNN
from scipy.signal import spectrogram

from mupy_helpers import datasets, recipes
from mupy_helpers.own_data import recipe
from mupy_helpers.simulate.spoken_words import RATE, simulate_spoken_word
from tools import lessons, slides, web
from tools.processes import Stop
from tools.stored import stored_table

SIZES = [[1280, 720], [1920, 1080]]
NOT_PROSE = re.compile(r'```.*?```|\$\$.*?\$\$|<[^>]+>|Markdown\(fr"""|"""\)|[#|*`-]', re.S)
TALK = slides.slides_of(slides.read())


@pytest.fixture(scope="module")
def notebook():
    return slides.executed()


@pytest.fixture(scope="module")
def page(notebook):
    """The talk's page, built where the verb builds it."""
    for program, found in [("Node.js", shutil.which("node")), ("Chromium", web.chromium())]:
        if not found:
            pytest.skip(f"{program} is not here, in which the slides are looked at")
    try:
        web.node_modules()
    except Stop as stop:
        pytest.skip(str(stop))
    slides.PAGE.write_text(slides.to_html(notebook), encoding="utf-8", newline="\n")
    return slides.PAGE


def look(page, keys=False, sizes=SIZES):
    source = slides.SOURCE.read_text(encoding="utf-8")
    points, dpi = map(float, re.search(r"^POINTS, DPI = (.+), (.+)$", source, re.M).groups())
    axe = (web.MODULES / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    return web.browse(lessons.ROOT / "tests" / "browser" / "slides.mjs",
                      {"page": page.as_uri(), "sizes": sizes, "axe": axe, "points": points, "dpi": dpi, "keys": keys})


@pytest.fixture(scope="module")
def seen(page):
    return look(page, keys=True)


# ---------------------------------------------------------------------------------------- the story, from the source

def test_the_talk_has_as_many_slides_and_minutes_as_it_promises():
    assert 25 <= len(TALK) <= 35
    assert 28 * 60 <= sum(slide.seconds for slide in TALK) <= 31 * 60


@pytest.mark.parametrize("number", range(1, len(TALK) + 1))
def test_the_notes_can_be_spoken_in_their_time(number):
    slide = TALK[number - 1]
    words = len(re.sub(r"\[.*?\]|\{\{.*?\}\}", " number ", "\n".join(cell.source for cell in slide.notes)).split())
    a_minute = 60 * words / slide.seconds
    assert (40 if is_demo(slide) else 85) <= a_minute <= 140


def test_a_slide_has_few_words():
    prose = ["\n".join(cell.source for cell in slide.cells
                       if cell.cell_type == "markdown" or "Markdown(" in cell.source) for slide in TALK]
    words = [len(NOT_PROSE.sub(" ", re.sub(r"\{[^{}]*\}", "number", text)).split()) for text in prose]
    assert max(words) <= 45 and sum(count <= 30 for count in words) >= 0.8 * len(TALK), words


def test_letters_of_a_figure_have_one_size():
    assert not re.search(r"fontsize=|labelsize=", slides.SOURCE.read_text(encoding="utf-8"))


def test_the_six_lines_are_six():
    [shown] = [cell for slide in TALK for cell in slide.cells if "show" in cell.metadata.get("tags", [])]
    assert len(shown.source.splitlines()) == 6


def is_demo(slide):
    return slide.cells[0].metadata.get("kind") == "demo"


def test_each_demo_points_at_a_cell_and_is_followed_by_a_figure_that_stands_in_for_it():
    demos = [number for number, slide in enumerate(TALK) if is_demo(slide)]
    assert len(demos) == 2
    for number in demos:
        text = TALK[number].cells[0].source
        path, heading, code = (re.search(pattern, text, re.S)[1] for pattern in
                               (r"`(notebooks/\S+\.ipynb)`", r"Heading: \*\*(.+?)\*\*", r"```python\n(.+?)\n```"))
        lesson = nbformat.read(lessons.ROOT / path, as_version=4)
        [place] = [i for i, cell in enumerate(lesson.cells) if f"## {heading}" in cell.source.splitlines()]
        assert any(code in cell.source for cell in lesson.cells[place:place + 12] if cell.cell_type == "code")
        assert any("plt.show()" in cell.source for cell in TALK[number + 1].cells)


def test_placeholders_are_filled_and_other_braces_stay():
    cell = nbformat.v4.new_markdown_cell(r"$\text{a}$: {{1 + 1:.1f}} of {set}")
    shown = {}
    exec(slides.filled(cell).source, {"Markdown": lambda text: shown.update(text=text)})
    assert shown["text"] == r"$\text{a}$: 2.0 of {set}"


def test_a_slide_without_a_timing_is_refused():
    cells = [nbformat.v4.new_markdown_cell(text, metadata={"slideshow": {"slide_type": kind}})
             for text, kind in [("# One", "slide"), ("no timing", "notes")]]
    with pytest.raises(ValueError, match="'One' hold 0 timings"):
        slides.slides_of(nbformat.v4.new_notebook(cells=cells))[0].seconds


# ---------------------------------------------------------------------------------------- the numbers

def test_no_number_of_the_story_is_typed():
    """What is measured stands in the notes and titles as an expression, never as digits."""
    written = "\n".join(cell.source for cell in jupytext.read(slides.SOURCE).cells if cell.cell_type == "markdown")
    without = re.sub(r"\{\{.*?\}\}|```.*?```|`.*?`|\[\d+:\d\d\]|\$\$.*?\$\$|^\d\. ", "", written, flags=re.S | re.M)
    limits, dates, names = {"10", "3", "9", "8", "7", "201", "401"}, {"22"}, {"30", "09", "1959", "2015", "1"}
    assert set(re.findall(r"\d+(?:[.,]\d+)*", without)) <= limits | dates | names


def test_the_boards_rows_are_those_of_the_lessons(notebook):
    lesson = stored_table("07_ensembles", "supervised.learn_from_fleet").astype(object)
    lesson = lesson.rename({"boosting of lesson 05": "boosting, learned on 24 stores",
                            "Mahalanobis (T², all components)": "Mahalanobis distance"})
    boards = [output["data"]["text/html"] for cell in notebook.cells for output in cell.get("outputs", [])
              if "table class='board" in output.get("data", {}).get("text/html", "")]
    rows = {tuple(re.findall(r"<td>(.*?)</td>", row)) for row in re.findall(r"<tr.*?</tr>", "".join(boards))} - {()}
    assert len(boards) == 4 and len(rows) >= 12
    for name, lead, weekly, cost in rows:
        row = lesson.loc[name.replace("&gt;", ">")]
        assert lead.replace("−", "-") == str(row["hours before the trip"])
        assert float(weekly) == pytest.approx(float(row["false alarms per week"]), abs=0.051)
        assert float(cost.replace(",", "")) == pytest.approx(float(row["expected cost per year"]), abs=1)


def test_the_networks_and_the_liars_numbers_are_those_of_the_lessons(notebook):
    said = "\n".join(slides.shown(cell) for cell in notebook.cells)
    ours = map(float, re.search(r"average precision of (\d\.\d\d).+? reaches (\d\.\d\d)\.", said, re.S).groups())
    beats = stored_table("06_lstm_autoencoder", "spread(lstms)")["average precision"]
    assert tuple(ours) == (beats["LSTM autoencoder, 3 seeds"], beats["PCA, 1 component"])
    liar = stored_table("07_ensembles", "verdicts.round(2)")["point-adjusted F1"]
    assert f"{liar['honest']:.2f}, and {liar['random']:.2f} for random numbers" in said


def test_the_recipe_on_the_slide_is_the_one_that_is_run(notebook):
    [printed] = [output["data"]["text/html"] for cell in notebook.cells for output in cell.get("outputs", [])
                 if "class='recipe'" in output.get("data", {}).get("text/html", "")]
    source = (lessons.ROOT / "mupy_helpers" / "own_data" / "recipe.py").read_text(encoding="utf-8")
    lines = unescape(re.sub(r"</?pre.*?>", "", printed)).splitlines()
    assert len(lines) <= 25 and all(line in source.splitlines() for line in lines)
    assert {line.split("(")[0] for line in lines if line.startswith("def ")} == {
        "def limit", "def distance", "def news"} <= {line.split("(")[0] for line in source.splitlines()}
    code = compile("\n".join(lines), "slide", "exec")
    assert {"np", "pd", "StandardScaler", "ShrunkCovariance"} >= {
        name for each in code.co_consts if hasattr(each, "co_names") for name in each.co_names
        if name in vars(recipe) and name not in ("limit", "distance", "news")}


def odd_words_stand_clear():
    """As the talk computes it, with other voices: the picture must not hang on one seed."""
    spoken = np.vstack([simulate_spoken_word("ai", 40, seed=11), simulate_spoken_word("ia", 3, seed=12)])
    pictures = np.log(spectrogram(spoken, RATE, nperseg=256, noverlap=128)[2][:, 1:, :28] + 1e-8)
    coarse = pictures.reshape(43, 16, 8, 14, 2).mean(axis=(2, 4)).reshape(43, -1)
    scores = KNN(n_neighbors=10).fit(coarse - coarse.mean(axis=1, keepdims=True)).decision_scores_
    return scores[40:].min() > 1.2 * scores[:40].max()


def claims():
    """What the talk says in words about numbers that it computes or quotes: the words, and whether they are true."""
    splits = stored_table("05_supervised_detection", 'table.loc["never calls"]')
    by_kind = stored_table("05_supervised_detection", "name: by_kind(is_alarm)")
    unseen = stored_table("05_supervised_detection", "kind never seen")
    fleet = stored_table("07_ensembles", "summary = read_fleets(results)")
    board = stored_table("07_ensembles", "supervised.learn_from_fleet")
    called = fleet["12 hours ahead"].str.split().str[0].astype(int)
    weekly = fleet["false alarms per week"]
    euros, false = board["expected cost per year"], board["false alarms"].str.split().str[0].astype(int)
    charts = ["starts in six hours", "EWMA of the current's residual", "EWMA, downwards only"]
    by_store, never = splits.loc["by unit"], splits.loc["never calls"]
    beaten = euros.drop(["never call", "room > 10 °C"]) < euros["never call"]
    store = datasets.load_cold_store()
    events = datasets.load_cold_store_events()
    leak = events[events["kind"] == "slow_leak"].iloc[0]
    healthy = store.loc[~store.index.to_series().between(leak["start"], leak["end"]), "room_temp"]
    pair = store.loc[store["frequency"] > 10, ["frequency", "drive_current"]]
    past = pair[:"2015-10-17"]
    inside = ((pair.loc["2015-10-22"] >= past.min()) & (pair.loc["2015-10-22"] <= past.max())).mean()
    salaries = datasets.load_salaries()["salary"]
    networks = ["LSTM autoencoder", "ensemble: T² + SPE, VAR, LSTM"]
    return {
        "most clever methods do not beat it": beaten.mean() < 0.5,
        "two of them below twenty-five dollars": len(salaries) == 100 and (salaries < 25).sum() == 2,
        "a band that stays below eight": healthy.groupby(healthy.index.hour).quantile(0.9).max() < 8,
        "up to twenty-five degrees": 25 <= store["room_temp"].groupby(store.index.hour).quantile(0.9).max() < 26,
        "Every one of these speeds is usual, and most of these currents are": inside["frequency"] == 1 and
        0.5 < inside["drive_current"] < 1,
        "in seven channels instead of two": len(recipes.MACHINE) == 7,
        "comes {{-float(in_lesson_04": float(board.loc["Isolation Forest", "hours before the trip"]) > 20 and float(
            stored_table("04_distance_and_clustering", 'board.add("room > 10 °C"').loc["Isolation Forest"].iloc[1]) < 0,
        "that is chance": by_store["average precision"] <= never["average precision"] + 0.02,
        "and a better accuracy": never["accuracy"] > by_store["accuracy"],
        "every leak, because it was made for leaks": by_kind.loc["EWMA, limit of lesson 03", "slow_leak"] == 9,
        "but few fans": by_kind.loc["EWMA, limit of lesson 03", "fan_failure"] <= 3,
        "of nine each": (unseen["of"] == 9).all(),
        "it now warns hardly ever": (unseen["kind never seen"] <= 3).all(),
        "each of them leaks once": fleet["12 hours ahead"].str.endswith("of 12").all(),
        "The charts of the current and Mahalanobis call every one": (
            called[[*charts[1:], "Mahalanobis (T², all components)"]] == 12).all(),
        "no more than an alarm drawn by lots": called["LSTM autoencoder"] <= called["by lots, twice a week"],
        "calls half as often for nothing": 0.45 < weekly["EWMA, downwards, limit from all days"]
        / weekly["EWMA, downwards only"] < 0.55,
        "Zero euros, three times": (euros[charts] == 0).all(),
        "hours, each with {{": false["Mahalanobis (T², all components)"] == false["k-NN distance"],
        "a few calls for nothing": 1 <= false[networks[1]] <= 3,
        "The three crosses stand clear of the rest": odd_words_stand_clear(),
        "forty speakers say": len(simulate_spoken_word("ai", 40, seed=1)) == 40,
        "The last row is not the best one": euros[networks[1]] > euros[charts].max(),
    }


def test_what_is_said_in_words_is_true():
    said = slides.SOURCE.read_text(encoding="utf-8")
    assert [words for words, holds in claims().items() if words not in said or not holds] == []


def test_a_table_that_is_not_there_is_named():
    with pytest.raises(ValueError, match="0 cells of 07_ensembles hold 'no such code'"):
        stored_table("07_ensembles", "no such code")


def test_the_readme_holds_the_timing_of_this_talk(notebook):
    assert slides.timetable(notebook) in slides.README.read_text(encoding="utf-8"), "run python3 course.py slides"


# ---------------------------------------------------------------------------------------- the page

def test_the_page_is_one_file_and_asks_for_no_other(page):
    text = re.sub(r"<(script|style)>.*?</\1>", r"<\1></\1>", page.read_text(encoding="utf-8"), flags=re.S)
    assert 3e6 < page.stat().st_size < 6e6
    assert re.match(r'<!DOCTYPE html>\s*<html lang="en">', text)
    assert not re.search(r"<(script|img|iframe)[^>]* src=\"(?!data:)|<link[^>]* href=\"(?!data:)", text)
    assert "{{" not in text


@pytest.mark.parametrize("size", range(len(SIZES)), ids=lambda size: "x".join(map(str, SIZES[size])))
def test_every_slide_fits_and_can_be_read(seen, size):
    found = seen["looks"][size]
    assert len(found["slides"]) == len(TALK)
    assert {number: faults for number, faults in enumerate(found["slides"], start=1) if faults} == {}
    assert found["errors"] == []


def test_the_keyboard_reaches_every_slide(seen):
    assert seen["walk"] == {"visited": list(range(len(TALK))), "home": 0, "errors": []}


def test_the_speakers_view_shows_the_notes_and_follows(seen):
    assert [shown for _, shown, _ in seen["speak"]["notes"]] == [True] * 3, seen["speak"]["notes"]
    assert seen["speak"]["errors"] == []


BREAK = {
    "overflow": ("<h2", '<div style="position:absolute;left:1200px;width:200px">far out</div><h2'),
    "small": ("<h2", '<p style="font-size:20px">small print</p><h2'),
    "color-contrast": ("<h2", '<p style="color:#bbbbbb">pale print</p><h2'),
    "alt": ('<img alt="', '<img alt="" title="'),
    "covered": ("<h2", '<p style="position:absolute;right:20px;bottom:20px">under the number</p><h2'),
    "notes": ("until 1:30", "and so on"),
    "console": ("Reveal.initialize", 'console.error("broken"); Reveal.initialize'),
    "foreign": ("</main>", '<img alt="" src="http://127.0.0.1:9/elsewhere.png"></main>'),
}


def test_a_broken_slide_is_seen(page, tmp_path):
    """Each check fails on a page that is broken in its way: else it would prove nothing."""
    text = page.read_text(encoding="utf-8")
    for old, new in BREAK.values():
        assert old in text
        text = text.replace(old, new, 1)
    broken = tmp_path / "broken.html"
    broken.write_text(text, encoding="utf-8")
    [found] = look(broken, sizes=SIZES[:1])["looks"]
    faults = [fault.split(":")[0] for fault in [*sum(found["slides"], []), *found["errors"]]]
    assert set(BREAK) <= set(faults)


def test_the_pdf_has_a_page_for_each_slide(page, tmp_path):
    pdf = tmp_path / "talk.pdf"
    margin = web.browse(lessons.ROOT / "slides" / "pdf.mjs", {"page": page.as_uri(), "pdf": str(pdf)})
    assert margin >= 50
    content = pdf.read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b", content)) == len(TALK)
    assert set(re.findall(rb"/MediaBox\s*\[([^\]]+)\]", content)) == {b"0 0 960 540"}


@pytest.mark.parametrize("missing, sentence", [("npm", "npm is missing"), ("Chromium", "Chromium is missing")])
def test_what_is_missing_is_said_in_one_sentence(monkeypatch, tmp_path, notebook, missing, sentence):
    monkeypatch.setattr(slides, "PAGE", tmp_path / "page.html")
    monkeypatch.setattr(slides, "shown_to_reader", lambda path, start: None)
    if missing == "npm":
        monkeypatch.setattr(web, "MODULES", tmp_path / "nothing")
        monkeypatch.setattr(web.shutil, "which", lambda name: None)
    else:
        monkeypatch.setattr(slides, "to_html", lambda notebook: "")
        monkeypatch.setattr(web, "node_modules", lambda say=print: tmp_path)
        monkeypatch.setattr(web, "chromium", lambda: None)
    with pytest.raises(SystemExit) as stopped:
        slides.main(["--pdf"])
    assert re.fullmatch(r"course.py slides: [^.]*" + sentence + r"[^\n]*\.", str(stopped.value))
