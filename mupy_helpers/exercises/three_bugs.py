"""The puzzle of lesson 04: one pipeline, right and with three bugs. Solve it before you read on here."""

import numpy as np
import pandas as pd

from mupy_helpers.checks import check_same_zone, checked_count, checked_index, checked_rows, checked_stamp

PIPELINES = ("right", "A", "B", "C")
BUGS = {"A": "rows shifted", "B": "unscaled", "C": "wrong centroid"}


def puzzle_scores(features, until, pipeline="right", n_components=3, n_clusters=6, random_state=0):
    """Score rows by their distance to the nearest k-means centroid among principal components, or wrongly.

    Parameters
    ----------
    features : DataFrame, shape (n, d)
        On a regular grid of time; rows with a missing value have nothing recorded and are left out.
    until : timestamp-like
        Scaling, components and centroids are fitted on the rows up to here.
    pipeline : {"right", "A", "B", "C"}
        Which one: the right one, or one with a bug.
    n_components, n_clusters : int
    random_state : int
        Seed of k-means.

    Returns
    -------
    Series of float, shape (n,)
        Distance, as a multiple of the median over the training rows; NaN where nothing was recorded.
    """
    from sklearn.cluster import KMeans
    from sklearn.decomposition import PCA

    n_components, n_clusters = checked_count(n_components, "n_components"), checked_count(n_clusters, "n_clusters")
    random_state = checked_count(random_state, "random_state", at_least=0, at_most=2**32 - 1)
    if not isinstance(pipeline, str) or pipeline not in PIPELINES:
        raise ValueError(f"pipeline must be one of {', '.join(PIPELINES)}, not {pipeline!r}")
    if not isinstance(features, pd.DataFrame) or not isinstance(features.index, pd.DatetimeIndex):
        raise TypeError("features must be a DataFrame with a time index, such as df[machine].resample('10min').median()")
    checked_index(features.index, "features")
    check_same_zone(features.index, [checked_stamp(until, "until")], ("features", "until"))
    if features.columns.has_duplicates or not n_components <= features.shape[1]:
        raise ValueError(f"features must have at least {n_components} columns, each with a name of its own")
    known = features.dropna()
    if len(known):
        checked_rows(known, "features")
    try:
        train = known[:until]  # a day such as "2015-10-20" is meant as a whole
    except (TypeError, ValueError) as error:
        raise ValueError(f"until is not a time among those of features: {until!r}") from error
    if len(train) <= max(n_clusters, n_components):
        raise ValueError(f"{len(train)} complete rows up to {until} are too few: give more than {n_clusters}")
    size = 1.0 if pipeline == "B" else train.std()
    scaled = (known - train.mean()) / size
    components = PCA(n_components).fit(scaled[:len(train)]).transform(scaled)
    means = KMeans(n_clusters, n_init=10, random_state=random_state).fit(components[:len(train)])
    distances = means.transform(components)
    score = distances[:, 0] if pipeline == "C" else distances.min(axis=1)
    score = score / np.median(score[:len(train)])
    index = features.index[:len(known)] if pipeline == "A" else known.index
    return pd.Series(score, index=index).reindex(features.index)
