"""From an author's source to a learner's notebook, without running anything.

A source is a percent script (jupytext) with a YAML header; `mupy:` in the header is the lesson's front matter.
"""

import ast
import hashlib
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat
from nbformat.v4 import new_markdown_cell

from mupy_helpers.exercises.engine import load_bank

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
REQUIRED = ("title", "question", "able", "need", "data")
MARK = "◆"
CHECK = re.compile(r'^check\("(\d\d\.\d+)"\)', re.M)

# Measured by nobody's clock but the same for every lesson: a pace for prose, for code, and for a figure.
WORDS_PER_MINUTE, LINES_PER_MINUTE, FIGURES_PER_MINUTE = 180, 12, 2


@dataclass(frozen=True)
class Lesson:
    """A lesson: where its source and its notebook are."""

    source: Path

    @property
    def name(self):
        return self.source.stem

    @property
    def number(self):
        return self.name[:2]

    @property
    def is_case_study(self):
        return self.source.parent.parent.name == "case_studies"

    @property
    def notebook(self):
        return self.source.parent.parent / f"{self.name}.ipynb"


def all_lessons():
    """Return every lesson in reading order, then the case studies by name."""
    lessons = sorted((NOTEBOOKS / "source").glob("[0-9][0-9]_*.py"))
    studies = sorted((NOTEBOOKS / "case_studies" / "source").glob("*.py"))
    return [Lesson(path) for path in lessons + studies]


def front_matter(lesson):
    """Return the front matter of a lesson's source as a dict.

    Raises
    ------
    ValueError
        When a field is missing; the message names it.
    """
    notebook = jupytext.read(lesson.source, fmt="py:percent")
    matter = dict(notebook.metadata.get("mupy", {}))
    missing = [field for field in REQUIRED if not matter.get(field)]
    if missing:
        raise ValueError(f"{lesson.source.name}: the header lacks mupy.{missing[0]}")
    return matter


def exercises_in(lesson):
    """Return the bank's exercises that the lesson's cells check, in order."""
    found = CHECK.findall(lesson.source.read_text(encoding="utf-8"))
    bank = {key: value for number in {name[:2] for name in found} for key, value in load_bank(number).items()}
    missing = [name for name in found if name not in bank]
    if missing:
        raise ValueError(f"{lesson.source.name}: check(\"{missing[0]}\") names an exercise that the bank does not have")
    return [bank[name] for name in found]


def minutes(lesson, part="all"):
    """Return (reading, exercises): whole minutes, from the lesson's words, code lines, figures and exercises.

    Parameters
    ----------
    lesson : Lesson
    part : {"all", "core", "workshop"}
        The core path is all but the sections called "Going further";
        the workshop path holds the sections marked with a diamond, and of their exercises those that carry it too.
    """
    cells = [cell for cell, is_core, is_workshop in paths(jupytext.read(lesson.source, fmt="py:percent").cells)
             if {"all": True, "core": is_core, "workshop": is_workshop}[part]]
    words = sum(len(cell.source.split()) for cell in cells if cell.cell_type == "markdown")
    code = [cell.source for cell in cells if cell.cell_type == "code"]
    lines = sum(len([line for line in source.splitlines() if line.strip()]) for source in code)
    figures = sum(source.count("plt.show()") for source in code)
    reading = words / WORDS_PER_MINUTE + lines / LINES_PER_MINUTE + figures / FIGURES_PER_MINUTE
    checked = {name for source in code for name in CHECK.findall(source)}
    practice = sum(exercise.minutes for exercise in exercises_in(lesson) if exercise.id in checked)
    return max(1, round(reading)) if cells else 0, round(practice)


def paths(cells):
    """Yield each cell with two flags: is it on the core path, is it on the workshop path."""
    section, here = "", False
    for cell in cells:
        heading = re.search(r"^(#+) (.*)$", cell.source, re.M) if cell.cell_type == "markdown" else None
        if heading and len(heading[1]) <= 2:
            section, here = heading[2], MARK in heading[2]
        elif heading:
            here = MARK in section and ("Exercise" not in heading[2] or MARK in heading[2])
        yield cell, "Going further" not in section, here
        if cell.cell_type == "code" and CHECK.search(cell.source):
            here = MARK in section  # what follows an exercise belongs to its section again


