"""Measure the web book: python benchmarks/book.py [--json FILE]

Builds it in a temporary folder, then opens every page in Chromium from this machine, and prints what each loads and
when it can be used, beside the budgets. Measure on a machine with nothing else to do.
"""

import argparse
import functools
import http.server
import json
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import lessons, web  # noqa: E402
from tools.book import stage  # noqa: E402
from tools.book.__main__ import build  # noqa: E402

BUILD, PAGE_MB, READY = 60, 2.0, 2.0  # seconds, megabytes with all that a page loads, seconds until it can be used
SCRIPT = lessons.ROOT / "tests" / "browser" / "book.mjs"


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A server that does not write a line for each request."""

    def log_message(self, *_):
        pass


def look(html):
    """Return what the browser found on each page, by its path; one page after the other, so that none waits."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=html))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    pages = sorted(path.relative_to(html).as_posix() for path in html.rglob("*.html") if path.parent.name != "_static")
    task = {"home": f"http://127.0.0.1:{server.server_port}/", "pages": pages, "axe": False, "tabs": 1}
    try:
        return web.browse(SCRIPT, task)["pages"]
    finally:
        server.shutdown()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0].partition(":")[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as one flat object")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        html = build(Path(folder), lessons.repository(), stage.deck())
        seconds = time.perf_counter() - start
        found = look(html)
    print(f"{'page':<48} {'MB':>6} {'ready after':>12}")
    for path, page in found.items():
        print(f"{path:<48} {page['bytes'] / 1e6:6.2f} {page['milliseconds'] / 1e3:10.2f} s")
    figures = {"build_seconds": seconds, "largest_page_mb": max(page["bytes"] for page in found.values()) / 1e6,
               "slowest_page_seconds": max(page["milliseconds"] for page in found.values()) / 1e3}
    for (name, value), budget in zip(figures.items(), (BUILD, PAGE_MB, READY)):
        print(f"{name:<24} {value:6.2f} {'of' if value <= budget else 'OVER the budget of'} {budget:g}")
    if chosen.json:
        rounded = {name: round(value, 3) for name, value in figures.items()}
        chosen.json.write_text(json.dumps(rounded, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
