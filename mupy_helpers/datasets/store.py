"""Find, verify and download the files of the published sets.

A file is taken from the folder ``MUPY_DATA`` when that holds all that is needed, else from the user's cache, else it
is downloaded into the cache from its own home at a pinned commit (or from the address in ``MUPY_MIRROR``).
Every file is compared with its SHA-256 in registry.csv each time it is used.
"""

import contextlib
import csv
import difflib
import functools
import hashlib
import logging
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from urllib.parse import quote, urlsplit

from mupy_helpers.datasets._cache import cache_folder

REGISTRY = Path(__file__).with_name("registry.csv")
HOME = "https://raw.githubusercontent.com/{repository}/{commit}/{path}"
TIMEOUT_SECONDS = 30
PAUSES = (0.3, 1.0)  # seconds before the second and the third attempt
SLOWEST = 5_000  # bytes a second; a transfer below this is given up
LARGEST_UNHASHED = 500_000_000  # bytes; the pump's file has 125 million
WEB_PAGE = "a web page came instead of the file: does this network want you to sign in first?"


class Refused(ValueError):
    """What a server answers is not taken; the message says why."""


class FetchError(RuntimeError):
    """A published set is not on this machine and could not be brought here, or is not what was published."""


@dataclass(frozen=True)
class PublishedSet:
    """What is known of a published set.

    ``folder`` is its name under ``MUPY_DATA`` and in the cache; ``upstream`` makes a file's path in ``repository``
    from its path here. A set without repository cannot be downloaded: ``by_hand`` says how to get it.
    """

    folder: str
    title: str
    licence: str
    repository: str = ""
    commit: str = ""
    upstream: str = "{path}"
    by_hand: str = ""

    @property
    def source(self):
        """Where the set comes from, in words for ``attrs``."""
        return f"github.com/{self.repository} at {self.commit[:12]}" if self.repository else self.by_hand


SETS = {
    "air_quality_denver": PublishedSet(
        folder="cairsense",
        title="EPA CAIRSENSE Denver: cheap air sensors beside a reference, one-minute",
        licence="not stated with the file; a study of the US EPA",
        by_hand="ask the US EPA for CAIRSENSE_DataFiles.xlsx of the CAIRSENSE Denver study",
    ),
    "ecg": PublishedSet(
        folder="ecg",
        title="MIT-BIH arrhythmia record 208, five minutes at 360 Hz, as in scipy.datasets",
        licence="Open Data Commons Attribution 1.0 (PhysioNet)",
        repository="scipy/dataset-ecg",
        commit="e35b2263c86aff8f8a3aa7c3eb3d90f2b07c70d2",
    ),
    "logs": PublishedSet(
        folder="logs",
        title="Loghub: 2,000 lines each of HDFS and OpenSSH server logs",
        licence="free for research with citation (Loghub)",
        repository="logpai/loghub",
        commit="dd61d0952749ee7963bde24220d1be5ede023033",
        upstream="{system}/{path}",
    ),
    "nab": PublishedSet(
        folder="nab",
        title="Numenta Anomaly Benchmark: 58 labelled series",
        licence="MIT",
        repository="numenta/NAB",
        commit="ea702d75cc2258d9d7dd35ca8e5e2539d71f3140",
    ),
    "pump": PublishedSet(
        folder="pump",
        title="Kaggle pump sensor data: 52 sensors, 220,320 minutes, seven failures",
        licence="not stated by its publisher",
        by_hand="Kaggle, nphantawee/pump-sensor-data (an account is needed), the file sensor.csv",
    ),
    "pump_slices": PublishedSet(
        folder="pump",
        title="Two slices of the Kaggle pump sensor data, for tests",
        licence="not stated by its publisher",
        by_hand="slices of Kaggle, nphantawee/pump-sensor-data; they have no home of their own",
    ),
    "skab": PublishedSet(
        folder="skab",
        title="Skoltech Anomaly Benchmark: a water pump rig, 34 labelled runs",
        licence="GPL-3.0",
        repository="waico/SKAB",
        commit="b2c0d46c2971dcbfe71e26087b6d231998bb91c2",
        upstream="data/{path}",
    ),
    "spoken_digits": PublishedSet(
        folder="fsdd",
        title="Free Spoken Digit Dataset: two speakers, 400 recordings",
        licence="CC BY-SA 4.0",
        repository="Jakobovski/free-spoken-digit-dataset",
        commit="26eb9aaf76e81b692f806f9140c2d2777410d7a1",
    ),
}
"""Every published set by the name that its ``fetch_`` function bears."""

