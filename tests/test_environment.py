"""One list of dependencies: pyproject.toml, requirements.lock and environment.yml agree."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))

# Not ours to ask for, but compiled, and best taken from conda together with NumPy.
ALSO_FROM_CONDA = {"numba"}
COMPILED_CORE = {"matplotlib", "numba", "numpy", "pandas", "scikit-learn", "scipy", "statsmodels"}


def key(requirement):
    """What makes two requirements the same, however they are written."""
    marker = str(requirement.marker) if requirement.marker else ""
    return canonicalize_name(requirement.name), requirement.specifier, marker


def direct_requirements():
    """Every requirement of pyproject.toml, all extras, once each."""
    texts = PROJECT["dependencies"] + [text for extra in PROJECT["optional-dependencies"].values() for text in extra]
    return {key(Requirement(text)): Requirement(text) for text in texts}


DIRECT = direct_requirements()


class Entry:
    """One package of the lock."""

    def __init__(self, block):
        head = block.splitlines()[0].rstrip(" \\")
        self.requirement = Requirement(head)
        self.name = canonicalize_name(self.requirement.name)
        self.version = head.split("==")[1].split()[0] if "==" in head else None
        self.hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})\b", block)
        self.direct = "mupy-helpers (pyproject.toml)" in block


ENTRIES = [Entry(block) for block in re.findall(r"(?ms)^[A-Za-z0-9].*?(?=^\S|\Z)", LOCK)]


# ------------------------------------------------------------------------------------------ pyproject and lock

@pytest.mark.parametrize("requirement", DIRECT.values(), ids=str)
def test_lock_satisfies(requirement):
    entries = [entry for entry in ENTRIES if entry.name == canonicalize_name(requirement.name)]
    satisfied = [entry for entry in entries if entry.version in requirement.specifier]
    assert satisfied, f"{requirement} is not in requirements.lock: compile it again (CONTRIBUTING.md)"
    if requirement.marker is None:
        assert len(satisfied) == len(entries)


def test_direct_entries_of_the_lock_are_the_dependencies():
    locked = {entry.name for entry in ENTRIES if entry.direct}
    wanted = {name for name, _, _ in DIRECT}
    assert locked == wanted, "pyproject.toml has changed: compile requirements.lock again (CONTRIBUTING.md)"


def test_one_requirement_per_package_and_platform():
    """No two lists of pyproject.toml ask for different versions of one package on the same machine."""
    names = [(name, marker) for name, _, marker in DIRECT]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize("system, machine", [
    ("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64"), ("darwin", "x86_64"), ("win32", "AMD64"),
])
def test_lock_has_one_version_of_each_package(python, system, machine):
    place = {
        "python_version": python, "python_full_version": f"{python}.1", "implementation_name": "cpython",
        "platform_python_implementation": "CPython", "platform_machine": machine, "sys_platform": system,
        "platform_system": {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}[system],
        "os_name": "nt" if system == "win32" else "posix",
    }
    names = [e.name for e in ENTRIES if e.requirement.marker is None or e.requirement.marker.evaluate(place)]
    assert len(names) == len(set(names))
    needed = {name for name, _, marker in DIRECT if not marker or Marker(marker).evaluate(place)}
    assert needed <= set(names)


def test_every_entry_of_the_lock_is_pinned_and_hashed():
    assert len(ENTRIES) > 100
    loose = [str(e.requirement) for e in ENTRIES if [s.operator for s in e.requirement.specifier] != ["=="]]
    assert loose == []
    assert [entry.name for entry in ENTRIES if not entry.hashes or entry.requirement.url] == []


def test_lock_names_no_address():
    assert "://" not in LOCK
    assert not re.search(r"(?m)^\s*(-i|-f|--index-url|--extra-index-url|--find-links|--trusted-host)\b", LOCK)


# ----------------------------------------------------------------------------------- pyproject and environment.yml

def conda_lists():
    """The requirements of environment.yml: those that conda installs and those that it leaves to pip."""
    from_conda = [item for item in CONDA["dependencies"] if isinstance(item, str)]
    [from_pip] = [item["pip"] for item in CONDA["dependencies"] if isinstance(item, dict)]
    return from_conda, from_pip


def test_conda_python_is_that_of_pyproject():
    from_conda, _ = conda_lists()
    [python] = [Requirement(text) for text in from_conda if Requirement(text).name == "python"]
    assert python.specifier == SpecifierSet(PROJECT["requires-python"])


def test_conda_asks_for_what_pyproject_asks_for():
    from_conda, from_pip = conda_lists()
    asked = [key(Requirement(text)) for text in from_conda + from_pip if text != "-e ."]
    asked = [k for k in asked if k[0] not in {"python", "pip"} | ALSO_FROM_CONDA]
    assert len(asked) == len(set(asked))
    assert set(asked) - set(DIRECT) == set(), "in environment.yml, but not like this in pyproject.toml"
    assert set(DIRECT) - set(asked) == set(), "in pyproject.toml, but not like this in environment.yml"


def test_what_conda_adds_is_in_the_lock_and_has_no_bound():
    from_conda, _ = conda_lists()
    added = [Requirement(text) for text in from_conda if Requirement(text).name in ALSO_FROM_CONDA]
    assert {requirement.name for requirement in added} == ALSO_FROM_CONDA <= {entry.name for entry in ENTRIES}
    assert not any(requirement.specifier for requirement in added)


def test_conda_brings_the_compiled_core_and_jupyterlab():
    from_conda, _ = conda_lists()
    assert COMPILED_CORE | {"jupyterlab", "pip"} <= {Requirement(text).name for text in from_conda}


def test_conda_lists_can_be_read_by_conda():
    """conda knows no markers, and reads a space in a specification as a build string."""
    from_conda, _ = conda_lists()
    assert [text for text in from_conda if ";" in text or " " in text] == []


def test_conda_installs_the_package_itself():
    _, from_pip = conda_lists()
    assert from_pip[-1] == "-e ."
