"""The room: what one laptop collects and serves makes another ready, with its data, without an index."""

import hashlib
import http.client
import os
import shutil
import socket
import threading
import zipfile
from pathlib import Path

import pytest
from packaging.markers import Marker
from test_course import TinyCourse

import course
from mupy_helpers import datasets
from mupy_helpers.datasets import store
from tools import environment, room
from tools.environment import Environment
from tools.processes import Stop

ROOT = Path(__file__).resolve().parent.parent
FILES = {f"recordings/{i}.wav": f"{i} ".encode() * 4000 for i in range(12)}


@pytest.fixture(autouse=True)
def no_settings_of_the_user(monkeypatch):
    for variable in ("MUPY_ROOM", "MUPY_MIRROR", "MUPY_DATA", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(variable, raising=False)


# ------------------------------------------------------------------------------------------------- collecting

def test_every_entry_of_both_locks_is_hashed_and_read():
    text = room.LOCK.read_text(encoding="utf-8") + room.INSTALLER.read_text(encoding="utf-8")
    read = room.entries(text)
    assert len(read) == sum("==" in line for line in text.splitlines() if not line.lstrip().startswith("#")) > 100
    assert all(hashes.count("--hash=sha256:") >= 1 for _, _, hashes in read)
    assert sum(hashes.count("--hash") for _, _, hashes in read) == text.count("--hash=sha256:")
    assert "uv" in [requirement.partition("==")[0] for requirement, _, _ in read]


def test_a_lock_for_another_computer_follows_its_conditions_not_ours():
    lock = ("a==1 \\\n    --hash=sha256:00\n"
            "b==1 ; sys_platform == 'win32' \\\n    --hash=sha256:01 \\\n    --hash=sha256:02\n"
            "c==1 ; python_full_version < '3.12' \\\n    --hash=sha256:03\n    # via a\n")
    assert room.lock_for(lock, "windows", "3.12") == (
        "a==1 \\\n    --hash=sha256:00\nb==1 \\\n    --hash=sha256:01 \\\n    --hash=sha256:02\n")
    assert room.lock_for(lock, "macos", "3.11") == "a==1 \\\n    --hash=sha256:00\nc==1 \\\n    --hash=sha256:03\n"


@pytest.mark.parametrize("system", room.SYSTEMS)
@pytest.mark.parametrize("python", room.PYTHONS)
def test_each_laptop_gets_one_version_of_each_package(system, python):
    names = [entry.partition("==")[0] for entry, _, _ in room.entries(
        room.lock_for(room.LOCK.read_text(encoding="utf-8"), system, python))]
    assert len(names) == len(set(names)) > 150
    assert ("pywinpty" in names) == (system == "windows")


def test_named_systems_say_all_that_the_lock_asks():
    conditions = [condition for _, condition, _ in room.entries(room.LOCK.read_text(encoding="utf-8")) if condition]
    asked = {word for condition in conditions for word in condition.replace("(", " ").split() if "_" in word}
    told = set(room.SYSTEMS["linux"][0]) | {"python_version", "python_full_version", "implementation_name",
                                           "platform_python_implementation"}
    assert {word for word in asked if not word.startswith(("'", '"')) and word.isidentifier()} <= told
    assert all(Marker(condition) for condition in conditions)


def mirror_of(files, monkeypatch, cache):
    """Make a published set of our own that is there, in a cache of the test's own."""
    sums = {path: (len(content), hashlib.sha256(content).hexdigest()) for path, content in files.items()}
    monkeypatch.setattr(store, "registry", lambda: {
        **{name: {} for name in store.SETS}, "spoken_digits": sums})
    monkeypatch.setenv("MUPY_CACHE", str(cache))
    for path, content in files.items():
        file = store.cache_of("spoken_digits") / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def test_the_data_are_laid_out_as_a_mirror_without_what_may_not_be_passed_on(monkeypatch, tmp_path, capsys):
    mirror_of(FILES, monkeypatch, tmp_path / "cache")
    assert room.collect_data(tmp_path / "data") == len(FILES)
    got = {file.relative_to(tmp_path / "data" / "fsdd").as_posix(): file.read_bytes()
           for file in (tmp_path / "data").rglob("*") if file.is_file()}
    assert got == FILES
    said = capsys.readouterr().out
    assert all(f"Left out: {name}," in said for name in ("pump", "pump_slices", "air_quality_denver"))


# ---------------------------------------------------------------------------------------------------- serving

def wheel(folder, name="mupy_none", version="1.0"):
    """Write a wheel with one module; return its line of a lock."""
    file = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info/"
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"{name}.py", "there = True\n")
        archive.writestr(info + "METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(info + "WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(info + "RECORD", f"{name}.py,,\n{info}METADATA,,\n{info}WHEEL,,\n{info}RECORD,,\n")
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return f"{name.replace('_', '-')}=={version} \\\n    --hash=sha256:{digest}\n"


@pytest.fixture
def served(tmp_path):
    """A folder with wheels that is served on loopback; gives the folder and the address."""
    folder = tmp_path / "served"
    lock = wheel(folder / "wheels")
    with room.server_for(folder, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_port}", lock
        server.shutdown()


def learner(folder, uv):
    """A laptop with the course, an index that nobody answers for, and uv or not."""
    found = (shutil.which("uv") or Environment().find_uv()) if uv else None
    if uv and not found:
        pytest.skip("there is no uv here")
    return TinyCourse(folder, path=str(Path(found).parent) if uv else "")


@pytest.mark.parametrize("uv", [False, True], ids=["pip", "uv"])
def test_an_environment_is_made_from_the_room_with_the_index_switched_off(served, tmp_path, uv):
    folder, address, lock = served
    tiny = learner(tmp_path / "Kurs", uv)
    tiny.lock(lock)
    result = tiny.run("setup", "--room", address)
    assert (result.returncode, result.stderr) == (0, ""), result.stdout + result.stderr
    assert f"[3/4] Installing up to 1 packages with {'uv' if uv else 'pip'}." in result.stdout
    assert list((tiny.folder / ".venv").rglob("mupy_none.py"))
    if uv:
        return  # what pip refuses below is refused by uv, too, but then pip is made and tried
    wheel(folder / "wheels", version="2.0")
    tiny.lock("mupy-none==2.0 \\\n    --hash=sha256:" + "0" * 64 + "\n")
    result = tiny.run("setup", MUPY_ROOM=address)
    assert result.returncode == 1 and "is not the one in requirements.lock" in result.stderr
    tiny.lock(lock.replace("1.0", "3.0"))
    result = tiny.run("setup", MUPY_ROOM=address)
    assert result.returncode == 1 and "ask the host for the wheels of your system" in result.stderr


def test_a_room_that_is_closed_is_said_before_anything_is_made(tmp_path):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
    tiny = TinyCourse(tmp_path / "Kurs")
    tiny.lock("")
    result = tiny.run("setup", "--room", address)
    assert result.returncode == 1 and f"cannot be used at {address} (nothing answers there)" in result.stderr
    assert not (tiny.folder / ".venv").exists()


def test_a_server_without_wheels_is_no_room(served, monkeypatch):
    monkeypatch.setenv("MUPY_ROOM", served[1] + "/data")
    with pytest.raises(Stop, match="it has no folder of wheels"):
        environment.check_that_the_room_answers()


@pytest.mark.parametrize("address", ["", "192.168.1.5", "ftp://host", "file:///etc", "http://", "http://a b"])
def test_an_address_that_is_none_is_refused(capsys, monkeypatch, address):
    monkeypatch.setenv("MUPY_ROOM", "")
    code = course.main(["setup", "--room", address]) if address else course.main(["setup", "--room"])
    assert code == 2 and "http://192.168.1.5:8000" in capsys.readouterr().err


def test_the_room_comes_before_every_other_setting_and_past_proxies(monkeypatch, tmp_path):
    monkeypatch.setenv("MUPY_ROOM", "http://192.168.1.5:8000/")
    monkeypatch.setenv("NO_PROXY", "intranet")
    monkeypatch.setenv("MUPY_MIRROR", "http://elsewhere")
    variables = Environment(tmp_path).variables()
    assert variables["PIP_NO_INDEX"] == variables["UV_NO_INDEX"] == "1"
    assert variables["PIP_FIND_LINKS"] == variables["UV_FIND_LINKS"] == "http://192.168.1.5:8000/wheels/"
    assert variables["PIP_TRUSTED_HOST"] == "192.168.1.5:8000"
    assert variables["MUPY_MIRROR"] == "http://192.168.1.5:8000/data"
    assert variables["NO_PROXY"] == variables["no_proxy"] == "intranet,192.168.1.5"
    monkeypatch.delenv("MUPY_ROOM")
    assert "PIP_NO_INDEX" not in Environment(tmp_path).variables()


def test_what_follows_a_double_dash_is_not_ours(monkeypatch):
    monkeypatch.delenv("MUPY_ROOM", raising=False)
    assert course.from_the_room(["-k", "a", "--", "--room", "x"]) == ["-k", "a", "--", "--room", "x"]
    assert "MUPY_ROOM" not in os.environ


def test_every_installation_of_the_course_asks_for_hashes():
    source = (ROOT / "tools" / "environment.py").read_text(encoding="utf-8")
    calls = [line for line in source.splitlines() if '":all:"' in line]
    assert len(calls) == 2 and all('"--require-hashes"' in line for line in calls)


def test_thirty_laptops_at_once(served, monkeypatch, tmp_path):
    folder, address, _ = served
    mirror_of(FILES, monkeypatch, tmp_path / "cache")
    room.collect_data(folder / "data")
    here, errors, whole = threading.local(), [], []
    monkeypatch.setattr(store, "cache_of", lambda name: tmp_path / f"laptop {here.number}" / name)
    monkeypatch.setattr(store.Progress, "_show", lambda progress: None)

    def laptop(number, together):
        here.number = number
        together.wait()
        try:
            files = store.fetch_files("spoken_digits", mirror=address + "/data")
            whole.append({path: file.read_bytes() for path, file in files.items()} == FILES)
        except datasets.FetchError as error:
            errors.append(str(error))

    together = threading.Barrier(30)
    laptops = [threading.Thread(target=laptop, args=(number, together)) for number in range(30)]
    for each in laptops:
        each.start()
    for each in laptops:
        each.join()
    assert errors == [] and whole == [True] * 30


@pytest.mark.parametrize("path", [
    "/../secret.txt", "/%2e%2e/secret.txt", "/wheels/../../secret.txt", "/wheels/%2e%2e%2f%2e%2e%2fsecret.txt",
    "/..%5csecret.txt", "//secret.txt", "/wheels/link.txt", "/linked/secret.txt",
])
def test_nothing_outside_the_folder_is_served(served, path):
    folder, address, _ = served
    (folder.parent / "secret.txt").write_text("secret")
    if os.name == "posix":
        (folder / "wheels" / "link.txt").symlink_to(folder.parent / "secret.txt")
        (folder / "linked").symlink_to(folder.parent)
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    assert answer.status in (301, 404) and b"secret" not in answer.read().replace(path.encode(), b"")
    connection.close()


def test_only_the_address_that_the_host_chose_answers(served):
    port = int(served[1].rpartition(":")[2])
    own = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in (address for address in own if not address.startswith("127.")):
        with pytest.raises(OSError), socket.create_connection((address, port), timeout=3):
            pass


@pytest.mark.parametrize(("address", "port"), [("192.0.2.77", 0), ("127.0.0.1", 70000), ("no such host", 0)])
def test_an_address_that_is_not_ours_is_said(served, address, port):
    with pytest.raises(Stop, match="give an address of this computer"):
        room.server_for(served[0], address, port)


def test_a_folder_that_was_not_collected_is_not_served(tmp_path):
    with pytest.raises(Stop, match="has no folder of wheels: run first"):
        room.server_for(tmp_path, "127.0.0.1", 0)


def test_the_course_is_packed_where_git_keeps_it(tmp_path):
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("this folder is no git repository")
    assert room.collect_course(tmp_path / "mupy.zip")
    with zipfile.ZipFile(tmp_path / "mupy.zip") as archive:
        assert {"mupy/course.py", "mupy/requirements.lock"} <= set(archive.namelist())


def test_hosts_find_what_the_program_offers():
    page = (ROOT / "WORKSHOP.md").read_text(encoding="utf-8")
    assert all(f"`{system}`" in page for system in room.SYSTEMS)
    assert "--serve" in page and "--room" in page and "pip-audit" in page
