"""Continuous integration calls the README's test command, everywhere that the course promises to work."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
posix_only = pytest.mark.skipif(os.name != "posix", reason=".ci/run is a shell script")


def read(workflow):
    content = yaml.safe_load(workflow.read_text(encoding="utf-8"))
    # YAML 1.1 reads the key "on" as true.
    content["on"] = content.pop(True)
    return content


def test_the_workflows_are_there():
    assert {path.name for path in WORKFLOWS} == {"test.yml", "newest.yml", "pages.yml"}


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_workflow_is_sound(workflow):
    content = read(workflow)
    assert content["name"] and content["on"]
    assert content["permissions"] == {"contents": "read"}
    for job in content["jobs"].values():
        assert job["runs-on"] and job["timeout-minutes"]
        for step in job["steps"]:
            assert ("uses" in step) != ("run" in step)
            assert re.fullmatch(r"actions/[\w-]+@v\d+", step.get("uses", "actions/x@v1"))


def test_all_systems_and_all_pythons():
    matrix = read(ROOT / ".github/workflows/test.yml")["jobs"]["test"]["strategy"]["matrix"]
    assert matrix["system"] == ["ubuntu-latest", "macos-latest", "windows-latest"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = re.findall(r"Python :: (3\.\d+)", " ".join(project["classifiers"]))
    assert matrix["python"] == named


@pytest.mark.parametrize("workflow", [path for path in WORKFLOWS if path.stem != "pages"], ids=lambda path: path.name)
def test_every_job_runs_the_test_command(workflow):
    for name, job in read(workflow)["jobs"].items():
        if name == "audit":
            continue  # which asks about the lock, and runs nothing of ours
        commands = [step.get("run", "") for step in job["steps"]]
        assert any(command.startswith("python course.py test") for command in commands)


def test_newest_runs_monthly_and_on_demand():
    content = read(ROOT / ".github/workflows/newest.yml")
    [schedule] = content["on"]["schedule"]
    minute, hour, day, month, weekday = schedule["cron"].split()
    assert day.isdigit() and (month, weekday) == ("*", "*")
    assert "workflow_dispatch" in content["on"]
    commands = " ".join(step.get("run", "") for job in content["jobs"].values() for step in job["steps"])
    assert "--upgrade" in commands and "--resolution lowest-direct" in commands
    assert commands.count("course.py test -- --nbval-lax") == 2
    assert content["env"] == {"MUPY_THOROUGH": "1"}


def test_pages_publishes_book_and_deck_and_attaches_the_deck_to_releases():
    content = read(ROOT / ".github/workflows/pages.yml")
    assert content["on"]["push"] == {"branches": ["main"]} and content["on"]["release"] == {"types": ["published"]}
    jobs = content["jobs"]
    commands = " ".join(step.get("run", "") for step in jobs["build"]["steps"])
    assert commands.index("course.py slides") < commands.index("course.py book"), "the book shows the deck"
    assert jobs["publish"]["permissions"] == {"pages": "write", "id-token": "write"}
    assert jobs["attach"]["permissions"] == {"contents": "write"}
    assert jobs["publish"]["needs"] == jobs["attach"]["needs"] == "build"
    assert jobs["publish"]["if"] == "github.event_name != 'release'"
    assert jobs["attach"]["if"] == "github.event_name == 'release'"


@pytest.fixture
def clone(tmp_path):
    """A folder with .ci/run and a stand-in for Python that prints how it was called; all tools seem to be there."""
    clone = tmp_path / "Kurs für alle"
    (clone / ".ci").mkdir(parents=True)
    (clone / ".ci" / "run").write_bytes((ROOT / ".ci" / "run").read_bytes())
    stand_in = tmp_path / "python"
    stand_in.write_text('#!/bin/sh\nprintf "%s\\n" "$*" "$MUPY_VENV" "${MUPY_DATA:-none}" "$(pwd)" "$(cat)"\nexit 4\n')
    stand_in.chmod(0o755)

    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("chromium", "npm", "mosquitto"):
        (tools / name).write_text("#!/bin/sh\n")
        (tools / name).chmod(0o755)

    def run(*arguments, **env):
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("MUPY_")}
        inherited["PATH"] = f"{tools}{os.pathsep}{inherited['PATH']}"
        return subprocess.run(["bash", str(clone / ".ci" / "run"), *arguments], capture_output=True, text=True,
                              input="", env={**inherited, "MUPY_PYTHON": str(stand_in), **env}, cwd="/")

    run.folder = clone
    return run


@posix_only
def test_ci_run_calls_the_test_command(clone):
    result = clone()
    folder = str(clone.folder)
    assert result.stdout.splitlines() == ["course.py test", f"{folder}/.ci/venv", "none", folder, ""]
    assert (result.returncode, result.stderr) == (4, "")


@posix_only
def test_ci_run_finds_published_data(clone):
    data = clone.folder.parent / "shared" / "data"
    data.mkdir(parents=True)
    assert clone().stdout.splitlines()[2] == str(data)
    assert clone(MUPY_DATA="/elsewhere").stdout.splitlines()[2] == "/elsewhere"


@posix_only
def test_ci_run_passes_arguments_on(clone):
    assert clone("-k", "doctor", MUPY_VENV="/own").stdout.splitlines()[:2] == ["course.py test -k doctor", "/own"]


@pytest.fixture
def bare(tmp_path):
    """A PATH with nothing but what .ci/run itself needs, and an apt-get that only says what it was asked."""
    tools = tmp_path / "bare"
    tools.mkdir()
    for name in ("bash", "dirname", "cat", "sh"):
        (tools / name).symlink_to(shutil.which(name))
    for name, script in {"apt-get": 'echo "apt-get $*"', "id": 'echo "$STAND_IN_USER"'}.items():
        (tools / name).write_text(f"#!/bin/sh\n{script}\n")
        (tools / name).chmod(0o755)
    return str(tools)


@posix_only
@pytest.mark.skipif(os.path.exists("/Applications/Google Chrome.app"), reason="a browser is always found here")
@pytest.mark.parametrize(("user", "said"), [
    ("0", "apt-get install -qy --no-install-recommends chromium npm mosquitto"),
    ("1000", "missing: chromium npm mosquitto; install them, or the tests that need them will be skipped")])
def test_ci_run_installs_browser_and_broker_where_it_may_and_goes_on_where_not(clone, bare, user, said):
    result = clone(PATH=bare, STAND_IN_USER=user, MUPY_SBIN=bare)
    assert said in result.stderr.splitlines()
    assert result.stdout.splitlines()[0] == "course.py test" and result.returncode == 4


@posix_only
def test_ci_run_finds_a_broker_that_is_not_on_the_path(clone, bare, tmp_path):
    hidden = tmp_path / "sbin"
    hidden.mkdir()
    shutil.copy(tmp_path / "tools" / "mosquitto", hidden)
    assert "mosquitto" in clone(PATH=bare, STAND_IN_USER="1000", MUPY_SBIN=bare).stderr
    assert "mosquitto" not in clone(PATH=bare, STAND_IN_USER="1000", MUPY_SBIN=f"{bare}:{hidden}").stderr
