"""Every stored notebook is what its source says, was run from top to bottom, and can be read by everybody."""

import ast
import functools
import re

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbconvert import HTMLExporter

from tools import lessons

TEMPLATES = str(lessons.ROOT / "tools" / "jupyter" / "nbconvert" / "templates")
LESSONS = {lesson.name: lesson for lesson in lessons.all_lessons()}
ADDRESS = "https://github.com/made-up/course"
PNG = "image/png"
MACHINE_PATH = re.compile(r"(?<![\w./])/(?:home|root|work|tmp|usr|Users|mnt|opt|var|etc|content)/\w"
                          r"|\b[A-Za-z]:\\\w|(?<!\w)~/\w")

each = pytest.mark.parametrize("name", LESSONS)


@functools.lru_cache(maxsize=None)
def stored(name):
    path = LESSONS[name].notebook
    if not path.is_file():
        pytest.fail(f"{name} was never built: python3 course.py build {name}")
    return nbformat.read(path, as_version=4)


@functools.lru_cache(maxsize=None)
def wanted(name):
    return lessons.read(LESSONS[name])


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def outputs(notebook):
    return [(cell, output) for cell in code(notebook) for output in cell.outputs]


def texts(notebook):
    """Yield (cell, text) for each text that a reader sees in an output."""
    for cell, output in outputs(notebook):
        yield cell, output.get("text", "")
        for kind, data in output.get("data", {}).items():
            if kind.startswith("text/"):
                yield cell, data


def pictures(notebook):
    """Return (cell, alt text) for each picture."""
    return [(cell, output.get("metadata", {}).get(PNG, {}).get("alt", "")) for cell, output in outputs(notebook)
            if PNG in output.get("data", {})]


def lines(cell):
    return [line for line in cell.source.splitlines() if line.strip()]


# --- the pair of source and notebook

def test_each_notebook_has_its_source_and_each_source_its_notebook():
    folders = lessons.NOTEBOOKS, lessons.NOTEBOOKS / "case_studies"
    notebooks = [path for folder in folders for path in folder.glob("*.ipynb")]
    assert sorted(notebooks) == sorted(lesson.notebook for lesson in LESSONS.values())
    assert len({lesson.number for lesson in LESSONS.values() if not lesson.is_case_study}) == sum(
        not lesson.is_case_study for lesson in LESSONS.values())


@each
def test_cells_are_those_of_the_source(name):
    def seen(notebook):
        return [(cell.id, cell.cell_type, cell.source, cell.metadata.get("tags")) for cell in notebook.cells]

    for place, (have, want) in enumerate(zip(seen(stored(name)), seen(wanted(name)))):
        assert have == want, f"cell {place} differs from the source: python3 course.py build {name[:2]}"
    assert len(stored(name).cells) == len(wanted(name).cells)


@each
def test_reading_a_source_twice_gives_the_same_valid_notebook(name):
    first, second = lessons.read(LESSONS[name]), lessons.read(LESSONS[name])
    assert nbformat.writes(first) == nbformat.writes(second)
    assert len({cell.id for cell in first.cells}) == len(first.cells)
    nbformat.validate(first)
    nbformat.validate(stored(name))


@each
def test_the_file_is_kept_as_git_likes_it(name):
    stored(name)
    raw = LESSONS[name].notebook.read_bytes()
    assert b"\r" not in raw and raw.endswith(b"}\n")
    raw.decode("utf-8")


@each
def test_front_matter_is_complete(name):
    lesson, matter = LESSONS[name], dict(stored(name).metadata["mupy"])
    assert 3 <= len(matter["able"]) <= 5 and all(isinstance(verb, str) for verb in matter["able"])
    assert isinstance(matter["data"], list) and matter["data"] and isinstance(matter["need"], str) and matter["need"]
    assert matter["question"].endswith("?")
    reading, exercises = lessons.minutes(lesson)
    assert matter["minutes"] == {"reading": reading, "exercises": exercises}
    header = stored(name).cells[0].source
    for part in (matter["title"], matter["question"], f"{reading} min reading", *matter["able"], *matter["data"]):
        assert str(part) in header, f"the header does not say {part!r}"


@each
def test_paths_are_short_enough(name):
    core = sum(lessons.minutes(LESSONS[name], "core"))
    assert core <= 60, f"the core path takes {core} minutes: shorten it, or move a section to 'Going further'"
    workshop = sum(lessons.minutes(LESSONS[name], "workshop"))
    assert workshop <= 30, f"the workshop path takes {workshop} minutes: take the mark from a section"


# --- how it ran

@each
def test_cells_ran_once_each_from_top_to_bottom(name):
    assert [cell.execution_count for cell in code(stored(name))] == list(range(1, len(code(stored(name))) + 1))


@each
def test_no_cell_failed_or_warned(name):
    for cell, output in outputs(stored(name)):
        assert output.output_type != "error", f"cell {cell.id} failed: {output.get('ename')}"
        assert output.get("name") != "stderr", f"cell {cell.id} wrote to stderr: {output.text[:200]!r}"
    for cell, text in texts(stored(name)):
        found = re.search(r"\b\w*Warning\b[:(]|Traceback \(most recent", text)
        assert not found, f"cell {cell.id} shows {found[0]!r}"