# Files without a published checksum: their loaders check the content instead.
UNHASHED = {"air_quality_denver": ("CAIRSENSE_DataFiles.xlsx",), "pump": ("sensor.csv",)}


def names():
    """Return the names of the published sets.

    Returns
    -------
    list of str
    """
    return sorted(SETS)


@functools.cache
def registry():
    """Return what each set holds: {set: {path: (bytes, SHA-256)}}, with None twice where it is not known."""
    files = {name: {} for name in SETS}
    with REGISTRY.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            if leads_out(row["path"]):
                raise ValueError(f"{REGISTRY} names {row['path']!r}, which leads out of the set's folder.")
            files[row["set"]][row["path"]] = (int(row["bytes"]), row["sha256"])
    for name, paths in UNHASHED.items():
        files[name] = dict.fromkeys(paths, (None, None))
    return files


def leads_out(path):
    """Tell whether a path could lead out of the folder that it is meant to lie in, on any system.

    Parameters
    ----------
    path : str
        As it stands in a list of files, with ``/`` between its parts.

    Returns
    -------
    bool
        True for an absolute path, one with ``..``, with a backslash, a drive letter or no name at all.
    """
    parts = PurePosixPath(path).parts
    return not parts or ".." in parts or parts[0] == "/" or "\\" in path or bool(PureWindowsPath(path).drive)


def one_of(wanted, known, what):
    """Return a name if it is known.

    Raises
    ------
    ValueError
        When it is not, with the names that come close.
    """
    if isinstance(wanted, str) and wanted in known:
        return wanted
    close = difflib.get_close_matches(str(wanted), [str(name) for name in known], n=3, cutoff=0.4) or list(known)[:5]
    raise ValueError(f"There is no {what} {wanted!r}; did you mean: {', '.join(map(str, close))}?")


def is_available(name, paths=None):
    """Tell whether a published set is on this machine, whole and unchanged; never uses the network.

    Parameters
    ----------
    name : str
        One of `names`.
    paths : iterable of str, optional
        Only these files of the set; all of them by default.

    Returns
    -------
    bool
    """
    needed = _needed(name, paths)
    folders = [cache_of(name)]
    if own_folder() is not None:
        folders.insert(0, own_folder() / SETS[name].folder)
    return any(all(_is_whole(folder / path, name, path) for path in needed) for folder in folders)


def fetch_files(name, paths=None, mirror=None):
    """Return the files of a published set, downloading those that are not on this machine.

    What has arrived is kept: after an interruption the next call goes on with the files that are missing.

    Parameters
    ----------
    name : str
        One of `names`.
    paths : iterable of str, optional
        Only these files of the set; all of them by default.
    mirror : str, optional
        Address to download from instead of the set's own home: a web server with one folder a set, laid out as
        ``MUPY_DATA``. By default the environment variable ``MUPY_MIRROR``, and without it the home.

    Returns
    -------
    dict of str to Path
        Where each file lies.

    Raises
    ------
    FetchError
        When a file cannot be had, or is not the one that was published; says which, and what to do.
    ValueError
        When the set, a path or the mirror's address is not known or not valid.
    """
    needed = _needed(name, paths)
    mirror = mirror or os.environ.get("MUPY_MIRROR", "")
    if mirror and not mirror.startswith(("http://", "https://")):
        raise ValueError(f"A mirror's address starts with http:// or https://, which {mirror!r} does not.")
    found = _in_own_folder(name, needed)
    if found is None:
        folder = cache_of(name)
        found = {path: folder / path for path in needed}
        missing = [path for path in needed if not _is_whole(found[path], name, path)]
        if missing:
            _download(name, missing, folder, mirror)
    return found


