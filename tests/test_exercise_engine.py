"""check, hint and solution: what they answer, in words and in HTML, whatever a learner gives them."""

import re
import sys
import types

import pytest

from mupy_helpers.exercises import check, engine, hint, solution
from mupy_helpers.exercises.engine import Exercise, Feedback, NotAttempted, Wrong, judge


def _check_mean(names):
    if names["mean"] == sum(names["readings"]):
        return "That is the sum of `readings`: divide by how many there are."
    return None if names["mean"] == sum(names["readings"]) / len(names["readings"]) else "That is not the mean."


def _check_double(names):
    if names["double"](3) is None:
        raise NotAttempted
    return None if names["double"](3) == 6 else "`double(3)` does not give twice three."


def exercise(**changed):
    plain = {"id": "97.1", "minutes": 3, "names": ("mean",), "check": _check_mean, "why": "Means are everywhere.",
             "hints": ("Add up.", "Then divide.", "sum(readings) / len(readings)"),
             "solution": "\nmean = sum(readings) / 4\n",
             "wrong": (Wrong("mean = sum(readings)", "divide"), Wrong("mean = 0", "not the mean"))}
    return Exercise(**{**plain, **changed})


@pytest.fixture
def bank(monkeypatch):
    """A bank of its own for a lesson 97 that nobody will write."""
    module = types.ModuleType("mupy_helpers.exercises.bank.lesson_97")
    module.EXERCISES = [exercise(), exercise(id="97.2", names=("double",), check=_check_double)]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(engine, "_hints_shown", {})


READINGS = [1, 2, 3, 6]


@pytest.mark.parametrize(("names", "kind", "words"), [
    ({"mean": ..., "readings": READINGS}, "open", "Replace the ... of `mean`"),
    ({"readings": READINGS}, "open", "`mean` does not exist yet: run the cell above"),
    ({"mean": 3.0}, "open", "`readings` does not exist yet"),
    ({"mean": 3.0, "readings": READINGS}, "right", "Means are everywhere."),
    ({"mean": 12, "readings": READINGS}, "wrong", "divide by how many"),
    ({"mean": "three", "readings": READINGS}, "wrong", "not the mean"),
    ({"mean": 3.0, "readings": None}, "wrong", "looking at it failed with TypeError"),
])
def test_what_an_answer_gets(names, kind, words):
    feedback = judge(exercise(), names)
    assert feedback.kind == kind and words in feedback.text


@pytest.mark.parametrize(("body", "kind"), [("pass", "open"), ("return 2 * x", "right"), ("return x", "wrong"),
                                            ("return x / 0", "wrong"), ("return ...", "wrong")])
def test_a_function_to_fill_in(body, kind):
    names = {}
    exec(f"def double(x):\n    {body}\n", names)
    feedback = judge(exercise(names=("double",), check=_check_double), names)
    assert feedback.kind == kind
    if body == "pass":
        assert "still returns nothing: fill in its body" in feedback.text
    if body == "return x / 0":
        assert "ZeroDivisionError: division by zero" in feedback.text


def test_an_untouched_collection_is_not_taken_for_a_function():
    def look(names):
        raise NotAttempted

    feedback = judge(exercise(names=("answer",), check=look), {"answer": {"A": ...}})
    assert feedback.kind == "open" and "still holds `...`: replace each of them" in feedback.text


def test_two_unfilled_names_are_both_named():
    feedback = judge(exercise(names=("mean", "spread")), {"mean": ..., "spread": ..., "readings": READINGS})
    assert feedback.kind == "open" and "`mean` and `spread`" in feedback.text


def test_a_missing_key_of_the_learners_own_is_not_a_missing_variable():
    def look(names):
        return names["answer"]["inner"]

    feedback = judge(exercise(names=("answer",), check=look), {"answer": {}})
    assert feedback.kind == "wrong" and "KeyError: 'inner'" in feedback.text


def test_a_check_changes_nothing_in_the_lesson():
    def meddle(names):
        names["mean"] = 0

    names = {"mean": 3.0, "readings": READINGS}
    assert judge(exercise(check=meddle), names).kind == "right" and names["mean"] == 3.0


