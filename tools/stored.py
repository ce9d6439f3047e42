"""What the lessons' stored notebooks show, for whoever quotes it: the talk takes its long computations from here."""

import nbformat
import pandas as pd
from bs4 import BeautifulSoup

from tools.lessons import NOTEBOOKS


def stored_table(lesson, code):
    """Return a table as a lesson's stored notebook shows it.

    Parameters
    ----------
    lesson : str
        Name of the notebook, such as "05_supervised_detection".
    code : str
        A piece of the source of the one cell that shows the table.

    Returns
    -------
    DataFrame
        Numbers where a whole column holds numbers, else text; the first column is the index.

    Raises
    ------
    ValueError
        When not exactly one cell of the notebook shows a table and holds that code.
    """
    notebook = nbformat.read(NOTEBOOKS / f"{lesson}.ipynb", as_version=4)
    tables = [output["data"]["text/html"] for cell in notebook.cells if cell.cell_type == "code" and code in cell.source
              for output in cell.outputs if "text/html" in output.get("data", {})]
    if len(tables) != 1:
        raise ValueError(f"{len(tables)} cells of {lesson} hold {code!r} and show a table: one was expected")
    head, body = (BeautifulSoup(tables[0], "html.parser").find(part) for part in ("thead", "tbody"))
    rows = [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in body.find_all("tr")]
    columns = [cell.get_text() for cell in head.find("tr").find_all("th")]
    table = pd.DataFrame(rows, columns=columns).set_index(columns[0])
    table.index.name = None
    for name in table:
        numbers = pd.to_numeric(table[name], errors="coerce")
        if (numbers.notna() | (table[name] == "NaN")).all():
            table[name] = numbers
    return table
