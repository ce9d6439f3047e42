"""Build the talk: `python -m tools.slides [--pdf] [--force]`.

slides/talk.py is executed like a lesson, but its notebook is not kept by git: figures and numbers are those of the day.
The page is one HTML file with reveal.js, its speaker view and MathJax inside; it asks the network for nothing.
"""

import argparse
import ast
import copy
import hashlib
import inspect
import re
import sys
import time
from dataclasses import dataclass

import jupytext
import nbformat
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat.v4 import new_code_cell

from tools import build, lessons, web
from tools.processes import Stop

SOURCE = lessons.ROOT / "slides" / "talk.py"
BUILT = lessons.ROOT / "slides" / "build"
NOTEBOOK, PAGE, PDF = (BUILT / name for name in ("talk.ipynb", "mupy.html", "mupy.pdf"))
README = SOURCE.parent / "README.md"
TEMPLATES = lessons.ROOT / "tools" / "jupyter" / "nbconvert" / "templates"
TIMING = re.compile(r"\[(\d+):(\d\d)\]")
PLACEHOLDER = re.compile(r"\{\{(.+?)\}\}")


@dataclass(frozen=True)
class Slide:
    """A slide: its cells, those with the speaker's notes apart, and how long it is to stand."""

    cells: list
    notes: list

    @property
    def title(self):
        """The first heading, of what is written or of what the cells put out."""
        texts = [shown(cell) for cell in self.cells]
        return next(match[1] for match in re.finditer(r"^#+ (.+)$", "\n".join(texts), re.M))

    @property
    def seconds(self):
        timings = TIMING.findall("\n".join(cell.source for cell in self.notes))
        if len(timings) != 1:
            raise ValueError(f"the notes to {self.title!r} hold {len(timings)} timings such as [0:40]: one is needed")
        return 60 * int(timings[0][0]) + int(timings[0][1])


def shown(cell):
    """Return the Markdown that a cell brings to its slide, written or put out."""
    if cell.cell_type == "markdown":
        return cell.source
    return "\n".join(output["data"]["text/markdown"] for output in cell.get("outputs", [])
                     if "text/markdown" in output.get("data", {}))


def kind(cell):
    return cell.metadata.get("slideshow", {}).get("slide_type", "-")


def slides_of(notebook):
    """Return the slides of a talk in order.

    Parameters
    ----------
    notebook : NotebookNode

    Returns
    -------
    list of Slide
    """
    slides = []
    for cell in notebook.cells:
        if kind(cell) == "slide":
            slides.append(Slide([], []))
        if kind(cell) != "skip":
            (slides[-1].notes if kind(cell) == "notes" else slides[-1].cells).append(cell)
    return slides


def filled(cell):
    """Turn prose with {{an expression:and its format}} into code that writes the prose with the value in its place."""
    if cell.cell_type != "markdown" or not PLACEHOLDER.search(cell.source):
        return cell
    pieces = PLACEHOLDER.split(cell.source)
    pieces[::2] = [piece.replace("{", "{{").replace("}", "}}") for piece in pieces[::2]]
    pieces[1::2] = ["{" + expression + "}" for expression in pieces[1::2]]
    return new_code_cell(f'Markdown(fr"""{"".join(pieces)}""")', metadata=cell.metadata)


def read():
    """Return the talk's notebook as its source says it, without outputs."""
    source = jupytext.read(SOURCE, fmt="py:percent")
    matter = dict(source.metadata["mupy"])
    notebook = nbformat.v4.new_notebook(cells=[filled(cell) for cell in source.cells])
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
    notebook.metadata = nbformat.from_dict({"kernelspec": lessons.KERNEL, "language_info": {"name": "python"},
                                            "mupy": matter})
    return notebook


