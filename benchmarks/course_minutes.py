"""Measure how long the lessons run: python benchmarks/course_minutes.py [--cells] [--json FILE] [--write]

Each notebook is run from top to bottom in a fresh kernel, from its source, so nothing stored is read or changed.
Prints for each lesson its seconds and its slowest cell, then the total and what `import mupy_helpers` costs,
each beside its budget; with --cells also the ten slowest cells of all. Measure on a machine with nothing else to do.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from nbclient import NotebookClient  # noqa: E402

from tools import build, bytecode, lessons  # noqa: E402

# Seconds, on two cores.
LESSON, LONG_LESSON, COURSE, CELL, IMPORT = 60, {"06": 120}, 360, 20, 0.1
MEASURED = lessons.ROOT / "benchmarks" / "course_minutes.json"


def run(lesson):
    """Run a lesson in a fresh kernel.

    Parameters
    ----------
    lesson : Lesson

    Returns
    -------
    seconds : float
        From the start of the kernel to its end.
    cells : list of (float, str)
        Seconds and first line of each code cell, the slowest first.
    """
    started, cells = {}, []

    def begin(cell, cell_index):
        started[cell_index] = time.perf_counter()

    def end(cell, cell_index, **_):
        seconds = time.perf_counter() - started[cell_index]
        if cell.cell_type == "code":
            cells.append((seconds, next((line for line in cell.source.splitlines() if line.strip()), "")))

    client = NotebookClient(lessons.read(lesson), timeout=600, kernel_name="python3", record_timing=False,
                            resources={"metadata": {"path": str(lesson.notebook.parent)}},
                            extra_arguments=["--log-level=ERROR"], on_cell_execute=begin, on_cell_executed=end)
    start = time.perf_counter()
    client.execute(env=build.kernel_environment())
    return time.perf_counter() - start, sorted(cells, reverse=True)


def import_seconds(repeats=5):
    """Return what `import mupy_helpers` adds to the start of Python: the difference of the quickest fresh processes."""
    quickest = []
    for code in ("pass", "import mupy_helpers"):
        seconds = []
        for _ in range(repeats):
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True, cwd=lessons.ROOT)
            seconds.append(time.perf_counter() - start)
        quickest.append(min(seconds))
    return max(0.0, quickest[1] - quickest[0])


def verdict(seconds, budget):
    return f"of {budget:g} s" if seconds <= budget else f"OVER the budget of {budget:g} s"


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0].partition(":")[0])
    parser.add_argument("lessons", nargs="*", metavar="LESSON",
                        help="names or their beginnings, such as 02; default: all")
    parser.add_argument("--cells", action="store_true", help="print the ten slowest cells of all that were run")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as one flat object")
    parser.add_argument("--write", action="store_true", help=f"keep the seconds of each lesson in {MEASURED.name}")
    chosen = parser.parse_args(arguments)
    picked = [lesson for lesson in lessons.all_lessons()
              if not chosen.lessons or lesson.name.startswith(tuple(chosen.lessons))]
    if not picked:
        parser.error("no lesson begins like that")
    bytecode.keep()  # as for a learner, who has imported everything before
    seconds, cells = {}, []
    print(f"{'lesson':<30} {'seconds':>8}  budget   slowest cell")
    for lesson in picked:
        if not build.published_data_is_here(lesson):
            print(f"{lesson.name:<30} left out: its published data is not here (python3 course.py data fetches it)")
            continue
        seconds[lesson.name], own = run(lesson)
        (in_cell, line), *_ = own
        cells += [(each, lesson.name, first_line) for each, first_line in own]
        budget = verdict(seconds[lesson.name], LONG_LESSON.get(lesson.number, LESSON))
        print(f"{lesson.name:<30} {seconds[lesson.name]:8.1f}  {budget}  {in_cell:.1f} s: {line[:60]}", flush=True)
    if not seconds:
        sys.exit("Nothing was measured.")
    figures = {"total_seconds": sum(seconds.values()), "slowest_lesson_seconds": max(seconds.values()),
               "slowest_cell_seconds": max(cells)[0], "import_seconds": import_seconds()}
    for name, budget in zip(figures, (COURSE, None, CELL, IMPORT)):
        print(f"{name:<30} {figures[name]:8.2f}  {verdict(figures[name], budget) if budget else ''}".rstrip())
    for in_cell, name, line in sorted(cells, reverse=True)[:10] if chosen.cells else []:
        print(f"{in_cell:8.1f} s  {name:<28} {line[:75]}")
    if chosen.json:
        rounded = {name: round(value, 3) for name, value in figures.items()}
        chosen.json.write_text(json.dumps(rounded, indent=2) + "\n", encoding="utf-8")
    if chosen.write:
        # What was not measured now keeps the seconds it had.
        kept = json.loads(MEASURED.read_text(encoding="utf-8"))["seconds"] if MEASURED.is_file() else {}
        kept = {**kept, **seconds}
        kept = {lesson.name: round(kept[lesson.name], 1) for lesson in lessons.all_lessons() if lesson.name in kept}
        MEASURED.write_text(json.dumps({"seconds": kept}, indent=2) + "\n", encoding="utf-8")
        print("benchmarks/course_minutes.json written: python3 course.py build shows it in the README")


if __name__ == "__main__":
    main()
