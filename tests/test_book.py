"""The web book holds every lesson, leads nowhere wrong, and can be read by everybody, on a phone and in the dark."""

import functools
import http.server
import re
import shutil
import threading
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

from mupy_helpers import doctor
from mupy_helpers.exercises.engine import load_bank
from tests.test_docs import documented
from tools import lessons, web
from tools.book import __main__ as book
from tools.book import glossary, notebooks, stage, tables
from tools.processes import Stop

ADDRESS = "https://github.com/made-up/course"
SCRIPT = Path(__file__).resolve().parent / "browser" / "book.mjs"
MEGABYTE = 1_000_000
LESSONS = {lesson.name: lesson for lesson in lessons.all_lessons()}


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    return book.build(tmp_path_factory.mktemp("book"))


@pytest.fixture(scope="module")
def pages(html):
    """Every page as BeautifulSoup, by its path."""
    return {path.relative_to(html).as_posix(): BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
            for path in sorted(html.rglob("*.html"))}


@pytest.fixture(scope="module")
def look():
    """Open pages of a folder in the browser; return what it found."""
    try:
        if web.chromium() is None or shutil.which("node") is None:
            raise Stop("Chromium or Node.js is missing")
        web.node_modules()
    except Stop as stop:
        pytest.skip(str(stop))

    def start(folder, pages, **task):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        home = f"http://127.0.0.1:{server.server_port}/"
        try:
            return web.browse(SCRIPT, {"home": home, "pages": sorted(pages), "tabs": 3, **task}, timeout=900)
        finally:
            server.shutdown()
            server.server_close()

    return start


@pytest.fixture(scope="module")
def seen(html, pages, look):
    """What the browser found on every page."""
    return look(html, pages, searches=["Mahalanobis", "zzyzx"], axe=True)


def offenders(seen, pick):
    return {path: problem for path, found in seen["pages"].items() if (problem := pick(found))}


# --- what is in it

def test_every_lesson_is_a_page_and_in_the_contents(pages):
    for lesson in LESSONS.values():
        path = lesson.notebook.relative_to(lessons.ROOT).with_suffix(".html").as_posix()
        assert lessons.front_matter(lesson)["title"] in pages[path].h1.get_text()
        for place in ("nav.bd-docs-nav", "article"):
            assert pages["index.html"].select(f'{place} a[href="{path}"]'), f"{path} is not in the {place} of the index"


@pytest.mark.parametrize("name", LESSONS)
def test_figures_and_texts_of_a_lesson_are_there(pages, name):
    page = pages[LESSONS[name].notebook.relative_to(lessons.ROOT).with_suffix(".html").as_posix()]
    stored = notebooks.nbformat.read(LESSONS[name].notebook, as_version=4)
    outputs = [output for cell in stored.cells for output in cell.get("outputs", [])]
    alts = [output.metadata["image/png"]["alt"] for output in outputs if "image/png" in output.get("data", {})]
    assert [image["alt"] for image in page.select(".cell_output img")] == alts
    text = page.get_text()
    for output in outputs:
        assert output.get("text", "").strip() in text


@pytest.mark.parametrize("name", LESSONS)
def test_each_exercise_has_three_hints_one_inside_the_other_and_its_solution(pages, name):
    page = pages[LESSONS[name].notebook.relative_to(lessons.ROOT).with_suffix(".html").as_posix()]
    wanted = lessons.exercises_in(LESSONS[name])
    boxes = page.select("div.exercise")
    assert len(boxes) == len(wanted)
    for box, exercise in zip(boxes, wanted):
        assert not box.select("details[open]")
        hint, solution = box.find_all("details", recursive=False)
        assert exercise.solution.strip() in solution.pre.get_text()
        for text in exercise.hints:
            assert re.sub("`", "", text) in hint.p.get_text(), "a hint is missing, or not in its order"
            assert sum(re.sub("`", "", text) in p.get_text() for p in hint.find_all("p")) == 1
            hint = hint.find("details", recursive=False)
        assert hint is None
        assert not box.find_all(["p", "pre"], recursive=False), "something is not folded"
    assert "Not attempted yet" not in "".join(output.get_text() for output in page.select(".cell_output"))


