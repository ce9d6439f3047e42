"""Build the course from its sources: `python -m tools.build [LESSON ...] [--solved FOLDER] [--force]`.

Executes each lesson whose source, helper code or data changed since its notebook was made,
and writes the README's table of lessons. Where texts and figures come out the same, git sees no change in them.
"""

import argparse
import base64
import hashlib
import io
import os
import sys
import time
from pathlib import Path

import nbformat
import numpy as np
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from PIL import Image

from tools import lessons, readme

# No pixel may differ by more than this (of 255): the edges of letters do between machines, a moved dot differs by more.
SHADE = 48
WIDGET = "application/vnd.jupyter.widget-view+json"


def stamp(lesson):
    """Return a hash of all that a lesson is made from: its cells, the helper code it uses, its exercises, the data."""
    root = lessons.ROOT
    bank = sorted((root / "mupy_helpers" / "exercises" / "bank").glob(f"lesson_{lesson.number}.py"))
    sources = [path.read_text(encoding="utf-8") for path in [lesson.source, *bank]]
    data = sorted(path for path in (root / "data").iterdir() if path.suffix in (".csv", ".gz"))
    data += (root / "mupy_helpers" / "datasets").glob("course_words.csv")
    files = [*bank, *lessons.helper_modules(*sources), *data]
    digest = hashlib.sha256(nbformat.writes(lessons.read(lesson)).encode())
    for path in files:
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        # Text is hashed with one kind of line end, or a checkout on Windows would look changed.
        digest.update(path.read_bytes() if path.suffix == ".gz" else path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:16]


class NoisyCell(Exception):
    """Raised when a cell wrote to stderr: a learner would see a warning."""


def execute(notebook, folder, say):
    """Run a notebook in a folder, as a learner would, and return it with its outputs."""
    total = sum(cell.cell_type == "code" for cell in notebook.cells)
    done = []

    def progress(**_):
        done.append(1)
        say(f"cell {len(done)} of {total}")

    client = NotebookClient(notebook, timeout=600, kernel_name="python3", coalesce_streams=True, record_timing=False,
                            resources={"metadata": {"path": str(folder)}}, on_cell_executed=progress,
                            store_widget_state=False, extra_arguments=["--log-level=ERROR"])
    client.execute(env=kernel_environment())
    notebook.metadata.kernelspec = lessons.KERNEL
    notebook.metadata.language_info = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET, None)  # lives with its kernel; what is stored is its still picture
            if output.get("name") == "stderr":  # a warning, or a figure that could not be drawn
                raise NoisyCell(f"{cell.source}\n------------------\n{output.text.strip()}")
    return notebook


def kernel_environment():
    """Return the environment for a kernel: it imports the helpers beside the lessons, and shows its figures."""
    path = os.pathsep.join(filter(None, [str(lessons.ROOT), os.environ.get("PYTHONPATH")]))
    kept = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    return {**kept, "PYTHONPATH": path}


