"""The tables that the book computes: schedules for hosts, timings, published sets."""

import json

from mupy_helpers.datasets import store
from tools import lessons
from tools.processes import Stop

# Minutes that a workshop has, and what fills them: a lesson and the path taken through it, or words and minutes.
SCHEDULES = {
    "90 minutes": (90, [
        ("Arrive, open JupyterLab, run the first cell", 5), ("00", "workshop"), ("01", "workshop"),
        ("You show from lesson 02: the line through the gap, and the day of the twelve starts", 5),
        ("03", "workshop"), ("You show the final scoreboard of lesson 07; questions", 7)]),
    "3 hours": (180, [
        ("Arrive, open JupyterLab, run the first cell", 5), ("00", "workshop"), ("01", "workshop"),
        ("02", "workshop"), ("Break", 15), ("03", "workshop"), ("Break", 10), ("04", "workshop"),
        ("You show the final scoreboard of lesson 07; questions", 15)]),
    "one day": (480, [
        ("Arrive, open JupyterLab, run the first cell", 10), ("00", "workshop"), ("01", "core"), ("Break", 15),
        ("02", "core"), ("03", "core"), ("Lunch", 60), ("04", "workshop"), ("05", "workshop"), ("Break", 15),
        ("06", "workshop"), ("07", "workshop"), ("Break", 10),
        ("A case study, or the attendees' own data", 30), ("Questions, and what to do on Monday", 20)]),
}
PATHS = {"workshop": "sections marked ◆", "core": "all but “Going further”"}


def schedule(name):
    """Return the Markdown table of a schedule, with the clock from zero.

    Raises
    ------
    Stop
        When the lessons have grown beyond the minutes that there are.
    """
    has, steps = SCHEDULES[name]
    by_number = {lesson.number: lesson for lesson in lessons.all_lessons() if not lesson.is_case_study}
    rows, clock = ["| from | what | minutes |", "|--:|---|--:|"], 0
    for what, how in steps:
        if what in by_number:
            lesson = by_number[what]
            takes = sum(lessons.minutes(lesson, how))
            title = f"{what} · {lessons.front_matter(lesson)['title']}"
            what = f"[{title}](notebooks/{lesson.name}.ipynb), {PATHS[how]}"
        else:
            takes = how
        rows.append(f"| {clock // 60}:{clock % 60:02} | {what} | {takes} |")
        clock += takes
    if clock > has:
        raise Stop(f"the schedule of {name} takes {clock} minutes: mend SCHEDULES in tools/book/tables.py")
    rows.append(f"| {clock // 60}:{clock % 60:02} | For whatever goes wrong | {has - clock} |")
    return "\n".join(rows)


def timings():
    """Return the Markdown table of what each lesson takes to read and to run."""
    measured = lessons.ROOT / "benchmarks" / "course_minutes.json"
    seconds = json.loads(measured.read_text(encoding="utf-8"))["seconds"] if measured.is_file() else {}
    rows = ["| lesson | reading | exercises | core path | workshop path | runs in |", "|---|--:|--:|--:|--:|--:|"]
    total = [0, 0, 0, 0]
    for lesson in lessons.all_lessons():
        reading, exercises = lessons.minutes(lesson)
        times = [reading, exercises, sum(lessons.minutes(lesson, "core")), sum(lessons.minutes(lesson, "workshop"))]
        total = [one + other for one, other in zip(total, times)]
        title = lessons.front_matter(lesson)["title"]
        title = title if lesson.is_case_study else f"{lesson.number} · {title}"
        run = f"{seconds[lesson.name]:.0f} s" if lesson.name in seconds else "not measured"
        path = lesson.notebook.relative_to(lessons.ROOT).as_posix()
        rows.append(f"| [{title}]({path}) | {' | '.join(map(_minutes, times))} | {run} |")
    rows.append(f"| **All** | {' | '.join(map(_minutes, total))} | {sum(seconds.values()):.0f} s so far |")
    return "\n".join(rows)


def _minutes(number):
    return f"{number} min" if number < 120 else f"{number // 60} h {number % 60} min"


def published():
    """Return the Markdown table of the published sets that the case studies read."""
    rows = ["| set | what it is | licence | where it comes from |", "|---|---|---|---|"]
    for name in store.names():
        kept = store.SETS[name]
        rows.append(f"| `{name}` | {kept.title} | {kept.licence} | {kept.source} |")
    return "\n".join(rows)
