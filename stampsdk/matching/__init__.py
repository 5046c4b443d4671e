"""Which registered stamp made a press: candidates, posterior, verdict."""

from stampsdk.matching._model import RecognitionModel
from stampsdk.matching._recognition import Candidate, LogPrior, Recognition, recognise
from stampsdk.matching.confusion import Neighbour, confusable, confusable_distance_mm, mix_up_rate
from stampsdk.matching.enrolment import Enrolment, EnrolmentCode, EnrolmentError, EnrolmentLimits, enrol
from stampsdk.matching.place import PlaceModel, PlacePrior

__all__ = [
    "Candidate",
    "Enrolment",
    "EnrolmentCode",
    "EnrolmentError",
    "EnrolmentLimits",
    "LogPrior",
    "Neighbour",
    "PlaceModel",
    "PlacePrior",
    "Recognition",
    "RecognitionModel",
    "confusable",
    "confusable_distance_mm",
    "enrol",
    "mix_up_rate",
    "recognise",
]
