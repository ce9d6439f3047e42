"""River's half-space trees on a stream: score, then learn; and drifts seen soon, and only where there are some."""

import numpy as np
import pandas as pd
import pytest
from river.anomaly import HalfSpaceTrees
from river.preprocessing import MinMaxScaler

from mupy_helpers.streaming import Monitor, OnlineScorer, watch

COLUMNS = ["room", "coil"]


def stream(seed, n=1500, shift_at=None):
    """Two channels of noise; the first one moves up by three deviations and stays there."""
    rows = np.random.default_rng(seed).normal(size=(n, 2)) * [1, 0.01] + [5, 0]
    if shift_at is not None:
        rows[shift_at:, 0] += 3
    return rows


def scored(scorer, rows, times=None):
    return [scorer.score_one(row, None if times is None else times[i]) for i, row in enumerate(rows)]


def test_each_row_is_scored_before_it_is_learned():
    rows = stream(0, 700)
    scaler, trees, expected = MinMaxScaler(), HalfSpaceTrees(25, 8, 250, seed=3), []
    for row in rows:
        named = dict(zip(COLUMNS, row.tolist(), strict=True))
        expected.append(trees.score_one(scaler.transform_one(named)))
        scaler.learn_one(named)
        trees.learn_one(scaler.transform_one(named))
    scores = scored(OnlineScorer(COLUMNS, random_state=3), rows)
    np.testing.assert_allclose(scores, expected, rtol=0, atol=1e-12)
    assert scores[:250] == [0.0] * 250 and min(scores[250:]) > 0.5
    cut = rows.copy()
    cut[500:] += 100  # what comes later is not known yet
    assert scored(OnlineScorer(COLUMNS, random_state=3), cut)[:500] == scores[:500]
    assert scored(OnlineScorer(COLUMNS, random_state=4), rows) != scores


def ring(seed, n=900, odd=()):
    """Two channels that go round in a circle; odd rows stand in its middle, where each channel alone is as ever."""
    turn = 2 * np.pi * np.arange(n) / 50
    rows = np.column_stack([np.cos(turn), np.sin(turn)]) + np.random.default_rng(seed).normal(0, 0.05, size=(n, 2))
    rows[list(odd)] = [0.1, -0.1]
    return rows


def test_an_odd_row_scores_highest_also_on_the_second_run():
    rows = ring(1, odd=[600])
    scores = scored(OnlineScorer(COLUMNS), rows)
    assert np.argmax(scores) == 600 and scored(OnlineScorer(COLUMNS), rows) == scores


@pytest.mark.parametrize("seed", range(6))
def test_a_drift_is_reported_soon_and_none_where_there_is_none(seed):
    calm = OnlineScorer(COLUMNS, n_trees=1, height=2)
    scored(calm, stream(seed, 6000))
    assert not calm.drifts
    scorer = OnlineScorer(COLUMNS, n_trees=1, height=2)
    scored(scorer, stream(seed, 1500, shift_at=1000))
    [drift] = scorer.drifts
    assert drift.channel == "room" and 1000 <= drift.row < 1100
    assert abs(drift.before - 5) < 0.5 and drift.after - drift.before > 0.3
    assert str(drift).startswith(f"Drift seen at row {drift.row}: room was ")


def test_after_a_drift_the_trees_know_nothing_of_what_was_before():
    rows = stream(2, 2000, shift_at=1000)
    kept, anew = OnlineScorer(COLUMNS, restart=False), OnlineScorer(COLUMNS)
    scores = np.array([scored(kept, rows), scored(anew, rows)])
    first = anew.drifts[0].row
    assert [drift.row for drift in anew.drifts] == [drift.row for drift in kept.drifts] == [first]
    assert (scores[0, :first + 1] == scores[1, :first + 1]).all()
    assert anew._low[0] > kept._low[0]
    assert (scores[0, first + 1:] > 0).all()  # never blind again
    blind = (scores[1, first + 1:] == 0).sum()
    assert 0 < blind < 250 and (scores[1, first + 1 + blind:] > 0).all()


