"""The builder on a tiny course of its own: what is built again, what is left alone, what a failure leaves behind."""

import base64
import io
import types

import nbformat
import numpy as np
import pytest
from PIL import Image

from mupy_helpers.exercises.engine import Exercise, Wrong
from tools import build, lessons, readme

SOURCE = '''\
# ---
# jupyter:
#   mupy:
#     title: Tiny
#     question: Does it build?
#     able:
#       - build
#     need: nothing
#     data:
#       - none
# ---

# %% [markdown]
# A first look.

# %%
import pathlib

from mupy_helpers import words
print(words.HELLO, pathlib.Path.cwd().name)

# %%
x = ...

# %%
check = str
CHECK

# %%
from IPython.display import display

display({"image/png": "PICTURE"}, raw=True, metadata={"image/png": {"alt": "A blue bar on white ground."}})
'''

HELPERS = {
    "__init__.py": '"""Helpers."""\n',
    "words.py": 'from .more import HELLO\n',
    "more.py": 'HELLO = "hello"\n',
    "unrelated.py": 'BYE = "bye"\n',
}


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course of one lesson, with helpers, data and a README of its own."""
    root = tmp_path / "course"
    write(root / "notebooks" / "source" / "97_tiny.py", SOURCE.replace("CHECK", "x").replace("PICTURE", png()))
    for name, text in HELPERS.items():
        write(root / "mupy_helpers" / name, text)
    write(root / "data" / "numbers.csv", "a\n1\n")
    write(root / "pyproject.toml", '[tool.mupy]\nrepository = ""\n')
    write(root / "README.md", "# Tiny\n\n" + "\n".join([*readme.TABLE, *readme.STORY]) + "\n\nThe end.\n")
    monkeypatch.setattr(lessons, "ROOT", root)
    monkeypatch.setattr(lessons, "NOTEBOOKS", root / "notebooks")
    return root


@pytest.fixture
def lesson(course):
    return lessons.all_lessons()[0]


@pytest.fixture
def quick(monkeypatch):
    """Execution without a kernel: each code cell gets an output; returns the list of lessons run."""
    runs = []

    def execute(notebook, folder, say):
        runs.append(folder)
        for place, cell in enumerate((cell for cell in notebook.cells if cell.cell_type == "code"), start=1):
            cell.execution_count = place
            cell.outputs = _notebook(png(), f"Picture {place} of a tiny lesson.").cells[0].outputs
        return notebook

    monkeypatch.setattr(build, "execute", execute)
    return runs


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    write(path, text.replace(old, new))


# --- when a lesson is built

def test_an_unchanged_lesson_is_left_alone(lesson, quick):
    assert build.build(lesson) == "built"
    before = lesson.notebook.read_bytes()
    assert build.build(lesson) == "unchanged" and len(quick) == 1
    assert build.build(lesson, force=True) == "built" and len(quick) == 2
    assert lesson.notebook.read_bytes() == before
    assert before.endswith(b"}\n") and b"\r" not in before


@pytest.mark.parametrize(("file", "old", "new", "wanted"), [
    ("notebooks/source/97_tiny.py", "A first look.", "Another look.", "built"),
    ("notebooks/source/97_tiny.py", "Does it build?", "Does it not?", "built"),
    ("mupy_helpers/words.py", "import HELLO", "import HELLO as HELLO", "built"),
    ("mupy_helpers/more.py", "hello", "good day", "built"),  # imported by a helper, with a dot
    ("mupy_helpers/__init__.py", "Helpers", "More helpers", "built"),
    ("mupy_helpers/unrelated.py", "bye", "farewell", "unchanged"),
    ("data/numbers.csv", "1", "2", "built"),
    ("pyproject.toml", 'repository = ""', 'repository = "https://github.com/made-up/course"', "built"),
    ("README.md", "The end", "No end", "unchanged"),
])
def test_a_lesson_is_built_again_when_what_it_is_made_of_changes(course, lesson, quick, file, old, new, wanted):
    build.build(lesson)
    edit(course / file, old, new)
    assert build.build(lesson) == wanted
    assert build.build(lesson) == "unchanged"


def test_the_exercise_bank_and_what_it_imports_count(course, lesson, quick):
    bank = course / "mupy_helpers" / "exercises" / "bank"
    write(bank / "lesson_97.py", "from mupy_helpers.exercises.bank.answers import ask\n")
    write(bank / "answers.py", "ask = 1\n")
    write(bank / "lesson_98.py", "other = 1\n")
    build.build(lesson)
    edit(bank / "lesson_98.py", "1", "2")
    assert build.build(lesson) == "unchanged"
    edit(bank / "answers.py", "1", "2")
    assert build.build(lesson) == "built"


def test_the_line_ends_of_a_checkout_do_not_matter(course, lesson, quick):
    build.build(lesson)
    for path in [*course.glob("mupy_helpers/*.py"), *course.glob("data/*.csv"), lesson.source]:
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert build.build(lesson) == "unchanged"


def test_helpers_are_found_through_each_other(course):
    found = lessons.helper_modules("import os\nfrom mupy_helpers.words import HELLO")
    assert [path.name for path in found] == ["__init__.py", "more.py", "words.py"]
    assert lessons.helper_modules("import mupy_helpers_of_others") == []
    write(course / "benchmarks" / "board.py", "from mupy_helpers.words import HELLO\n")
    found = lessons.helper_modules("from benchmarks import board")
    assert {path.name for path in found} == {"board.py", "__init__.py", "more.py", "words.py"}


def test_a_missing_published_set_leaves_a_case_study_waiting(course, quick, monkeypatch):
    from mupy_helpers import datasets

    source = SOURCE.replace("CHECK", "x").replace("need: nothing", "need: nothing\n#     published: nab")
    write(course / "notebooks" / "case_studies" / "source" / "away.py", source)
    study = lessons.all_lessons()[-1]
    asked = []
    monkeypatch.setattr(datasets, "is_available", lambda name: asked.append(name))
    assert build.build(study) == "waiting" and asked == ["nab"] and not quick and not study.notebook.exists()


@pytest.mark.parametrize(("here", "reason"), [
    ({"pump_slices"}, ""), ({"pump_slices", "pump"}, "'pump' is here and runs in its place"),
    ({"pump"}, "'pump_slices' is not here"),
])
def test_a_case_study_that_would_run_on_other_data_keeps_its_stored_outputs(monkeypatch, here, reason):
    from mupy_helpers import datasets

    monkeypatch.setattr(datasets, "is_available", here.__contains__)
    said = build.reason_to_wait({"published": "pump_slices", "stored_without": "pump"})
    assert reason in said and bool(said) == bool(reason)
    assert "course.py data" not in said  # the slices have no home from which it could fetch them
    assert build.reason_to_wait({}) == ""


# --- with a kernel

def test_a_real_run_and_a_failing_cell(course, lesson, monkeypatch, capsys):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    build.main([])
    notebook = nbformat.read(lesson.notebook, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code[0].outputs[0].text == "hello notebooks\n"  # the helpers of this course, in the folder of the notebooks
    assert [cell.execution_count for cell in code] == [1, 2, 3, 4]
    assert notebook.metadata.language_info == {"name": "python"} and notebook.metadata.kernelspec == lessons.KERNEL
    assert "[1/1] 97_tiny: built in" in capsys.readouterr().out
    before = lesson.notebook.read_bytes()

    edit(lesson.source, "x = ...", "x = 1 / 0  # this one")
    with pytest.raises(SystemExit) as failure:
        build.main(["97"])
    for words in ("97_tiny", "a cell failed", "left as it was", "x = 1 / 0  # this one", "ZeroDivisionError"):
        assert words in str(failure.value)
    assert lesson.notebook.read_bytes() == before

    edit(lesson.source, "x = 1 / 0  # this one", "x = __import__('warnings').warn('do not')  # that one")
    with pytest.raises(SystemExit) as failure:
        build.main(["97"])
    for words in ("97_tiny", "warned", "left as it was", "# that one", "UserWarning: do not"):
        assert words in str(failure.value)
    assert lesson.notebook.read_bytes() == before


# --- solved lessons

def test_solved_lessons_are_written_elsewhere_only(course, quick, monkeypatch, tmp_path):
    exercise = Exercise(id="97.1", minutes=2, names=("x",), check=lambda names: None, why="So.", hints=("a", "b", "c"),
                        solution="\nx = 42\n", wrong=(Wrong("x = 1", ""), Wrong("x = 2", "")))
    monkeypatch.setattr(lessons, "load_bank", lambda number: {"97.1": exercise} if number == "97" else {})
    edit(course / "notebooks" / "source" / "97_tiny.py", "check = str\nx", 'check = str\ncheck("97.1")')
    write(course / "notebooks" / "source" / "98_without.py", SOURCE.replace("CHECK", "x"))
    page = (course / "README.md").read_bytes()
    build.main(["--solved", str(tmp_path / "hosts")])
    assert sorted(path.name for path in (tmp_path / "hosts").iterdir()) == ["97_tiny.ipynb"]
    assert not list((course / "notebooks").glob("*.ipynb")) and (course / "README.md").read_bytes() == page
    cells = nbformat.read(tmp_path / "hosts" / "97_tiny.ipynb", as_version=4).cells
    assert [cell.source for cell in cells if "42" in cell.source] == ["x = 42"]
    assert not any(cell.source == "x = ..." for cell in cells)


def test_a_check_without_its_exercise_or_starter_is_named(course, monkeypatch):
    monkeypatch.setattr(lessons, "load_bank", lambda number: {})
    edit(course / "notebooks" / "source" / "97_tiny.py", "check = str\nx", 'check("97.1")')
    lesson = lessons.all_lessons()[0]
    with pytest.raises(ValueError, match=r'97_tiny.py: check\("97.1"\) names an exercise that the bank does not have'):
        lessons.read(lesson)
    exercise = types.SimpleNamespace(id="97.1", solution="x = 42", minutes=2)
    monkeypatch.setattr(lessons, "load_bank", lambda number: {"97.1": exercise})
    edit(lesson.source, "x = ...", "x = 3")
    with pytest.raises(ValueError, match=r'97_tiny.py: no starter cell .* before check\("97.1"\)'):
        lessons.read(lesson, solved=True)


# --- the command

def test_an_unknown_lesson_is_named(course, quick, capsys):
    for asked in (["99"], ["97", "99"]):
        with pytest.raises(SystemExit):
            build.main(asked)
        assert "no lesson begins with '99': there are 97_tiny" in capsys.readouterr().err
    assert not quick


def test_a_course_without_lessons_builds_nothing(course, quick):
    (course / "notebooks" / "source" / "97_tiny.py").unlink()
    build.main([])
    assert not quick


@pytest.mark.parametrize("field", lessons.REQUIRED)
def test_a_missing_field_of_the_header_is_named(course, lesson, field):
    entries = {"able": "#       - build", "data": "#       - none"}
    gone = (f"#     {field}:", entries.get(field, f"#     {field}:"))
    write(lesson.source, "\n".join(line for line in SOURCE.splitlines() if not line.startswith(gone)))
    with pytest.raises(ValueError, match=f"97_tiny.py: the header lacks mupy.{field}"):
        lessons.front_matter(lesson)


# --- pictures

def png(change=0, size=(40, 30), place=(5, 5)):
    pixels = np.full((size[1], size[0], 3), 255, dtype=np.uint8)
    pixels[10:20, 10:30] = (0, 114, 178)
    pixels[place] = pixels[place] - change if change else pixels[place]
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="png")
    return base64.b64encode(buffer.getvalue()).decode()


def test_pictures_are_the_same_when_no_pixel_differs_much():
    assert build.same_picture(png(), png(change=20))
    assert not build.same_picture(png(), png(change=200))  # one pixel of a digit
    assert not build.same_picture(png(), png(size=(41, 30)))
    red = Image.new("RGB", (9, 9), (213, 94, 0))
    grey = red.convert("L").convert("RGB")
    coded = []
    for picture in (red, grey):
        buffer = io.BytesIO()
        picture.save(buffer, format="png")
        coded.append(base64.b64encode(buffer.getvalue()).decode())
    assert not build.same_picture(*coded)  # another colour of the same lightness


def _notebook(picture, alt, source="draw()"):
    cell = nbformat.v4.new_code_cell(source)
    cell.outputs = [nbformat.v4.new_output("display_data", data={"image/png": picture, "text/plain": "<Figure>"},
                                           metadata={"image/png": {"alt": alt}})]
    return nbformat.v4.new_notebook(cells=[cell])


@pytest.mark.parametrize(("change", "source", "kept"), [
    (20, "draw()", True), (200, "draw()", False), (20, "draw(2)", False),
])
def test_only_a_picture_that_looks_the_same_is_kept(change, source, kept):
    output = build.keep_old_pictures(_notebook(png(change), "new", source), _notebook(png(), "old")).cells[0].outputs[0]
    assert output.data["image/png"] == (png() if kept else png(change))
    assert output.metadata["image/png"]["alt"] == "new"  # words are never kept from before


# --- the README

def test_the_readme_gets_its_table(course, quick):
    build.main([])
    text = (course / "README.md").read_text(encoding="utf-8")
    assert "| [97 · Tiny](notebooks/97_tiny.ipynb) | Does it build? | 1 min | none | not measured |" in text
    assert "![Picture 1 of a tiny lesson.](notebooks/story.png)" in text
    assert (course / "notebooks" / "story.png").read_bytes() == base64.b64decode(png())
    assert text.startswith("# Tiny\n") and text.endswith("\n\nThe end.\n")
    assert readme.updated(text) == text
    write(course / "benchmarks" / "course_minutes.json", '{"seconds": {"97_tiny": 3.7}}')
    assert "| 4 s |" in readme.updated(text)


def test_a_readme_without_its_marks_is_named(course):
    with pytest.raises(ValueError, match="README.md lacks the lines"):
        readme.updated("# No table here")


def test_a_story_that_was_never_built_is_named(course):
    with pytest.raises(ValueError, match="97_tiny.ipynb has no figure .* build it first"):
        readme.story()
