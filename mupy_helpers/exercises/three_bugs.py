"""The puzzle of lesson 04: one pipeline, right and with three bugs. Solve it before you read on here."""

import numpy as np
import pandas as pd

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

    if pipeline not in PIPELINES:
        raise ValueError(f"pipeline must be one of {', '.join(PIPELINES)}, not {pipeline!r}")
    if not isinstance(features, pd.DataFrame) or not isinstance(features.index, pd.DatetimeIndex):
        raise TypeError("features must be a DataFrame with a time index, such as df[machine].resample('10min').median()")
    known = features.dropna()
    train = known[:until]
    if len(train) <= max(n_clusters, n_components):
        raise ValueError(f"{len(train)} complete rows up to {until} are too few: give more than {n_clusters}")
    size = 1.0 if pipeline == "B" else train.std()
    scaled = (known - train.mean()) / size
    components = PCA(n_components).fit(scaled[:until]).transform(scaled)
    means = KMeans(n_clusters, n_init=10, random_state=random_state).fit(components[:len(train)])
    distances = means.transform(components)
    score = distances[:, 0] if pipeline == "C" else distances.min(axis=1)
    score = score / np.median(score[:len(train)])
    index = features.index[:len(known)] if pipeline == "A" else known.index
    return pd.Series(score, index=index).reindex(features.index)