def repository():
    """Return the public address of the repository, empty while it is not known."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return settings["tool"]["mupy"]["repository"].rstrip("/")


def launch_links(lesson, address):
    """Return Markdown links that open the notebook elsewhere; empty without an address."""
    if not address:
        return ""
    path = lesson.notebook.relative_to(ROOT).as_posix()
    slug = address.split("github.com/", 1)[-1]
    return (f"[Colab](https://colab.research.google.com/github/{slug}/blob/main/{path}) · "
            f"[Binder](https://mybinder.org/v2/gh/{slug}/main?urlpath=lab/tree/{path})")


def header_cell(lesson, address=None):
    """Return the first cell of the notebook, made from the front matter."""
    matter = front_matter(lesson)
    reading, exercises = minutes(lesson)
    heading = matter["title"] if lesson.is_case_study else f"{lesson.number} · {matter['title']}"
    time = f"{reading} min reading" + (f", {exercises} min exercises" if exercises else "")
    workshop = sum(minutes(lesson, "workshop"))
    if workshop:
        time += f". Workshop path (marked {MARK}): {workshop} min"
    links = launch_links(lesson, repository() if address is None else address)
    rows = [("You will be able to", "; ".join(matter["able"])), ("You need", matter["need"]), ("Time", time),
            ("Data", "; ".join(matter["data"]))] + ([("Open in", links)] if links else [])
    table = "\n".join(["| | |", "|---|---|"] + [f"| **{name}** | {text} |" for name, text in rows])
    return new_markdown_cell(f"# {heading}\n\n*{matter['question']}*\n\n{table}")


def read(lesson, solved=False, address=None):
    """Return the lesson's notebook as its source says it, without outputs.

    Parameters
    ----------
    lesson : Lesson
    solved : bool
        With each exercise's starter cell replaced by its solution.
    address : str, optional
        Public address of the repository; default: the one of pyproject.toml.

    Returns
    -------
    NotebookNode
    """
    source = jupytext.read(lesson.source, fmt="py:percent")
    cells = [header_cell(lesson, address)] + source.cells
    if solved:
        _solve(lesson, cells)
    seen = {}
    for cell in cells:
        # The id follows from what the cell says, so that an edit elsewhere leaves it alone.
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
        seen[digest] = seen.get(digest, 0) + 1
        cell.id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
        tags = cell.metadata.get("tags")
        cell.metadata = nbformat.NotebookNode({"tags": tags} if tags else {})
    reading, exercises = minutes(lesson)
    matter = {**front_matter(lesson), "minutes": {"reading": reading, "exercises": exercises}}
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": {"name": "python"}, "mupy": matter})
    return notebook


def _solve(lesson, cells):
    for position, cell in enumerate(cells):
        found = CHECK.search(cell.source) if cell.cell_type == "code" else None
        if not found:
            continue
        starter = cells[position - 1]
        if starter.cell_type != "code" or "..." not in starter.source:
            raise ValueError(f"{lesson.source.name}: no starter cell with ... stands before check(\"{found[1]}\")")
        starter.source = load_bank(found[1][:2])[found[1]].solution.strip("\n")


def helper_modules(*sources):
    """Return the files of mupy_helpers and benchmarks that pieces of Python import, also through each other."""
    package = ROOT / "mupy_helpers"
    found, waiting = set(), [(source, None) for source in sources]
    while waiting:
        code, owner = waiting.pop()
        for name in _imported(code, owner):
            parts = name.split(".")
            for depth in range(1, len(parts) + 1):
                base = package.parent.joinpath(*parts[:depth])
                for path in (base.with_suffix(".py"), base / "__init__.py"):
                    if path.is_file() and path not in found:
                        found.add(path)
                        waiting.append((path.read_text(encoding="utf-8"), path))
    return sorted(found)


def _imported(code, owner):
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            # `from .x import y` counts its dots from the folder of the file that says it.
            base = owner.relative_to(ROOT).parent.parts if owner and node.level else ()
            module = ".".join([*base[:len(base) - node.level + 1], *([node.module] if node.module else [])])
            names = [module, *(f"{module}.{alias.name}" for alias in node.names)]
        else:
            continue
        yield from (name for name in names if name.split(".")[0] in ("mupy_helpers", "benchmarks"))
