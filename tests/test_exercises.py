"""Every exercise, answered rightly and wrongly where it stands in its lesson; and every number that a lesson says."""

import os
import re

import claims
import lesson_state
import nbformat
import numpy as np
import pandas as pd
import path_names
import prose_numbers
import pytest

from mupy_helpers.exercises.engine import load_bank
from tools import build, lessons

LESSONS = {lesson.name: lesson for lesson in lessons.all_lessons()}
EXERCISES = {exercise.id: (lesson, exercise)
             for lesson in LESSONS.values() for exercise in lessons.exercises_in(lesson)}
PROMPT = re.compile(r"^#+ .*\bExercise (\d\d\.\d+)", re.MULTILINE)
WITH_EXERCISES = sorted({lesson.name for lesson, _ in EXERCISES.values()})
# The id of a test begins with its lesson's name: conftest.py keeps the tests of a lesson together.
each_lesson = pytest.mark.parametrize("name", LESSONS)
each_lesson_with_exercises = pytest.mark.parametrize("name", WITH_EXERCISES)
each_exercise = pytest.mark.parametrize(("lesson", "exercise"), [
    pytest.param(lesson, exercise, id=f"{lesson.name}-{name}") for name, (lesson, exercise) in EXERCISES.items()])
each_wrong_answer = pytest.mark.parametrize(("lesson", "exercise", "place"), [
    pytest.param(lesson, exercise, place, id=f"{lesson.name}-{name}-{place + 1}")
    for name, (lesson, exercise) in EXERCISES.items() for place in range(len(exercise.wrong))])


KEPT = {}


def forget_other_lessons(name):
    """What a lesson leaves behind is large: only one lesson's is kept, and none while another runs."""
    for other in set(KEPT) - {name}:
        del KEPT[other]


def state(name):
    """Return (variables at the end, judgements by exercise) of a lesson; it runs once for all its tests."""
    if not build.published_data_is_here(LESSONS[name]):
        pytest.skip(f"{name}: its published data is not here; python3 course.py data fetches it")
    forget_other_lessons(name)
    if name not in KEPT:
        try:
            KEPT[name] = lesson_state.solve(LESSONS[name], lessons.exercises_in(LESSONS[name]))
        except Exception as error:  # kept, or every test would run a failing lesson again
            KEPT[name] = f"{name} does not run to its end: {type(error).__name__}: {error}"
    if isinstance(KEPT[name], str):
        pytest.fail(KEPT[name])
    return KEPT[name]


def judged(lesson, exercise):
    """Return what the answers to an exercise got."""
    found = state(lesson.name)[1][exercise.id]
    failed = [answer for answer in (found.solution, *found.wrong) if isinstance(answer, str)]
    assert not failed, f"answers to {exercise.id} that do not run: {failed}"
    return found


@pytest.mark.parametrize("part", ["core", "workshop"])
@each_lesson_with_exercises
def test_a_path_runs_without_the_sections_beside_it(name, part):
    if lessons.minutes(LESSONS[name], part) == (0, 0):
        pytest.skip(f"{name} has no {part} path")
    if path_names.stands_alone(*lesson_state.path(LESSONS[name], part)) and not os.environ.get("MUPY_THOROUGH"):
        return  # proven by the whole lesson, which other tests run
    forget_other_lessons(name)
    try:
        lesson_state.run(LESSONS[name], part=part)
    except Exception as error:
        pytest.fail(f"{name}, {part} path: {type(error).__name__}: {error}")


# --- the bank

def test_banks_and_lessons_hold_the_same_exercises():
    modules = (lessons.ROOT / "mupy_helpers" / "exercises" / "bank").glob("lesson_*.py")
    banked = [name for module in sorted(modules) for name in load_bank(module.stem[-2:])]
    assert banked == list(EXERCISES)


@each_lesson_with_exercises
def test_ids_count_from_one_in_the_order_of_the_lesson(name):
    checked = lessons.CHECK.findall(LESSONS[name].source.read_text(encoding="utf-8"))
    assert checked == [f"{LESSONS[name].number}.{place}" for place in range(1, len(checked) + 1)]
    prose = [cell.source for cell in lessons.read(LESSONS[name]).cells if cell.cell_type == "markdown"]
    prompts = [match[1] for source in prose if (match := PROMPT.search(source))]
    assert prompts == checked


@each_exercise
def test_an_exercise_is_complete(lesson, exercise):
    assert len(exercise.hints) == 3 and len(set(exercise.hints)) == 3 and all(exercise.hints)
    assert len(exercise.wrong) >= 2 and exercise.minutes > 0
    assert exercise.why.strip().endswith((".", "?", "!")) and exercise.solution.strip()
    assert exercise.names and all(re.search(rf"\b{name}\b", exercise.solution) for name in exercise.names)


