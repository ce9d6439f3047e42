"""A lesson's stored notebook, made ready to be read rather than run."""

import base64
import html
import re
import struct

import nbformat
from bs4 import BeautifulSoup
from nbformat.v4 import new_markdown_cell

from mupy_helpers.exercises.engine import load_bank
from tools import lessons
from tools.processes import Stop


def page(lesson, address=""):
    """Return the lesson's page: its stored notebook with hints and solutions folded, and alt texts on its figures.

    Parameters
    ----------
    lesson : Lesson
    address : str
        Public address of the repository, for links that open the lesson elsewhere; empty when it is not known.

    Returns
    -------
    NotebookNode

    Raises
    ------
    Stop
        When the lesson was never built.
    """
    if not lesson.notebook.is_file():
        raise Stop(f"{lesson.name} was never built: python3 course.py build {lesson.name}")
    notebook = nbformat.read(lesson.notebook, as_version=4)
    notebook.cells[0] = header(lesson, address)
    cells = []
    for cell in notebook.cells:
        checked = lessons.CHECK.search(cell.source) if cell.cell_type == "code" else None
        cells.append(_shown(cell))
        if checked:
            # What `check` says of a starter cell, "not attempted yet", is no news to a reader.
            cell.outputs = [output for output in cell.outputs if 'role="status"' not in str(output.get("data", ""))]
            cells.append(new_markdown_cell(folded(load_bank(checked[1][:2])[checked[1]])))
    notebook.cells = cells
    notebook.metadata.pop("mupy", None)
    return notebook


def header(lesson, address):
    """Return the lesson's header cell with its facts as a list of definitions, which a phone shows well."""
    top, _, table = lessons.header_cell(lesson, address).source.partition("\n\n| | |\n")
    matter = lessons.front_matter(lesson)
    several = {"You will be able to": matter["able"], "Data": matter["data"]}
    facts = []
    for name, text in re.findall(r"^\| \*\*(.+?)\*\* \| (.*) \|$", table, re.M):
        text = "\n  ".join(f"- {item}" for item in several[name]) if name in several else text
        facts.append(f"{name}\n: {text}\n")
    return new_markdown_cell(top + "\n\n:::{container} facts\n" + "\n".join(facts) + ":::")


def folded(exercise):
    """Return Markdown with three hints, each inside the one before, and the solution; all of them closed."""
    hints = ""
    for number, text in reversed(list(enumerate(exercise.hints, start=1))):
        hints = (f"<details><summary>Hint {number} of {len(exercise.hints)}</summary>\n"
                 f"<p>{_inline(text)}</p>\n{hints}</details>\n")
    return (f'<div class="exercise">\n{hints}'
            f"<details><summary>Solution of {exercise.id}</summary>\n\n"
            f"```python\n{exercise.solution.strip()}\n```\n\n"
            f"<p><strong>Why it matters.</strong> {_inline(exercise.why)}</p>\n</details>\n</div>")


def _inline(text):
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))


def _shown(cell):
    pictures = [output for output in cell.get("outputs", []) if "image/png" in output.get("data", {})]
    if len(pictures) > 1:
        raise Stop(f"cell {cell.id} shows {len(pictures)} figures, and the book keeps one alt text a cell: split it")
    for output in pictures:
        width, _ = struct.unpack(">II", base64.b64decode(output["data"]["image/png"])[16:24])
        # With a width, Sphinx links the figure to its file: a phone shows it small, and large at a touch.
        cell.metadata["mystnb"] = {"image": {"alt": output["metadata"]["image/png"]["alt"], "width": f"{width}px"}}
    for output in cell.get("outputs", []):
        if "<table" in output.get("data", {}).get("text/html", ""):
            output["data"]["text/html"] = tidy_table(output["data"]["text/html"])
    return cell


def tidy_table(text):
    """Return the HTML of a DataFrame in a box that scrolls by itself, with a scope on every header that has words.

    The name of the index stands in a row of its own; where nothing else does, it moves into the empty corner above.
    """
    soup = BeautifulSoup(text, "html.parser")
    for table in soup.find_all("table"):
        rows = table.thead.find_all("tr") if table.thead else []
        if len(rows) == 2:
            upper, lower = (row.find_all("th") for row in rows)
            alone = len(upper) == len(lower) and not any(cell.get_text(strip=True) for cell in lower[1:])
            if alone and not upper[0].get_text(strip=True):
                upper[0].string = lower[0].get_text(strip=True)
                rows[1].decompose()
        for header in table.find_all("th"):
            if not header.get_text(strip=True):
                header.name = "td"
            else:
                in_head = header.find_parent("thead") is not None
                header["scope"] = ("col" if in_head else "row") + (
                    "group" if header.has_attr("colspan") or header.has_attr("rowspan") else "")
        del table["border"]
        for row in table.find_all("tr"):
            del row["style"]
        table.wrap(soup.new_tag("div", attrs={"class": "table-box", "tabindex": "0", "role": "region",
                                              "aria-label": "Table"}))
    for style in soup.find_all("style"):
        style.decompose()
    return str(soup)
