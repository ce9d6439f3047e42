"""Keeps compiled libraries for the processes that tests and benchmarks start."""

import os
import sys
from pathlib import Path


def keep():
    """Let this process, and those it starts, write and read compiled libraries where Python was told to write none.

    Else every kernel compiles all that it imports once more, which takes longer than most lessons. They are kept in
    the folder of the Python environment, and nowhere beside the sources. Where that can not be written, all stays.
    """
    if not sys.dont_write_bytecode:
        return
    folder = Path(sys.prefix) / "mupy-bytecode"
    try:
        folder.mkdir(exist_ok=True)
    except OSError:
        return
    if os.access(folder, os.W_OK):
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(folder)
        sys.dont_write_bytecode = False