# --- answers

@each_exercise
def test_the_untouched_starter_is_not_attempted(lesson, exercise):
    feedback = judged(lesson, exercise).starter
    assert feedback.kind == "open", repr(feedback)


@each_exercise
def test_the_solution_is_right(lesson, exercise):
    feedback = judged(lesson, exercise).solution
    assert feedback.kind == "right", repr(feedback)
    assert exercise.why in feedback.text


@each_exercise
def test_the_solution_is_right_with_every_exercise_before_it_solved(lesson, exercise):
    feedback = judged(lesson, exercise).solved
    assert feedback.kind == "right", repr(feedback)


@each_wrong_answer
def test_a_wrong_answer_gets_its_own_message(lesson, exercise, place):
    feedback = judged(lesson, exercise).wrong[place]
    assert feedback.kind == "wrong", repr(feedback)
    assert exercise.wrong[place].message in feedback.text
    assert "looking at it failed" not in feedback.text


@each_exercise
def test_messages_tell_the_wrong_answers_apart(lesson, exercise):
    texts = [feedback.text for feedback in judged(lesson, exercise).wrong]
    assert len(set(texts)) >= 2
    for wrong, own in zip(exercise.wrong, texts):
        for other, text in zip(exercise.wrong, texts):
            assert wrong.message not in text or other.message == wrong.message or text == own, (
                f"{wrong.message!r} also stands in the answer to {other.code!r}")


def gives_away(text, value):
    """Tell whether a text names a value, as it is or rounded to two digits or more."""
    if isinstance(value, pd.Timestamp):
        return any(f"{value:{form}}" in text for form in ("%Y-%m-%d", "%d %B %Y", "%d %b %Y"))
    forms = {float(f"{value:.{digits}g}") for digits in range(2, 13)} | {round(value, digits) for digits in range(1, 5)}
    forms = {form for form in forms if len(re.findall(r"\d", f"{form:.12g}".lstrip("0."))) > 1}
    return any(np.isclose(number, form, rtol=1e-12, atol=0) for number in prose_numbers.in_text(text) for form in forms)


@each_wrong_answer
def test_a_wrong_answer_is_not_told_the_right_one(lesson, exercise, place):
    found = judged(lesson, exercise)
    given = [value for value in found.values if gives_away(found.wrong[place].text, value)]
    assert not given, f"the message {found.wrong[place].text!r} gives away {given}"


@pytest.mark.parametrize(("value", "text", "away"), [
    (7.9, "not 7.9", True), (7.9, "not 8", False), (1215.3333, "about 1215.33", True), (1215.3333, "about 1200", True),
    (1215.3333, "about 1000", False), (0.0123, "0.012", True), (42, "42 rows", True), (42, "4.2", False),
    (50_000, "50,000 rows", True), (3, "3 rows", False),
])
def test_what_gives_a_value_away(value, text, away):
    assert any(gives_away(text, number) for number in lesson_state.right_values(value)) == away


# --- numbers in the prose

def stored(lesson):
    if not lesson.notebook.is_file():
        pytest.fail(f"{lesson.name} was never built: python3 course.py build {lesson.name}")
    return nbformat.read(lesson.notebook, as_version=4)


def phrases(name):
    return [*claims.CLAIMS.get(name, {}), *claims.FACTS.get(name, {})]


def spaced(text):
    return re.sub(r"\s", " ", text)


def covered(text, number, listed):
    """Tell whether a number of a text lies inside one of the phrases."""
    places = [match.span() for phrase in listed for match in re.finditer(re.escape(phrase), spaced(text))]
    return any(start <= number.start and number.end <= end for start, end in places)


@each_lesson
def test_every_number_stands_in_an_output_or_is_claimed(name):
    loose = []
    for cell, evidence in prose_numbers.prose_cells(stored(LESSONS[name])):
        number_of = PROMPT.search(cell.source)
        if number_of and number_of[1] in EXERCISES:
            # A task says which numbers to use: they stand in its solution.
            evidence += "\n" + prose_numbers.code_text(EXERCISES[number_of[1]][1].solution)
        for number in prose_numbers.claimed(cell.source):
            if not prose_numbers.rests_on(number, evidence) and not covered(cell.source, number, phrases(name)):
                line = cell.source[:number.start].count("\n")
                loose.append(f"  cell {cell.id}: {number.text!r} in {cell.source.splitlines()[line].strip()[:110]!r}")
    assert not loose, (f"{name}: numbers that stand in no output of the code cells beside them "
                       "(print them there, or add the phrase to tests/claims):\n" + "\n".join(loose))


