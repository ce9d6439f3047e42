"""What the prose of free_spoken_digits says in numbers that stand in no output beside it."""

import numpy as np

from claims.reasons import SET


def _row(names, table, name):
    return names["judged"](names[table][names[table]["same"]])[name]


def _across(names, row, column="average precision"):
    return names["across"][row][column]


def _called(names):
    return names["called_share"]


def _signal(names):
    return names["takes"].query("digit == 9 and speaker == 'theo' and take == 16")["signal"].iloc[0]


CLAIMS = {
    "and 20 takes of each digit by each": lambda names: set(
        names["takes"].groupby(["speaker", "digit"]).size()) == {20},
    "some fifteen times as loud as Theo": lambda names: 15 < (
        lambda peak: peak["jackson"] / peak["theo"])(names["takes"].groupby("speaker")["peak"].median()) < 16.5,
    "nearly seven times his usual": lambda names: 6.5 < (
        lambda seconds: seconds.max() / seconds.median())(names["takes"].query("speaker == 'theo'")["seconds"]) < 7,
    "its last two thirds are silence": lambda names: (lambda signal: np.abs(
        signal[len(signal) // 3:]).max() < 0.2 * np.abs(signal).max())(_signal(names)),
    "the spectrogram in 16 bands": lambda names: names["vectors"].shape[1] == 16 * 10,
    "of each of the 160 cells": lambda names: names["vectors"].shape[1] == 160,
    "and in 10 equal slices": lambda names: names["vectors"].shape[1] == 16 * 10,
    "so drawing lots would get 0.90": lambda names: names["is_odd"].mean() == 0.9,
    "gets three times that": lambda names: 2.7 < _row(names, "lengths", "average precision") / (1 / 6) < 3.5,
    "the loudness hardly matters": lambda names: abs(_row(names, "heard", "average precision") - _row(
        names, "levelled", "average precision")) < _row(names, "heard", "spread"),
    "Nine odd takes of ten are called, and nearly one normal take of five": lambda names: all(
        abs(_row(names, table, "odd found") - 0.9) < 0.03 and abs(_row(names, table, "false alarms") - 0.19) < 0.02
        for table in ("heard", "levelled")),
    "half of the nines, and more of the threes, pass for one": lambda names: (
        0.45 < _called(names).loc[7, 9] < 0.55 and _called(names).loc[7, 3] < 0.45),
    "The weak row is seven": lambda names: _off(names).mean(axis=1).idxmin() == 7,
    "the detectors of nines call most sevens": lambda names: _called(names).loc[9, 7] > 0.75,
    "stands above its threshold on the mean": lambda names: names["normal"]["theo", 9, 16] > 1,
    "yet four others stand higher": lambda names: set(
        names["normal"].nlargest(4).index) == set(
            names["normal"][names["normal"] > names["normal"]["theo", 9, 16]].index),
    "nearly everything is called, and the ranking is close to drawing lots": lambda names: min(
        names["across"]["vectors"][part] for part in ("odd found", "false alarms")) > 0.95 and names[
        "across"]["vectors"]["average precision"] < 0.3,
    "subtracting the mean is not enough": lambda names: _across(names, "only the mean out") + _across(
        names, "only the mean out", "spread") < _across(names, "loudness out"),
    "three of four of the right digits are called": lambda names: abs(
        names["across"]["loudness out"]["false alarms"] - 0.75) < 0.03,
    "the ranking comes half way back": lambda names: 0.35 < (_across(names, "loudness out") - _across(
        names, "vectors")) / (_row(names, "levelled", "average precision") - _across(names, "vectors")) < 0.65,
    "the other digits have hardly moved": lambda names: abs((lambda ratio: ratio("other") / ratio("same") - 1)(
        lambda table: names[table].loc[names[table]["is_odd"], "ratio"].median())) < 0.1,
    "the digit asked for has slid over it": lambda names: names["other"].loc[
        ~names["other"]["is_odd"], "ratio"].median() > 1 > names["same"].loc[
            ~names["same"]["is_odd"], "ratio"].median(),
    "False alarms return to one in five": lambda names: abs(
        names["across"]["loudness out, his own threshold"]["false alarms"] - 0.2) < 0.02,
    "fewer of the odd takes are found than by a detector of his own": lambda names: names[
        "across"]["loudness out, his own threshold"]["odd found"] + 0.1 < _row(names, "levelled", "odd found"),
    "the 40 dB were set by taste": lambda names: 10 * np.ptp(names["audible"], axis=1).max() <= 40.001,
    "what is more than 40 dB below the loudest cell": lambda names: 10 * np.ptp(
        names["audible"], axis=1).max() <= 40.001,
}


def _off(names):
    return _called(names).where(~np.eye(10, dtype=bool))


FACTS = {
    "after training on takes 5 to 49 of six speakers": SET,
}
