"""What is written about the course is still true of it, and says nothing of the machine it was written on."""

import ast
import importlib
import inspect
import pkgutil
import re
import subprocess

import pytest

import mupy_helpers
from tools import lessons, readme

ROOT = lessons.ROOT
# Put together from pieces, or these lines would find themselves.
FOLDERS = ["/" + name + "/" for name in ("work", "root", "home")]
# Classes whose fields are explained elsewhere, and where.
DESCRIBED_OTHERWISE = {"SpokenDigit": "its one line names all five", "Store": "in groups with their units, beside each"}
HOSTS = ["py" + "pi.org", "python" + "hosted.org", "anaconda" + ".org", "npm" + "js.org", "rubygems" + ".org"]


def tracked():
    """Return the files that git keeps; without git, all that lie here and are not hidden or made by tools."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                            capture_output=True, text=True)
    if listed.returncode == 0:
        files = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        files = [path for path in ROOT.rglob("*")
                 if not any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(ROOT).parts)]
    return [path for path in files if path.is_file()]


def text_of(path):
    """Return a file's text, empty for files that are not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def without_pictures(text):
    return re.sub(r'"image/png": "[^"]*"', "", text)


FILES = tracked()
MARKDOWN = [path for path in FILES if path.suffix == ".md"]
MODULES = sorted((ROOT / "mupy_helpers").rglob("*.py"))


def name_of(path):
    return path.relative_to(ROOT).as_posix()


# --- pages

def test_the_readme_shows_the_lessons_as_they_are():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme.updated(text) == text, "README.md is out of date: python3 course.py build"


@pytest.mark.parametrize(("page", "words"), [
    ("README.md", ["python3 course.py lab", "python3 course.py test", "CONTRIBUTING.md", "LICENSE"]),
    ("CONTRIBUTING.md", ["python3 course.py build", "python3 course.py test", "tests/claims"]),
    ("CHANGELOG.md", ["# Changelog"]),
])
def test_pages_say_what_they_must(page, words):
    text = (ROOT / page).read_text(encoding="utf-8")
    assert [word for word in words if word not in text] == []


def test_the_changelog_knows_this_version():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## {re.escape(mupy_helpers.__version__)}\b", text, re.MULTILINE)


def anchors(path):
    """Return the anchors of a page's headings."""
    headings = re.findall(r"^#+\s+(.+)$", text_of(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", MARKDOWN, ids=name_of)
def test_relative_links_lead_somewhere(page):
    text = re.sub(r"```.*?```|`[^`\n]*`", "", text_of(page), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)\s]+)[^)]*\)", text) + re.findall(r'(?:src|href)="([^"]+)"', text)
    for target in targets:
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = page.parent / path if path else page
        assert there.exists(), f"{name_of(page)}: the link to {target} leads nowhere"
        known = not anchor or there.suffix != ".md" or anchor in anchors(there)
        assert known, f"{name_of(page)}: no heading for {target}"


# --- files

def test_no_file_names_a_folder_of_one_machine():
    pattern = re.compile("|".join(rf"(?<![\w.~$}}/-]){re.escape(folder)}" for folder in FOLDERS))
    found = {name_of(path): match[0] for path in FILES if (match := pattern.search(without_pictures(text_of(path))))}
    assert not found


def test_no_file_names_the_host_of_a_package_registry():
    found = {name_of(path): host for path in FILES for host in HOSTS if host in without_pictures(text_of(path)).lower()}
    assert not found


def test_the_lock_has_no_addresses():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text and "--index-url" not in text and "--find-links" not in text
    assert "--hash=sha256:" in text


def test_text_files_have_plain_line_ends():
    kinds = {".py", ".md", ".toml", ".yml", ".cfg", ".ipynb", ".lock", ".cff"}
    assert not [name_of(path) for path in FILES if path.suffix in kinds and b"\r" in path.read_bytes()]


# --- the helper package

def documented():
    """Return what lessons may import: each function and class of mupy_helpers, and the methods of the classes.

    A package exposes what its __init__ lists in __all__; its other modules are its own affair.
    """
    found = []
    for module in pkgutil.iter_modules(mupy_helpers.__path__, "mupy_helpers."):
        module = importlib.import_module(module.name)
        names = getattr(module, "__all__", None) or [name for name in vars(module) if not name.startswith("_")]
        for name in names:
            thing = getattr(module, name)
            is_code = inspect.isfunction(thing) or inspect.isclass(thing)
            if not is_code or not thing.__module__.startswith(module.__name__):
                continue
            found.append(pytest.param(thing, id=f"{module.__name__}.{name}"))
            methods = vars(thing).items() if inspect.isclass(thing) else []
            found += [pytest.param(method, id=f"{module.__name__}.{name}.{called}") for called, method in methods
                      if inspect.isfunction(method) and not called.startswith("_")]
    return found


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_says_what_it_is_for(path):
    text = path.read_text(encoding="utf-8")
    assert not text.strip() or ast.get_docstring(ast.parse(text)), f"{name_of(path)} has no docstring"


@pytest.mark.parametrize("thing", documented())
def test_every_public_name_is_documented(thing):
    text = inspect.cleandoc(vars(thing).get("__doc__") or "" if inspect.isclass(thing) else thing.__doc__ or "")
    assert text, "no docstring"
    summary, _, rest = text.partition("\n")
    assert summary.endswith((".", "?", ":")), f"the first line is not a summary: {summary!r}"
    assert not rest or rest.startswith("\n"), "a blank line is missing after the summary"
    if thing.__name__ in DESCRIBED_OTHERWISE or inspect.isclass(thing) and issubclass(thing, Exception):
        return
    names = set(inspect.signature(thing).parameters) - {"self"}
    described = described_in(text)
    for parent in thing.__mro__[1:] if inspect.isclass(thing) else []:
        described |= described_in(inspect.cleandoc(parent.__doc__ or "")) & names
    assert names <= described, f"no word on the parameters {', '.join(sorted(names - described))}"
    assert described <= names, f"described, but not there: {', '.join(sorted(described - names))}"


def described_in(text):
    """Return the names in a docstring's section on parameters."""
    section = re.search(r"^Parameters\n-{10}\n(.*?)(?=^\w[\w ]*\n-{3,}\n|\Z)", text, re.MULTILINE | re.DOTALL)
    return {name.strip().lstrip("*") for line in re.findall(r"^\S.*$", section[1] if section else "", re.MULTILINE)
            for name in line.partition(" : ")[0].split(",")}


def test_the_package_is_documented_as_a_whole():
    assert len(documented()) > 30
