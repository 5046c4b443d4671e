"""Write ``patterns/vectors/detector.json``, which ports of the detector must reproduce.

Run ``python -m tests.capture.make_vectors`` after a change of the reference or of the cases.
"""

import json
from dataclasses import asdict
from pathlib import Path

from stampsdk.capture import DetectorSettings, Press, PressDetector, TouchEvent, Void
from tests.capture.simulate import Step, Tick, play
from tests.capture.vector_cases import cases, rounded

VECTORS = Path(__file__).parents[2] / "patterns" / "vectors" / "detector.json"
ABOUT = (
    "Feed the events of a case, in order, to a new detector with `settings`, changed by the own settings of "
    "the case if it has any. Each outcome was returned for the event of index `after`; no other did. "
    "Figures agree within 1e-6."
)


def event_record(step: Step) -> dict:
    if isinstance(step, TouchEvent):
        return {"kind": step.kind, "uid": step.uid, "x": step.x, "y": step.y, "t": step.time_s}
    if isinstance(step, Tick):
        return {"kind": "tick", "t": step.time_s}
    return {"kind": "interrupt", "t": step.time_s, "reason": step.reason}


def outcome_record(after: int, outcome: Press | Void) -> dict:
    frames = len(outcome.frames)
    if isinstance(outcome, Void):
        told = {"reason": outcome.reason, "hint": outcome.hint, "detail": outcome.detail, "frames": frames}
        return {"after": after, "void": told}
    quality = outcome.quality
    press = {
        "touches": [[round(x, 9), round(y, 9)] for x, y in outcome.touches],
        "frames": frames,
        "frames_used": quality.frames_used,
        "spread_px": [round(spread, 9) for spread in quality.spread_px],
        "stagger_s": round(quality.stagger_s, 9),
        "hold_s": round(quality.hold_s, 9),
    }
    return {"after": after, "press": press}


def case_record(name: str, own: dict, steps: list[Step]) -> dict:
    settings = DetectorSettings(**{key: tuple(v) if isinstance(v, list) else v for key, v in own.items()})
    steps = [rounded(step) for step in steps]
    outcomes = [outcome_record(*found) for found in play(steps, PressDetector(settings))]
    record = {"name": name} | ({"settings": own} if own else {})
    return record | {"events": [event_record(step) for step in steps], "outcomes": outcomes}


def text() -> str:
    """Return the whole file: one line an event, so that a change can be read."""
    lines = [
        f'{{"about": {json.dumps(ABOUT)},',
        f'"settings": {json.dumps(asdict(DetectorSettings()))},',
        '"cases": [',
    ]
    records = [case_record(*case) for case in cases()]
    for number, record in enumerate(records):
        own = f', "settings": {json.dumps(record["settings"])}' if "settings" in record else ""
        lines.append(f'{{"name": {json.dumps(record["name"])}{own}, "events": [')
        lines.append(",\n".join(json.dumps(event) for event in record["events"]))
        lines.append('], "outcomes": [')
        lines.append(",\n".join(json.dumps(outcome) for outcome in record["outcomes"]))
        lines.append("]}" + ("," if number + 1 < len(records) else ""))
    return "\n".join([*lines, "]}"]) + "\n"


if __name__ == "__main__":
    VECTORS.parent.mkdir(parents=True, exist_ok=True)
    VECTORS.write_text(text(), encoding="utf-8")
