"""What the build writes into the README: the table of lessons, and the picture of the story."""

import base64
import json

import nbformat

from tools import lessons

TABLE = ("<!-- lessons: made by course.py build -->", "<!-- end of lessons -->")
STORY = ("<!-- story: made by course.py build -->", "<!-- end of story -->")


def table():
    """Return the Markdown table of every lesson and case study."""
    measured = lessons.ROOT / "benchmarks" / "course_minutes.json"
    seconds = json.loads(measured.read_text(encoding="utf-8"))["seconds"] if measured.is_file() else {}
    rows = ["| lesson | question | reading | exercises | runs in |", "|---|---|--:|--:|--:|"]
    for lesson in lessons.all_lessons():
        matter = lessons.front_matter(lesson)
        reading, exercises = lessons.minutes(lesson)
        number = "case study" if lesson.is_case_study else lesson.number
        path = lesson.notebook.relative_to(lessons.ROOT).as_posix()
        run = f"{seconds[lesson.name]:.0f} s" if lesson.name in seconds else "not measured"
        practice = f"{exercises} min" if exercises else "none"
        title = f"[{number} · {matter['title']}]({path})"
        rows.append(f"| {title} | {matter['question']} | {reading} min | {practice} | {run} |")
    return "\n".join(rows)


def story():
    """Return the first figure of the first lesson that has a number above 00: (PNG bytes, its alt text)."""
    lesson = next(lesson for lesson in lessons.all_lessons() if lesson.number > "00")
    cells = nbformat.read(lesson.notebook, as_version=4).cells if lesson.notebook.is_file() else []
    for cell in cells:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                return base64.b64decode(output["data"]["image/png"]), output["metadata"]["image/png"]["alt"]
    raise ValueError(f"{lesson.notebook.name} has no figure to show in the README: build it first")


def updated(text):
    """Return the README's text with a fresh table and the story's picture with its alt text."""
    return _between(_between(text, TABLE, table()), STORY, f"![{story()[1]}](notebooks/story.png)")


def _between(text, marks, fresh):
    begin, end = marks
    if begin not in text or end not in text:
        raise ValueError(f"README.md lacks the lines {begin!r} and {end!r}, between which the build writes")
    head, rest = text.split(begin, 1)
    return f"{head}{begin}\n{fresh}\n{end}{rest.split(end, 1)[1]}"


def write():
    """Write table and picture; leave alone what did not change."""
    page, picture = lessons.ROOT / "README.md", lessons.NOTEBOOKS / "story.png"
    text = page.read_text(encoding="utf-8")
    fresh = updated(text)
    if fresh != text:
        page.write_text(fresh, encoding="utf-8", newline="\n")
        print("README.md: updated")
    if not picture.is_file() or picture.read_bytes() != story()[0]:
        picture.write_bytes(story()[0])
        print(f"{picture.name}: updated")
