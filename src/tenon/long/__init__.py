"""Documents longer than an encoder reads: parts of them, all in segments, what a judge recalls of them, or all at once."""

from typing import TYPE_CHECKING

from tenon.lazy import exports
from tenon.long import cogltx_methods, methods, sequence_methods

if TYPE_CHECKING:
    from tenon.long.cogltx import CogLTX, CogLTXRegressor
    from tenon.long.cogltx_answer import CogLTXAnswer
    from tenon.long.cogltx_tagger import CogLTXTagger
    from tenon.long.encoders import BigBird, BlockBert, Longformer
    from tenon.long.mem_recall import recall_all
    from tenon.long.segment_estimators import SegmentsClassifier, SegmentsRegressor

METHODS = (*methods.METHODS, *sequence_methods.METHODS, *cogltx_methods.METHODS)
_WHERE = {
    "BigBird": "encoders",
    "BlockBert": "encoders",
    "CogLTX": "cogltx",
    "CogLTXAnswer": "cogltx_answer",
    "CogLTXRegressor": "cogltx",
    "CogLTXTagger": "cogltx_tagger",
    "Longformer": "encoders",
    "SegmentsClassifier": "segment_estimators",
    "SegmentsRegressor": "segment_estimators",
    "recall_all": "mem_recall",
}
__all__ = [
    "METHODS", "BigBird", "BlockBert", "CogLTX", "CogLTXAnswer", "CogLTXRegressor", "CogLTXTagger", "Longformer",
    "SegmentsClassifier", "SegmentsRegressor", "recall_all",
]  # fmt: skip
__getattr__, __dir__ = exports(__name__, _WHERE)
