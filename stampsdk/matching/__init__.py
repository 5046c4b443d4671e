"""Which registered stamp made a press: candidates, posterior, verdict."""

from stampsdk.matching._model import RecognitionModel
from stampsdk.matching._recognition import Candidate, LogPrior, Recognition, recognise
from stampsdk.matching.place import PlaceModel, PlacePrior

__all__ = [
    "Candidate",
    "LogPrior",
    "PlaceModel",
    "PlacePrior",
    "Recognition",
    "RecognitionModel",
    "recognise",
]
