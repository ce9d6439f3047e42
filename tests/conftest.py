"""Shared by all tests: no window is opened, a lesson's exercises stay together, and missing data is said by name."""

import functools
import os
import re
import signal

# Threads that wait for each other give way: spinning, they take the cores from the tests beside them, and lesson 09
# then takes nine times as long. Read when NumPy is loaded; workers and kernels inherit it. The results stay the same.
os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import matplotlib
import nbformat
import pytest

from benchmarks import own_process
from tools import bytecode

bytecode.keep()
# A shell lets what it starts in the background ignore Ctrl-C, and all that these start in their turn.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
# For this process alone: in the environment it would reach the notebooks' kernels too, and they would show no figures.
matplotlib.use("Agg")

PEAKS = pytest.StashKey()
EXERCISES = re.compile(r"(?:.*/)?test_exercises\.py::[^\[]+\[(?P<lesson>\w+)")


@pytest.fixture(scope="module", autouse=True)
def settings_stay():
    """What a file of tests sets in Matplotlib, the next does not find: tests must not depend on their order."""
    with matplotlib.rc_context():
        yield


@functools.lru_cache(maxsize=None)
def lesson_names():
    from tools import lessons

    return frozenset(lesson.name for lesson in lessons.all_lessons())


def lesson_of(nodeid):
    """Return the name of the lesson whose exercises or claims a test is about; empty for all other tests."""
    found = EXERCISES.match(nodeid)
    return found["lesson"] if found and found["lesson"] in lesson_names() else ""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Give out file by file, as --dist=loadfile does, but of the exercises one lesson after the other."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    config.option.loadscopereorder = False  # as collected: the notebooks of the case studies are short, and come last

    class OneLessonAtATime(LoadFileScheduling):
        def _split_scope(self, nodeid):
            return f"{super()._split_scope(nodeid)}::{lesson_of(nodeid)}"

    return OneLessonAtATime(config, log)


def pytest_sessionfinish(session):
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["peak_mb"] = own_process.peak_mb()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error):
    peak = getattr(node, "workeroutput", {}).get("peak_mb")
    if peak is not None:
        node.config.stash.setdefault(PEAKS, []).append(peak)


def pytest_terminal_summary(terminalreporter, config):
    """Say how large the largest of the processes became: they run side by side, and 8 GB must do."""
    if config.stash.get(PEAKS, []):
        terminalreporter.write_line(f"Most memory of a process that ran tests: {max(config.stash[PEAKS]):,.0f} MB")


def pytest_collection_modifyitems(items):
    """Put the tests of a lesson's exercises together: what the lesson leaves in memory is kept for one at a time.

    And skip each notebook whose published data is not here: one line for each, with its name and what to do.
    """
    first = {}
    for place, item in enumerate(items):
        first.setdefault(item.path, place)
    items.sort(key=lambda item: (first[item.path], lesson_of(item.nodeid)))
    needs = {}
    for item in items:
        if item.path.suffix == ".ipynb":
            needs.setdefault(item.path, []).append(item)
    if not needs:
        return
    from tools.build import reason_to_wait

    for path, cells in needs.items():
        matter = nbformat.read(path, as_version=4).metadata.get("mupy", {})
        reason = reason_to_wait(matter)
        if reason:
            for item in cells[1:]:
                items.remove(item)
            cells[0].add_marker(pytest.mark.skip(reason=f"{path.stem}: {reason}"))
