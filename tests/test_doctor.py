"""The doctor: each check says ok when all is well, and says what to do when it is not."""

import hashlib
import os
import socket
import subprocess
import sys
import tempfile
import webbrowser
from pathlib import Path

import pytest

from mupy_helpers import doctor
from mupy_helpers.doctor import Check

ROOT = Path(__file__).resolve().parent.parent


# ---------------------------------------------------------------------------------------------- single checks

@pytest.mark.parametrize("version, status", [
    ((3, 10, 13), "fix"), ((3, 11, 0), "ok"), ((3, 12, 1), "ok"), ((3, 13, 9), "ok"), ((3, 14, 0), "fix"),
])
def test_python(version, status):
    check = doctor.check_python(version)
    assert check.status == status
    assert ("install Python" in check.advice) == (status == "fix")
    assert ".".join(map(str, version)) in check.found


LOCK = """\
absl-py==2.5.1 \\
    --hash=sha256:00
    # via keras
Jinja2==3.1.6 \\
    --hash=sha256:00
never==1.0 ; sys_platform == 'no such system' \\
    --hash=sha256:00
always==2.0 ; python_version >= '3' \\
    --hash=sha256:00
"""
INSTALLED = {"absl-py": "2.5.1", "jinja2": "3.1.6", "always": "2.0", "mupy-helpers": "0.1.0", "other": "7"}


@pytest.fixture
def repository(tmp_path):
    (tmp_path / "requirements.lock").write_text(LOCK)
    (tmp_path / "course.py").write_text("")
    return tmp_path


def test_locked_versions():
    assert doctor.locked_versions(LOCK) == {"absl-py": "2.5.1", "jinja2": "3.1.6", "always": "2.0"}


def test_every_entry_of_our_lock_is_read():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = [line.split(" ;")[0].rstrip(" \\") for line in text.splitlines() if line[:1].isalpha()]
    assert len(entries) > 100
    names = doctor.locked_versions("".join(f"{entry} \\\n" for entry in entries))
    assert {f"{name}=={version}" for name, version in names.items()} <= {entry.lower() for entry in entries}
    assert len(names) == len({entry.split("==")[0] for entry in entries})


def test_packages_as_locked(repository):
    assert doctor.check_packages(repository, INSTALLED).status == "ok"


@pytest.mark.parametrize("change, found", [
    ({"always": "1.9"}, "other versions: always 1.9 instead of 2.0"),
    ({"always": None}, "missing: always"),
    ({"mupy-helpers": None}, "missing: mupy-helpers"),
])
def test_packages_that_differ(repository, change, found):
    installed = {name: version for name, version in {**INSTALLED, **change}.items() if version}
    check = doctor.check_packages(repository, installed)
    assert (check.status, check.found, check.advice) == ("fix", found, "run: python3 course.py setup")


def test_conda_may_choose_other_versions_but_leave_out_none(repository, tmp_path):
    (tmp_path / "conda-meta").mkdir()
    check = doctor.check_packages(repository, {**INSTALLED, "always": "1.9"}, prefix=str(tmp_path))
    assert check.status == "note" and "1 other versions" in check.found
    without = {name: version for name, version in INSTALLED.items() if name != "jinja2"}
    assert doctor.check_packages(repository, without, prefix=str(tmp_path)).status == "fix"


def test_packages_in_another_python(repository):
    check = doctor.check_packages(repository, {"pip": "25"})
    assert check.status == "fix" and "not the Python that runs this" in check.found


def test_packages_without_a_repository(tmp_path):
    check = doctor.check_packages(tmp_path)
    assert check.status == "note" and "no lock" in check.found


def test_kernel_of_this_python():
    assert doctor.check_kernel().status == "ok"


@pytest.mark.parametrize("program, status", [
    ("python", "ok"), (sys.executable, "ok"), ("/opt/other/bin/python3.12", "fix"),
])
def test_kernel_of_another_python(monkeypatch, program, status):
    from jupyter_client import kernelspec

    spec = kernelspec.KernelSpec(argv=[program, "-m", "ipykernel_launcher"])
    monkeypatch.setattr(kernelspec.KernelSpecManager, "get_kernel_spec", lambda self, name: spec)
    check = doctor.check_kernel()
    assert check.status == status and program in check.found


def test_no_kernel(monkeypatch):
    from jupyter_client import kernelspec

    def none(self, name):
        raise kernelspec.NoSuchKernel(name)

    monkeypatch.setattr(kernelspec.KernelSpecManager, "get_kernel_spec", none)
    assert doctor.check_kernel().found == "there is no kernel named python3"


