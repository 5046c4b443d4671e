"""What happened in the story, counted."""

import json
from dataclasses import dataclass, field
from statistics import median


@dataclass(slots=True)
class Tally:
    """Counts for the closing line; presses are envelopes that the server judged anew."""

    accepted: int = 0
    refused: int = 0
    coupons_issued: int = 0
    coupons_redeemed: int = 0
    press_ms: list[float] = field(default_factory=list)

    def count(self, verdict: str, elapsed_s: float) -> None:
        """Count one judged press."""
        self.press_ms.append(elapsed_s * 1000.0)
        if verdict == "accepted":
            self.accepted += 1
        else:
            self.refused += 1

    def as_json(self, stamps_registered: int) -> str:
        """Write the closing line."""
        return json.dumps(
            {
                "presses": len(self.press_ms),
                "accepted": self.accepted,
                "refused": self.refused,
                "coupons_issued": self.coupons_issued,
                "coupons_redeemed": self.coupons_redeemed,
                "press_ms_p50": round(median(self.press_ms), 2),
                "stamps_registered": stamps_registered,
            }
        )
