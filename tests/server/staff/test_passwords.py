"""Argon2id as PHC texts, against the raw function."""

import base64
import unicodedata
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from server.staff import passwords
from server.staff.passwords import PARAMETERS, Parameters, hash_password, needs_rehash, verify

CHEAP = Parameters(memory_kib=64, iterations=1, lanes=1)


@pytest.fixture(autouse=True)
def cost_of_hashes():
    """Let hashes cost what they do."""


def test_the_text_holds_the_parameters_salt_and_hash_of_argon2id():
    text = hash_password("pässword sesam", secret=b"pepper", parameters=CHEAP)
    _, kind, version, cost, salt, digest = text.split("$")
    assert (kind, version, cost) == ("argon2id", "v=19", "m=64,t=1,p=1")
    salt, digest = (base64.b64decode(part + "=" * (-len(part) % 4)) for part in (salt, digest))
    assert (len(salt), len(digest)) == (16, 32)
    raw = Argon2id(salt=salt, length=32, iterations=1, lanes=1, memory_cost=64, secret=b"pepper")
    assert raw.derive("pässword sesam".encode()) == digest


def test_hashes_cost_what_owasp_advises_and_are_never_the_same():
    first, second = (hash_password("one password") for _ in range(2))
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second
    assert verify("one password", first)
    assert verify("one password", second)
    assert not verify("One password", first)


def test_the_secret_is_needed():
    text = hash_password("2580", secret=b"pepper", parameters=CHEAP)
    assert verify("2580", text, secret=b"pepper")
    assert not verify("2580", text, secret=b"salt")
    assert not verify("2580", text)


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_a_password_is_the_same_however_a_keyboard_spells_it(form):
    text = hash_password("카페온기 café ①", parameters=CHEAP)
    assert verify(unicodedata.normalize(form, "카페온기 café ①"), text)


def test_nothing_to_compare_with_costs_a_hash_too_and_is_never_right(monkeypatch):
    compared = []

    def matches_everything(_password, text, **_members):
        compared.append(text.rsplit("$", 2)[0])

    monkeypatch.setattr(passwords, "Argon2id", SimpleNamespace(verify_phc_encoded=matches_everything))
    assert not verify("anything", None)
    assert verify("anything", "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA")
    assert compared == ["$argon2id$v=19$m=19456,t=2,p=1"] * 2


def test_cheaper_hashes_are_made_anew():
    text = hash_password("one password", parameters=CHEAP)
    assert needs_rehash(text)
    assert not needs_rehash(text, CHEAP)
    assert not needs_rehash(text, Parameters(memory_kib=32, iterations=1, lanes=4))
    assert needs_rehash(text, Parameters(memory_kib=64, iterations=2, lanes=1))
    assert needs_rehash("something else")
    assert PARAMETERS.memory_kib >= 19 * 1024