@pytest.fixture
def data(repository):
    folder = repository / "data"
    folder.mkdir()
    lines = []
    for name in ("salaries.csv", "kolkata.csv"):
        (folder / name).write_bytes(name.encode())
        lines.append(f"{hashlib.sha256(name.encode()).hexdigest()}  {name}\n")
    (folder / "SHA256SUMS").write_text("".join(lines))
    return folder


def test_data_complete(data, repository):
    check = doctor.check_data(repository)
    assert (check.status, check.found) == ("ok", "2 files")


def test_data_changed(data, repository):
    (data / "kolkata.csv").write_text("12")
    check = doctor.check_data(repository)
    assert (check.status, check.found) == ("fix", "kolkata.csv has changed")


def test_data_missing(data, repository):
    (data / "salaries.csv").unlink()
    check = doctor.check_data(repository)
    assert (check.status, check.found) == ("fix", "salaries.csv is missing")
    assert "git checkout -- data" in check.advice


def test_data_without_hashes(data, repository):
    (data / "SHA256SUMS").unlink()
    assert doctor.check_data(repository).status == "note"


def test_data_without_a_repository(tmp_path):
    assert doctor.check_data(tmp_path).status == "ok"


def test_writing(tmp_path):
    assert doctor.check_writing(tmp_path).status == "ok"
    assert list(tmp_path.iterdir()) == []


def test_writing_refused(tmp_path, monkeypatch):
    def refuse(dir):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    check = doctor.check_writing(tmp_path)
    assert check.status == "fix" and "Permission denied" in check.found


def test_writing_into_a_folder_that_is_none(tmp_path):
    (tmp_path / "file").write_text("")
    assert doctor.check_writing(tmp_path / "file").status == "fix"


def test_disk(tmp_path):
    assert doctor.check_disk(tmp_path, needed=0.0).status == "ok"
    assert doctor.check_disk(tmp_path, needed=1e9).status == "fix"


@pytest.mark.parametrize("total, status", [(25.3, "ok"), (4.0, "ok"), (3.8, "ok"), (2.0, "note")])
def test_memory(total, status):
    assert doctor.check_memory(total).status == status


def test_memory_of_this_machine():
    assert doctor.memory_gb() > 0.1


def test_port():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        assert doctor.check_port([taken]).status == "fix"
        assert doctor.check_port([taken, 0]).status == "ok"


def test_no_browser(monkeypatch):
    def none():
        raise webbrowser.Error("could not locate runnable browser")

    monkeypatch.setattr(webbrowser, "get", none)
    check = doctor.check_browser()
    assert check.status == "note" and "--no-browser" in check.advice


# Faults injected: each must be found, and none may end the doctor with a traceback.

def spoil_sums(folder):
    (folder / "data" / "SHA256SUMS").write_bytes(b"\xff\xfe\x00")


def spoil_lock(content):
    def spoil(folder):
        (folder / "requirements.lock").write_bytes(content)
    return spoil


def folder_for_file(name):
    def spoil(folder):
        (folder / name).unlink()
        (folder / name).mkdir()
    return spoil


@pytest.mark.parametrize(("spoil", "check", "found"), [
    (spoil_sums, "check_data", "SHA256SUMS cannot be read"),
    (folder_for_file("data/SHA256SUMS"), "check_data", "SHA256SUMS cannot be read"),
    (lambda folder: (folder / "data" / "SHA256SUMS").write_bytes(b""), "check_data", "SHA256SUMS is empty"),
    (folder_for_file("data/salaries.csv"), "check_data", "salaries.csv cannot be read"),
    (spoil_lock(b"\xff\xfe"), "check_packages", "requirements.lock is damaged"),
    (spoil_lock(b""), "check_packages", "requirements.lock is damaged"),
    (spoil_lock(b"a==1 ; nonsense here \\\n    --hash=sha256:00\n"), "check_packages", "requirements.lock is damaged"),
    (folder_for_file("requirements.lock"), "check_packages", "requirements.lock is damaged"),
])
def test_spoiled_files_are_found(data, repository, spoil, check, found):
    spoil(repository)
    answer = getattr(doctor, check)(repository)
    assert answer.status == "fix" and found in answer.found and "git checkout --" in answer.advice


