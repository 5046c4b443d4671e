"""The slot for second factors: evidence, beside the touches, that the real stamp was there.

This room holds the form of the evidence and the list of kinds. It has no readers (NFC, Bluetooth,
microphone) and no verifier: an app cannot collect evidence with it yet, and the server credits nothing
because of it.
"""

from stampsdk.factors.evidence import KINDS, FactorEvidence, FactorKind

__all__ = ["KINDS", "FactorEvidence", "FactorKind"]
