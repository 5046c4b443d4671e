"""Evidence keeps its kind and texts through an envelope, and refuses what does not belong together."""

import pytest

from stampsdk import factors
from stampsdk.factors import KINDS, FactorEvidence, FactorKind
from stampsdk.protocol import FactorClaim, parse_envelope
from tests.protocol.envelopes import plain
from tests.public_names import assert_public_names


@pytest.mark.parametrize("kind", FactorKind)
def test_every_kind_goes_through_an_envelope(kind):
    evidence = FactorEvidence(kind, tuple((name, f"{name} 1") for name in sorted(KINDS[kind], reverse=True)))
    claims = parse_envelope(plain(factors=(evidence.claim(),))).factors
    assert [FactorEvidence.from_claim(claim) for claim in claims] == [evidence]


@pytest.mark.parametrize("data", [(), (("code", "1"), ("extra", "2")), (("code", "1"), ("code", "2"))])
def test_texts_that_do_not_belong_to_the_kind_are_refused(data):
    with pytest.raises(ValueError, match="exactly the names code"):
        FactorEvidence(FactorKind.SOUND_CODE, data)


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="smoke"):
        FactorEvidence.from_claim(FactorClaim("smoke", ()))


def test_public_names():
    assert_public_names(factors)
