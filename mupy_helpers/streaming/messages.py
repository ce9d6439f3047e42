"""One reading as a message: JSON, checked before anything is done with it (lesson 08)."""

import json
from dataclasses import dataclass, field

LARGEST_PAYLOAD = 65536  # bytes
LARGEST_NUMBER = 2**53


@dataclass(frozen=True)
class Reading:
    """A reading on its way.

    Parameters
    ----------
    time : str
        ISO 8601.
    values : dict of str to float or None
        By channel; None is a missing value.
    run : str or None
        Who sent it, new for every start of a sender. None for senders that do not number their readings.
    number : int
        1 for the first reading of a run, and so on without a hole.
    after : int
        When it was sent, the readings of the run up to this number had been confirmed.
    """

    time: str
    values: dict = field(hash=False)
    run: str | None = None
    number: int = 0
    after: int = 0


def encoded(reading, after=0):
    """Return a reading as a payload.

    Parameters
    ----------
    reading : Reading
    after : int

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
    """
    try:
        about = {"run": reading.run, "number": reading.number, "after": after}
        return json.dumps({**about, "time": reading.time, "values": reading.values}, allow_nan=False).encode()
    except (AttributeError, TypeError, ValueError) as error:
        raise ValueError(f"the reading can not be written as JSON: {error}") from error


def _refuse_constant(name):
    raise ValueError(f"{name} is not JSON")


def decoded(payload):
    """Return the reading in a payload, or say what is wrong with it.

    Parameters
    ----------
    payload : bytes

    Returns
    -------
    Reading

    Raises
    ------
    ValueError
        Whatever the payload holds, nothing else.
    """
    if not isinstance(payload, (bytes, bytearray)):
        raise ValueError(f"a payload must be bytes, not {type(payload).__name__}")
    try:
        content = json.loads(payload.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"no JSON: {error}") from None
    if not isinstance(content, dict) or not isinstance(content.get("time"), str):
        raise ValueError("no object with a time")
    values = content.get("values")
    if not isinstance(values, dict) or not values:
        raise ValueError("no object of values")
    if any(isinstance(value, bool) or not isinstance(value, (int, float, type(None))) for value in values.values()):
        raise ValueError("a value is not a number")
    run = content.get("run")
    if run is None:
        return Reading(content["time"], values)
    numbers = content.get("number"), content.get("after", 0)
    if not isinstance(run, str) or len(run) > 64 or any(isinstance(each, bool) or not isinstance(each, int) or not
                                                        0 <= each < LARGEST_NUMBER for each in numbers):
        raise ValueError("run or number is not what it should be")
    number, after = numbers
    if number <= after:
        raise ValueError("a reading can not come after itself")
    return Reading(content["time"], values, run, number, after)
