"""Build the web book from stored outputs: `python -m tools.book [--out FOLDER]`. Offline, with warnings as errors."""

import argparse
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tools import lessons, web
from tools.book import stage
from tools.processes import Stop

FORMULA = re.compile(r'<script[^>]+src="[^"]*mathjax/')
ADDRESS = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+")


def build(out, address="", talk=None, say=print):
    """Build the book.

    Parameters
    ----------
    out : Path
        Gets `source` (what Sphinx reads), `doctrees` and `html`.
    address : str
        Public address of the repository, empty when it is not known.
    talk : Path, optional
        The deck, to be shown in the book.
    say : callable
        Takes a line of progress.

    Returns
    -------
    Path
        The folder with the pages.

    Raises
    ------
    Stop
        When Sphinx warned or failed, or a page needs what is not there.
    """
    if address and not ADDRESS.fullmatch(address):
        raise Stop(f"[tool.mupy] repository should be like https://github.com/OWNER/NAME, not {address!r}")
    stage.stage(out / "source", address, talk)
    return render(out, address, talk, say)


def render(out, address="", talk=None, say=print):
    """Build the pages that are staged in `out`; parameters and return value are those of `build`."""
    html = out / "html"
    shutil.rmtree(html, ignore_errors=True)
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-b", "html", "-W", "--keep-going", "-q", "-E", "-j", "auto",
         "-c", str(lessons.ROOT / "book"), "-d", str(out / "doctrees"), "-D", f"mupy_address={address}",
         str(out / "source"), str(html)],
        cwd=lessons.ROOT, text=True, encoding="utf-8", errors="replace", capture_output=True)
    if done.returncode:
        raise Stop("Sphinx warned, and a warning is an error here:\n"
                   + (done.stderr.strip() or done.stdout.strip())[-6000:])
    if talk is not None:
        shutil.copy(talk, html / "_static" / "talk.html")
    with_formulas = [page for page in html.rglob("*.html") if FORMULA.search(page.read_text(encoding="utf-8"))]
    if with_formulas:
        say(f"Pages with formulas: {len(with_formulas)}; copying MathJax.")
        copy_mathjax(html / "_static" / "mathjax")
    for left_over in [*html.rglob("*.map"), html / ".buildinfo", html / "_static" / "webpack-macros.html"]:
        left_over.unlink(missing_ok=True)
    return html


def copy_mathjax(folder):
    """Copy what pages with formulas load: one script, and the fonts that it asks for."""
    es5 = web.node_modules() / "mathjax" / "es5"
    fonts = "output/chtml/fonts/woff-v2"
    shutil.copytree(es5 / fonts, folder / fonts)
    shutil.copy(es5 / "tex-chtml.js", folder)


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="course.py book", description=__doc__.splitlines()[0].replace("`", ""))
    parser.add_argument("--out", type=Path, default=stage.BOOK / "build", metavar="FOLDER",
                        help="where to build; default: book/build")
    chosen = parser.parse_args(arguments)
    start = time.monotonic()
    try:
        html = build(chosen.out.resolve(), lessons.repository(), stage.deck())
    except Stop as stop:
        sys.exit(f"course.py: {stop}")
    pages = sum(1 for _ in html.rglob("*.html"))
    print(f"{pages} pages in {time.monotonic() - start:.0f} s: open {html / 'index.html'}")


if __name__ == "__main__":
    main()
