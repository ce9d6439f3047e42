"""Count the words of the prose of lessons 00 to 07 into a CSV: ``python -m tools.course_words``.

Lesson 09 looks for typing errors in the course's own words. They are a snapshot, so that its numbers stay: count
them anew when many have gone from the lessons.
"""

import re
from collections import Counter

import jupytext

from mupy_helpers.datasets.beyond_sensors import COURSE_WORDS
from tools.lessons import NOTEBOOKS

# What is not prose: code, formulas, what HTML and links hold. The order counts: fences before spans.
NOT_PROSE = [r"```.*?```", r"`[^`]*`", r"\$\$.*?\$\$", r"\$[^$]*\$", r"(?<=\])\([^)]*\)", r"https?://\S+", r"<[^>\n]+>"]
# A word stands alone: no part of a name such as PyOD, of F1 or of don't.
WORD = re.compile(r"(?<![\w'’.])(?:[A-Za-z]?[a-z]+|[AI])(?![\w'’])")


def words_of(markdown):
    """Return the words of a text in lower case; a letter alone counts when it is a or i."""
    for pattern in NOT_PROSE:
        markdown = re.sub(pattern, " ", markdown, flags=re.DOTALL)
    return [word for word in map(str.lower, WORD.findall(markdown)) if len(word) > 1 or word in "ai"]


def count():
    """Return how often each word stands in the prose of lessons 00 to 07, as a Counter."""
    total = Counter()
    for source in sorted((NOTEBOOKS / "source").glob("0[0-7]_*.py")):
        for cell in jupytext.read(source, fmt="py:percent").cells:
            if cell.cell_type == "markdown":
                total.update(words_of(cell.source))
    return total


def main():
    """Write the snapshot, in alphabetical order."""
    lines = ["word,count", *(f"{word},{n}" for word, n in sorted(count().items()))]
    COURSE_WORDS.write_bytes("".join(f"{line}\n" for line in lines).encode("ascii"))
    print(f"{COURSE_WORDS}: {len(lines) - 1} words")


if __name__ == "__main__":
    main()