def test_nothing_the_learner_gives_ends_in_a_traceback():
    class Awkward:
        def __eq__(self, other):
            raise RuntimeError("do not compare me")

    assert "do not compare me" in judge(exercise(), {"mean": Awkward(), "readings": READINGS}).text


def test_check_reads_the_callers_variables(bank):
    names = {"check": check, "readings": READINGS, "mean": ...}
    assert eval("check('97.1')", names).kind == "open"
    names["mean"] = 3.0
    assert eval("check('97.1')", names).kind == "right"
    exec("def inside():\n    return check('97.1')\nanswer = inside()", names)
    assert names["answer"].kind == "right"


def test_three_hints_one_at_a_call_and_the_last_stays(bank):
    shown = [hint("97.1").text for _ in range(5)]
    assert shown[0] == "Hint 1 of 3: Add up." and shown[1] == "Hint 2 of 3: Then divide."
    assert shown[2].startswith("Hint 3 of 3: sum(readings)") and 'solution("97.1") shows the code' in shown[2]
    assert shown[2] == shown[3] == shown[4]
    assert hint("97.2").text.startswith("Hint 1 of 3")  # each exercise counts for itself


def test_solution_shows_the_code(bank):
    shown = solution("97.1")
    assert shown.kind == "solution" and shown.code == "mean = sum(readings) / 4"
    assert repr(shown).endswith("\n\nmean = sum(readings) / 4")
    assert "<pre>mean = sum(readings) / 4</pre>" in shown._repr_html_()


@pytest.mark.parametrize("call", [check, hint, solution])
@pytest.mark.parametrize(("name", "message"), [
    ("97.3", "there is no exercise '97.3': did you mean \"97.[12]\""),
    ("0.1", "there is no exercise '0.1': did you mean \"00.1\""),
    ("00,1", "did you mean \"00.1\""),
    ("96.1", "there is no exercise '96.1'"),
    ("a.b.c", "there is no exercise"),
    ("../x", "there is no exercise"),
    ("", "there is no exercise ''"),
    (0.1, "named by a string.*not 0.1"),
    (None, "named by a string.*not None"),
])
def test_unknown_exercises_are_refused_in_words(bank, call, name, message):
    with pytest.raises(ValueError, match=message):
        call(name)


def test_an_error_inside_a_bank_is_not_hidden(monkeypatch):
    def broken(name):
        raise ModuleNotFoundError("No module named 'numpyy'", name="numpyy")

    monkeypatch.setattr(engine.importlib, "import_module", broken)
    with pytest.raises(ModuleNotFoundError, match="numpyy"):
        engine.load_bank("00")


def test_html_is_escaped():
    page = Feedback("wrong", "`a<b` is <script>alert('x')</script> & \"so\"", code="if a < b:\n    pass")._repr_html_()
    assert "<script" not in page and "&lt;script&gt;alert(&#x27;x&#x27;)" in page and "&amp; &quot;so&quot;" in page
    assert "<code>a&lt;b</code>" in page and "<pre>if a &lt; b:\n    pass</pre>" in page


def test_kinds_are_told_apart_without_colour():
    kinds = list(engine.SIGNS)
    texts = {kind: repr(Feedback(kind, "The same words.")) for kind in ("right", "wrong", "open", "hint")}
    assert len(set(texts.values())) == len(texts)
    borders = {kind: re.search(r"6px (\w+) currentColor", Feedback(kind, "x")._repr_html_())[1] for kind in kinds}
    assert len({borders[kind] for kind in ("right", "wrong", "open", "hint")}) == 4
    for kind in kinds:
        page = Feedback(kind, "x")._repr_html_()
        assert engine.SIGNS[kind] in page and 'role="status"' in page
        assert not re.search(r"#[0-9a-f]{3,6}\b|rgb|background|(?<!current)color\s*:", page, re.IGNORECASE)


@pytest.mark.parametrize("kind", ["right", "wrong", "open"])
def test_the_verdict_is_said_in_words(kind):
    words = {"right": "Right", "wrong": "Not yet", "open": "Not attempted yet"}
    assert words[kind] in repr(Feedback(kind, "x")) and words[kind] in Feedback(kind, "x")._repr_html_()
