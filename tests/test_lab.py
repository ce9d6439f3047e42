"""JupyterLab itself: each lesson is opened in a browser as a learner opens it, and run by its menu.

Lessons with something to turn are run to their end, and so is the first. Of the others only the first cells are: what
the rest computes is compared by nbval. With MUPY_THOROUGH=1 all are run to their end.
"""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from mupy_helpers.exercises.engine import load_bank
from tools import lessons, web
from tools.environment import Environment, what_is_wanted
from tools.processes import Stop

SCRIPT = lessons.ROOT / "tests" / "browser" / "lab.mjs"
SLIDER = {"control": "[role=slider]", "keys": ["ArrowRight"]}
WIDGETS = {"01": SLIDER, "03": SLIDER, "05": SLIDER}
LIVE = {"08": "live.show()"}
TOY = "00.1"
FIRST_CELLS = 10

if web.chromium() is None or shutil.which("node") is None:
    pytest.skip("JupyterLab in a browser: needs Chromium and Node.js", allow_module_level=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A JupyterLab by course.py, on a copy of the lessons: what a learner saves must not change ours."""
    try:
        web.node_modules()
    except Stop as stop:
        pytest.skip(str(stop))
    folder = tmp_path_factory.mktemp("lab")
    (folder / "notebooks").mkdir()
    for lesson in lessons.all_lessons():
        if not lesson.is_case_study:
            shutil.copy(lesson.notebook, folder / "notebooks")
    port, token = free_port(), secrets.token_hex(8)
    environment = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    environment |= {"MUPY_VENV": sys.prefix, "PYTHONPATH": str(lessons.ROOT)}
    by_course = Environment(sys.prefix).diagnose(what_is_wanted())[0] is None
    door = ["course.py", "lab", "--"] if by_course else ["-m", "jupyterlab", "--allow-root"]
    log = open(folder / "log.txt", "w", encoding="utf-8")
    server = subprocess.Popen(
        [sys.executable, *door, "--no-browser", "--expose-app-in-browser", "--ServerApp.port_retries=0",
         f"--ServerApp.port={port}", f"--ServerApp.root_dir={folder}", f"--IdentityProvider.token={token}"],
        cwd=lessons.ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    home = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{home}/api?token={token}", timeout=5)
                break
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                if server.poll() is not None:
                    break
                time.sleep(0.5)
        else:
            pytest.fail("JupyterLab did not answer in two minutes")
        if server.poll() is not None:
            pytest.fail("JupyterLab ended:\n" + (folder / "log.txt").read_text(encoding="utf-8")[-2000:])
        yield {"home": home, "token": token}
    finally:
        server.terminate()
        server.wait(timeout=30)
        log.close()


def code_cells(lesson):
    return sum(cell.cell_type == "code" for cell in lessons.read(lesson).cells)


@pytest.mark.parametrize("lesson", [one for one in lessons.all_lessons() if not one.is_case_study],
                         ids=lambda lesson: lesson.name)
def test_run_all_numbers_every_cell(lab, lesson):
    task = {**lab, "lesson": lesson.name}
    if lesson.number in WIDGETS:
        task["widget"] = WIDGETS[lesson.number]
    if lesson.number in LIVE:
        task["live"] = LIVE[lesson.number]
    if lesson.number not in {TOY[:2], *WIDGETS, *LIVE} and not os.environ.get("MUPY_THOROUGH"):
        task["first"] = FIRST_CELLS
    found = web.browse(SCRIPT, task, timeout=580)
    assert found["leftOver"] == 0, "old prompts were still there: nothing is proved"
    assert found["errors"] == []
    assert found["counts"] == list(range(1, len(found["counts"]) + 1))
    assert len(found["counts"]) == task.get("first", code_cells(lesson))
    if lesson.number in WIDGETS:
        assert found["widget"]["before"] != found["widget"]["after"] and found["widget"]["alt"]
    if lesson.number in LIVE:
        assert found["live"]["since"].startswith("Leak since ") and found["live"]["hidden"] <= 1


def test_an_exercise_answered_wrongly_then_rightly_shows_its_messages(lab):
    exercise = load_bank(TOY[:2])[TOY]
    wrong = exercise.wrong[0]
    name = next(lesson.name for lesson in lessons.all_lessons() if lesson.number == TOY[:2])
    found = web.browse(SCRIPT, {**lab, "lesson": name, "check": TOY, "answers": [wrong.code, exercise.solution]})
    said_of_wrong, said_of_right = found["said"]
    assert wrong.message in said_of_wrong and exercise.why not in said_of_wrong
    assert exercise.why in " ".join(said_of_right.split())