@each
def test_outputs_show_nothing_of_the_machine_or_the_moment(name):
    for cell, text in texts(stored(name)):
        found = MACHINE_PATH.search(text) or re.search(r"\bat 0x[0-9a-f]{6,}", text)
        assert not found, f"cell {cell.id} shows {found[0]!r}, which is different elsewhere"
    for cell in stored(name).cells:
        assert "execution" not in cell.metadata


@each
def test_there_are_outputs_to_compare(name):
    """With stored outputs stripped, a comparison passes whatever comes."""
    assert sum(bool(text.strip()) for _, text in texts(stored(name))) >= 3


# --- code on the page

@each
def test_code_cells_are_short(name):
    long = {cell.id: len(lines(cell)) for cell in code(wanted(name)) if len(lines(cell)) > 15}
    assert not long, f"over 15 lines: {long}"
    under_ten = sum(len(lines(cell)) < 10 for cell in code(wanted(name)))
    assert under_ten >= 0.9 * len(code(wanted(name))), "nine of ten code cells should have fewer than ten lines"


@each
def test_code_is_plain(name):
    for cell in code(wanted(name)):
        source = cell.source
        where = f"cell {cell.id}: "
        assert not source.rstrip().endswith(";"), where + "a trailing ; breaks the comparison of outputs"
        magics = [line for line in source.splitlines() if line.startswith(("%", "!")) and line.strip() != "%%time"]
        assert not magics, where + f"no magic but %%time: {magics[0]}"
        assert not MACHINE_PATH.search(source), where + "an absolute path"
        assert "http" not in source, where + "lessons do not use the network"
        # Keras draws weights and batches from a generator of its own; this is the only way to seed it.
        seeds = re.findall(r"[\w.]*\bseed\(|(?<!keras\.utils\.)\bset_random_seed\(|\bset_seed\(", source)
        assert not seeds, where + f"{seeds[0]} sets a global seed: pass it, as in np.random.default_rng(7)"
        assert not re.search(r"\bfilterwarnings\(|\bsimplefilter\(", source), where + "a warning is mended, not hidden"
        tree = ast.parse(source.removeprefix("%%time\n"))
        stars = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.names[0].name == "*"]
        assert not stars, where + "no star imports"


@each
def test_ignored_outputs_say_why(name):
    for cell in code(wanted(name)):
        if "nbval-ignore-output" in cell.metadata.get("tags", []) or "NBVAL_IGNORE_OUTPUT" in cell.source:
            comments = re.findall(r"^\s*#\s*(.+)$", cell.source, re.MULTILINE)
            assert any(len(comment.split()) >= 3 for comment in comments), f"cell {cell.id}: say why it is not compared"


@each
def test_one_exercise_in_a_cell(name):
    for cell in code(wanted(name)):
        assert len(lessons.CHECK.findall(cell.source)) <= 1, f"cell {cell.id} checks two exercises"


# --- figures

@each
def test_every_picture_has_a_written_alt_text_of_its_own(name):
    shown = pictures(stored(name))
    assert shown, "a lesson has at least one figure"
    for cell, alt in shown:
        assert alt, f"cell {cell.id}: a picture without alt text; was plots.use_style() called?"
        assert not alt.startswith("Figure. "), f"cell {cell.id}: nobody wrote an alt text, use plots.describe"
        assert len(alt) >= 40, f"cell {cell.id}: the alt text {alt!r} is too short to say what the figure shows"
    alts = [alt for _, alt in shown]
    assert len(set(alts)) == len(alts), "two figures of a lesson have the same alt text"


@each
def test_alt_texts_reach_the_exported_page(name):
    page, _ = HTMLExporter(template_name="mupy", extra_template_basedirs=[TEMPLATES]).from_notebook_node(stored(name))
    images = BeautifulSoup(page, "html.parser").find_all("img", src=re.compile("^data:image/png"))
    assert [image["alt"] for image in images] == [alt for _, alt in pictures(stored(name))]


# --- links

@each
def test_local_links_lead_somewhere(name):
    for cell in wanted(name).cells:
        if cell.cell_type != "markdown":
            continue
        for target in re.findall(r"\]\(([^)\s]+)[^)]*\)", re.sub(r"`[^`]*`", "", cell.source)):
            if not re.match(r"[a-z]+:|#", target):
                path = LESSONS[name].notebook.parent / target.partition("#")[0]
                assert path.exists(), f"cell {cell.id}: the link to {target} leads nowhere"
        assert not MACHINE_PATH.search(cell.source), f"cell {cell.id}: an absolute path"


@each
def test_launch_links_appear_with_an_address_and_only_then(name):
    path = LESSONS[name].notebook.relative_to(lessons.ROOT).as_posix()
    with_address = lessons.read(LESSONS[name], address=ADDRESS).cells[0].source
    assert f"https://colab.research.google.com/github/made-up/course/blob/main/{path})" in with_address
    assert f"https://mybinder.org/v2/gh/made-up/course/main?urlpath=lab/tree/{path})" in with_address
    without = lessons.read(LESSONS[name], address="").cells[0].source
    assert "Colab" not in without and "Binder" not in without and "http" not in without