def test_no_page_gives_a_wrong_answers_message_away(pages):
    """A message belongs to the one who gave the answer."""
    text = pages["notebooks/00_start_here.html"].get_text()
    assert not [wrong.message for wrong in load_bank("00")["00.1"].wrong if f"That is the {wrong.message}" in text]


def test_the_reference_holds_every_public_name(pages):
    ids = {tag["id"] for path, page in pages.items() if path.startswith("reference/") for tag in page.select("dt[id]")}
    assert {parameter.id for parameter in documented() if "._" not in parameter.id} <= ids


def test_the_data_sheets_are_there(pages):
    assert "Where the simulation is weaker" in pages["data/README.html"].get_text()
    assert "CC BY-SA 4.0" in pages["published.html"].get_text()


# --- glossary

def test_terms_are_sentences_and_have_their_place_in_a_lesson():
    prose = glossary.bold_prose()
    found = glossary.terms()
    assert len(found) > 60
    assert glossary.SOURCE.read_text(encoding="utf-8").count("\n: ") == len(found), "an entry is not written as one"
    for term in found:
        assert term.text.endswith("."), term.name
        assert re.search(r"\. [A-Z]", term.text) is None, f"{term.name}: one sentence"
        assert glossary.first_lesson(term, prose), f"{term.name} is in bold in no lesson"
    forms = [form.lower() for term in found for form in term.forms]
    assert len(forms) == len(set(forms)), "two terms share a form"


def test_the_first_use_of_a_term_leads_to_the_glossary(pages):
    page = pages["notebooks/04_distance_and_clustering.html"]
    links = [link for link in page.select("article a") if "#term-Mahalanobis" in link["href"]]
    assert len(links) == 1 and links[0]["href"].startswith("../glossary.html")
    assert not [link for path in pages if path.startswith("notebooks/")
                for link in pages[path].select("h1 a, h2 a, h3 a, pre a, table a, a a") if "#term-" in link["href"]]


# --- for hosts

def test_the_hosts_page_answers_every_question_of_the_doctor(pages):
    text = pages["hosts.html"].get_text()
    assert [check.what for check in doctor.run_checks() if check.what not in text] == []


@pytest.mark.parametrize("name", tables.SCHEDULES)
def test_schedules_fit_and_are_shown(pages, name):
    rows = tables.schedule(name).splitlines()[2:]
    minutes = [int(row.rpartition("|")[0].rpartition("|")[2]) for row in rows]
    assert sum(minutes) == tables.SCHEDULES[name][0] and min(minutes) >= 0
    [heading] = [heading for heading in pages["hosts.html"].find_all("h2") if name in heading.get_text().lower()]
    cells = [row.find_all("td")[-1].get_text() for row in heading.find_next("table").tbody.find_all("tr")]
    assert cells == [str(minute) for minute in minutes]


def test_a_schedule_that_lessons_have_outgrown_stops_the_build(monkeypatch):
    monkeypatch.setitem(tables.SCHEDULES, "3 hours", (60, tables.SCHEDULES["3 hours"][1]))
    with pytest.raises(Stop, match="the schedule of 3 hours takes"):
        tables.schedule("3 hours")


# --- links

def test_no_link_or_anchor_is_broken(html, pages):
    ids = {path: {tag["id"] for tag in page.select("[id]")} | {tag["name"] for tag in page.select("a[name]")}
           for path, page in pages.items()}
    broken = []
    for path, page in pages.items():
        for tag in page.select("[href], [src]"):
            target = tag.get("href") or tag.get("src")
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                assert tag.name == "a", f"{path} loads {target}"
                continue
            there = (html / path).parent.joinpath(unquote(parts.path)).resolve() if parts.path else html / path
            where = there.relative_to(html.resolve()).as_posix() if there.is_relative_to(html.resolve()) else ""
            if not there.is_file() or parts.fragment and where in ids and unquote(parts.fragment) not in ids[where]:
                broken.append(f"{path}: {target}")
    assert broken == []


