"""base64url: one text for some bytes, one meaning for a text."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stampsdk.protocol import base64url


@given(st.binary(max_size=100))
def test_what_is_written_is_read_back(data):
    text = base64url.encode(data)
    assert base64url.decode(text) == data
    assert text == base64.urlsafe_b64encode(data).decode().rstrip("=")


@given(st.text(alphabet="AQgwBRhx_-=+/ \n9", max_size=9))
def test_every_text_is_refused_or_canonical(text):
    try:
        data = base64url.decode(text)
    except ValueError:
        return
    assert base64url.encode(data) == text


@pytest.mark.parametrize("text", ["A", "AB", "AAB", "QQ==", "QQ=", "Q Q", "QQ\n", "+A", "/A", "é", "QUJDR"])
def test_second_forms_are_refused(text):
    with pytest.raises(ValueError, match="base64url"):
        base64url.decode(text)
