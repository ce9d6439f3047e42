"""The two doors: what they decide, what they say when something is wrong, and that they repair what is half made."""

import ast
import errno
import glob
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

import course
from tools import environment, processes
from tools.environment import Environment
from tools.processes import NO_NETWORK, Stop, explain, stream

ROOT = Path(__file__).resolve().parent.parent
DOORS = ["course.py", "tools/__init__.py", "tools/environment.py", "tools/processes.py", "tools/start.py"]

# An address of this computer at which nothing answers stands in for a computer without a network.
OFFLINE = {
    "PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_NO_CACHE_DIR": "1",
    "UV_NO_CONFIG": "1", "UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple", "UV_HTTP_RETRIES": "0",
}
NO_SUCH_PACKAGE = "mupy-no-such-package==1.0 \\\n    --hash=sha256:" + 64 * "0" + "\n"


# ------------------------------------------------------------------------------------------- which Python

@pytest.mark.parametrize("file", DOORS)
def test_parses_on_old_pythons(file):
    ast.parse((ROOT / file).read_text(encoding="utf-8"), feature_version=(3, 6))


@pytest.mark.parametrize("version", ["3.6", "3.7", "3.8", "3.9", "3.10", "3.14"])
def test_unsuitable_python_gets_one_sentence(version):
    candidates = glob.glob(os.path.expanduser(f"~/.pyenv/versions/{version}.*/bin/python"))
    candidates += filter(None, [shutil.which(f"python{version}")])
    python = next((c for c in candidates if environment.python_version(c) == version), None)
    if python is None:
        pytest.skip(f"there is no Python {version} here")
    result = subprocess.run([python, str(ROOT / "course.py"), "lab"], capture_output=True, text=True)
    assert result.returncode == 2
    assert result.stderr.startswith("course.py: the course needs Python 3.11, 3.12 or 3.13 and this is")
    assert f" {version}." in result.stderr
    assert len(result.stderr.splitlines()) == 1 and result.stdout == ""


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 10, 13), (3, 14, 0), (4, 0, 0)])
def test_check_python_refuses(version):
    with pytest.raises(Stop, match="Python 3.11, 3.12 or 3.13") as stop:
        course.check_python(version)
    assert stop.value.code == 2


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 1), (3, 13, 9)])
def test_check_python_accepts(version):
    assert course.check_python(version) is None


def test_accepted_pythons_are_those_of_pyproject():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">={}.{},<{}.{}".format(*course.OLDEST, *course.TOO_NEW)


# ---------------------------------------------------------------------------------------- verbs and arguments

@pytest.fixture
def handed_over(monkeypatch):
    """Commands that would have been run, with the environment taken as ready."""
    commands = []
    monkeypatch.setattr(course, "hand_over", lambda command, env, folder: commands.append(command[1:]) or 7)
    monkeypatch.setattr(Environment, "set_up", lambda self, **options: None)
    return commands


@pytest.mark.parametrize("asked", [["test", "--", "-k", "doctor"], ["test", "-k", "doctor"]])
def test_arguments_reach_the_program(handed_over, asked):
    assert course.main(asked) == 7
    assert handed_over == [["-m", "pytest", "-k", "doctor"]]


def test_a_second_double_dash_is_the_programs_own(handed_over):
    course.main(["build", "--", "--solved", "there", "--", "01"])
    assert handed_over == [["-m", "tools.start", "tools.build", "--solved", "there", "--", "01"]]


def test_lab_opens_the_first_lesson(handed_over):
    course.main(["lab", "--", "--no-browser"])
    [command] = handed_over
    assert command[:3] == ["-m", "jupyterlab", "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb"]
    assert "--no-browser" in command


def test_lab_opens_the_notebook_that_is_asked_for(handed_over):
    course.main(["lab", "notebooks/02_looking.ipynb"])
    assert handed_over[0][:3] == ["-m", "jupyterlab", "notebooks/02_looking.ipynb"]


