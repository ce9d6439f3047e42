"""The runner of lessons that other tests rest on: its states, its answers, its order, and what names prove."""

import os
import subprocess
import sys

import conftest
import lesson_state
import numpy as np
import path_names
import pytest

from mupy_helpers.exercises.engine import Exercise, Wrong
from tools import bytecode, lessons

HEADER = '''\
# ---
# jupyter:
#   mupy: {title: Tiny, question: "Does it run?", able: [run], need: nothing, data: [none]}
# ---

'''
CELLS = """
check, seen = str, []
values = [1, 2, 3]

def total():
    return sum(values) + bonus

bonus = 0
---
first = ...
---
check("97.1")
---
seen.append(first)
limit = 10
---
second = ...
---
check("97.2")
---
values = [*values, 4]
end = total()
"""


def exercise(number, name, right, solution, *wrong):
    def check(names):
        return None if names[name] == right else f"It is {names[name]!r}."

    return Exercise(f"97.{number}", 1, (name,), check, "Why.", ("a", "b", "c"), solution,
                    tuple(Wrong(code, "It is") for code in wrong))


@pytest.fixture
def solve(tmp_path, monkeypatch):
    """Run a tiny lesson whose exercises are given."""

    def run(*exercises, cells=CELLS):
        source = tmp_path / "source" / "97_tiny.py"
        source.parent.mkdir(exist_ok=True)
        source.write_text(HEADER + "\n\n".join(f"# %%\n{cell.strip()}" for cell in cells.split("---")))
        bank = {each.id: each for each in exercises}
        monkeypatch.setattr(lessons, "load_bank", lambda number: bank)
        return lesson_state.solve(lessons.Lesson(source), exercises)

    return run


FIRST = exercise(1, "first", 6, "first = total()\nlimit = 99", "first = values.pop()", "first = 1 / 0",
                 "values[:] = []\nfirst = 5")


def test_answers_are_judged_where_they_stand_and_change_nothing(solve):
    namespace, judged = solve(FIRST, exercise(2, "second", 10, "second = limit", "second = len(values)"))
    first, second = judged["97.1"], judged["97.2"]
    assert (first.starter.kind, first.solution.kind, first.solved.kind) == ("open", "right", "right")
    assert [getattr(each, "text", each) for each in first.wrong] == [
        "It is 3.", "ZeroDivisionError: division by zero", "It is 5."]
    assert (second.starter.kind, second.solution.kind, second.solved.kind) == ("open", "right", "right")
    assert second.wrong[0].text == "It is 3." and second.values == [10]
    # The lesson went on with the solution; what it left, it left as if nobody had answered.
    assert namespace["seen"] == [6] and namespace["end"] == 10 and namespace["limit"] == 10
    assert namespace["first"] is namespace["second"] is ...


def test_an_exercise_that_rests_on_the_one_before_it_is_told(solve):
    _, judged = solve(FIRST, exercise(2, "second", 12, "second = first * 2", "second = 1"))
    assert judged["97.2"].solution == "TypeError: unsupported operand type(s) for *: 'ellipsis' and 'int'"
    assert judged["97.2"].solved.kind == "right"


def test_a_solution_that_spoils_a_later_one_is_told(solve):
    spoils = exercise(1, "first", 7, "first = 7\nbonus = 5", "first = 1")
    _, judged = solve(spoils, exercise(2, "second", 6, "second = total()", "second = 1"))
    assert judged["97.2"].solved.kind == "wrong"


def test_a_lesson_that_fails_once_solved_fails(solve):
    harmless = exercise(2, "second", 1, "second = 1", "second = 2")
    assert solve(FIRST, harmless, cells=CELLS.replace("limit = 10", "assert first is ... or first > 5"))
    with pytest.raises(AssertionError):
        solve(FIRST, harmless, cells=CELLS.replace("limit = 10", "assert first is ..."))


def test_a_solution_gets_nothing_from_its_starter(solve):
    leans = exercise(1, "first", 3, "first = start", "first = 1")
    cells = CELLS.replace("first = ...", "start = 3\nfirst = ...")
    with pytest.raises(NameError, match="start"):
        solve(leans, exercise(2, "second", 1, "second = 1", "second = 2"), cells=cells)


# --- what the names prove

