"""The published boards run on one or two files, and what they are made of does what it says."""

import json
import sys

import numpy as np
import pandas as pd
import pytest

from benchmarks import boards, nab, skab, tsb_nab
from mupy_helpers.datasets.store import FetchError, fetch_files

SMALL = {"nab": "realKnownCause/rogue_agent_key_hold", "skab": "other/1"}


def present(name):
    """Skip, by name, where a published set is not on this machine; nothing is downloaded for a test."""
    path = {"nab": f"data/{SMALL['nab']}.csv", "skab": f"{SMALL['skab']}.csv"}[name]
    try:
        fetch_files(name, [path], mirror="http://127.0.0.1:9/")
    except FetchError:
        pytest.skip(f"the published set {name} is not on this machine")


def run(board, arguments, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["board", *map(str, arguments)])
    board.main()
    return capsys.readouterr().out