@pytest.mark.parametrize("uid, allowed", [(0, True), (1000, False)])
def test_lab_lets_root_in(handed_over, monkeypatch, uid, allowed):
    monkeypatch.setattr(os, "geteuid", lambda: uid, raising=False)
    course.main(["lab"])
    assert ("--allow-root" in handed_over[0]) == allowed


def test_doctor_runs_without_an_environment(handed_over, monkeypatch, tmp_path):
    monkeypatch.setenv("MUPY_VENV", str(tmp_path / "none"))
    assert course.main(["doctor"]) == 7
    assert handed_over == [["-m", "tools.start", "mupy_helpers.doctor"]]


@pytest.mark.parametrize("asked", [[], ["--help"], ["help"]])
def test_help_explains_every_verb(capsys, asked):
    assert not course.main(asked)
    printed = capsys.readouterr().out
    assert all(f"    {verb.name}" in printed and verb.help in printed for verb in course.VERBS)
    assert {"lab", "test", "setup", "build", "doctor", "data"} <= {verb.name for verb in course.VERBS}


def test_help_of_one_verb(capsys):
    assert not course.main(["setup", "--help"])
    assert "check every package" in capsys.readouterr().out


@pytest.mark.parametrize("asked, message", [
    (["labb"], "there is no verb 'labb': choose from lab, test,"),
    (["setup", "--fast"], "setup takes no arguments, not --fast"),
    (["lab", "--", "--port", "many"], "--port needs a number from 1 to 65535, not 'many'"),
    (["lab", "--port=70000"], "--port needs a number"),
])
def test_wrong_use(capsys, asked, message):
    assert course.main(asked) == 2
    assert message in capsys.readouterr().err


def test_ctrl_c_ends_with_a_sentence(capsys, monkeypatch):
    def interrupted(self, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(Environment, "set_up", interrupted)
    assert course.main(["setup"]) == 130
    assert capsys.readouterr().err == "\nStopped: the same command goes on from here.\n"


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is sent as a signal")
@pytest.mark.parametrize("when", ["before", "import", "main", "another"])
def test_ctrl_c_is_one_line_from_the_first_moment(tmp_path, when):
    """Also while libraries are imported, and, as course.py holds it back until then, while Python itself starts."""
    wait = "print('here', flush=True); import time; time.sleep(20)\n"
    (tmp_path / "slow").mkdir()
    (tmp_path / "slow" / "__init__.py").write_text(wait if when == "import" else "")
    another = "def main():\n    try:\n        " + wait + "    finally:\n        assert False\n"  # as nbclient does
    (tmp_path / "slow" / "__main__.py").write_text(another if when == "another" else "def main():\n    " + wait)
    sent = textwrap.dedent("""\
        import os, signal, sys
        from tools.processes import hand_over
        if "before" in sys.argv:
            handed, os.execve = os.execve, lambda *all: (os.kill(os.getpid(), signal.SIGINT), handed(*all))
        hand_over([sys.executable, "-m", "tools.start", "slow"], os.environ, ".")
        """)
    process = subprocess.Popen([sys.executable, "-c", sent, when], cwd=ROOT, text=True, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"})
    if when != "before":
        assert process.stdout.readline() == "here\n"
        process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=15)
    assert (process.returncode, *said) == (130, "", "\nStopped: the same command goes on from here.\n")


def test_an_error_that_is_none_of_ctrl_c_stays_one(tmp_path):
    (tmp_path / "wrong.py").write_text("def main():\n    try:\n        1 / 0\n    finally:\n        [][1]\n")
    done = subprocess.run([sys.executable, "-m", "tools.start", "wrong"], cwd=ROOT, text=True, capture_output=True,
                          env={**os.environ, "PYTHONPATH": str(tmp_path)})
    assert done.returncode == 1 and "ZeroDivisionError" in done.stderr and done.stderr.endswith("out of range\n")


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is sent as a signal")
def test_ctrl_c_ends_the_imports_of_course_py_without_a_traceback(tmp_path):
    (tmp_path / "socket.py").write_text("print('here', flush=True); import time; time.sleep(20)")
    process = subprocess.Popen([sys.executable, "course.py", "doctor"], cwd=ROOT, text=True, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(tmp_path)})
    assert process.stdout.readline() == "here\n"
    process.send_signal(signal.SIGINT)
    assert (process.communicate(timeout=15)[1], process.returncode) == ("", -signal.SIGINT)


