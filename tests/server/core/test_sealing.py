"""Sealed secrets open only where they were sealed, and only under the server's key."""

import base64
import stat
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.sealing import Sealer, SealingError, load_sealer
from server.settings import Settings

KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))
PLACE = {"table": "device", "row": "dev_1", "field": "secret"}


@given(st.binary(max_size=100))
def test_what_is_sealed_opens_in_its_place(secret):
    sealed = Sealer(KEY).seal(secret, **PLACE)
    assert Sealer(KEY).open(sealed, **PLACE) == secret
    assert len(sealed) == len(secret) + 1 + 4 + 12 + 16


def test_it_hides_and_never_repeats():
    sealer = Sealer(KEY)
    secret = b"a secret of some length, in the clear"
    first, second = (sealer.seal(secret, **PLACE) for _ in range(2))
    assert first != second
    assert secret not in first


@pytest.mark.parametrize("moved", [{"table": "customer"}, {"row": "dev_2"}, {"field": "model"}], ids=str)
def test_it_does_not_open_elsewhere(moved):
    sealer = Sealer(KEY)
    sealed = sealer.seal(b"secret", **PLACE)
    with pytest.raises(SealingError, match="moved"):
        sealer.open(sealed, **PLACE | moved)


@given(st.data())
def test_one_changed_bit_or_a_cut_is_noticed(data):
    sealer = Sealer(KEY)
    sealed = bytearray(sealer.seal(b"secret", **PLACE))
    position = data.draw(st.integers(0, len(sealed) * 8 - 1))
    cut = data.draw(st.integers(0, len(sealed) - 1))
    with pytest.raises(SealingError):
        sealer.open(bytes(sealed[:cut]), **PLACE)
    sealed[position // 8] ^= 1 << position % 8
    with pytest.raises(SealingError):
        sealer.open(bytes(sealed), **PLACE)


def test_an_old_key_opens_and_no_longer_seals():
    old = Sealer(KEY).seal(b"secret", **PLACE)
    rotated = Sealer(OTHER_KEY, KEY)
    assert rotated.open(old, **PLACE) == b"secret"
    new = rotated.seal(b"secret", **PLACE)
    assert Sealer(OTHER_KEY).open(new, **PLACE) == b"secret"
    with pytest.raises(SealingError, match="does not have"):
        Sealer(KEY).open(new, **PLACE)


def test_derived_keys_differ_by_purpose_and_key():
    assert Sealer(KEY).derive("a") == Sealer(KEY).derive("a")
    assert len({Sealer(KEY).derive("a"), Sealer(KEY).derive("b"), Sealer(OTHER_KEY).derive("a"), KEY}) == 4


def test_a_key_of_another_length_is_refused():
    with pytest.raises(ValueError, match="32 bytes"):
        Sealer(b"short")


def _opens(sealer, sealed):
    return sealer.open(sealed, **PLACE) == b"secret"


def test_the_key_file_is_made_once_and_kept_private(tmp_path):
    path = tmp_path / "new" / "sealing.key"
    settings = Settings(sealing_key_path=path)
    sealed = load_sealer(settings).seal(b"secret", **PLACE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert _opens(load_sealer(settings), sealed)
    assert [each.name for each in path.parent.iterdir()] == ["sealing.key"]


def test_beside_the_sqlite_file_unless_named(tmp_path):
    load_sealer(Settings(database_url=f"sqlite:///{tmp_path / 'stamp.db'}"))
    assert (tmp_path / "sealing.key").exists()


def test_the_environment_wins(tmp_path):
    text = base64.urlsafe_b64encode(KEY).decode().rstrip("=")
    settings = Settings(sealing_key=text, sealing_key_path=tmp_path / "sealing.key")
    assert _opens(Sealer(KEY), load_sealer(settings).seal(b"secret", **PLACE))
    assert not (tmp_path / "sealing.key").exists()
    assert text not in repr(settings)


def test_a_wrong_key_names_its_source(tmp_path):
    path = tmp_path / "sealing.key"
    for content in (b"", b"c2hvcnQ", b"\xff" * 32, b"!" * 43):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"sealing\.key: 32 bytes"):
            load_sealer(Settings(sealing_key_path=path))
    with pytest.raises(ValueError, match="STAMP_SEALING_KEY"):
        load_sealer(Settings(sealing_key="short"))


def test_processes_that_start_at_once_agree_on_one_key(tmp_path):
    settings = Settings(sealing_key_path=tmp_path / "sealing.key")
    barrier = threading.Barrier(8)
    sealers = []

    def start():
        barrier.wait()
        sealers.append(load_sealer(settings))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sealed = sealers[0].seal(b"secret", **PLACE)
    assert all(_opens(sealer, sealed) for sealer in sealers)
    assert len(sealers) == 8