@pytest.mark.parametrize(("name", "phrase"), [(name, phrase) for name in LESSONS for phrase in phrases(name)])
def test_phrases_stand_in_the_prose(name, phrase):
    cells = lessons.read(LESSONS[name]).cells
    assert any(phrase in spaced(cell.source) for cell in cells if cell.cell_type == "markdown"), (
        f"{name} does not say {phrase!r} any more: mend tests/claims")


@pytest.mark.parametrize(("name", "phrase"), [
    (name, phrase) for name in LESSONS for phrase in claims.CLAIMS.get(name, {})
])
def test_claims_are_true(name, phrase):
    assert bool(claims.CLAIMS[name][phrase](state(name)[0])), f"{name} says {phrase!r}, and its data say otherwise"


def test_claims_and_facts_are_about_lessons_that_exist():
    assert set(claims.CLAIMS) | set(claims.FACTS) <= set(LESSONS)
    for name, facts in claims.FACTS.items():
        assert not set(facts) & set(claims.CLAIMS.get(name, {}))
        for phrase, reason in facts.items():
            assert re.search(r"\d", phrase), f"{phrase!r} has no number that would need a reason"
            assert len(reason.split()) >= 3, f"say in words why {phrase!r} needs no output"


# --- the guard itself: a guard that lets everything pass would be green too

@pytest.mark.parametrize(("prose", "found"), [
    ("It rose by 12.3 °C and 45 % of rows, 0.5 per cent of 23,675.", ["12.3", "45 %", "0.5 per cent", "23,675"]),
    ("Between 08:00 and 9:30 the room is at 2 to 8 °C, r is −0.42.", ["08:00", "9:30", "2", "8", "0.42"]),
    ("# Figure 3\nSee [lesson 03](03_x.ipynb#7) and `x[:5]`, lessons 01, 02 and 10, exercise 01.2.", []),
    ("On 22 October 2015, from 3 to 13 Oct, October 22, the 23rd, 2015-10-22, in 2016.", []),
    ("```\n99\n```\n1. first\n2. second 5\n", ["5"]),
    ("PM2.5 and O3 in Python 3.11 under CC BY-SA 4.0, `a`5b", ["5"]),
    ("2500 rows, 2015 °C, 1,950 euros, 2020.5, 99th percentile", ["2500", "1,950", "2020.5", "99"]),
    ("| 03 · Statistics | <b>4</b> |\n|--:|--:|\n| 7 | https://x.org/8 |", ["4", "7"]),
])
def test_the_guard_finds_numbers_and_leaves_names_alone(prose, found):
    assert [number.text for number in prose_numbers.claimed(prose)] == found


@pytest.mark.parametrize(("prose", "text", "rests"), [
    ("12.3", "mean 12.34", True), ("12.3", "12.36", False), ("12", "12.34", True), ("13", "12.34", False),
    ("31 %", "share 0.312", True), ("31 %", "31.2", True), ("31", "share 0.312", False), ("23,675", "23675 rows", True),
    ("23675", "23,675 rows", True), ("0.42", "-0.4193", True), ("08:00", "at 08:00:00", True),
    ("8:00", "at 08:00", True),
    ("08:00", "8 hours", False), ("1200", "1175", False), ("1", "tes_1", True), ("0.001", "1e-3", True),
])
def test_the_guard_allows_for_rounding_and_no_more(prose, text, rests):
    number, = prose_numbers.claimed(prose)
    assert prose_numbers.rests_on(number, text) == rests


def test_code_proves_what_it_computes_and_not_its_comments_or_alt_texts():
    text = prose_numbers.code_text('%%time\nx = tes_1.head(50_000)  # 77\nax.set(title="over 30 °C")\n'
                                   'plots.describe(ax, "up to 41")\nplots.plot_series(x, alt=f"{x} is 42", gap="5h")')
    assert set(prose_numbers.in_text(text)) == {1, 50_000, 30, 5}


def test_the_guard_looks_at_the_code_cells_nearby():
    md, code = nbformat.v4.new_markdown_cell, nbformat.v4.new_code_cell
    cells = [md("# 1"), code("a = 11"), code("b = 12"), code("x = ..."), code('check("00.1")'), md("read"),
             code("c = 13"), code("d = 14"), md("# References"), md("15")]
    (cell, evidence), = prose_numbers.prose_cells(nbformat.v4.new_notebook(cells=cells))
    assert cell.source == "read" and set(prose_numbers.in_text(evidence)) == {11, 12, 13}