def own_folder():
    """Return the folder of published sets that ``MUPY_DATA`` names, or None when it is not set."""
    chosen = os.environ.get("MUPY_DATA")
    return Path(chosen).expanduser() if chosen else None


def cache_of(name):
    """Return the folder of the user's cache that holds a set; another commit has another folder."""
    published = SETS[one_of(name, SETS, "published set")]
    return cache_folder() / "published" / published.folder / published.commit[:12]


def address(name, path, mirror=""):
    """Return the address of one file of a set: at its home, or at a mirror."""
    published = SETS[name]
    if mirror:
        return f"{mirror.rstrip('/')}/{published.folder}/{quote(path)}"
    upstream = published.upstream.format(path=path, system=path.partition("_")[0])
    return HOME.format(repository=published.repository, commit=published.commit, path=quote(upstream))


def _needed(name, paths):
    """Return the paths asked for; only those of the registry pass, so that none can lead out of the folder."""
    known = registry()[one_of(name, SETS, "published set")]
    if isinstance(paths, str):
        paths = [paths]
    return list(known) if paths is None else [one_of(path, known, f"file of the set {name!r} called") for path in paths]


def _is_whole(file, name, path):
    """Tell whether a file is there and is the published one; where no checksum is known, whether it is there."""
    size, sha256 = registry()[name][path]
    if not file.is_file():
        return False
    if sha256 is None:
        return True
    if file.stat().st_size != size:
        return False
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == sha256


def _in_own_folder(name, needed):
    """Return where each file lies under MUPY_DATA, or None unless all of them do; a changed file is an error."""
    base = own_folder()
    if base is None:
        return None
    if not base.is_dir():
        raise FetchError(f"MUPY_DATA is {str(base)!r}, which is not a folder: correct it, or unset it.")
    files = {path: base / SETS[name].folder / path for path in needed}
    there = [path for path in needed if files[path].is_file()]
    for path in there:
        if not _is_whole(files[path], name, path):
            raise FetchError(
                f"{files[path]} is not the file that was published (its SHA-256 differs). "
                "Replace or remove it, or unset MUPY_DATA to have the set downloaded."
            )
    return files if len(there) == len(needed) else None


def _download(name, missing, folder, mirror):
    published = SETS[name]
    if not published.repository and not mirror:
        raise FetchError(
            f"{missing[0]} of the set {name!r} is not on this machine, and cannot be downloaded from here.\n"
            f"Source: {published.by_hand}.\n"
            "Two ways on:\n"
            f"1. Get it by hand and put it into {_folders_by_hand(name)}.\n"
            "2. Skip the case study that needs it: the lessons do without."
        )
    import requests

    progress = Progress(name, len(missing))
    with requests.Session() as session:  # one connection for all files, where the server keeps it
        for path in missing:
            url = address(name, path, mirror)
            try:
                _retrieve(session, url, *registry()[name][path], folder / path)
            except (OSError, ValueError) as error:  # requests' errors are OSErrors; pooch's wrong hash is a ValueError
                progress.stop()
                raise FetchError(_explain(name, url, len(missing) - progress.done, error)) from error
            progress.step()


def _retrieve(session, url, size, sha256, target):
    """Download one file with pooch: under another name first, moved to its place only when its SHA-256 is right."""
    import pooch

    def downloader(url, output_file, pooch):
        _patiently(lambda: _transfer(session, url, size, Path(output_file)))

    target.parent.mkdir(parents=True, exist_ok=True)
    with _quiet(pooch.get_logger()):
        pooch.retrieve(url, known_hash=sha256 and f"sha256:{sha256}", fname=target.name, path=target.parent,
                       downloader=downloader)


def _patiently(attempt):
    """Try again after what may pass: a connection that broke, a server with too much to do."""
    import requests
    from urllib3.exceptions import NewConnectionError

    for pause in (*PAUSES, None):
        try:
            return attempt()
        except requests.exceptions.RequestException as error:
            passing = (error.response.status_code in (429, 500, 502, 503, 504) if error.response is not None
                       else isinstance(error, (requests.exceptions.ConnectionError,
                                               requests.exceptions.ChunkedEncodingError)))
            offline = isinstance(getattr(error.args[0] if error.args else None, "reason", None), NewConnectionError)
            if pause is None or offline or not passing:
                raise
            time.sleep(pause)


