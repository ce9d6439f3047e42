"""Is this machine ready for the course?

Run it with ``python3 course.py doctor``; lesson 00 calls :func:`report`.
The standard library is enough to import it and to run most checks, so it also works before there is an environment.
"""

import hashlib
import os
import re
import shutil
import socket
import sys
import tempfile
import webbrowser
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from mupy_helpers._cache import cache_folder, can_be_written

OLDEST, NEWEST = (3, 11), (3, 13)
GB_FREE = 1.0
GB_FOR_THE_ENVIRONMENT = 3.0
GB_MEMORY = 4.0
NO_ENVIRONMENT = "the course's environment is not the Python that runs this"
SETUP = "run: python3 course.py setup"
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Check:
    """One answer of the doctor.

    Parameters
    ----------
    what : str
        What is asked, in words that are the same on every machine.
    status : str
        "ok", "note" (the course works, with a limit) or "fix" (something must be done first).
    found : str
        What this machine has.
    advice : str
        What to do; empty when all is well.
    """

    what: str
    status: str
    found: str
    advice: str = ""


def check_python(version=sys.version_info[:3]):
    """Check that this Python is one that the course is tested with.

    Parameters
    ----------
    version : tuple of int
        Major, minor and micro number.

    Returns
    -------
    Check
    """
    good = OLDEST <= tuple(version[:2]) <= NEWEST
    return Check(
        "Python {}.{} to {}.{}".format(*OLDEST, *NEWEST),
        "ok" if good else "fix",
        "{} in {}".format(".".join(map(str, version)), sys.prefix),
        "" if good else "install Python 3.12 from https://www.python.org and start course.py with it",
    )