# ----------------------------------------------------------------------------------------------------- ports

@pytest.mark.parametrize("form", ["--port {}", "--port={}", "--ServerApp.port={}", "--no-browser --port {}"])
def test_port_in_use(capsys, handed_over, form):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert course.main(["lab", "--"] + form.format(port).split()) == 1
    expected = f"course.py: port {port} is in use: choose another with --port, or stop the other program.\n"
    assert capsys.readouterr().err == expected
    assert handed_over == []


def test_free_port_is_passed_on(handed_over):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    assert course.main(["lab", "--", "--port", port]) == 7
    assert ["--port", port] == handed_over[0][3:5]


def test_without_a_wish_the_port_is_jupyters_choice():
    assert course.asked_port(["--no-browser", "--ServerApp.port_retries=3"]) is None


# ------------------------------------------------------------------------------- what the environment needs

WANTED = {"python": "3.12", "lock": "a", "project": "b", "folder": "/course"}
READY = dict(WANTED, finished=True, ours=True)


@pytest.mark.parametrize("state, version, need, reason", [
    (READY, "3.12", None, "ready"),
    (READY, None, "make", "half made"),
    (READY, "3.11", "make", "made with Python 3.11 and this is Python 3.12"),
    (None, "3.12", "fill", "not made by course.py"),
    ("{", "3.12", "fill", "not made by course.py"),
    ({"finished": False}, "3.12", "make", "did not finish"),
    (dict(READY, finished=False), "3.12", "make", "did not finish"),
    (dict(READY, lock="old"), "3.12", "fill", "requirements.lock has changed"),
    (dict(READY, folder="/old"), "3.12", "link", "moved"),
    (dict(READY, project="old"), "3.12", "link", "pyproject.toml has changed"),
])
def test_diagnose(tmp_path, monkeypatch, state, version, need, reason):
    monkeypatch.setattr(Environment, "python_version", lambda self: version)
    if state is not None:
        (tmp_path / environment.STATE).write_text(state if isinstance(state, str) else json.dumps(state))
    found_need, found_reason = Environment(tmp_path).diagnose(WANTED)
    assert found_need == need
    assert reason in found_reason


def test_diagnose_without_an_environment(tmp_path):
    assert Environment(tmp_path / "none").diagnose(WANTED)[0] == "make"


def test_python_that_does_not_start(tmp_path):
    assert environment.python_version(str(tmp_path / "none")) is None


def test_mupy_venv_names_the_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("MUPY_VENV", str(tmp_path / "ö"))
    assert Environment().folder == tmp_path / "ö"
    monkeypatch.delenv("MUPY_VENV")
    assert Environment().folder == ROOT / ".venv"


def test_misleading_variables_are_left_out(monkeypatch, tmp_path):
    for name in environment.MISLEADING:
        monkeypatch.setenv(name, "/elsewhere")
    variables = Environment(tmp_path).variables()
    assert not set(environment.MISLEADING) & set(variables)
    assert variables["UV_PYTHON_DOWNLOADS"] == "never"
    assert variables["PATH"].split(os.pathsep)[0] == str(Environment(tmp_path).scripts)


# ------------------------------------------------------------------------------ folders that cannot be used