@pytest.mark.parametrize("content", ["{broken", '{"argv": []}', "[]", "", '{"argv": null}', '{"argv": [7]}'])
def test_a_damaged_kernel_is_named(monkeypatch, tmp_path, content):
    file = tmp_path / "kernels" / "python3" / "kernel.json"
    file.parent.mkdir(parents=True)
    file.write_text(content, encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    check = doctor.check_kernel()
    assert check.status == "fix" and str(file) in check.found and check.advice.startswith("delete that file")


def test_a_kernel_whose_python_is_gone(monkeypatch, tmp_path):
    file = tmp_path / "kernels" / "python3" / "kernel.json"
    file.parent.mkdir(parents=True)
    file.write_text('{"argv": ["/no/such/python", "-m", "ipykernel_launcher"], "display_name": "x"}', encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    check = doctor.check_kernel()
    assert check.status == "fix" and "/no/such/python" in check.found and "course.py lab" in check.advice


def test_a_disk_that_cannot_be_read(tmp_path):
    check = doctor.check_disk(tmp_path / "none")
    assert check.status == "note" and "cannot be read" in check.found


def test_a_cache_that_cannot_be_written(monkeypatch, tmp_path):
    monkeypatch.setenv("MUPY_CACHE", str(tmp_path / "cache"))
    assert doctor.check_cache().status == "ok" and not (tmp_path / "cache").exists()
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MUPY_CACHE", str(tmp_path / "file" / "cache"))
    check = doctor.check_cache()
    assert check.status == "note" and "set MUPY_CACHE" in check.advice


@pytest.mark.skipif(os.name != "posix", reason="BROWSER is not used on this system")
def test_a_browser_that_is_gone(monkeypatch):
    monkeypatch.setenv("BROWSER", "/no/such/browser")
    monkeypatch.setattr(webbrowser, "_tryorder", None)
    monkeypatch.setattr(webbrowser, "_browsers", {})
    check = doctor.check_browser()
    assert check.status == "note" and "BROWSER" in check.advice


def test_a_working_folder_that_is_gone(monkeypatch, tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    monkeypatch.setattr(doctor, "ROOT", tmp_path)
    try:
        gone.rmdir()
    except OSError:
        pytest.skip("this system keeps a folder in which somebody works")
    assert [check for check in doctor.run_checks() if check.what == "this folder can be written"][0].status == "fix"


def test_before_there_is_an_environment_its_size_counts(monkeypatch):
    monkeypatch.setattr(doctor, "check_packages", lambda: Check("packages", "fix", doctor.NO_ENVIRONMENT, doctor.SETUP))
    assert "at least 3 GB of disk free" in [check.what for check in doctor.run_checks(starting=False)]
    from tools.environment import GB_NEEDED

    assert doctor.GB_FOR_THE_ENVIRONMENT == GB_NEEDED


# ------------------------------------------------------------------------------------------------ the report

GOOD = Check("a good thing", "ok", "17 of them")
LIMIT = Check("a thing that may lack", "note", "2 GB", "close other programs")
BAD = Check("a needed thing", "fix", "missing: it", "run: it")


def test_report_is_the_same_on_every_good_machine(capsys):
    assert doctor.report(checks=[GOOD])
    assert capsys.readouterr().out == "ok    a good thing\nThis machine is ready.\n"


def test_report_with_details(capsys):
    assert doctor.report(verbose=True, checks=[GOOD, LIMIT])
    assert capsys.readouterr().out == (
        "ok    a good thing (17 of them)\n"
        "note  a thing that may lack (2 GB)\n        close other programs\n"
        "This machine is ready.\n")


def test_report_says_what_to_fix(capsys):
    assert not doctor.report(checks=[GOOD, BAD])
    assert capsys.readouterr().out == (
        "ok    a good thing\n"
        "fix   a needed thing (missing: it)\n        run: it\n"
        'Please do what stands under each "fix", then run this again.\n')


@pytest.mark.parametrize("check, code", [(GOOD, 0), (LIMIT, 0), (BAD, 1)])
def test_exit_code(monkeypatch, check, code):
    monkeypatch.setattr(doctor, "run_checks", lambda starting=True: [GOOD, check])
    assert doctor.main() == code


def test_every_check_answers_in_full():
    checks = doctor.run_checks()
    assert len(checks) == len({check.what for check in checks}) == 10
    for check in checks:
        assert check.status in ("ok", "note", "fix")
        assert check.what and check.found
        assert check.status != "fix" or check.advice


def test_inside_a_notebook_the_start_is_past():
    whats = [check.what for check in doctor.run_checks(starting=False)]
    assert len(whats) == 7 and not any("browser" in what or "port" in what for what in whats)


def test_names_of_the_checks_have_nothing_of_this_machine():
    told = " ".join(check.what for check in doctor.run_checks())
    assert str(ROOT) not in told and sys.prefix not in told and sys.version.split()[0] not in told


def test_runs_on_a_bare_python():
    """Before there is an environment, course.py runs the doctor in whatever Python it has."""
    python = getattr(sys, "_base_executable", sys.executable)
    result = subprocess.run([python, "-S", "-m", "mupy_helpers.doctor"], cwd=ROOT, capture_output=True, text=True)
    assert result.stderr == ""
    assert "fix   packages as in requirements.lock" in result.stdout
    assert "run: python3 course.py setup" in result.stdout
    assert result.returncode == 1