def same_picture(first, second):
    """Tell whether two base64 PNG look the same: another machine's fonts may differ in the shade of an edge."""
    if first == second:
        return True
    one, two = (np.asarray(Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB"), dtype=int)
                for png in (first, second))
    return one.shape == two.shape and int(np.abs(one - two).max(initial=0)) <= SHADE


def _outputs(cell):
    """Return (everything but pictures, the pictures) of a cell's outputs."""
    texts, pictures = [], []
    for output in cell.get("outputs", []):
        output = dict(output)
        data = dict(output.get("data", {}))
        pictures += [data.pop("image/png").strip()] if "image/png" in data else []
        texts.append({**output, "data": data})
    return texts, pictures


def keep_old_pictures(new, old):
    """Put the stored pictures back where the new ones look the same, so that git sees only what changed."""
    if len(new.cells) != len(old.cells):
        return new
    for fresh, stored in zip(new.cells, old.cells):
        if fresh.cell_type != "code" or fresh.source != stored.source:
            continue
        if len(_outputs(fresh)[1]) != len(_outputs(stored)[1]):
            continue
        shown = [output for output in stored.get("outputs", []) if "image/png" in output.get("data", {})]
        for output in fresh.outputs:
            if "image/png" in output.get("data", {}):
                before = shown.pop(0)["data"]["image/png"]
                if same_picture(output["data"]["image/png"], before):
                    output["data"]["image/png"] = before
    return new


def build(lesson, force=False, solved_in=None, say=print):
    """Build one lesson.

    Parameters
    ----------
    lesson : Lesson
    force : bool
        Also when nothing changed.
    solved_in : Path, optional
        Write the solved lesson there, and leave the course's own notebook alone.
    say : callable
        Takes a line of progress.

    Returns
    -------
    str: "built", "unchanged" (nothing to do) or "waiting" (a case study whose data is not here, see `reason_to_wait`).
    """
    target = solved_in / lesson.notebook.name if solved_in else lesson.notebook
    mark = stamp(lesson)
    old = nbformat.read(target, as_version=4) if target.is_file() else None
    if old is not None and not solved_in and not force and old.metadata.get("mupy", {}).get("built_from") == mark:
        return "unchanged"
    if not published_data_is_here(lesson):
        return "waiting"
    notebook = lessons.read(lesson, solved=solved_in is not None)
    notebook = execute(notebook, lesson.notebook.parent, say)
    notebook.metadata.mupy["built_from"] = mark
    if old is not None:
        notebook = keep_old_pictures(notebook, old)
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(target, "w", encoding="utf-8", newline="\n") as file:
        file.write(nbformat.writes(notebook) + "\n")
    return "built"


def published_data_is_here(lesson):
    """Tell whether a lesson's stored outputs can be made and compared on this machine; True for most lessons."""
    return not reason_to_wait(lessons.front_matter(lesson))


def reason_to_wait(matter):
    """Return why a case study's stored outputs cannot be made or compared here; an empty string when they can.

    Parameters
    ----------
    matter : dict
        A front matter. The published set that ``published`` names must be here; that which ``stored_without`` names
        must not: with it the case study runs on the whole set, and shows other figures.

    Returns
    -------
    str
    """
    needed, other = matter.get("published"), matter.get("stored_without")
    if not (needed or other):
        return ""
    from mupy_helpers import datasets

    if needed and not datasets.is_available(needed):
        has_home = datasets.store.SETS[needed].repository
        return f"the published set {needed!r} is not here" + "; python3 course.py data fetches it" * bool(has_home)
    if other and datasets.is_available(other):
        return f"the published set {other!r} is here and runs in its place; the stored outputs are those without it"
    return ""


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="course.py build", description=__doc__.splitlines()[0])
    parser.add_argument("lessons", nargs="*", metavar="LESSON",
                        help="names or their beginnings, such as 02; default: all")
    parser.add_argument("--solved", type=Path, metavar="FOLDER",
                        help="write the lessons with every exercise solved there")
    parser.add_argument("--force", action="store_true", help="rebuild also what did not change")
    chosen = parser.parse_args(arguments)
    every = lessons.all_lessons()
    for name in chosen.lessons:
        if not any(lesson.name.startswith(name) for lesson in every):
            parser.error(f"no lesson begins with {name!r}: there are {', '.join(each.name for each in every)}")
    picked = [lesson for lesson in every
              if not chosen.lessons or any(lesson.name.startswith(name) for name in chosen.lessons)]
    if chosen.solved:
        picked = [lesson for lesson in picked if lessons.exercises_in(lesson)]
    for number, lesson in enumerate(picked, start=1):
        label = f"[{number}/{len(picked)}] {lesson.name}"

        def say(text, label=label):
            if sys.stdout.isatty():
                print(f"\r{label}: {text}   ", end="", flush=True)

        start = time.monotonic()
        try:
            result = build(lesson, force=chosen.force, solved_in=chosen.solved, say=say)
        except (CellExecutionError, CellTimeoutError, DeadKernelError, NoisyCell) as error:
            sys.exit(f"\n{label}: a cell failed or warned, the stored notebook is left as it was.\n{error}")
        note = {"built": f"built in {time.monotonic() - start:.0f} s", "unchanged": "unchanged",
                "waiting": f"left alone: {reason_to_wait(lessons.front_matter(lesson))}"}[result]
        print(f"{chr(13) if sys.stdout.isatty() else ''}{label}: {note}          ".rstrip(), flush=True)
    if picked and not chosen.solved:
        readme.write()


if __name__ == "__main__":
    main()
