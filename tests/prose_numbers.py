"""Finds the numbers in a lesson's prose, and those in its code and outputs that they may rest on."""

import ast
import html
import re
from dataclasses import dataclass

MONTH = r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:t|tember)?|Oct(?:ober)?"
MONTH += r"|Nov(?:ember)?|Dec(?:ember)?)\b"
DAY = r"\d{1,2}(?:st|nd|rd|th)?"
AND = r"(?:\s*(?:,|and|or|to|–|-)\s*)"

# What looks like a number and claims nothing. The order counts: fences before spans, links before bare addresses.
FREE = [
    r"```.*?```", r"`[^`\n]*`",
    r"^\s*#+ .*$",  # headings
    r"(?<=\])\([^)]*\)", r"https?://\S+", r"<[^>\n]+>",
    r"^\s*\d+\.\s",  # marks of a numbered list
    r"\b0\d\.\d+\b", r"\b[Ee]xercises? \d\d\.\d+",
    rf"\b[Ll]essons? \d\d(?:{AND}\d\d)*\b", r"(?<![\d:.])0\d\b(?![:.]\d)", r"\b\d\d ·",
    rf"\b{DAY}(?:{AND}{DAY})*\s+(?:of\s+)?{MONTH}", rf"\b{MONTH}\s+{DAY}(?:{AND}{DAY})*\b", r"\b\d{4}-\d\d(?:-\d\d)?\b",
    r"\b\d{1,2}(?:st|nd|rd|th)\b(?!\s+(?:percentile|quantile))",
    r"(?<![\d.,])(?:19\d\d|20[0-2]\d|2030)(?![\d%]|[.,]\d|\s*%)",
    r"\bPython 3(?:\.\d+)?", r"\bCC BY(?:-\w+)* \d\.\d",
]
NUMBER = re.compile(r"(?<![\w.,])(?P<clock>\d{1,2}:\d\d(?!\d))|"
                    r"(?<![\w.])(?P<number>\d+(?:,\d{3})*(?:\.\d+)?)(?!\d)(?P<percent>\s?(?:%|per cent\b))?")
ANY_NUMBER = re.compile(r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


@dataclass(frozen=True)
class Number:
    """A number as it stands in prose: its text, its place, its value, its decimals; a clock time has no value."""

    text: str
    start: int
    end: int
    value: float | None
    decimals: int
    percent: bool


def _blank(match):
    return re.sub(r"\S", " ", match[0])


def claimed(markdown):
    """Return the numbers that a cell's prose claims.

    Parameters
    ----------
    markdown : str

    Returns
    -------
    list of Number; places count in the given text.
    """
    for pattern in FREE:
        flags = re.MULTILINE | re.DOTALL if "```" in pattern else re.MULTILINE
        markdown = re.sub(pattern, _blank, markdown, flags=flags)
    found = []
    for match in NUMBER.finditer(markdown):
        number = match["number"]
        found.append(Number(match[0], *match.span(), float(number.replace(",", "")) if number else None,
                            len(number.partition(".")[2]) if number else 0, bool(match["percent"])))
    return found


def in_text(text):
    """Return all numbers of a text, also those inside of words, without their signs."""
    return [float(number.replace(",", "")) for number in ANY_NUMBER.findall(text)]


def code_text(source):
    """Return what in a cell's code may carry a number: literals, strings and names, without comments and alt texts."""
    source = "\n".join(line for line in source.splitlines() if not line.startswith(("%", "!")))
    parts, waiting = [], [ast.parse(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.keyword) and node.arg == "alt":
            continue  # an alt text is typed, as the prose is: it proves nothing
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "describe":
            waiting.append(node.func)
            continue
        if isinstance(node, ast.Constant):
            parts.append(str(node.value))
        parts += [value for value in (getattr(node, name, None) for name in ("id", "attr", "arg", "name"))
                  if isinstance(value, str)]
        waiting.extend(ast.iter_child_nodes(node))
    return "\n".join(parts)


def output_text(cell):
    """Return a cell's text outputs as a reader sees them."""
    parts = []
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        parts += [output.get("text", ""), data.get("text/plain", "")]
        parts.append(html.unescape(re.sub(r"<[^>]*>", " ", data.get("text/html", ""))))
    return "\n".join(parts)


def rests_on(number, text):
    """Tell whether a number of the prose is the rounding of one in the text, or stands there as a time of day."""
    if number.value is None:
        return re.search(rf"(?<!\d){re.escape(number.text.zfill(5))}(?!\d)", text) is not None
    half, shown = 0.5 * 10.0**-number.decimals, in_text(text)
    scales = (1, 100) if number.percent else (1,)
    return any(abs(scale * value - number.value) <= half * (1 + 1e-9) for value in shown for scale in scales)


def prose_cells(notebook):
    """Yield (cell, evidence) for each cell of prose but the header and the references.

    Parameters
    ----------
    notebook : NotebookNode, executed

    Yields
    ------
    cell : NotebookNode
    evidence : str
        Code and text outputs of the two code cells before it and the one after; those of exercises are passed over.
    """
    cells = notebook.cells
    is_check = [cell.cell_type == "code" and 'check("' in cell.source for cell in cells]
    exercise = [check or (place + 1 < len(cells) and is_check[place + 1] and cells[place].cell_type == "code")
                for place, check in enumerate(is_check)]
    code = [place for place, cell in enumerate(cells) if cell.cell_type == "code" and not exercise[place]]
    in_references = False
    for place, cell in enumerate(cells):
        if place == 0 or cell.cell_type != "markdown":
            continue
        heading = re.match(r"#+\s*(.*)", cell.source)
        if heading:
            in_references = heading[1].strip().lower().startswith("references")
        if in_references:
            continue
        near = [other for other in code if other < place][-2:] + [other for other in code if other > place][:1]
        yield cell, "\n".join(code_text(cells[other].source) + "\n" + output_text(cells[other]) for other in near)