def test_no_page_names_the_machine_or_a_repository_that_is_not_set(html, pages):
    if lessons.repository():
        pytest.skip("the repository's address is set")
    for path in pages:
        text = (html / path).read_text(encoding="utf-8")
        assert str(lessons.ROOT) not in text and str(html) not in text, path
        assert "colab.research" not in text and "mybinder" not in text and "Edit this page" not in text, path


# --- the parts that depend on a setting: a book of two pages

@pytest.fixture(scope="module")
def variant(tmp_path_factory):
    """A book with the repository's address, a deck and a formula."""
    out = tmp_path_factory.mktemp("variant")
    talk = out / "deck.html"
    talk.write_text("<!doctype html><html lang=en><title>deck</title><p>slides", encoding="utf-8")
    stage.stage(out / "source", ADDRESS, talk)
    for path in list((out / "source").rglob("*.*")):
        if path != out / "source" / "talk.md":
            path.unlink()
    front = "# Index\n\n$\\sqrt{(1 - p) / p}$\n\n```{toctree}\ntalk\n```\n"
    (out / "source" / "index.md").write_text(front, encoding="utf-8")
    try:
        web.node_modules()
    except Stop as stop:
        pytest.skip(str(stop))
    return book.render(out, ADDRESS, talk, say=lambda text: None)


def test_the_deck_is_shown_and_loaded_only_on_demand(variant):
    page = BeautifulSoup((variant / "talk.html").read_text(encoding="utf-8"), "html.parser")
    frame = page.iframe
    assert frame["loading"] == "lazy" and frame["title"] and frame.find_parent("details") is not None
    assert (variant / frame["src"]).is_file()


def test_pages_can_be_edited_where_the_address_is_known(variant):
    page = BeautifulSoup((variant / "talk.html").read_text(encoding="utf-8"), "html.parser")
    assert page.select(f'a[href="{ADDRESS}/edit/main/book/talk.md"]')


def test_formulas_bring_their_own_mathjax(variant, look):
    script = BeautifulSoup((variant / "index.html").read_text(encoding="utf-8"), "html.parser").select_one(
        'script[src*="mathjax"]')
    assert (variant / script["src"].partition("?")[0]).is_file()
    assert list((variant / "_static" / "mathjax").rglob("*.woff"))
    assert "mathjax/" not in (variant / "talk.html").read_text(encoding="utf-8")
    found = look(variant, ["index.html"])["pages"]["index.html"]
    assert found["errors"] == [] and found["formulas"] == 1


@pytest.mark.parametrize("name", LESSONS)
def test_lessons_can_be_launched_where_the_address_is_known(name):
    text = notebooks.page(LESSONS[name], ADDRESS).cells[0].source
    assert "https://colab.research.google.com/github/made-up/course/" in text and "https://mybinder.org/" in text


@pytest.mark.parametrize("page", ["index", "talk", "hosts", "glossary", "data/README", "reference/plots",
                                  "reference/datasets", "notebooks/00_start_here"])
def test_each_page_knows_its_source(page):
    assert (lessons.ROOT / stage.source_of(page)).is_file()


def test_an_address_that_is_none_is_refused(tmp_path):
    with pytest.raises(Stop, match="OWNER/NAME"):
        book.build(tmp_path, "https://example.org/course")


# --- in the browser

def test_pages_load_without_errors_and_without_asking_elsewhere(seen, pages):
    assert set(seen["pages"]) == set(pages)
    assert offenders(seen, lambda found: found["errors"]) == {}


def test_every_image_is_shown_and_has_an_alt_text(seen):
    assert offenders(seen, lambda found: found["unnamed"]) == {}


@pytest.mark.parametrize("width", ["360", "1280"])
def test_no_page_scrolls_sideways(seen, width):
    assert offenders(seen, lambda found: found["widths"][width]) == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(seen, theme):
    assert offenders(seen, lambda found: found["axe"][theme]) == {}


def test_pages_are_light(seen):
    """With everything that they load."""
    assert offenders(seen, lambda found: found["bytes"] if found["bytes"] > 2 * MEGABYTE else None) == {}


def test_search_finds_mahalanobis(seen):
    assert any("04_distance_and_clustering" in link for link in seen["searches"]["Mahalanobis"])
    assert seen["searches"]["zzyzx"] == []
