"""The glossary: book/glossary.md, with the lesson added in which each term is first defined.

An entry is a line with the term, then a line that begins with ": " and holds its definition.
After a | in the term's line stand other words that also lead to it; nothing but these when the line ends with !.
"""

import re
from dataclasses import dataclass

import jupytext

from tools import lessons

SOURCE = lessons.ROOT / "book" / "glossary.md"
ENTRY = re.compile(r"^(?P<term>[^\n:#|!]+?) *(?:\| *(?P<forms>[^\n!]+?))? *(?P<only>!)?\n: (?P<text>[^\n]+)$", re.M)


@dataclass(frozen=True)
class Term:
    """A term of the course.

    Parameters
    ----------
    name : str
    forms : tuple of str
        The words that are linked to it.
    text : str
        Its definition, one sentence.
    """

    name: str
    forms: tuple
    text: str


def terms():
    """Return every term of the glossary, by name."""
    found = []
    for entry in ENTRY.finditer(SOURCE.read_text(encoding="utf-8")):
        forms = [form.strip() for form in (entry["forms"] or "").split(",") if form.strip()]
        own = [] if entry["only"] else [entry["term"], entry["term"] + "s"]
        found.append(Term(entry["term"], (*own, *forms), entry["text"]))
    return sorted(found, key=lambda term: term.name.lower())


def first_lesson(term, prose=None):
    """Return the first lesson whose prose has the term, or a form of it, in bold; None when there is none."""
    for lesson, text in (prose or bold_prose()).items():
        if any(form.lower() in text for form in (term.name, *term.forms)):
            return lesson
    return None


def bold_prose():
    """Return, for each lesson, the set of what stands in bold in its prose, in small letters."""
    found = {}
    for lesson in lessons.all_lessons():
        cells = jupytext.read(lesson.source, fmt="py:percent").cells
        text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
        found[lesson] = {bold.lower().strip(" .:") for bold in re.findall(r"\*\*([^*\n]+)\*\*", text)}
    return found


def page():
    """Return the glossary's page."""
    intro = SOURCE.read_text(encoding="utf-8").partition("\n---\n")[0]
    prose, lines = bold_prose(), []
    for term in terms():
        lesson = first_lesson(term, prose)
        where = f" First in [{lessons.front_matter(lesson)['title']}](/{_path(lesson)})." if lesson else ""
        lines += [term.name, f"  {term.text}{where}", ""]
    return "\n".join([intro, "", "```{glossary}", *lines, "```", ""])


def _path(lesson):
    return lesson.notebook.relative_to(lessons.ROOT).as_posix()
