"""The simulated log: usual lives, five ways to be odd, and what is rare and harmless."""

import gzip
import platform

import pandas as pd
import pytest

from mupy_helpers import datasets
from mupy_helpers.datasets import bundled
from mupy_helpers.simulate import server_log

TEMPLATE = r"blk_-?\d+|\d+\.\d+\.\d+\.\d+(?::\d+)?|sort_\S+|\d+"


@pytest.fixture(scope="module")
def log():
    log = datasets.load_server_log()
    template = log["message"].str.replace(TEMPLATE, "*", regex=True)
    block, event = log["message"].str.extract(r"(blk_-?\d+)")[0], template.str.extract(r"([a-z]{5,})")[0]
    return log.assign(block=block, event=event)


@pytest.fixture(scope="module")
def kinds():
    return datasets.load_server_log_labels(kinds=True)


@pytest.fixture(scope="module")
def counts(log, kinds):
    return pd.crosstab(log["block"], log["event"]).reindex(kinds.index)


def blocks_where(kinds, *wanted):
    return kinds.index[kinds.isin(wanted)]


def test_log_is_described_and_labels_come_apart(log, kinds):
    table, labels = datasets.load_server_log(), datasets.load_server_log_labels()
    for each in (table, labels, kinds):
        assert set(each.attrs) == {"units", "source", "licence", "description"} and each.attrs["licence"] == "CC BY 4.0"
    assert list(table.columns) == ["time", "thread", "level", "component", "message"] == list(table.attrs["units"])
    assert labels.name == "is_anomaly" and labels.index.is_unique and ((kinds != "") == (labels == 1)).all()
    assert list(log["block"].drop_duplicates()) == list(labels.index)


def test_log_has_its_size_and_order(log, kinds):
    assert len(kinds) == 500 and 7_000 < len(log) < 10_000
    assert log["time"].is_monotonic_increasing and log["time"].dtype == "datetime64[ns]"
    assert kinds[kinds != ""].value_counts().to_dict() == server_log.KINDS
    assert datasets.path("server_log").stat().st_size < 120_000
    assert log.groupby("component")["level"].value_counts().unstack()["WARN"].notna().sum() == 3


def test_lives_of_many_blocks_are_interleaved(log):
    assert (log["block"] != log["block"].shift()).mean() > 0.4


def test_each_kind_is_odd_in_its_way(log, kinds, counts):
    lost = counts.loc[blocks_where(kinds, "lost_replica")]
    assert (lost["received"] == 3).all() and (lost["added"] == 2).all()
    assert (counts["writing"] > 0).equals(kinds == "write_error")
    assert (counts["already"] > 0).equals(kinds == "added_twice")
    usual = counts.loc[blocks_where(kinds, "")]
    assert (usual["received"] == usual["added"]).all() and set(usual["added"]) == {2, 3}
    assert 0.04 < (usual["added"] == 2).mean() < 0.14


def test_counting_tells_three_kinds_and_misses_two(kinds, counts):
    vectors = counts.apply(tuple, axis=1)
    usual = set(vectors[kinds == ""])
    assert vectors[blocks_where(kinds, "wrong_order", "slow")].isin(usual).all()
    assert not vectors[blocks_where(kinds, "lost_replica", "write_error", "added_twice")].isin(usual).any()


def test_order_of_a_usual_life(log, kinds):
    """Allocated first, received before it is added, read only until it is deleted: but for the four."""
    wrong = set()
    for block, events in log.groupby("block")["event"]:
        events = list(events)
        assert events[0] == "allocated"
        if events.index("added") < events.index("received"):
            wrong.add(block)
        if "deleted" in events and "served" in events[events.index("deleted"):]:
            wrong.add(block)
    assert wrong == set(blocks_where(kinds, "wrong_order"))


def test_only_the_slow_are_slow(log, kinds):
    times = log[log["event"].isin(["allocated", "added"])].groupby("block")["time"]
    writing = times.max() - times.min()
    slow = blocks_where(kinds, "slow")
    assert writing[slow].min() > 2 * writing.drop(slow).max()


def test_what_is_rare_may_be_harmless(log, kinds, counts):
    warned = log.loc[log["level"] == "WARN", "block"].drop_duplicates()
    assert 0.07 < (kinds[warned] == "").sum() / len(kinds) < 0.13, "a reader's retry in one block of ten"
    moved = counts["moved"] > 0
    assert 10 <= (moved & (kinds == "")).sum() <= 30, "a move in one of twenty-five: as rare as the odd blocks"


def test_two_halves_of_the_evening_both_have_odd_blocks(kinds):
    assert (kinds[:250] != "").sum() >= 5 and (kinds[250:] != "").sum() >= 5


def test_bundled_log_is_what_the_simulator_writes(tmp_path):
    made = server_log.write_server_log(tmp_path)
    assert [file.name for file in made] == list(server_log.FILES)
    files = [folder / server_log.FILES[0] for folder in (tmp_path, bundled.data_folder())]
    same = [gzip.decompress(file.read_bytes()) for file in files]
    if (platform.system(), platform.machine()) == ("Linux", "x86_64"):  # elsewhere a second may differ
        assert same[0] == same[1], "remake it with: python -m mupy_helpers.simulate data"
    assert made[1].read_bytes() == (bundled.data_folder() / server_log.FILES[1]).read_bytes()


def test_a_wheel_without_repository_has_the_same_log(monkeypatch, tmp_path, log):
    monkeypatch.setattr(bundled, "data_folder", lambda: None)
    monkeypatch.setenv("MUPY_CACHE", str(tmp_path))
    assert len(datasets.load_server_log()) == len(log)
    assert len(list(tmp_path.rglob("server_log*"))) == 2


def test_another_seed_gives_another_log():
    lines, kinds = server_log.simulate_server_log(100, seed=1)
    again, other = (server_log.simulate_server_log(100, seed)[0] for seed in (1, 2))
    assert lines == again and lines != other
    assert set(kinds) == {"", *server_log.KINDS}


def test_too_short_a_log_is_refused():
    with pytest.raises(ValueError, match="n_blocks must be at least 80"):
        server_log.simulate_server_log(20)


def test_datasheet_names_files_columns_and_kinds(kinds):
    sheet = (bundled.data_folder() / "README.md").read_text(encoding="utf-8")
    named = [*server_log.FILES, *datasets.load_server_log().columns, *server_log.KINDS, "is_anomaly"]
    assert [name for name in named if f"`{name}`" not in sheet] == []
    assert f"{len(datasets.load_server_log()):,} lines" in sheet
