"""Downloads with faults injected at random: the right file in the end, or a clear sentence and nothing half made."""

import contextlib
import gzip
import hashlib
import http.server
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from mupy_helpers import datasets
from mupy_helpers.datasets import __main__ as command
from mupy_helpers.datasets import store

ROOT = Path(__file__).resolve().parent.parent
FILES = {f"recordings/{i}.wav": random.Random(i).randbytes(20_000 + i) for i in range(3)}
PORTAL = b"\n<!DOCTYPE html><title>Welcome to the hotel</title>" + b"<p>Please sign in.</p>" * 500


class Server(http.server.BaseHTTPRequestHandler):
    """Serve FILES; what goes wrong with each answer is drawn by ``server.next_fault``."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        assert "Range" not in self.headers  # a server that refuses ranges makes no difference
        fault = self.server.next_fault()
        self.server.done.append(fault)
        content = self.server.files[self.path.partition("/fsdd/")[2]]
        with contextlib.suppress(OSError):  # the other side may leave first
            getattr(self, fault)(content)

    def answer(self, content, status=200, length=None, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if length != "none":
            self.send_header("Content-Length", str(len(content) if length is None else length))
        self.end_headers()
        self.wfile.write(content)
        self.close_connection = self.close_connection or length is not None

    def good(self, content):
        self.answer(content)

    def cut(self, content):
        self.answer(content[: len(content) // 3], length=len(content))

    def cut_without_a_length(self, content):
        self.answer(content[: len(content) // 3], length="none")

    def cut_with_the_length_of_the_part(self, content):
        self.answer(content[: len(content) // 3])

    def cut_in_a_chunk(self, content):
        self.answer(b"%x\r\n" % len(content) + content[:1000], length="none", Transfer_Encoding="chunked")

    def empty(self, content):
        self.answer(b"")

    def no_content(self, content):
        self.answer(b"", status=204)

    def wrong_bytes(self, content):
        self.answer(content[:9000] + bytes([content[9000] ^ 1]) + content[9001:])

    def longer(self, content):
        self.answer(content + b"more")

    def endless(self, content):
        self.answer(b"", length="none")
        while True:
            self.wfile.write(bytes(1 << 16))

    def dripping(self, content):
        self.answer(b"", length=len(content))
        for i in range(len(content)):
            self.wfile.write(content[i : i + 1])
            time.sleep(0.01)

    def silent(self, content):
        time.sleep(1.5)
        self.close_connection = True

    def not_found(self, content):
        self.answer(b"no", status=404)

    def broken(self, content):
        self.answer(b"no", status=500)

    def busy(self, content):
        self.answer(b"no", status=503, Retry_After="3600")

    def range_refused(self, content):
        self.answer(b"", status=416)

    def to_a_file(self, content):
        self.answer(b"", status=302, Location=Path(__file__).as_uri())

    def round_in_circles(self, content):
        self.server.circles = True
        self.answer(b"", status=302, Location=self.path)

    def portal(self, content):
        self.answer(b"\xef\xbb\xbf" + PORTAL, Content_Type="text/html")

    def disguised_portal(self, content):
        self.answer(PORTAL, Content_Type="application/octet-stream")

    def bomb(self, content):
        self.answer(BOMB, Content_Encoding="gzip")

    def bomb_in_a_bomb(self, content):
        self.answer(gzip.compress(BOMB), Content_Encoding="gzip, gzip")

    def packed(self, content):
        self.answer(gzip.compress(content), Content_Encoding="gzip")

    def hung_up(self, content):
        self.close_connection = True

    def reset(self, content):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def nonsense(self, content):
        self.wfile.write(b"\x16\x03\x01 this is not HTTP\r\n\r\n")
        self.close_connection = True

    def log_message(self, *arguments):
        pass


BOMB = gzip.compress(bytes(50_000_000))
PASSING = {"broken", "busy", "cut", "hung_up", "reset", "cut_in_a_chunk", "nonsense"}
FAULTS = sorted(name for name in vars(Server) if not name.startswith(("_", "do_", "answer", "log", "protocol", "good")))


class Quiet(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, address):
        """A connection that we reset, or that the other side left, is what is tested here."""


@pytest.fixture
def server(monkeypatch, tmp_path):
    """A mirror on loopback with three files of our own, a cache of the test's own, and little patience."""
    for variable in ("MUPY_DATA", "MUPY_ROOM"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("MUPY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    sums = {path: (len(content), hashlib.sha256(content).hexdigest()) for path, content in FILES.items()}
    monkeypatch.setattr(store, "registry", lambda: {**dict.fromkeys(store.SETS, {}), "spoken_digits": sums})
    monkeypatch.setattr(store, "PAUSES", (0, 0))
    monkeypatch.setattr(store, "TIMEOUT_SECONDS", 1.0)
    monkeypatch.setattr(store, "SLOWEST", 1_000_000)
    with Quiet(("127.0.0.1", 0), Server) as running:
        running.files, running.done, running.next_fault = FILES, [], lambda: "good"
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        monkeypatch.setenv("MUPY_MIRROR", f"http://127.0.0.1:{running.server_port}")
        yield running
        running.shutdown()


def fetched():
    """Fetch the set; return the error that was given, after a look that it is one sentence of ours."""
    try:
        files = store.fetch_files("spoken_digits")
    except datasets.FetchError as error:
        assert "could not be fetched" in str(error) and "Three ways on" in str(error)
        return str(error)
    assert {path: file.read_bytes() for path, file in files.items()} == FILES
    return None


def nothing_is_half_made(cache):
    for file in (file for file in cache.rglob("*") if file.is_file()):
        assert file.read_bytes() == FILES.get(f"recordings/{file.name}"), f"{file.name} is not a whole file"
    return True


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_alone(server, fault, tmp_path):
    server.next_fault = lambda: fault
    error = fetched()
    assert error and nothing_is_half_made(tmp_path) and not datasets.is_available("spoken_digits")
    assert len(server.done) == (3 if fault in PASSING else 31 if fault == "round_in_circles" else 1)
    server.next_fault = lambda: "good"
    assert fetched() is None and datasets.is_available("spoken_digits")


@pytest.mark.parametrize("fault", sorted(PASSING))
def test_what_passes_is_tried_again(server, fault):
    faults = iter([fault, fault])
    server.next_fault = lambda: next(faults, "good")
    assert fetched() is None


def injected(server, cache, rounds, seed):
    """Return how many runs of rounds were survived: a right set after reruns, and at no time a wrong file."""
    rng, survived = random.Random(seed), 0
    for _ in range(rounds):
        for file in (file for file in cache.rglob("*") if file.is_file()):
            file.unlink()
        server.next_fault = lambda: rng.choice(FAULTS) if rng.random() < 0.5 else "good"
        errors = [fetched() for _ in range(3) if nothing_is_half_made(cache)]
        server.next_fault = lambda: "good"
        survived += len(errors) == 3 and fetched() is None and nothing_is_half_made(cache)
    return survived


def test_faults_at_random(server, tmp_path):
    rounds = int(os.environ.get("MUPY_ROUNDS", 12))
    assert injected(server, tmp_path, rounds, seed=7) == rounds
    bad = [fault for fault in server.done if fault != "good"]
    print(f"\nsurvived {rounds} of {rounds} sets: {len(bad)} faults, {len(set(bad))} kinds, {len(server.done)} answers")
    assert len(set(bad)) > min(rounds, 20) / 2


@pytest.mark.parametrize(("fault", "said"), [
    ("portal", "sign in"), ("disguised_portal", "sign in"), ("bomb", "packed"), ("endless", "longer"),
    ("dripping", "too slowly"), ("to_a_file", "no web address"), ("not_found", "404"), ("wrong_bytes", "SHA-256"),
    ("silent", "no connection"), ("cut", "stopped before the end"),
])
def test_the_sentence_says_what_happened(server, fault, said):
    server.next_fault = lambda: fault
    assert said in fetched()


@pytest.mark.parametrize("fault", ["cut", "cut_without_a_length", "portal", "disguised_portal", "endless", "bomb"])
def test_a_file_without_a_checksum_is_not_taken_in_parts_nor_as_a_web_page(server, monkeypatch, tmp_path, fault):
    monkeypatch.setattr(store, "registry", lambda: {"spoken_digits": dict.fromkeys(FILES, (None, None))})
    server.next_fault = lambda: fault
    assert "invalid" not in fetched()
    assert nothing_is_half_made(tmp_path)
    server.next_fault = lambda: "good"
    assert fetched() is None


def test_the_command_goes_on_with_the_other_sets(server, capsys):
    server.next_fault = lambda: "not_found"
    assert command.main(["spoken_digits", "nab"]) == 1
    out = capsys.readouterr().out
    assert "spoken_digits' could not be fetched" in out and "nab: on this machine" in out


@pytest.mark.skipif(os.name != "posix", reason="a process is ended as by the system, by a signal")
def test_a_process_that_is_killed_leaves_no_file_that_passes_for_whole(server, tmp_path):
    path, content = next(iter(FILES.items()))
    server.next_fault = lambda: "dripping"
    script = ("from mupy_helpers.datasets import store; "
              f"store.registry = lambda: {{'spoken_digits': {{{path!r}: ({len(content)}, '0')}}}}; "
              "store.fetch_files('spoken_digits')")
    process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        while not server.done and process.poll() is None:
            time.sleep(0.02)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert server.done and not list(tmp_path.rglob(Path(path).name))


@pytest.mark.parametrize("path", [
    "../x", "a/../../x", "/etc/passwd", "//host/x", "C:/x", "c:x", "..\\x", "a\\b", "\\\\host\\x", "", ".", "a/..",
])
def test_a_list_of_files_that_leads_out_of_the_folder_is_refused(monkeypatch, tmp_path, path):
    assert store.leads_out(path)
    monkeypatch.setattr(store, "REGISTRY", tmp_path / "registry.csv")
    store.REGISTRY.write_text(f'set,path,bytes,sha256\necg,"{path}",1,00\n', encoding="utf-8")
    with pytest.raises(ValueError, match="leads out of the set's folder"):
        store.registry.__wrapped__()


@pytest.mark.parametrize("path", ["x", "a/x.csv", "a/..x", "data/realAWSCloudwatch/ec2_cpu.csv"])
def test_paths_inside_the_folder_pass(path):
    assert not store.leads_out(path)


@pytest.mark.skipif(not hasattr(os, "symlink") or os.name != "posix", reason="no links without rights on this system")
def test_a_link_in_the_cache_is_replaced_not_written_through(server, tmp_path):
    victim = tmp_path / "victim.txt"
    victim.write_text("mine")
    target = store.cache_of("spoken_digits") / next(iter(FILES))
    target.parent.mkdir(parents=True)
    target.symlink_to(victim)
    store.fetch_files("spoken_digits")
    assert victim.read_text() == "mine" and not target.is_symlink()