def stamp():
    """Return a hash of what the talk's figures and numbers are made from."""
    source = SOURCE.read_text(encoding="utf-8")
    quoted = sorted({lessons.NOTEBOOKS / f"{name}.ipynb" for name in re.findall(r'"(\d\d_\w+)"', source)})
    figures = [lessons.ROOT / each for each in re.findall(r'"\.\./(benchmarks/\w+\.json)"', source)]
    files = [*lessons.helper_modules(source), *sorted((lessons.ROOT / "data").glob("*.csv*")), *quoted, *figures]
    digest = hashlib.sha256(nbformat.writes(read()).encode())
    for path in files:
        digest.update(path.relative_to(lessons.ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def executed(force=False, say=print):
    """Return the talk's notebook with its outputs; run only when something changed since the last time.

    Parameters
    ----------
    force : bool
        Run in any case.
    say : callable
        Takes a line of progress.

    Returns
    -------
    NotebookNode
    """
    mark = stamp()
    if NOTEBOOK.is_file() and not force:
        notebook = nbformat.read(NOTEBOOK, as_version=4)
        if notebook.metadata.mupy.get("built_from") == mark:
            return notebook
    notebook = build.execute(read(), SOURCE.parent, say)
    notebook.metadata.mupy["built_from"] = mark
    BUILT.mkdir(parents=True, exist_ok=True)
    NOTEBOOK.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")
    return notebook


def clock(seconds):
    return f"{seconds // 60}:{seconds % 60:02d}"


def code_of(*functions):
    """Return the source of functions as a slide has room for it: without docstrings and empty lines.

    Parameters
    ----------
    functions : functions

    Returns
    -------
    str
    """
    lines = []
    for function in functions:
        rows = inspect.getsource(function).splitlines()
        first, *rest = ast.parse(inspect.getsource(function)).body[0].body
        documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
        lines += rows[:first.lineno - 1] + rows[(rest[0] if documented else first).lineno - 1:]
    return "\n".join(line for line in lines if line.strip())


def with_clock(notebook):
    """Return the talk with each slide's seconds in its first cell, and the running clock in its notes."""
    notebook, until = copy.deepcopy(notebook), 0
    for slide in slides_of(notebook):
        slide.cells[0].metadata["seconds"] = slide.seconds
        until += slide.seconds
        for cell in slide.notes:
            text = TIMING.sub(f"**[{clock(slide.seconds)}, until {clock(until)}]**", shown(cell))
            cell.cell_type, cell.source = "markdown", text
            cell.pop("outputs", None)
            cell.pop("execution_count", None)
    # Left in, a skipped cell could be the last of a slide, and take its end along.
    notebook.cells = [cell for cell in notebook.cells if kind(cell) != "skip"]
    return notebook


def inline(path):
    """Return a script or style sheet of the JavaScript packages as it may stand inside a page."""
    return re.sub(r"</(script|style)", r"<\\/\1", path.read_text(encoding="utf-8"), flags=re.I)


def to_html(notebook):
    """Return the talk as one HTML page.

    Parameters
    ----------
    notebook : NotebookNode
        With outputs.

    Returns
    -------
    str
    """
    from nbconvert.exporters import SlidesExporter

    packages = web.node_modules()
    deck = {"reveal_css": inline(packages / "reveal.js/dist/reveal.css"),
            "reveal": inline(packages / "reveal.js/dist/reveal.js"),
            "notes": inline(packages / "reveal.js/plugin/notes/notes.js"),
            "mathjax": inline(packages / "mathjax/es5/tex-svg.js")}
    exporter = SlidesExporter(template_name="mupy_slides", extra_template_basedirs=[str(TEMPLATES)],
                              exclude_anchor_links=True)
    page, _ = exporter.from_notebook_node(with_clock(notebook), resources={"deck": deck})
    return page


def timetable(notebook):
    """Return the slides with their timing as a Markdown table."""
    rows, until = ["| | slide | time | until |", "|---:|---|---:|---:|"], 0
    for number, slide in enumerate(slides_of(notebook), start=1):
        until += slide.seconds
        rows.append(f"| {number} | {slide.title} | {clock(slide.seconds)} | {clock(until)} |")
    return "\n".join(rows)


def write_readme(notebook):
    """Put the timing table into slides/README.md, between its marks."""
    text = README.read_text(encoding="utf-8")
    before, _, rest = text.partition("<!-- timetable -->\n")
    after = rest.partition("<!-- end -->")[2]
    new = f"{before}<!-- timetable -->\n{timetable(notebook)}\n<!-- end -->{after}"
    if new != text:
        README.write_text(new, encoding="utf-8", newline="\n")


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="course.py slides", description=__doc__.splitlines()[0])
    parser.add_argument("--pdf", action="store_true", help="also a PDF, through Chromium")
    parser.add_argument("--force", action="store_true", help="compute the figures anew also when nothing changed")
    chosen = parser.parse_args(arguments)

    def say(text):
        if sys.stdout.isatty():
            print(f"\rThe talk: {text}   ", end="", flush=True)

    start = time.monotonic()
    try:
        web.node_modules()
        notebook = executed(chosen.force, say)
        write_readme(notebook)
        PAGE.write_text(to_html(notebook), encoding="utf-8", newline="\n")
        shown_to_reader(PAGE, start)
        if chosen.pdf:
            web.browse(SOURCE.parent / "pdf.mjs", {"page": PAGE.as_uri(), "pdf": str(PDF)})
            shown_to_reader(PDF, start)
    except Stop as stop:
        sys.exit(f"course.py slides: {stop}.")
    except (CellExecutionError, CellTimeoutError, DeadKernelError, build.NoisyCell) as error:
        sys.exit(f"\ncourse.py slides: a cell of the talk failed or warned.\n{error}")


def shown_to_reader(path, start):
    print(f"{path.relative_to(lessons.ROOT)}: {path.stat().st_size / 1e6:.1f} MB, "
          f"after {time.monotonic() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
