"""Widgets that compute in the browser and can be read back from Python.

from helpers.widgets import AttentionMatrix, VectorPlane, RecurrentStepper, WordMap, Predict
"""

from helpers.widgets.attention_matrix import AttentionMatrix
from helpers.widgets.dependency_view import DependencyView
from helpers.widgets.gates_view import GatesView
from helpers.widgets.heads_view import HeadsView
from helpers.widgets.patch_slicer import PatchSlicer
from helpers.widgets.predict import Predict
from helpers.widgets.recurrent_stepper import RecurrentStepper
from helpers.widgets.split_timeline import SplitTimeline
from helpers.widgets.vector_plane import VectorPlane
from helpers.widgets.word_map import WordMap

__all__ = [
    "AttentionMatrix",
    "DependencyView",
    "GatesView",
    "HeadsView",
    "PatchSlicer",
    "Predict",
    "RecurrentStepper",
    "SplitTimeline",
    "VectorPlane",
    "WordMap",
]