@pytest.mark.parametrize("cut", [0, 1, 249, 250, 600, 1040, 1130, 1400])
def test_a_restart_from_a_file_goes_on_with_the_same_scores(tmp_path, cut):
    rows, times = stream(3, 1500, shift_at=1000), pd.date_range("2024-03-01", periods=1500, freq="90s")
    whole = OnlineScorer(COLUMNS)
    expected = scored(whole, rows, times)
    first = OnlineScorer(COLUMNS)
    scored(first, rows[:cut], times[:cut])
    first.save(tmp_path / "online.npz")
    second = OnlineScorer.load(tmp_path / "online.npz")
    assert second.last_time == first.last_time and second.drifts == first.drifts
    scores = scored(second, rows[cut:], times[cut:])
    [drift], [same] = whole.drifts, second.drifts
    until = len(rows) if cut > drift.row else min(drift.row, same.row) + 1
    assert until > 1000 and scores[:until - cut] == expected[cut:until]
    assert drift == same if cut > drift.row else abs(drift.row - same.row) <= 64
    with pytest.raises(ValueError, match="not a Monitor"):
        Monitor.load(tmp_path / "online.npz")


def test_watch_takes_it_and_a_restart_loses_no_alarm(tmp_path):
    odd, times = [500, 501, 700, 701], pd.date_range("2024-03-01", periods=900, freq="90s")
    rows = ring(4, odd=odd)
    scores = np.array(scored(OnlineScorer(COLUMNS), rows))
    on = scores[odd].min() - 1e-9
    assert on > np.delete(scores, odd).max()

    def told(monitor, first, last):
        scored = [each for i in range(first, last) for each in monitor.feed(times[i], rows[i])]
        return [str(alarm) for each in scored for alarm in each.news]

    expected = told(watch(OnlineScorer(COLUMNS), COLUMNS, on=on), 0, 900)
    assert len(expected) == 4
    assert "room is 0.1, usually" in expected[0] or "coil is -0.1, usually" in expected[0]
    assert expected[0].startswith(f"Alarm 1 at {times[500]}") and expected[2].startswith(f"Alarm 2 at {times[700]}")
    monitor = watch(OnlineScorer(COLUMNS), COLUMNS, on=on)
    news = told(monitor, 0, 501)
    monitor.save(tmp_path / "monitor.npz")
    assert news + told(Monitor.load(tmp_path / "monitor.npz"), 501, 900) == expected
    with pytest.raises(ValueError, match="the same ones in the same order"):
        watch(OnlineScorer(COLUMNS), ["coil", "room"], on=on)


def test_a_single_column_explains_itself_and_a_constant_one_is_no_drift():
    scorer = OnlineScorer(["room"], window=50)
    assert scorer.explain_last() is None and scorer.last_time is None
    scores = scored(scorer, np.full((400, 1), 5.0))
    assert scorer.explain_last() == [scores[-1]] and not scorer.drifts
    scored(scorer, np.full((100, 1), 6.0))
    assert [drift.channel for drift in scorer.drifts] == ["room"]


def test_what_makes_no_sense_is_refused_and_not_taken():
    scorer = OnlineScorer(COLUMNS)
    time = pd.Timestamp("2024-03-01")
    scorer.score_one([1, 2], time)
    for values, when, match in (([1], time, "2 values"), ([1, np.nan], time, "missing"), ([1, "2"], time, "numbers"),
                                ([1, 2], time, "put readings in order"), ([1, 2], None, "in all calls")):
        with pytest.raises((TypeError, ValueError), match=match):
            scorer.score_one(values, when)
    assert scorer.last_time == time and scorer._row == 1
    for settings in ({"columns": "room"}, {"columns": []}, {"columns": ["room", "room"]}, {"window": 1}, {"delta": 0},
                     {"n_trees": 0}, {"random_state": -1}):
        with pytest.raises(ValueError, match=next(iter(settings))):
            OnlineScorer(**{"columns": COLUMNS, **settings})
