"""What the published boards share: options, scores to files, tables, and the choice with one part left out."""

import argparse
import json
import textwrap
from pathlib import Path

import numpy as np
import pandas as pd

from mupy_helpers.datasets import FetchError


def options(description):
    """Read the options that every board has.

    Parameters
    ----------
    description : str
        The first line of the help.

    Returns
    -------
    argparse.Namespace
        `json` and `scores`, each a path or None; `only`, names of the series to take, or None for all.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", type=Path, help="also write the figures to this file, one flat object")
    parser.add_argument("--scores", type=Path, help="also write the scores to this folder, one CSV a series")
    parser.add_argument("--only", nargs="+", metavar="SERIES",
                        help="only these series: a quick look, not comparable with the published rows")
    return parser.parse_args()


def start(main):
    """Run a board; where its data cannot be had, say so in a line and end with status 1.

    Parameters
    ----------
    main : function
    """
    try:
        main()
    except FetchError as error:
        raise SystemExit(str(error)) from error


def taken(names, only):
    """Return the names asked for, in the order of the board.

    Parameters
    ----------
    names : list of str
    only : list of str or None
        None for all.

    Returns
    -------
    list of str

    Raises
    ------
    SystemExit
        Names what is not on the board.
    """
    unknown = sorted(set(only or ()) - set(names))
    if unknown:
        raise SystemExit(f"No such series: {', '.join(unknown)}. There are: {', '.join(names)}")
    return [name for name in names if not only or name in only]


def write_scores(folder, scores):
    """Write one CSV for each series: its time stamp or row number, and the score of the row.

    Parameters
    ----------
    folder : Path
    scores : dict of str to Series or array of float
        A slash in a name becomes a folder.
    """
    for name, values in scores.items():
        table = pd.DataFrame({"score": np.asarray(values, dtype=float)})
        timed = isinstance(values, pd.Series)
        table.index = values.index if timed else table.index
        file = Path(folder) / f"{name}.csv"
        file.parent.mkdir(parents=True, exist_ok=True)
        # Scores are compared with each other, so equal ones must stay equal and others apart: all 17 digits.
        table.to_csv(file, index_label="timestamp" if timed else "row", float_format="%.17g")


def write_figures(file, figures):
    """Write the figures as one flat JSON object.

    Parameters
    ----------
    file : Path
    figures : dict of str to float
    """
    rounded = {name: round(float(value), 4) for name, value in figures.items()}
    Path(file).write_text(json.dumps(rounded, indent=1) + "\n", encoding="utf-8")


def say(text):
    """Print prose, wrapped.

    Parameters
    ----------
    text : str
    """
    print(textwrap.fill(text, 110))


def show(rows, columns, decimals=3):
    """Print rows of a table: a name, then numbers or words; a dash for what is not known.

    Parameters
    ----------
    rows : list of tuple
        The name first; None for what is not known.
    columns : list of str
    decimals : int
    """
    width = max(len(row[0]) for row in rows) + 2
    print(" " * width + "".join(f"{column:>13s}" for column in columns))
    for name, *cells in rows:
        words = ["-" if cell is None else cell if isinstance(cell, str) else f"{cell:.{decimals}f}" for cell in cells]
        print(f"{name:{width}s}" + "".join(f"{word:>13s}" for word in words))


def leave_one_out(table):
    """Choose a row for each column by all other columns, and return what it is worth in that one.

    Parameters
    ----------
    table : DataFrame
        One row for each candidate, one column for each series; higher is better.

    Returns
    -------
    values : Series
        For each column the value of the candidate that has the best mean over the other columns.
    chosen : Series
        Which candidate that was.
    """
    chosen = pd.Series({column: table.drop(columns=column).mean(axis=1).idxmax() for column in table})
    values = pd.Series({column: table.loc[choice, column] for column, choice in chosen.items()})
    return values, chosen
