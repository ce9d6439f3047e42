"""Three symptoms of a cold store, reading by reading: what is, less what should be (lesson 08)."""

import math

import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression

SYMPTOMS = ["current", "room", "unchanged"]
NEEDED = ["room_temp", "drive_current", "frequency", "amb_temp", "tes_temp_2", "compressor", "fan_1", "door_open"]
CURRENT_SPAN, ROOM_SPAN = 12, 36  # rows: an hour in which the compressor runs, and three hours
CROP = (14_000.0, 50_000.0)  # seconds: how slowly the crop follows the room, at its skin and within


class Symptoms:
    """Follows a store's readings, and says for each of them how far three things are from what they should be.

    - current: drive current less that of a line in speed, outside air and brine, in A, averaged over the last running
      rows; it stays as it is while the compressor rests.
    - room: change of the room's temperature less what walls, coil, crop and door explain, in °C a step, averaged.
    - unchanged: root of how many readings in a row the room's sensor has repeated its value.

    A row is judged by itself and by those before it.

    Parameters
    ----------
    healthy : DataFrame with a time index
        Readings at equal steps; both lines are fitted on them.
    """

    def __init__(self, healthy):
        rows = healthy[NEEDED].to_dict("records")
        self._step = (healthy.index[1] - healthy.index[0]).total_seconds()
        running = [row for row in rows if _runs(row)]
        self._current = _Line([_current_causes(row) for row in running], [row["drive_current"] for row in running])
        self._start()
        causes = []
        for row in rows:
            self._follow_crop(row["room_temp"])
            causes.append(self._room_causes(row))
        self._room = _Line(causes[:-1], np.diff(healthy["room_temp"].to_numpy()))
        self._start()

    def _start(self):
        self._before, self._causes, self._crop = None, None, None
        self._current_memory, self._room_memory, self._repeated = 0.0, 0.0, 0

    def fresh(self):
        """Return symptoms with the same lines, that have followed nothing yet.

        Returns
        -------
        Symptoms
        """
        new = object.__new__(Symptoms)
        new._step, new._current, new._room = self._step, self._current, self._room
        new._start()
        return new

    def expected_current(self, reading):
        """Return what the drive current should be in A, NaN while the compressor rests.

        Parameters
        ----------
        reading : dict by channel

        Returns
        -------
        float
        """
        return self._current(_current_causes(reading)) if _runs(reading) else math.nan

    def push(self, reading):
        """Take the next reading.

        Parameters
        ----------
        reading : dict by channel

        Returns
        -------
        dict of float: current, room, unchanged
        """
        if _runs(reading):
            error = reading["drive_current"] - self.expected_current(reading)
            self._current_memory += 2 / (CURRENT_SPAN + 1) * (error - self._current_memory)
        room = reading["room_temp"]
        if self._before is not None:
            error = room - self._before - self._room(self._causes)
            self._room_memory += 2 / (ROOM_SPAN + 1) * (error - self._room_memory)
            self._repeated = self._repeated + 1 if room == self._before else 0
        self._follow_crop(room)
        self._before, self._causes = room, self._room_causes(reading)
        return {"current": self._current_memory, "room": self._room_memory, "unchanged": math.sqrt(self._repeated)}

    def table(self, readings):
        """Take many readings, one after the other.

        Parameters
        ----------
        readings : DataFrame with a time index

        Returns
        -------
        DataFrame of float, one column per symptom
        """
        rows = [self.push(row) for row in readings[NEEDED].to_dict("records")]
        return pd.DataFrame(rows, index=readings.index, columns=SYMPTOMS)

    def _follow_crop(self, room):
        if self._crop is None:
            self._crop = [room, room]
        else:
            self._crop = [crop + self._step / slow * (room - crop) for crop, slow in zip(self._crop, CROP)]

    def _room_causes(self, row):
        room, brine = row["room_temp"], row["tes_temp_2"]
        cooled, fanned = row["compressor"], max(row["fan_1"] - row["compressor"], 0)
        return [row["amb_temp"] - room, (brine - room) * cooled, (brine - room) * fanned,
                self._crop[0] - room, self._crop[1] - room, row["door_open"]]


class _Line:
    """A fitted line, as plain numbers: one row at a time is faster so."""

    def __init__(self, causes, values):
        model = LinearRegression().fit(causes, values)
        self._weights, self._offset = model.coef_.tolist(), float(model.intercept_)

    def __call__(self, causes):
        return self._offset + sum(weight * cause for weight, cause in zip(self._weights, causes, strict=True))


def _runs(row):
    return row["drive_current"] > 0.5


def _current_causes(row):
    speed, air, brine = row["frequency"], row["amb_temp"], row["tes_temp_2"]
    return [speed, air, brine, speed * brine, speed * air]