def assert_cannot_write(folder, monkeypatch, capsys):
    monkeypatch.setenv("MUPY_VENV", str(folder))
    assert course.main(["setup"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("course.py: cannot write ") and "set MUPY_VENV to a folder that you may write" in error
    assert len(error.splitlines()) == 1


def test_folder_below_a_file(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    assert_cannot_write(tmp_path / "file" / "venv", monkeypatch, capsys)


def test_folder_without_write_permission(tmp_path, monkeypatch, capsys):
    if os.name != "posix":
        pytest.skip("permissions are set otherwise on Windows")
    folder = tmp_path
    folder.chmod(0o500)
    if os.geteuid() == 0:  # root may write into every folder but the kernel's own
        folder = Path("/sys")
        if not folder.is_dir():
            pytest.skip("no folder here refuses root")
    assert_cannot_write(folder / "mupy-venv", monkeypatch, capsys)


def test_full_disk(tmp_path, monkeypatch, capsys):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=int(0.2e9)))
    monkeypatch.setenv("MUPY_VENV", str(tmp_path / "venv"))
    assert course.main(["setup"]) == 1
    assert "the disk has 0.2 GB left and the course needs about 3: free some space" in capsys.readouterr().err
    assert not (tmp_path / "venv").exists()


def test_disk_that_fills_up_on_the_way():
    sentence = environment.explain_write_error(OSError(errno.ENOSPC, "No space left on device"), Path("x"))
    assert sentence.startswith("the disk is full")


@pytest.mark.parametrize("make", [Path.mkdir, Path.touch])
def test_what_is_not_ours_is_not_deleted(tmp_path, monkeypatch, capsys, make):
    folder = tmp_path / "precious"
    make(folder)
    if folder.is_dir():
        (folder / "thesis.txt").write_text("years of work")
    monkeypatch.setenv("MUPY_VENV", str(folder))
    assert course.main(["setup"]) == 1
    assert "course.py did not make it: move it away" in capsys.readouterr().err
    assert folder.exists() and (folder.is_file() or (folder / "thesis.txt").read_text() == "years of work")


# ---------------------------------------------------------------------------------------- running programs

@pytest.mark.parametrize("output, sentence", [
    ("error: Request failed after 3 retries\n  cause: tcp connect error\n  cause: Connection refused (os error 111)",
     "cannot be reached"),
    ("  cause: dns error\n  cause: failed to lookup address information: Name or service not known",
     "cannot be reached"),
    ("hint: Packages were unavailable because the network was disabled.", "cannot be reached"),
    ("WARNING: Retrying after connection broken by 'NewConnectionError('<x>: Failed to establish a new connection')'\n"
     "ERROR: No matching distribution found for absl-py==2.5.1", "cannot be reached"),
    ("ERROR: Could not find a version (from versions: none)\nERROR: No matching distribution found for jaxlib==0.5",
     "no ready-made file"),
    ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "the disk is full"),
    ("error: failed to write\n  cause: There is not enough space on the disk. (os error 112)", "the disk is full"),
    ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed", "certificate"),
    ("error: client error (Connect)\n  cause: invalid peer certificate: UnknownIssuer", "certificate"),
    ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "not the one in requirements.lock"),
    ("error: Hash mismatch for `pooch==1.8.2`", "not the one in requirements.lock"),
    ("ERROR: Could not install packages due to an OSError: [WinError 5] Access is denied", "close every program"),
    ("[Errno 2] ... HINT: this system does not have Windows Long Path support enabled", "path is too long"),
])
def test_known_troubles(output, sentence):
    assert sentence in explain(output)


def test_unknown_trouble_shows_what_the_program_said(capsys):
    assert explain("error: the moon is full") is None
    assert "the reason above" in str(processes.failure("error: the moon is full"))
    assert "the moon is full" in capsys.readouterr().err


def test_stream_returns_and_shows(tmp_path, capsys):
    script = "print('one'); print('zwei ü'); import os; print(os.getcwd()); raise SystemExit(3)"
    env = dict(os.environ, PYTHONUTF8="1")
    show = {"zwei ü": "ZWEI Ü"}.get
    code, output = stream([sys.executable, "-c", script], env, tmp_path, show)
    assert (code, output.splitlines()) == (3, ["one", "zwei ü", str(tmp_path)])
    assert "ZWEI Ü (0 s)" in capsys.readouterr().out


