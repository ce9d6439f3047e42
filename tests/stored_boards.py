"""Reads the scoreboards that the lessons' notebooks show."""

import nbformat
from bs4 import BeautifulSoup

from tools import lessons


def shown(number):
    """Return the rows of the last scoreboard that a lesson's notebook shows: its four measured columns, as text.

    Parameters
    ----------
    number : str
        Of the lesson, such as "03".

    Returns
    -------
    dict of str to list of str
    """
    lesson, = (lesson for lesson in lessons.all_lessons() if lesson.name.startswith(number))
    rows = {}
    for cell in nbformat.read(lesson.notebook, as_version=4).cells:
        for output in cell.get("outputs", []):
            page = output.get("data", {}).get("text/html", "")
            if "expected cost per year" in page and "<th>fitted on</th>" in page:
                for line in BeautifulSoup(page, "html.parser").find("tbody").find_all("tr"):
                    rows[line.find("th").text] = [cell.text for cell in line.find_all("td")][-4:]
    return rows
