"""Detectors on readings as they come: scores, alarms with reasons, readings gone astray, and MQTT (lesson 08).

The same detector object that scores a frame scores a stream, one reading at a time, with the same scores.
"""

from mupy_helpers.streaming.alarms import Alarm, AlarmFilter
from mupy_helpers.streaming.arrivals import Arrivals
from mupy_helpers.streaming.messages import Reading
from mupy_helpers.streaming.monitor import Monitor, Scored, watch
from mupy_helpers.streaming.online import Drift, OnlineScorer
from mupy_helpers.streaming.player import play
from mupy_helpers.streaming.scorer import StreamScorer
from mupy_helpers.streaming.sink import MQTTSink
from mupy_helpers.streaming.source import MQTTSource

__all__ = ["Alarm", "AlarmFilter", "Arrivals", "Drift", "MQTTSink", "MQTTSource", "Monitor", "OnlineScorer", "Reading",
           "Scored", "StreamScorer", "play", "watch"]