def _transfer(session, url, size, file):
    """Write what a server answers into a file: not unpacked, no more than was published, in bounded time.

    A size of None is one that is not known: the server has to say it.
    """
    import requests
    from urllib3.exceptions import HTTPError

    headers = {"Accept-Encoding": "identity"}  # else a small answer could unpack to one that fills the disk
    with session.get(url, stream=True, timeout=TIMEOUT_SECONDS, headers=headers) as answer, file.open("wb") as out:
        answer.raise_for_status()
        said = answer.headers.get("Content-Length", "")
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            raise Refused("the server sends it packed, which was not asked for")
        if "html" in answer.headers.get("Content-Type", ""):
            raise Refused(WEB_PAGE)
        if size is None and not said.isdigit():
            raise Refused("the server does not say how long the file is, so that a part could pass for the whole")
        most = min(int(said), LARGEST_UNHASHED) if size is None else size
        deadline, count = time.monotonic() + TIMEOUT_SECONDS + most / SLOWEST, 0
        try:
            while chunk := answer.raw.read1(1 << 16, decode_content=False):
                if not count and chunk.lstrip().startswith(b"<"):
                    raise Refused(WEB_PAGE)
                count += len(chunk)
                if count > most:
                    raise Refused("what comes is longer than the file that was published")
                if time.monotonic() > deadline:
                    raise Refused(f"it comes too slowly, with fewer than {SLOWEST // 1000} kB a second")
                out.write(chunk)
        except HTTPError as error:  # urllib3's own, which is no OSError
            raise requests.exceptions.ChunkedEncodingError(error) from error


@contextlib.contextmanager
def _quiet(logger):
    """Keep pooch from a message for every file: the counter tells enough."""
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def _folders_by_hand(name):
    base = own_folder() or "MUPY_DATA (a folder of yours, named in that environment variable)"
    return f"the folder {SETS[name].folder} under {base}, or into {cache_of(name)}"


def _explain(name, url, left, error):
    """Return what went wrong with a download and what to do about it."""
    import requests

    if isinstance(error, ValueError) and "hash" in str(error):
        reason = "what came is not the file that was published (its SHA-256 differs); it was thrown away"
    elif isinstance(error, requests.exceptions.InvalidSchema):
        reason = "the server sends us on to an address that is no web address"
    elif isinstance(error, requests.exceptions.ChunkedEncodingError):
        reason = "the transfer stopped before the end of the file"
    elif isinstance(error, (requests.exceptions.ConnectionError, requests.exceptions.Timeout)):
        reason = f"no connection to {urlsplit(url).hostname}"
    else:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
    return (
        f"The set {name!r} could not be fetched: {left} of its files still missing; {reason}.\n"
        f"Address: {url}\n"
        "Three ways on:\n"
        "1. Connect to the network and run: python3 course.py data (it goes on where it stopped).\n"
        f"2. Put the files into {_folders_by_hand(name)}.\n"
        "3. Skip the case study that needs the set: the lessons do without."
    )


class Progress:
    """A counter of files on standard error: one line rewritten on a terminal, a few lines elsewhere."""

    def __init__(self, name, total, stream=None):
        self.name, self.total, self.done = name, total, 0
        self.stream = stream or sys.stderr
        self.rewrites = self.stream.isatty()
        self._show()

    def step(self):
        """Count one more file."""
        self.done += 1
        quarter = max(1, self.total // 4)
        if self.rewrites or self.done == self.total or self.done % quarter == 0:
            self._show()

    def stop(self):
        """Leave the line as it is, so that an error message starts on a new one."""
        if self.rewrites and self.done < self.total:
            self.stream.write("\n")

    def _show(self):
        end = "\r" if self.rewrites and self.done < self.total else "\n"
        self.stream.write(f"Fetching {self.name}: {self.done} of {self.total} files{end}")
        self.stream.flush()
