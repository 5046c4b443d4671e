"""The device's memory: private, whole or absent, and never thrown away in silence."""

import json
import os
import stat
from pathlib import Path

import pytest

from stampsdk.client import StoreError
from stampsdk.client.store import FileStore, Memory, Pending
from tests.client.test_phone import FIVE

FULL = Memory(
    device="dev_1",
    customer="cus_1",
    algorithm="HS256",
    key="AAAA",
    token="dt_1",
    recovery_code="코드",
    pending=(Pending("a.b.c", "stamp"), Pending("d.e.f", "redeem")),
    receipt_keys={"keys": []},
)


def test_what_is_saved_is_loaded_by_another_store(tmp_path):
    path = tmp_path / "made" / "on" / "demand" / "phone.json"
    FileStore(path).save(FULL)
    assert FileStore(path).load() == FULL
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["phone.json"]


def test_a_folder_gets_a_file(tmp_path):
    FileStore(tmp_path).save(FULL)
    assert FileStore(tmp_path / "stamp-device.json").load() == FULL


def test_a_wide_open_umask_does_not_open_the_key(tmp_path):
    before = os.umask(0)
    try:
        FileStore(tmp_path / "s").save(FULL)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o600


def test_a_crash_while_writing_leaves_the_old_file(tmp_path, monkeypatch):
    store = FileStore(tmp_path / "s")
    store.save(FULL)

    def crash(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", crash)
    with pytest.raises(StoreError, match="No space left"):
        store.update(token="dt_2")
    monkeypatch.undo()
    assert store.load() == FULL
    assert FileStore(tmp_path / "s").load() == FULL
    assert [p.name for p in tmp_path.iterdir()] == ["s"]


def test_a_file_cut_off_anywhere_is_moved_aside_and_said(tmp_path):
    FileStore(tmp_path / "whole").save(FULL)
    data = (tmp_path / "whole").read_bytes()
    for length in range(len(data)):
        path = tmp_path / f"{length}" / "phone.json"
        path.parent.mkdir()
        path.write_bytes(data[:length])
        store = FileStore(path)
        assert store.load() == Memory()
        assert "phone.json.damaged-1" in store.notice
        assert (path.parent / "phone.json.damaged-1").read_bytes() == data[:length]
        assert not path.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"\x00" * 100,
        b"[]",
        b"{}",
        b"null",
        b'{"version":"1"}',
        b"[" * 100_000,
        json.dumps({**FULL.to_json(), "token": None}).encode(),
        json.dumps({**FULL.to_json(), "device": 5}).encode(),
        json.dumps({**FULL.to_json(), "pending": {}}).encode(),
        json.dumps({**FULL.to_json(), "pending": [{}]}).encode(),
        json.dumps({**FULL.to_json(), "pending": 3}).encode(),
        json.dumps({**FULL.to_json(), "receipt_keys": []}).encode(),
    ],
)
def test_a_damaged_file_is_moved_aside_each_time(tmp_path, content, caplog):
    path = tmp_path / "phone.json"
    for number in (1, 2):
        path.write_bytes(content)
        store = FileStore(path)
        store.load()
        assert (tmp_path / f"phone.json.damaged-{number}").read_bytes() == content
        assert store.notice in caplog.text


def test_a_phone_with_a_damaged_store_says_so_and_enrols_anew(make_phone, tmp_path):
    old = make_phone()
    old.press(FIVE)
    code = old.recovery_code
    path = tmp_path / "phone.json"
    path.write_bytes(path.read_bytes()[:-9])
    new = make_phone()
    assert new.press(FIVE).card.stamps == 1
    assert "enrols anew" in new.store_notice
    new.recover(code)
    assert new.press(FIVE).card.stamps == 2


def test_a_key_that_cannot_be_used_is_named(make_phone, tmp_path):
    make_phone(algorithm="HS256").enrol()
    path = tmp_path / "phone.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "key": "AAAA"}))
    with pytest.raises(StoreError, match="cannot be used here"):
        make_phone().press(FIVE)


def test_a_file_of_a_newer_version_is_left_alone(tmp_path):
    path = tmp_path / "s"
    path.write_text('{"version": 2}')
    with pytest.raises(StoreError, match="newer version"):
        FileStore(path).load()
    assert path.read_text() == '{"version": 2}'


def test_a_place_that_cannot_be_used_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be"):
        FileStore(tmp_path / "file" / "below").load()
    with pytest.raises(StoreError, match="cannot be written"):
        FileStore(tmp_path / "file" / "below").save(FULL)
    assert isinstance(FileStore(tmp_path / "x").path, Path)