@pytest.mark.parametrize(("cells", "path", "stands"), [
    (["a = 1", "b = a"], "xx", True),
    (["a = 1", "b = a"], ".x", False),
    (["a = 1", "a = 2", "b = a"], "x.x", False),
    (["a = 1", "a = 2", "a = 3\nb = a"], "x.x", True),
    (["a = 1", "a = a + 1"], ".x", False),
    (["import numpy as np", "b = np.pi"], ".x", False),
    (["for i in [1]:\n    pass", "i = 2", "for i in [3]:\n    print(i)"], "x.x", True),
    (["x = 1", "f = lambda x: [x for x in x]"], ".x", True),
    (["k = 0", "a = [k for _ in 'ab']", "k = 1", "b = 2"], "xx.x", True),
    (["k = 0", "a = [k for _ in 'ab']"], ".x", False),
    # Changes in place.
    (["a = []", "a.append(1)", "b = a"], "x.x", False),
    (["a = {}", "a['x'] = 1", "b = a['x']"], "x.x", False),
    (["a = {}", "a['x']['y'].z = 1", "b = a"], "x.x", False),
    (["a = 1", "a += 1", "b = a"], "x.x", False),
    (["a = {}", "del a['x']", "b = a"], "x.x", False),
    (["a = 1", "del a", "b = a"], "x.x", False),
    (["model = M()", "model.fit(X)", "model.predict(Z)"], "x.x", False),
    (["import numpy as np", "np.sort([2, 1])", "np.pi"], "x.x", True),
    (["from m import M", "M().fit(1)", "M()"], "x.x", True),
    # Functions read their names when they are called.
    (["def f():\n    return k", "k = 1", "f()"], "x.x", False),
    (["k = 0", "def f():\n    return k", "k = 1", "f()"], "xx.x", False),
    (["k = 0", "def f():\n    return [k for _ in 'ab']", "k = 1", "k = 2\nf()"], "xx.x", True),
    (["n = 0", "def count():\n    global n\n    n = 1\ncount()", "n"], "x.x", False),
    # A draw moves the generator on.
    (["rng = np.random.default_rng(7)", "rng.normal()", "rng.normal()"], "x.x", False),
    (["rng = np.random.default_rng(7)", "f(rng)", "rng = np.random.default_rng(8)\nrng.normal()"], "x.x", True),
])
def test_what_names_prove(cells, path, stands):
    assert path_names.stands_alone(cells, [step == "x" for step in path]) == stands


def test_a_path_holds_its_own_cells_only():
    lesson = next(each for each in lessons.all_lessons() if each.number == "01")
    sources, on_path = lesson_state.path(lesson, "workshop")
    assert len(sources) == len(on_path) and 0 < sum(on_path) < len(sources)
    assert not any(source.startswith("%%time") for source in sources)


# --- the order of the tests

@pytest.mark.parametrize(("test", "lesson"), [
    ("tests/test_exercises.py::test_claims_are_true[01_what_is_an_anomaly-a phrase]", "01_what_is_an_anomaly"),
    ("test_exercises.py::test_the_solution_is_right[server_logs]", "server_logs"),
    ("tests/test_exercises.py::test_the_guard_allows[12.3-mean 12.34-True]", ""),
    ("tests/test_exercises.py::test_banks_and_lessons_hold_the_same_exercises", ""),
    ("tests/test_notebooks.py::test_code_is_plain[01_what_is_an_anomaly]", ""),
    ("notebooks/01_what_is_an_anomaly.ipynb::Cell 1", ""),
])
def test_the_tests_of_a_lesson_are_told_by_their_name(test, lesson):
    assert conftest.lesson_of(test) == lesson


def test_snapshots_are_copies_of_data_only():
    def function():
        return None

    shared = {"array": np.ones(2), "list": [np.ones(2)], "function": function}
    copy = lesson_state.snapshot(shared)
    copy["array"][0] = copy["list"][0][0] = 5
    assert shared["array"][0] == shared["list"][0][0] == 1 and copy["function"] is function


# --- bytecode

@pytest.mark.parametrize(("told", "kept"), [("1", True), ("", False)])
def test_bytecode_is_kept_in_the_environment_where_it_was_not_to_be_written(tmp_path, told, kept):
    module, environment = tmp_path / "planted.py", tmp_path / "venv"
    module.write_text("x = 1\n")
    environment.mkdir()
    code = (f"import sys; sys.prefix = {str(environment)!r}; from tools import bytecode; bytecode.keep(); "
            "import os, planted; print(os.environ.get('PYTHONPYCACHEPREFIX'))")
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    env |= {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(lessons.ROOT)]), "PYTHONDONTWRITEBYTECODE": told}
    told = subprocess.check_output([sys.executable, "-c", code], cwd=tmp_path, env=env, text=True)
    assert told.strip() == (str(environment / "mupy-bytecode") if kept else "None")
    assert bool(list(environment.rglob("planted*.pyc"))) == kept
    assert bool(list(tmp_path.glob("__pycache__/planted*.pyc"))) != kept


def test_bytecode_stays_unwritten_where_the_environment_can_not_be_written(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "file"))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    bytecode.keep()
    assert sys.dont_write_bytecode