def test_stream_gives_a_sign_of_life(tmp_path, capsys):
    stream([sys.executable, "-c", "import time; time.sleep(2.5)"], dict(os.environ), tmp_path, patience=0.1)
    assert "still at work (1 s)" in capsys.readouterr().out


def test_stream_leaves_nothing_running(tmp_path):
    def interrupt(line):
        raise KeyboardInterrupt

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        stream([sys.executable, "-u", "-c", "import time; print('go'); time.sleep(60)"], dict(os.environ), tmp_path,
               interrupt)
    assert time.monotonic() - started < 30  # the program was killed, not waited for


def test_pip_count():
    count = environment.PipCount(45)
    assert count("Ignoring appnope: markers do not match your environment") is None
    shown = [count(f"Collecting package-{i}==1") for i in range(44)]
    assert [text for text in shown if text] == ["20 of 44 packages", "40 of 44 packages"]
    assert "unpacking" in count("Installing collected packages: a, b")


def test_uv_lines():
    assert environment.uv_text("Installed 165 packages in 611ms") == "Installed 165 packages in 611ms"
    assert environment.uv_text(" + absl-py==2.5.1") is None


# -------------------------------------------------------- the whole way, with a course that has no dependencies

BACKEND = '''
"""Builds an editable wheel with the standard library, so that no test needs the network."""
import os, zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "mupy_helpers-0-py3-none-any.whl"
    info = "mupy_helpers-0.dist-info/"
    files = {
        "mupy_helpers.pth": os.getcwd() + "\\n",
        info + "METADATA": "Metadata-Version: 2.1\\nName: mupy-helpers\\nVersion: 0\\n",
        info + "WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        info + "RECORD": "",
    }
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
    return name

def get_requires_for_build_editable(config_settings=None):
    return []
'''
PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "mupy-helpers"
version = "0"
"""


class TinyCourse:
    """A repository with our course.py and nothing to install, on a computer without a network."""

    def __init__(self, folder, path=""):
        self.folder = folder
        self.state = folder / ".venv" / environment.STATE
        for file in DOORS:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, folder / file)
        shutil.copytree(ROOT / "tools" / "jupyter", folder / "tools" / "jupyter")
        (folder / "backend.py").write_text(BACKEND)
        (folder / "pyproject.toml").write_text(PROJECT)
        (folder / "mupy_helpers").mkdir()
        (folder / "mupy_helpers" / "__init__.py").write_text("")
        (folder / "mupy_helpers" / "datasets.py").write_text(
            "import sys\ndef main():\n    print(sys.argv[1:])\n    return 3\n")
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "UV_", "MUPY_", "VIRTUAL"))}
        self.env.update(OFFLINE, PATH=path, UV_CACHE_DIR=str(folder / "cache"))

    def lock(self, text):
        (self.folder / "requirements.lock").write_text(text)

    def run(self, *arguments, **env):
        python = getattr(sys, "_base_executable", sys.executable)  # which has no uv beside it
        result = subprocess.run([python, "course.py", *arguments], cwd=self.folder, env=dict(self.env, **env),
                                stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8")
        assert "Traceback" not in result.stderr, result.stderr
        return result


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """The tiny course after a first setup that found no network and a second that had nothing to fetch."""
    course_folder = tmp_path_factory.mktemp("x") / "Kurs für alle"
    tiny = TinyCourse(course_folder)
    tiny.lock(NO_SUCH_PACKAGE)
    tiny.first = tiny.run("setup")
    tiny.first_state = json.loads(tiny.state.read_text())
    tiny.lock("")
    tiny.second = tiny.run("data")
    return tiny


def test_no_network_with_pip(tiny):
    assert tiny.first.returncode == 1
    assert tiny.first.stderr == f"course.py: {NO_NETWORK}.\n"
    assert "[3/4] Installing up to 1 packages with pip." in tiny.first.stdout
    assert tiny.first_state["finished"] is False


def test_an_interrupted_setup_is_repaired(tiny):
    assert "An earlier setup did not finish: making the environment anew." in tiny.second.stdout
    assert "Ready in" in tiny.second.stdout
    assert json.loads(tiny.state.read_text())["finished"] is True


def test_a_ready_environment_starts_at_once(tiny):
    result = tiny.run("data", "--", "a b", "--c")
    assert result.stdout.splitlines() == ["['a b', '--c']"]
    assert result.returncode == 3
    assert result.stderr == ""


def test_the_package_is_found_from_elsewhere(tiny, tmp_path):
    python = Environment(tiny.folder / ".venv").python
    script = "import mupy_helpers; print(ascii(mupy_helpers.__file__))"
    result = subprocess.run([python, "-c", script], cwd=tmp_path, env=tiny.env, capture_output=True, text=True)
    assert result.stdout.strip() == ascii(str(tiny.folder / "mupy_helpers" / "__init__.py"))


def test_the_link_is_plain_ascii_in_a_folder_with_an_umlaut(tiny):
    [link] = (tiny.folder / ".venv").glob("**/mupy_helpers.pth")
    assert link.read_bytes().isascii()


def test_jupyterlab_does_not_ask_for_news(tiny):
    overrides = json.loads((tiny.folder / ".venv/share/jupyter/lab/settings/overrides.json").read_text())
    assert overrides["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"
    export = json.loads((tiny.folder / ".venv/etc/jupyter/jupyter_nbconvert_config.json").read_text())
    template = tiny.folder / ".venv/share/jupyter/nbconvert/templates" / export["HTMLExporter"]["template_name"]
    assert "alt" in (template / "index.html.j2").read_text()


def test_setup_checks_every_package(tiny):
    result = tiny.run("setup")
    assert "checking every package against the lock" in result.stdout
    assert result.returncode == 0


def test_variables_that_break_environments(tiny):
    result = tiny.run("data", PYTHONPATH=str(tiny.folder / "cache"), PYTHONOPTIMIZE="2", CONDA_PREFIX="/opt/conda",
                      PIP_USER="1")
    assert (result.returncode, result.stdout, result.stderr) == (3, "[]\n", "")


def test_a_changed_lock_without_a_network_keeps_the_environment(tiny):
    before = tiny.state.read_text()
    tiny.lock(NO_SUCH_PACKAGE)
    result = tiny.run("data")
    tiny.lock("")
    assert "requirements.lock has changed" in result.stdout
    assert result.stderr == f"course.py: {NO_NETWORK}.\n"
    assert json.loads(tiny.state.read_text()) == json.loads(before)
    assert tiny.run("data").stdout == "[]\n"


def test_a_moved_course_is_linked_again(tiny):
    here, there = tiny.folder, tiny.folder.with_name("Kurs zwei")
    here.rename(there)
    tiny.folder = there
    try:
        result = tiny.run("data")
    finally:
        there.rename(here)
        tiny.folder = here
    assert "The course has moved to another folder: linking it again." in result.stdout
    assert (result.returncode, result.stderr) == (3, "")


def test_no_network_with_uv(tmp_path):
    uv = next((uv for uv in (shutil.which("uv"), Environment().find_uv()) if uv), None)
    if uv is None:
        pytest.skip("there is no uv here")
    tiny = TinyCourse(tmp_path / "course", path=str(Path(uv).parent))
    tiny.lock(NO_SUCH_PACKAGE)
    result = tiny.run("setup")
    assert f"uv did not manage: trying pip.\n      ({NO_NETWORK})" in result.stdout
    assert (result.returncode, result.stderr) == (1, f"course.py: {NO_NETWORK}.\n")


def test_course_py_alone(tmp_path):
    tiny = TinyCourse(tmp_path / "course")
    result = tiny.run("lab")
    assert result.returncode == 1
    assert result.stderr == textwrap.dedent("""\
        course.py: requirements.lock is missing beside course.py: copy the whole repository, not this file alone.
        """)
