"""The course's words, and typing errors made on purpose."""

import pytest

from mupy_helpers import datasets
from mupy_helpers.datasets.bundled import data_folder
from mupy_helpers.simulate.typing_errors import (
    KINDS,
    ROWS,
    neighbours_of,
    simulate_typing_errors,
)
from tools import course_words


@pytest.fixture(scope="module")
def words():
    return datasets.load_course_words()


@pytest.fixture(scope="module")
def typed_and_truth(words):
    long_words = words.index[words.index.str.len() > 3]
    return simulate_typing_errors(long_words, share=0.5, seed=1)


# The words of the course.

def test_words_are_described(words):
    assert set(words.attrs) == {"units", "source", "licence", "description"} and words.attrs["licence"] == "CC BY 4.0"
    assert list(words.columns) == ["count"] == list(words.attrs["units"]) and words.index.name == "word"
    assert words.index.is_unique and words.index.is_monotonic_increasing and (words["count"] > 0).all()
    assert words.index.str.fullmatch("[a-z]+").all()
    assert 1_500 < len(words) < 5_000 and words["count"].idxmax() == "the"
    assert {"anomaly", "compressor", "threshold", "neighbours"} <= set(words.index)


def test_nine_words_of_ten_are_still_in_the_lessons(words):
    gone = words.index.difference(list(course_words.count()))
    assert len(gone) <= 0.1 * len(words), f"{len(gone)} words are gone: count anew with python -m tools.course_words"


def test_only_prose_counts():
    markdown = ("## Don't call PyOD's `KNN` a [fault](http://x.org/page), **please**: F1 is $x$, <b>e.g.</b> MAD.\n"
                "```python\nimport nothing\n```\nI say: so-called.")
    assert course_words.words_of(markdown) == ["call", "a", "fault", "please", "is", "i", "say", "so", "called"]


def test_the_tool_writes_what_is_loaded(words, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(course_words, "COURSE_WORDS", tmp_path / "words.csv")
    monkeypatch.setattr(course_words, "count", lambda: words["count"].to_dict())
    course_words.main()
    from mupy_helpers.datasets.beyond_sensors import COURSE_WORDS

    assert (tmp_path / "words.csv").read_bytes() == COURSE_WORDS.read_bytes().replace(b"\r\n", b"\n")
    assert f"{len(words)} words" in capsys.readouterr().out


def test_datasheet_names_the_words(words):
    sheet = (data_folder() / "README.md").read_text(encoding="utf-8")
    assert [name for name in ("load_course_words()", "word", "count", *KINDS) if f"`{name}`" not in sheet] == []
    assert f"{len(words):,} different words" in sheet


# The errors.

def test_share_of_errors_is_exact_and_truth_tells_them(typed_and_truth):
    typed, truth = typed_and_truth
    assert typed.index.equals(truth.index) and list(truth.columns) == ["meant", "kind", "is_anomaly"]
    assert truth["is_anomaly"].sum() == round(0.5 * len(truth))
    assert ((typed != truth["meant"]) == (truth["is_anomaly"] == 1)).all()
    assert ((truth["kind"] != "") == (truth["is_anomaly"] == 1)).all()


def test_the_four_kinds_are_equally_likely(typed_and_truth):
    kinds = typed_and_truth[1]["kind"]
    assert set(kinds) == {"", *KINDS}
    assert kinds[kinds != ""].value_counts(normalize=True).between(0.2, 0.3).all()


def differing(meant, typed):
    return [i for i, (a, b) in enumerate(zip(meant, typed, strict=True)) if a != b]


def test_each_kind_is_what_its_name_says(typed_and_truth):
    typed, truth = typed_and_truth
    for word, meant, kind in zip(typed, truth["meant"], truth["kind"], strict=True):
        if kind == "neighbour":
            (place,) = differing(meant, word)
            assert word[place] in neighbours_of(meant[place])
        elif kind == "doubled":
            assert any(meant[:i] + meant[i] + meant[i:] == word for i in range(len(meant)))
        elif kind == "dropped":
            assert any(meant[:i] + meant[i + 1:] == word for i in range(len(meant)))
        elif kind == "swapped":
            first, second = differing(meant, word)
            assert second == first + 1 and (word[first], word[second]) == (meant[second], meant[first])


@pytest.mark.parametrize(("letter", "around"), [
    ("q", "aw"), ("p", "lo"), ("a", "qswz"), ("g", "bfhtvy"), ("l", "kop"), ("z", "asx"), ("m", "jkn"),
    ("s", "adewxz")])
def test_neighbours_touch_on_the_keyboard(letter, around):
    assert "".join(sorted(neighbours_of(letter))) == around


def test_neighbours_are_mutual():
    letters = "".join(ROWS)
    assert len(letters) == 26
    assert all(a in neighbours_of(b) for a in letters for b in neighbours_of(a))


def test_short_words_are_typed_as_they_are_meant():
    typed, truth = simulate_typing_errors(["is", "a", "of", "fault"] * 25, share=0.25, seed=0)
    assert (truth["meant"][truth["is_anomaly"] == 1] == "fault").all() and truth["is_anomaly"].sum() == 25
    assert set(typed[truth["meant"] != "fault"]) == {"is", "a", "of"}


def test_a_word_of_one_letter_repeated_is_still_typed_wrongly():
    typed, _ = simulate_typing_errors(["mmm"] * 40, share=1)
    assert (typed != "mmm").all()


def test_the_same_seed_makes_the_same_errors(words):
    first, again, other = (simulate_typing_errors(words.index, 0.1, seed)[0] for seed in (1, 1, 2))
    assert first.equals(again) and not first.equals(other)
    assert simulate_typing_errors(words.index, 0.0)[0].tolist() == words.index.tolist()


@pytest.mark.parametrize(("arguments", "message"), [
    (("fault",), "not one string"), ((["Fault"],), "'Fault' is not"), ((["so-called"],), "'so-called' is not"),
    ((["fault"], 1.5), "share must be a number from 0 to 1"), ((["is", "fault"], 1), "only 1 of the words")])
def test_what_cannot_be_typed_is_named(arguments, message):
    with pytest.raises((TypeError, ValueError), match=message):
        simulate_typing_errors(*arguments)
