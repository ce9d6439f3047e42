"""100,000 card payments of 1,000 customers in 60 days, of which 200 are fraud, in three patterns."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mupy_helpers.checks import check_callable, checked_count

START, DAYS, PAYMENTS, CUSTOMERS, SEED = "2016-03-01", 60, 100_000, 1000, 8
# How many payments of each pattern; together 0.2 %.
FRAUD = {"test_burst": 96, "far_away": 64, "night": 40}
BURST = 8

# Kind of shop: share of the payments, median amount in US dollars, its spread (of the logarithm), share online, and
# the hours at which its payments come (middle and spread).
SHOPS = {
    "groceries": (0.34, 32.0, 0.55, 0.04, 16.5, 3.2), "restaurant": (0.19, 24.0, 0.50, 0.02, 17.5, 3.8),
    "fuel": (0.12, 41.0, 0.30, 0.00, 13.0, 4.5), "clothing": (0.09, 58.0, 0.60, 0.35, 15.5, 3.0),
    "subscription": (0.09, 11.0, 0.45, 1.00, 10.0, 6.0), "pharmacy": (0.07, 19.0, 0.60, 0.05, 14.0, 3.5),
    "electronics": (0.04, 140.0, 0.80, 0.45, 16.0, 3.5), "travel": (0.03, 210.0, 0.80, 0.60, 14.0, 5.0),
    "gaming": (0.03, 16.0, 0.70, 1.00, 21.0, 3.5),
}


def simulate_card_payments(seed=SEED, progress=None):
    """Simulate card payments with fraud.

    Parameters
    ----------
    seed : int, default 8
        Seed of customers, payments and fraud.
    progress : callable, optional
        Called now and then with the share that is done, 0 to 1.

    Returns
    -------
    dict of DataFrame
        ``"data"``: index ``time`` (to the second, each once), ``customer`` (0 to 999), ``amount`` (US dollars),
        ``shop`` (a kind of shop), ``distance`` (km from the customer's home, 0 online), ``online`` (0, 1).
        ``"labels"``: same index, ``is_anomaly`` (1 = fraud) and ``pattern`` (empty for an honest payment).
    """
    rng = np.random.default_rng(checked_count(seed, "seed", at_least=0))
    check_callable(progress, "progress")
    thrift = np.exp(0.35 * rng.standard_normal(CUSTOMERS))
    radius = np.exp(1.3 + 0.5 * rng.standard_normal(CUSTOMERS))
    activity = rng.gamma(2.0, 1.0, CUSTOMERS)
    tastes = np.array([shop[0] for shop in SHOPS.values()]) * rng.gamma(2.0, 1.0, (CUSTOMERS, len(SHOPS)))
    parts = [_honest(rng, thrift, radius, activity, tastes)]
    if progress is not None:
        progress(0.5)
    busy = np.flatnonzero(activity > 0.5)
    victims = rng.permutation(busy)  # nobody is robbed twice
    bursts, far = FRAUD["test_burst"] // BURST, FRAUD["far_away"]
    parts += [_bursts(rng, victims[:bursts]), _far_away(rng, victims[bursts : bursts + far]),
              _night(rng, victims[bursts + far :])]
    table = pd.concat(parts, ignore_index=True).sort_values("second", kind="stable")
    # Two payments in one second become neighbours: each keeps a time of its own.
    second = np.maximum.accumulate(table["second"].to_numpy() - np.arange(PAYMENTS)) + np.arange(PAYMENTS)
    table.index = (pd.Timestamp(START) + pd.to_timedelta(second, unit="s")).rename("time").as_unit("ns")
    labels = pd.DataFrame({"is_anomaly": (table["pattern"] != "").astype("int8"), "pattern": table["pattern"]})
    return {"data": table[["customer", "amount", "shop", "distance", "online"]], "labels": labels}


def _honest(rng, thrift, radius, activity, tastes):
    """Return what the customers pay: where they use to, what they use to, when they use to."""
    count = PAYMENTS - sum(FRAUD.values())
    customer = np.sort(rng.choice(CUSTOMERS, size=count, p=activity / activity.sum()))
    steps = np.cumsum(tastes / tastes.sum(axis=1, keepdims=True), axis=1)
    kind = (rng.random(count)[:, None] > steps[customer, :-1]).sum(axis=1)
    _, median, spread, share_online, hour, hours = np.array(list(SHOPS.values())).T[:, kind]
    day = rng.integers(0, DAYS, count)
    second = (day * 86400 + np.mod(hour + hours * rng.standard_normal(count), 24) * 3600).astype("int64")
    amount = median * thrift[customer] * np.exp(spread * rng.standard_normal(count))
    online = rng.random(count) < share_online
    # Now and then one travels, for some days: far away is unusual and mostly honest.
    trips = rng.random((CUSTOMERS, DAYS // 6)) < 0.035
    away = np.where(trips, np.exp(rng.uniform(4.5, 8.2, trips.shape)), 0.0)[customer, day // 6]
    distance = away + radius[customer] * rng.gamma(1.2, 1.0, count)
    return _table(customer, second, amount, kind, distance, online, "")


def _bursts(rng, victims):
    """Return bursts of small payments online, minutes apart: somebody tries stolen numbers."""
    customer = np.repeat(victims, BURST)
    begin = np.repeat(rng.integers(0, DAYS * 86400 - 7200, len(victims)), BURST)
    gaps = rng.integers(20, 400, (len(victims), BURST)).cumsum(axis=1).ravel()
    count = len(customer)
    kind = rng.choice(_kinds("subscription", "gaming", "clothing"), size=count)
    return _table(customer, begin + gaps, rng.uniform(0.5, 4.5, count), kind, 0.0, np.ones(count, bool), "test_burst")


def _far_away(rng, victims):
    """Return expensive payments far from home, by a copied card."""
    count = FRAUD["far_away"]
    hour = np.clip(rng.normal(15, 4, count), 8, 23)
    second = (rng.integers(0, DAYS, count) * 86400 + hour * 3600).astype("int64")
    kind = rng.choice(_kinds("electronics", "travel", "clothing"), size=count)
    amount, distance = np.exp(rng.normal(6.3, 0.5, count)), np.exp(rng.uniform(6.2, 9.2, count))
    return _table(victims[:count], second, amount, kind, distance, np.zeros(count, bool), "far_away")


def _night(rng, victims):
    """Return payments deep in the night at shops of the other hours of the day, none of them large."""
    count = FRAUD["night"]
    second = (rng.integers(0, DAYS, count) * 86400 + rng.uniform(1.5, 4.8, count) * 3600).astype("int64")
    kind = rng.choice(_kinds("electronics", "fuel", "pharmacy"), size=count)
    amount, distance = np.exp(rng.normal(4.6, 0.4, count)), np.exp(rng.normal(2.8, 0.6, count))
    return _table(victims[:count], second, amount, kind, distance, np.zeros(count, bool), "night")


def _kinds(*names):
    return [list(SHOPS).index(name) for name in names]


def _table(customer, second, amount, kind, distance, online, pattern):
    return pd.DataFrame({
        "second": second, "customer": np.asarray(customer).astype("int32"),
        "amount": np.round(np.maximum(amount, 0.5), 2), "shop": np.array(list(SHOPS))[kind],
        "distance": np.round(np.where(online, 0.0, distance), 1).astype("float32"), "online": online.astype("int8"),
        "pattern": pattern,
    })
