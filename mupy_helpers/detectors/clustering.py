"""Distance to the nearest centroid of k-means (lesson 04)."""

import numpy as np

from mupy_helpers.checks import checked_count, checked_switch
from mupy_helpers.detectors.base import Detector


class KMeansDistance(Detector):
    """Euclidean distance of a row to the nearest centroid.

    Parameters
    ----------
    n_clusters : int
    scale : bool
        Standardise the columns first, by the training rows: without it the column with the largest numbers decides.
    random_state : int
        Seed of the ten starts of k-means.
    contamination : float

    Attributes
    ----------
    centroids_ : ndarray of float, shape (n_clusters, d)
        In the units of the columns.

    References
    ----------
    Chandola, Banerjee and Kumar, "Anomaly Detection: A Survey", ACM Computing Surveys 41, 2009, section 6.
    """

    def __init__(self, n_clusters=8, scale=True, random_state=0, contamination=0.1):
        super().__init__(contamination=contamination)
        self.n_clusters = n_clusters
        self.scale = scale
        self.random_state = random_state

    def _fit(self, values, index):
        from sklearn.cluster import KMeans
        from threadpoolctl import threadpool_limits  # comes with scikit-learn

        checked_switch(self.scale, "scale")
        if self.random_state is not None:
            checked_count(self.random_state, "random_state", at_least=0)
        n_clusters = checked_count(self.n_clusters, "n_clusters")
        different = len(np.unique(values, axis=0))
        if different < n_clusters:
            raise ValueError(f"{n_clusters} clusters need as many different training rows, there are {different}: "
                             "lower n_clusters or train on more rows")
        if self.scale:
            self._refuse_constant(values)
        self._centre = values.mean(axis=0)
        self._size = values.std(axis=0) if self.scale else np.ones(values.shape[1])
        means = KMeans(n_clusters, n_init=10, random_state=self.random_state)
        with threadpool_limits(1):  # ten small fits: two threads would mostly wait for each other
            means.fit((values - self._centre) / self._size)
        self._centroids = means.cluster_centers_
        self.centroids_ = self._centroids * self._size + self._centre
        return self._score(values, index)

    def _score(self, values, index):
        rows = (values - self._centre) / self._size
        nearest = np.full(len(rows), np.inf)
        for centroid in self._centroids:  # one at a time: memory stays that of the rows
            nearest = np.minimum(nearest, ((rows - centroid) ** 2).sum(axis=1))
        return np.sqrt(nearest)