def check_packages(root=ROOT, installed=None, prefix=sys.prefix):
    """Compare the installed packages with requirements.lock.

    Parameters
    ----------
    root : Path
        The repository; its lock is what counts.
    installed : dict of str to str, optional
        Version by normalised name; without it, what this Python has.
    prefix : str
        The folder of this Python's environment.

    Returns
    -------
    Check
        A note when mupy_helpers was installed without the repository, because there is no lock to compare with,
        and in a conda environment that has all packages, because environment.yml leaves the versions to conda.
    """
    what = "packages as in requirements.lock"
    lock = Path(root) / "requirements.lock"
    if not lock.exists():
        return Check(what, "note", "there is no lock beside the package, so the versions are not compared")
    if installed is None:
        installed = {_normal(d.metadata["Name"]): d.version for d in metadata.distributions() if d.metadata["Name"]}
    try:
        locked = locked_versions(lock.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        locked = {}
    if locked == {}:
        return Check(what, "fix", "requirements.lock is damaged",
                     "get it from the repository again, as with: git checkout -- requirements.lock")
    if locked is None or sum(name in installed for name in locked) < len(locked) / 2:
        return Check(what, "fix", NO_ENVIRONMENT, SETUP)
    missing = [name for name in locked if name not in installed]
    other = [f"{name} {installed[name]} instead of {version}" for name, version in locked.items()
             if installed.get(name, version) != version]
    if "mupy-helpers" not in installed:
        missing.append("mupy-helpers")
    if not missing and not other:
        return Check(what, "ok", f"{len(locked)} packages")
    if not missing and (Path(prefix) / "conda-meta").is_dir():
        return Check(what, "note", f"conda chose {len(other)} other versions, so printed numbers may differ a little")
    parts = [f"missing: {_some(missing)}"] * bool(missing) + [f"other versions: {_some(other)}"] * bool(other)
    return Check(what, "fix", "; ".join(parts), SETUP)


def locked_versions(lock):
    """Read the versions that a lock asks of this Python on this system.

    Parameters
    ----------
    lock : str
        Text of requirements.lock.

    Returns
    -------
    dict of str to str, or None
        Version by normalised name; None where ``packaging``, which reads the lock's conditions, is not installed.
    """
    try:
        from packaging.markers import Marker
    except ImportError:
        return None
    entries = re.findall(r"(?m)^([\w.-]+)==(\S+?)(?: *; *(.*?))? *\\?$", lock)
    return {_normal(name): version for name, version, marker in entries if not marker or Marker(marker).evaluate()}


def check_kernel():
    """Check that notebooks run in this Python, not in another one's kernel.

    Returns
    -------
    Check
    """
    what = "notebooks run in this Python"
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
        from traitlets import TraitError
    except ImportError:
        return Check(what, "fix", "Jupyter is not installed in this Python", SETUP)
    try:
        specs = KernelSpecManager()
        program = os.fspath(specs.get_kernel_spec("python3").argv[0])
    except NoSuchKernel:
        return Check(what, "fix", "there is no kernel named python3", SETUP)
    except (OSError, ValueError, TypeError, IndexError, TraitError):  # whatever its file holds
        file = os.path.join(specs.find_kernel_specs().get("python3", ""), "kernel.json")
        return Check(what, "fix", f"the description of the kernel python3 is damaged: {file}",
                     "delete that file, then run: python3 course.py setup")
    # Jupyter reads a bare "python" as the Python that it runs in itself.
    bare = program in ("python", "python{}".format(sys.version_info[0]), "python{}.{}".format(*sys.version_info[:2]))
    if bare or os.path.realpath(os.path.dirname(program)) == os.path.realpath(os.path.dirname(sys.executable)):
        return Check(what, "ok", f"the kernel python3 starts {program}")
    return Check(what, "fix", f"the kernel python3 starts {program}", "start JupyterLab with: python3 course.py lab")


def check_data(root=ROOT):
    """Compare the bundled data files with the hashes in data/SHA256SUMS.

    Parameters
    ----------
    root : Path
        The repository.

    Returns
    -------
    Check
        Without a repository all is well: the package makes the data when it is first asked for.
    """
    what = "bundled data complete and unchanged"
    folder = Path(root) / "data"
    sums = folder / "SHA256SUMS"
    if not sums.exists():
        if (Path(root) / "course.py").exists():
            return Check(what, "note", "data/SHA256SUMS is missing, so the files are not compared",
                         "get data/ from the repository again")
        return Check(what, "ok", "no repository here: the data is made when it is first asked for")
    again = "get data/ from the repository again, as with: git checkout -- data"
    try:
        lines = sums.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return Check(what, "fix", "data/SHA256SUMS cannot be read", again)
    wrong, count = [], 0
    for line in lines:
        digest, _, name = line.strip().partition(" ")
        if not digest:
            continue
        count += 1
        file = folder / name.strip().lstrip("*")
        try:
            if hashlib.sha256(file.read_bytes()).hexdigest() != digest:
                wrong.append(f"{file.name} has changed")
        except FileNotFoundError:
            wrong.append(f"{file.name} is missing")
        except OSError:
            wrong.append(f"{file.name} cannot be read")
    if wrong or not count:
        return Check(what, "fix", _some(wrong) or "data/SHA256SUMS is empty", again)
    return Check(what, "ok", f"{count} files")


def check_writing(folder=ROOT):
    """Check that notebooks can be saved.

    Parameters
    ----------
    folder : Path
        Where they lie; without a repository, give the working folder.

    Returns
    -------
    Check
    """
    what = "this folder can be written"
    try:
        with tempfile.TemporaryFile(dir=folder):
            return Check(what, "ok", str(folder))
    except OSError as error:
        return Check(what, "fix", f"{folder}: {error.strerror}", "copy the course into a folder of your own")


def check_cache():
    """Check that fetched and simulated sets can be kept.

    Returns
    -------
    Check
    """
    what = "the cache for fetched and simulated data can be written"
    try:
        folder = cache_folder()
    except ImportError:
        return Check(what, "note", "not looked at before there is an environment", SETUP)
    if can_be_written(folder):
        return Check(what, "ok", str(folder))
    return Check(what, "note", f"{folder} cannot be written, and some lessons simulate their data into it",
                 "set MUPY_CACHE to a folder that you may write")


def check_disk(folder=ROOT, needed=GB_FREE):
    """Check that there is room for caches and saved notebooks.

    Parameters
    ----------
    folder : Path
        A folder on the disk in question.
    needed : float
        Free space, in GB.

    Returns
    -------
    Check
    """
    what = f"at least {needed:g} GB of disk free"
    try:
        free = shutil.disk_usage(folder).free / 1e9
    except OSError as error:
        return Check(what, "note", f"the disk of {folder} cannot be read: {error.strerror}")
    return Check(what, "ok" if free >= needed else "fix", f"{free:.1f} GB free",
                 "" if free >= needed else "delete what is not needed, or move the course to another disk")


def check_memory(total=None):
    """Check that the machine's memory is enough for every lesson.

    Parameters
    ----------
    total : float, optional
        Memory in GB; without it, what this machine has.

    Returns
    -------
    Check
    """
    what = f"at least {GB_MEMORY:g} GB of memory"
    total = memory_gb() if total is None else total
    if total is None:
        return Check(what, "note", "the amount of memory cannot be read here")
    # A machine sold with 4 GB keeps some for itself.
    if total >= 0.9 * GB_MEMORY:
        return Check(what, "ok", f"{total:.1f} GB")
    return Check(what, "note", f"{total:.1f} GB", "close other programs while the lessons run")


def memory_gb():
    """Return the machine's memory in GB, or None where it cannot be read."""
    try:
        import psutil
    except ImportError:
        try:
            return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
        except (AttributeError, ValueError, OSError):
            return None
    return psutil.virtual_memory().total / 1e9


def check_port(ports=range(8888, 8939)):
    """Check that one of the ports that JupyterLab tries by itself is free.

    Parameters
    ----------
    ports : iterable of int

    Returns
    -------
    Check
    """
    what = "a free port for JupyterLab"
    for port in ports:
        with socket.socket() as probe:
            if os.name == "posix":  # else a port that was left a moment ago counts as taken
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return Check(what, "ok", f"port {port}")
    return Check(what, "fix", "all that JupyterLab tries are in use",
                 "choose one: python3 course.py lab -- --port 9999")


def check_browser():
    """Check that JupyterLab can open a browser.

    Returns
    -------
    Check
    """
    what = "a browser that opens by itself"
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return Check(what, "note", "none was found",
                     "run: python3 course.py lab -- --no-browser, then open the printed address")
    name = getattr(browser, "name", type(browser).__name__)
    if os.sep in name and not shutil.which(name):
        return Check(what, "note", f"{name}, which BROWSER names, is not there", "correct BROWSER, or unset it")
    return Check(what, "ok", name)


def run_checks(starting=True):
    """Run every check.

    Parameters
    ----------
    starting : bool
        Also check what starting JupyterLab needs, a free port and a browser; inside a notebook both are past.

    Returns
    -------
    list of Check
    """
    in_repository = (ROOT / "course.py").exists()
    folder = ROOT if in_repository else Path()
    packages = check_packages()
    needed = GB_FOR_THE_ENVIRONMENT if packages.found == NO_ENVIRONMENT else GB_FREE
    checks = [check_python(), packages, check_kernel(), check_data(), check_writing(folder),
              check_disk(folder, needed), check_memory()]
    return [*checks, check_cache(), check_port(), check_browser()] if starting else checks


def report(verbose=False, checks=None):
    """Print whether this machine is ready: the same text on every machine on which all is well.

    Parameters
    ----------
    verbose : bool
        Also print what this machine has, which differs from machine to machine.
    checks : list of Check, optional
        What to print; without it, the checks that matter inside a running notebook.

    Returns
    -------
    bool
        True when nothing must be fixed.
    """
    checks = run_checks(starting=False) if checks is None else checks
    for check in checks:
        found = f" ({check.found})" if verbose or check.status != "ok" else ""
        advice = f"\n        {check.advice}" if check.advice else ""
        print(f"{check.status:<5} {check.what}{found}{advice}")
    ready = all(check.status != "fix" for check in checks)
    print("This machine is ready." if ready else 'Please do what stands under each "fix", then run this again.')
    return ready


def main():
    """Print the full report; the exit code is 1 when something must be fixed."""
    return 0 if report(verbose=True, checks=run_checks()) else 1


def _normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def _some(words, most=5):
    """Join the first few words and count the others."""
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more


if __name__ == "__main__":
    sys.exit(main())
