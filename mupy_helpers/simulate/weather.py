"""Sun, air and clouds around a cold store: the inputs that nobody on the farm controls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .signals import autoregression

LATITUDE = np.deg2rad(18.5)
SOLAR_NOON_HOUR = 12.33


@dataclass(frozen=True)
class Weather:
    """Weather on the grid of the simulation; every array has shape (steps, units).

    Parameters
    ----------
    irradiance : numpy.ndarray
        Sunlight on the solar array in W/m².
    ambient : numpy.ndarray
        Air temperature outside in °C.
    humidity : numpy.ndarray
        Relative humidity outside in %.
    """

    irradiance: np.ndarray
    ambient: np.ndarray
    humidity: np.ndarray


def clear_sky_irradiance(times: pd.DatetimeIndex) -> np.ndarray:
    """Return the sunlight of a cloudless day on a horizontal surface at 18.5° north.

    Parameters
    ----------
    times : pandas.DatetimeIndex
        Local time.

    Returns
    -------
    numpy.ndarray, shape (len(times),)
        Irradiance in W/m², 0 at night.

    Notes
    -----
    Solar elevation from declination and hour angle (Duffie and Beckman, *Solar Engineering of Thermal
    Processes*, ch. 1), attenuated by a power of its sine.
    """
    hours = _hours(times)
    declination = np.deg2rad(23.45) * np.sin(2 * np.pi * (284 + times.day_of_year.to_numpy()) / 365)
    hour_angle = np.deg2rad(15.0 * (hours - SOLAR_NOON_HOUR))
    sine = np.sin(LATITUDE) * np.sin(declination) + np.cos(LATITUDE) * np.cos(declination) * np.cos(hour_angle)
    return 1080.0 * np.maximum(sine, 0.0) ** 1.2 + 4.0 * np.exp(np.minimum(sine, 0.0) / 0.03)


def simulate_weather(times, seed, n_units, cloudy_days=None, warmer=0.0) -> Weather:
    """Draw the weather of a region and its small differences from store to store.

    Parameters
    ----------
    times : pandas.DatetimeIndex
        Regular local times.
    seed : int
        Seed of the weather.
    n_units : int
        Number of stores. Store k has the same weather whatever the number of stores.
    cloudy_days : mapping of date to float, optional
        Days whose cloudiness is known, from 0 (clear) to 1 (no direct sun), in place of a drawn one.
    warmer : float or array of shape (n_units,), default 0
        By how many °C the air at the stores is warmer than in the region.

    Returns
    -------
    Weather
    """
    dates = times.normalize()
    days, day_of_row = np.unique(dates.to_numpy(), return_inverse=True)
    region = np.random.default_rng([seed, 0, 1])
    day_draws = region.random((len(days), 2))
    cloudiness = np.where(day_draws[:, 0] < 0.12, 0.45 + 0.4 * day_draws[:, 1], 0.22 * day_draws[:, 1] ** 2)
    for day, value in (cloudy_days or {}).items():
        cloudiness[days == np.datetime64(pd.Timestamp(day).normalize())] = value
    warmth = autoregression(region.standard_normal((len(days), 1)), 0.6)[:, 0]
    dampness = autoregression(region.standard_normal((len(days), 1)), 0.7)[:, 0]

    step = (times[1] - times[0]).total_seconds() if len(times) > 1 else 90.0
    clear = clear_sky_irradiance(times)
    shape = _day_shape(_hours(times))
    # Days pass into one another at midnight, so what belongs to a day is smoothed over some hours.
    smooth_cloud = _smooth(cloudiness[day_of_row], 4 * 3600 / step)
    smooth_warmth = _smooth(warmth[day_of_row], 6 * 3600 / step)
    smooth_damp = _smooth(dampness[day_of_row], 6 * 3600 / step)

    warmer = np.broadcast_to(np.asarray(warmer, dtype=float), (n_units,))
    irradiance, ambient, humidity = (np.empty((len(times), n_units)) for _ in range(3))
    for unit in range(n_units):
        rng = np.random.default_rng([seed, unit, 2])
        offset, haze = rng.normal(0, 0.8), rng.uniform(0.97, 1.0)
        if unit == 0:
            offset, haze = 0.0, 1.0
        flicker = autoregression(rng.standard_normal((len(times), 1)), np.exp(-step / 1500))[:, 0]
        gusts = autoregression(rng.standard_normal((len(times), 1)), np.exp(-step / 2400))[:, 0]
        cloud = cloudiness[day_of_row]
        spread = 0.04 + 0.9 * cloud * (1 - cloud)
        transmitted = np.clip(1 - 0.85 * cloud + spread * flicker, 0.08, 1.0)
        irradiance[:, unit] = clear * transmitted * haze
        low = 20.75 + offset + 0.9 * smooth_warmth + 1.0 * smooth_cloud
        swing = 14.9 * (1 - 0.55 * smooth_cloud)
        ambient[:, unit] = low + swing * shape + 0.35 * gusts + warmer[unit]
        dew_point = 13.6 + 2.0 * smooth_damp + 9.0 * smooth_cloud
        humidity[:, unit] = relative_humidity(ambient[:, unit], np.minimum(dew_point, ambient[:, unit]))
    return Weather(irradiance, ambient, humidity)


def relative_humidity(temperature, dew_point):
    """Return the relative humidity in % from temperature and dew point in °C (Magnus formula, WMO constants)."""

    def pressure(celsius):
        return np.exp(17.62 * celsius / (243.12 + celsius))

    return 100 * pressure(dew_point) / pressure(temperature)


def _hours(times):
    return ((times - times.normalize()).total_seconds()).to_numpy() / 3600


def _day_shape(hours):
    """Return the daily course of air temperature: 0 at dawn, 1 in early afternoon, a slow fall through the night."""
    dawn, peak, dusk = 6.3, 14.3, 18.2
    since_dawn = (hours - dawn) % 24
    day = np.sin(0.5 * np.pi * np.minimum(since_dawn, 1.5 * (peak - dawn)) / (peak - dawn))
    at_dusk = np.sin(0.5 * np.pi * (dusk - dawn) / (peak - dawn))
    since_dusk = np.maximum(since_dawn - (dusk - dawn), 0.0)
    length = 24 - (dusk - dawn)
    tail = np.exp(-since_dusk / 3.0)
    night = at_dusk * (tail - np.exp(-length / 3.0)) / (1 - np.exp(-length / 3.0))
    return np.where(since_dawn <= dusk - dawn, day, night)


def _smooth(values, width):
    """Return a centred moving average over about `width` rows."""
    half = max(int(width // 2), 1)
    padded = np.concatenate([np.full(half, values[0]), values, np.full(half, values[-1])])
    total = np.cumsum(np.concatenate([[0.0], padded]))
    return (total[2 * half + 1:] - total[:-2 * half - 1]) / (2 * half + 1)
