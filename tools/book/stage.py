"""Which pages the book has, and where each comes from."""

import re
import shutil

import nbformat

from tools import lessons, readme
from tools.book import glossary, notebooks, reference, tables

BOOK = lessons.ROOT / "book"
MARK = re.compile(r"^<!-- (?P<what>[\w ]+)(?:: (?P<which>[\w ]+))? -->$", re.M)
NO_DECK = ("The deck is not in this copy of the book.\n`python3 course.py slides` makes it, "
           "and the next `python3 course.py book` puts it here.")


def deck():
    """Return the talk's one HTML file; None while it is not built."""
    return next(iter(sorted((lessons.ROOT / "slides" / "build").glob("*.html"))), None)


def stage(folder, address="", talk=None):
    """Write every page of the book as a source for Sphinx, in folders like the repository's.

    Parameters
    ----------
    folder : Path
        Emptied first.
    address : str
        Public address of the repository, empty when it is not known.
    talk : Path, optional
        The deck.
    """
    shutil.rmtree(folder, ignore_errors=True)
    fill = {"lessons": readme.table, "story": lambda: f"![{readme.story()[1]}](notebooks/story.png)",
            "schedule": tables.schedule, "timings": tables.timings, "published": tables.published,
            "contents": _contents, "deck": lambda: _deck(talk)}

    def filled(found):
        return fill[found["what"]](*filter(None, [found["which"]]))

    # In the book these pages stand at the top, and so do the folders that they lead to.
    texts = {path.name: MARK.sub(filled, path.read_text(encoding="utf-8").replace("](../", "]("))
             for path in BOOK.glob("*.md") if path.name not in ("README.md", "glossary.md")}
    texts["glossary.md"] = glossary.page()
    texts["data/README.md"] = (lessons.ROOT / "data" / "README.md").read_text(encoding="utf-8")
    texts["reference/index.md"] = reference.index()
    for name, module in reference.modules().items():
        texts[f"reference/{name.rpartition('.')[2]}.md"] = reference.page(name, module)
    for lesson in lessons.all_lessons():
        path = lesson.notebook.relative_to(lessons.ROOT).as_posix()
        texts[path] = nbformat.writes(notebooks.page(lesson, address))
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "notebooks" / "story.png").write_bytes(readme.story()[0])


def _contents():
    """Return the toctrees of the front page: the lessons and case studies that exist join by themselves."""
    every = lessons.all_lessons()
    studies = [f"notebooks/case_studies/{lesson.name}" for lesson in every if lesson.is_case_study]
    parts = {"Lessons": [f"notebooks/{lesson.name}" for lesson in every if not lesson.is_case_study],
             "Case studies": studies, "Look up": ["glossary", "data/README", "published", "reference/index"],
             "Show and teach": ["talk", "hosts", "timings"]}
    return "\n".join("\n".join(["```{toctree}", ":hidden:", f":caption: {caption}", "", *pages, "```", ""])
                     for caption, pages in parts.items() if pages)


def _deck(talk):
    if talk is None:
        return NO_DECK
    # Nothing of it is loaded before the reader asks for it.
    return ('<p><a class="button" href="_static/talk.html">Open the talk</a></p>\n'
            '<details class="talk"><summary>Show it on this page</summary>\n'
            '<iframe src="_static/talk.html" title="The talk, as slides" loading="lazy" allowfullscreen></iframe>\n'
            "</details>")


def source_of(page):
    """Return the path, in the repository, of what an author edits to change a page; empty where it is not one file."""
    folder, _, name = page.rpartition("/")
    if folder.startswith("notebooks"):
        return f"{folder}/source/{name}.py"
    if folder == "reference" and name != "index":
        path = f"mupy_helpers/{name}"
        return f"{path}/__init__.py" if (lessons.ROOT / path).is_dir() else f"{path}.py"
    kept = f"{page}.md" if folder else f"book/{page}.md"
    return kept if (lessons.ROOT / kept).is_file() else ""
