"""Opens a file of text as it came: packed or not, in the encoding that it has; what is no text gets one sentence."""

import codecs
import gzip
import io
import re
import zipfile
import zlib

PACKED = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip"}
DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, NotImplementedError, RuntimeError)
NOT_TEXT = {b"\xd0\xcf\x11\xe0": "an old Excel workbook: save it as CSV first",
            b"%PDF": "a PDF: ask for the table itself",
            b"BZh": "packed with bzip2: unpack it first",
            b"\xfd7zXZ": "packed with xz: unpack it first",
            b"7z\xbc\xaf": "packed with 7-Zip: unpack it first",
            b"(\xb5/\xfd": "packed with Zstandard: unpack it first",
            b"SQLite format 3\0": "an SQLite database: save the table as CSV first",
            b"\x89HDF": "an HDF5 file: save the table in it as CSV first",
            b"ARROW1": "an Arrow or Feather file: save it as Parquet first",
            b"MATLAB 5.0 MAT-file": "a file of MATLAB's own: save the table with writetimetable first"}
# By how they begin, and only so: <DATE> and [Data] begin tables of other programs.
MARKED_UP = {rb"\{\s*[\"}]|\[\s*[\[{]": "JSON and no table: save it as CSV first",
             rb"(?i)<(!doctype|html|head|body|table|\?xml)\b": "a web page or XML: save the table in it as CSV first"}


class TableError(ValueError):
    """A file that cannot be used; the message is one sentence that says why and what to do."""


def opened(path):
    """Open a file for reading bytes, and unpack it on the way where it is packed.

    Parameters
    ----------
    path : Path

    Returns
    -------
    binary file

    Raises
    ------
    TableError
        For a workbook, and for an archive of several files.
    """
    with path.open("rb") as file:
        start = file.read(4)
    kind = next((kind for magic, kind in PACKED.items() if start.startswith(magic)), None)
    if kind == "gzip":
        return gzip.open(path)
    if kind == "zip":
        with zipfile.ZipFile(path) as archive:
            names = [each.filename for each in archive.infolist()  # macOS packs notes of its own beside each file
                     if not each.is_dir() and not each.filename.startswith("__MACOSX/")]
        if "[Content_Types].xml" in names:
            raise TableError(f"{path.name} is an Excel workbook: save it as CSV first")
        if {"mimetype", "content.xml"} <= set(names):
            raise TableError(f"{path.name} is an OpenDocument spreadsheet: save it as CSV first")
        if len(names) != 1:
            raise TableError(f"{path.name} is a zip archive of {len(names)} files: unpack it and give one")
        return zipfile.ZipFile(path).open(names[0])
    return path.open("rb")


def first_bytes(path, notes):
    """Return the beginning of a file, unpacked.

    Parameters
    ----------
    path : Path
    notes : list of str
        That it was packed is added.

    Returns
    -------
    bytes

    Raises
    ------
    TableError
    """
    try:
        with opened(path) as file:
            start = file.read(4096)
    except DAMAGED as error:
        raise damaged(path) from error
    with path.open("rb") as file:
        if file.read(len(start)) != start:
            notes.append("The file is packed; we unpack it.")
    return start


def damaged(path):
    """Return the error for a packed file that does not unpack.

    Parameters
    ----------
    path : Path

    Returns
    -------
    TableError
    """
    return TableError(f"{path.name} cannot be unpacked: it is cut off, damaged or locked with a password")


def encoding_of(path, start, notes):
    """Return the encoding of a file of text.

    Parameters
    ----------
    path : Path
    start : bytes
        Its beginning, unpacked.
    notes : list of str
        What was assumed is added.

    Returns
    -------
    str

    Raises
    ------
    TableError
        Where it is no text.
    """
    for form, what in MARKED_UP.items():
        if re.match(form, start.removeprefix(codecs.BOM_UTF8).lstrip()):
            raise TableError(f"{path.name} is {what}")
    for bom, name in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if start.startswith(bom):
            return name
    kind = next((what for magic, what in NOT_TEXT.items() if start.startswith(magic)), None)
    if kind:
        raise TableError(f"{path.name} is {kind}")
    if b"\0" in start:
        raise TableError(f"{path.name} is not text: save it as CSV in UTF-8")
    decoder = codecs.getincrementaldecoder("utf-8")()
    with opened(path) as file:
        try:
            while chunk := file.read(1 << 22):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            notes.append("The file is not in UTF-8; we read it as Western European (Windows-1252): look whether the "
                         "names are right.")
            return "cp1252"
    return "utf-8"


def first_lines(path, encoding, most):
    """Return the first lines of a file of text.

    Parameters
    ----------
    path : Path
    encoding : str
    most : int

    Returns
    -------
    list of str
    """
    with io.TextIOWrapper(opened(path), encoding=encoding, newline=None) as file:
        return [line for _, line in zip(range(most), file)]
