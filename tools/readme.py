"""The README's table of lessons, generated from the front matter and the measured times."""

import json

from tools import lessons

BEGIN, END = "<!-- lessons: made by course.py build -->", "<!-- end of lessons -->"


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


def updated(text):
    """Return the README's text with a fresh table."""
    if BEGIN not in text or END not in text:
        raise ValueError(f"README.md lacks the lines {BEGIN!r} and {END!r} that hold the table of lessons")
    head, rest = text.split(BEGIN, 1)
    return f"{head}{BEGIN}\n{table()}\n{END}{rest.split(END, 1)[1]}"


def write():
    """Write the table into README.md; leave the file alone when nothing changed."""
    page = lessons.ROOT / "README.md"
    text = page.read_text(encoding="utf-8")
    fresh = updated(text)
    if fresh != text:
        page.write_text(fresh, encoding="utf-8", newline="\n")
        print("README.md: table of lessons updated")
