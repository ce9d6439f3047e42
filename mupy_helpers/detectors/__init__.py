"""Detectors that PyOD, scikit-learn, statsmodels and river lack, in PyOD's interface (lessons 03, 04 and 06).

All of them are fitted on the past and score a row without seeing what comes after it, but for those with Offline in
their name. Higher scores are more anomalous, one float for each row.
"""

from mupy_helpers.detectors.additive import AdditiveRegression
from mupy_helpers.detectors.autoencoders import DenseAutoencoder, LSTMAutoencoder
from mupy_helpers.detectors.charts import CUSUMChart, EWMAChart, average_run_length
from mupy_helpers.detectors.clustering import KMeansDistance
from mupy_helpers.detectors.entire import detect_entire, detect_last
from mupy_helpers.detectors.esd import GeneralizedESD, SeasonalHybridESDOffline, generalized_esd
from mupy_helpers.detectors.forecaster import LSTMForecaster
from mupy_helpers.detectors.lstm_by_hand import lstm_cell
from mupy_helpers.detectors.moving_median import MovingMedianDecomposition
from mupy_helpers.detectors.pca import SPE, T2SPE, HotellingT2
from mupy_helpers.detectors.trailing_range import TrailingRange
from mupy_helpers.detectors.var_residual import VARResidual
from mupy_helpers.detectors.variational import VariationalAutoencoder, gaussian_kl

__all__ = ["AdditiveRegression", "CUSUMChart", "DenseAutoencoder", "EWMAChart", "GeneralizedESD", "HotellingT2",
           "KMeansDistance", "LSTMAutoencoder", "LSTMForecaster", "MovingMedianDecomposition", "SPE",
           "SeasonalHybridESDOffline", "T2SPE", "TrailingRange", "VARResidual", "VariationalAutoencoder",
           "average_run_length", "detect_entire", "detect_last", "gaussian_kl", "generalized_esd", "lstm_cell"]
