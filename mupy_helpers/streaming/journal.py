"""What a sink has sent and nobody has confirmed, in a file, for a sender that may be killed (lesson 08)."""

import contextlib
import json
import os
import uuid
from collections import OrderedDict

from mupy_helpers.checks import checked_path, file_error
from mupy_helpers.streaming.messages import decoded, encoded

SPARE = 10_000  # lines that are no longer needed before the file is written anew


class Journal:
    """A file of readings and receipts, a line of JSON each; the first line says whose they are.

    Parameters
    ----------
    path : str or Path
    topic : str

    Attributes
    ----------
    run : str
    number, confirmed : int
        Of the last reading, and of the last one confirmed.
    unconfirmed : OrderedDict of int to Reading

    Raises
    ------
    OSError
        When it can not be read or written, such as in a folder that is not there.
    TypeError, ValueError
        When there is another file of that name, or the journal of another topic.
    """

    def __init__(self, path, topic):
        if not isinstance(topic, str) or not topic:
            raise ValueError(f"topic must be a name such as 'stores/7', not {topic!r}")
        self.path, self.topic = checked_path(path, "journal"), topic
        self.run, self.number, self.confirmed, self.unconfirmed = uuid.uuid4().hex, 0, 0, OrderedDict()
        self._file, self._lines = None, 0
        if not self.path.parent.is_dir():
            raise FileNotFoundError(f"the journal {self.path} can not be written: there is no folder {self.path.parent}")
        try:
            if self.path.exists():
                self._recall()
        except OSError as error:
            raise file_error(error, "can not be read as a journal", self.path) from error
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise ValueError(f"{self.path.name} is not the journal of a sink, or it is damaged") from error
        if self.topic != topic:
            raise ValueError(f"{self.path.name} is the journal of the topic {self.topic!r}, not of {topic!r}")
        try:
            self._write_anew(self.unconfirmed)
        except OSError as error:
            raise file_error(error, "can not be written as a journal", self.path) from error

    def _recall(self):
        first, *lines = self.path.read_bytes().split(b"\n")[:-1]  # a line that was cut by a crash has no end
        about = json.loads(first)
        self.topic, self.run, self.number, self.confirmed = (about[name] for name in ("topic", "run", "number", "upto"))
        for line in lines:
            if line.startswith(b'{"upto"'):
                self.confirmed = json.loads(line)["upto"]
            else:
                reading = decoded(line)
                self.unconfirmed[reading.number] = reading
                self.number = max(self.number, reading.number)
        self.unconfirmed = OrderedDict((number, reading) for number, reading in self.unconfirmed.items()
                                       if number > self.confirmed)

    def _write_anew(self, unconfirmed):
        about = {"topic": self.topic, "run": self.run, "number": self.number, "upto": self.confirmed}
        lines = [json.dumps(about).encode(), *(encoded(reading) for reading in unconfirmed.values())]
        new = self.path.with_name(f"{self.path.name}.new")
        new.write_bytes(b"".join(line + b"\n" for line in lines))
        self.close()  # Windows replaces no open file
        try:
            os.replace(new, self.path)
            self._lines = len(lines)
        finally:
            self._file = self.path.open("ab", buffering=0)

    def _append(self, line):
        before = self._file.seek(0, os.SEEK_END)
        try:
            if self._file.write(line + b"\n") <= len(line):
                raise OSError(f"{self.path.name} can not be written: is the disk full?")
        except OSError:
            self._file.truncate(before)
            raise
        self._lines += 1

    def add(self, reading):
        """Note a reading before it is sent.

        Parameters
        ----------
        reading : Reading

        Raises
        ------
        OSError
            It is not noted then.
        """
        self._append(encoded(reading))
        self.number = reading.number

    def confirm(self, upto, unconfirmed):
        """Note a receipt; where that can not be, its readings are only sent once more after a restart.

        Parameters
        ----------
        upto : int
        unconfirmed : dict of int to Reading
            What is left.
        """
        self.confirmed = upto
        with contextlib.suppress(OSError):
            self._append(json.dumps({"upto": upto}).encode())
            if self._lines > 2 * len(unconfirmed) + SPARE:
                self._write_anew(unconfirmed)

    def close(self):
        """Close the file."""
        if self._file:
            self._file.close()
