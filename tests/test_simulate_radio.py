"""The bad radio line: shares as asked for, the same at every call, nothing made up."""

import numpy as np
import pandas as pd
import pytest

from mupy_helpers.simulate.radio import send_by_radio

READINGS = pd.DataFrame({"room": np.arange(20000.0)}, index=pd.date_range("2024-03-01", periods=20000, freq="90s"))


def test_readings_come_late_twice_or_never():
    radio = send_by_radio(READINGS)
    assert radio["arrives"].is_monotonic_increasing
    assert (READINGS.index[radio["number"]] == radio["time"]).all()
    waits = (radio["arrives"] - radio["time"]).dt.total_seconds()
    assert waits.min() >= 0 and waits.max() < 900 + 180 + 300
    assert 13.9 < waits.median() < 15.5  # ln 2 times 20 s, and a little more
    assert abs((waits > 240).mean() - 0.02 * 11 / 15) < 0.006
    times = radio["number"].value_counts()
    assert abs((times > 1).mean() - 0.02) < 0.004 and times.max() == 2
    assert abs(1 - len(times) / len(READINGS) - 0.01) < 0.003


def test_a_seed_makes_the_same_line_and_a_good_line_changes_nothing():
    pd.testing.assert_frame_equal(send_by_radio(READINGS, seed=3), send_by_radio(READINGS, seed=3))
    assert not send_by_radio(READINGS, seed=3)["arrives"].equals(send_by_radio(READINGS, seed=4)["arrives"])
    good = send_by_radio(READINGS, delay="0s", share_stuck=0, share_twice=0, share_lost=0)
    assert good["number"].tolist() == list(range(len(READINGS))) and (good["arrives"] == READINGS.index).all()


def test_readings_without_times_are_refused():
    with pytest.raises(TypeError, match="readings must have a time index"):
        send_by_radio(READINGS.reset_index(drop=True))
    with pytest.raises(TypeError, match="readings must have a time index"):
        send_by_radio([1, 2])


@pytest.mark.parametrize(("wrong", "words"), [
    ({"share_lost": 2}, "share_lost must be a share between 0 and 1"), ({"delay": "-3s"}, "delay must"),
    ({"stuck": "soon"}, "stuck must")])
def test_shares_and_lengths_that_make_no_sense_are_refused(wrong, words):
    with pytest.raises(ValueError, match=words):
        send_by_radio(READINGS, **wrong)
