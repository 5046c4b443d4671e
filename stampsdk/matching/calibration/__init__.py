"""Learn from accepted presses what phones and stamps truly are: scale, bend and the places of tips.

The words of this room: a **device model** reports touches in millimetres by a density that may be wrong,
and bends them; a **stamp** has tips that lie a little beside where they are registered. Both are learnt
from accepted presses, robustly and within bounds (`CalibrationModel`), and applied by `Calibration`.
"""

from stampsdk.matching.calibration._limits import CalibrationModel
from stampsdk.matching.calibration.bend import Bend
from stampsdk.matching.calibration.device import DeviceCorrection, learn_device
from stampsdk.matching.calibration.learning import Calibration, learn
from stampsdk.matching.calibration.observation import Observation, ObservationCode, ObservationError
from stampsdk.matching.calibration.robust import influence_bound, median_bounds
from stampsdk.matching.calibration.stamp import StampCorrection, learn_stamp
from stampsdk.matching.calibration.state import CalibrationState, CalibrationStateError, SampleLimits

__all__ = [
    "Bend",
    "Calibration",
    "CalibrationModel",
    "CalibrationState",
    "CalibrationStateError",
    "DeviceCorrection",
    "Observation",
    "ObservationCode",
    "ObservationError",
    "SampleLimits",
    "StampCorrection",
    "influence_bound",
    "learn",
    "learn_device",
    "learn_stamp",
    "median_bounds",
]
