"""Widgets that compute in the browser and can be read back from Python.

from helpers.widgets import AttentionMatrix, VectorPlane, Predict
"""

from helpers.widgets.attention_matrix import AttentionMatrix
from helpers.widgets.predict import Predict
from helpers.widgets.vector_plane import VectorPlane

__all__ = ["AttentionMatrix", "Predict", "VectorPlane"]
