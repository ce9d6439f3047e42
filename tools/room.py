"""The room: one laptop serves to all others what the course needs, so that thirty of them need no internet.

    python3 course.py room FOLDER                          collect the packages, the published data and the course
    python3 course.py room FOLDER --serve 192.168.1.5      serve the folder at this address of this computer

WORKSHOP.md tells hosts the rest.
"""

import argparse
import contextlib
import http.server
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from mupy_helpers.datasets import store
from tools.environment import INSTALLER, LOCK, ROOT, Environment
from tools.processes import Stop, failure, say, stream

PORT = 8000
PYTHONS = ("3.11", "3.12", "3.13")
GLIBC = 28  # Debian 10, Ubuntu 20.04 and everything later
MANYLINUX = [f"manylinux_2_{minor}_x86_64" for minor in range(GLIBC, 4, -1)] + [
    "manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64"]
# For each kind of laptop: how the lock's conditions name it, and how wheels do.
SYSTEMS = {
    "linux": ({"sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64", "os_name": "posix"},
              MANYLINUX),
    "windows": ({"sys_platform": "win32", "platform_system": "Windows", "platform_machine": "AMD64", "os_name": "nt"},
                ["win_amd64"]),
    "macos": ({"sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "arm64", "os_name": "posix"},
              ["macosx_14_0_arm64", "macosx_14_0_universal2"]),
}


def entries(lock):
    """Split a hashed lock into its entries.

    Parameters
    ----------
    lock : str
        Text of a lock.

    Returns
    -------
    list of (str, str, str)
        Requirement (``name==version``), condition (empty for none), and its hashes as lines that pip reads.
    """
    found = re.findall(r"(?m)^([\w.-]+==[^\s;\\]+)(?: *; *(.*?))? *\\\n((?:    --hash=\S+(?: \\)?\n)+)", lock)
    return [(requirement, condition, hashes) for requirement, condition, hashes in found]


def lock_for(lock, system, python):
    """Keep of a lock what one kind of laptop needs: pip would read the conditions for this computer instead.

    Parameters
    ----------
    lock : str
        Text of a lock.
    system : str
        One of SYSTEMS.
    python : str
        Such as ``"3.12"``.

    Returns
    -------
    str
        A lock with hashes and without conditions.
    """
    from packaging.markers import Marker

    world = dict(SYSTEMS[system][0], python_version=python, python_full_version=python + ".0",
                 implementation_name="cpython", platform_python_implementation="CPython")
    return "".join(f"{requirement} \\\n{hashes}" for requirement, condition, hashes in entries(lock)
                   if not condition or Marker(condition).evaluate(world))


def download(folder, lock, system=None, python=None):
    """Let pip download every wheel of a lock, each compared with its hash.

    Parameters
    ----------
    folder : Path
    lock : str
        Text of a lock, already that of the system and Python.
    system, python : str, optional
        Whose wheels; this computer's by default.
    """
    environment = Environment()
    command = environment.pip() + ["download", "--disable-pip-version-check", "--no-input", "--require-hashes",
                                   "--no-deps", "--only-binary", ":all:", "--dest", str(folder)]
    if system:
        command += ["--implementation", "cp", "--python-version", python]
        command += [part for tag in SYSTEMS[system][1] for part in ("--platform", tag)]
        command += [part for abi in (f"cp{python.replace('.', '')}", "abi3", "none") for part in ("--abi", abi)]
    seen, total = [], len(entries(lock))

    def count(line):
        if not line.startswith("Collecting "):
            return None
        seen.append(line)
        return f"{len(seen)} of at most {total} packages" if len(seen) % 20 == 0 else None

    with tempfile.TemporaryDirectory() as place:
        file = Path(place, "lock.txt")
        file.write_text(lock, encoding="utf-8")
        code, output = stream([*command, "-r", str(file)], environment.variables(), ROOT, count)
    if code:
        raise failure(output)


def collect_wheels(folder, systems, pythons):
    """Bring the wheels of the lock, and of the installer that reads it, into one folder.

    Parameters
    ----------
    folder : Path
    systems : list of str
        Out of SYSTEMS; none for this computer alone.
    pythons : list of str
        Such as ``["3.12"]``; only for named systems.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = LOCK.read_text(encoding="utf-8") + INSTALLER.read_text(encoding="utf-8")
    for system, python in [(system, python) for system in systems for python in pythons] or [(None, None)]:
        say(f"Packages for {system} with Python {python}." if system else "Packages for computers like this one.")
        download(folder, lock_for(lock, system, python) if system else lock, system, python)


def collect_data(folder):
    """Bring the published sets that may be passed on, laid out as a mirror; each file is verified.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    int
        Files that lie there.
    """
    count = 0
    for name, published in store.SETS.items():
        if not published.repository:
            say(f"Left out: {name}, which may not be passed on or has no address ({published.licence}).")
            continue
        for path, file in store.fetch_files(name).items():
            target = folder / published.folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
            count += 1
    return count


def collect_course(file):
    """Pack the course itself, where this folder is a git repository.

    Parameters
    ----------
    file : Path

    Returns
    -------
    bool
        Whether it was packed.
    """
    if not shutil.which("git"):
        return False
    command = ["git", "archive", "--format=zip", "--prefix=mupy/", f"--output={file}", "HEAD"]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


class Handler(http.server.SimpleHTTPRequestHandler):
    """Answers with files of the folder; a link that leads out of it is not there."""

    protocol_version = "HTTP/1.1"  # one connection for many files
    disable_nagle_algorithm = True
    timeout = 30

    def translate_path(self, path):
        file = super().translate_path(path)
        inside = os.path.realpath(self.directory)
        return file if os.path.commonpath([inside, os.path.realpath(file)]) == inside else os.devnull + "/none"

    def log_message(self, *arguments):
        """Thirty laptops ask for thousands of files: what goes wrong is for their screens."""


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128  # thirty may knock at once
    daemon_threads = True

    def handle_error(self, request, address):
        """A laptop that was closed in between is no news."""


def server_for(folder, address, port=PORT):
    """Return a server of a folder, at one address of this computer.

    Parameters
    ----------
    folder : Path
    address : str
        Of this computer, in the room's network; 127.0.0.1 for this computer alone.
    port : int

    Returns
    -------
    http.server.ThreadingHTTPServer
        Not yet serving.

    Raises
    ------
    Stop
        When the folder is none of ours, or the address or the port cannot be had.
    """
    if not (folder / "wheels").is_dir():
        raise Stop(f"{folder} has no folder of wheels: run first: python3 course.py room {folder}")

    def handler(*arguments):
        return Handler(*arguments, directory=str(folder))

    try:
        return Server((address, port), handler)
    except (OSError, OverflowError) as error:
        raise Stop(f"cannot serve at {address}, port {port} ({error}): give an address of this computer, as its "
                   "network settings show it, and another --port when this one is in use") from error


def _run(arguments):
    parser = argparse.ArgumentParser(prog="python3 course.py room", description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where everything lies")
    parser.add_argument("--for", dest="systems", nargs="+", default=[], choices=sorted(SYSTEMS), metavar="SYSTEM",
                        help="whose packages: " + ", ".join(SYSTEMS) + " (default: computers like this one)")
    parser.add_argument("--python", dest="pythons", nargs="+", default=PYTHONS, choices=PYTHONS, metavar="VERSION",
                        help="with --for: Pythons on these laptops (default: all three)")
    parser.add_argument("--serve", metavar="ADDRESS", help="serve the folder at this address of this computer")
    parser.add_argument("--port", type=int, default=PORT)
    options = parser.parse_args(arguments)
    folder = options.folder.expanduser().absolute()
    if options.serve is None:
        collect_wheels(folder / "wheels", options.systems, options.pythons)
        say(f"{collect_data(folder / 'data')} files of published data.")
        if not collect_course(folder / "mupy.zip"):
            say(f"This folder is no git repository: pack the course yourself, as {folder / 'mupy.zip'}.")
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        say(f"Ready: {size / 1e9:.1f} GB. Next: python3 course.py room {options.folder} --serve ADDRESS")
        return 0
    with server_for(folder, options.serve, options.port) as server:
        host = f"[{options.serve}]" if ":" in options.serve else options.serve
        say(f"The room is open: python3 course.py setup --room http://{host}:{server.server_port}\nCtrl-C closes it.")
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()
    say("\nClosed.")
    return 0


def main(arguments=None):
    try:
        return _run(arguments)
    except (Stop, store.FetchError) as stop:
        print(f"course.py: {stop}.", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
