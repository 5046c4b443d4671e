"""A TUIO 1.1 source: tips on a surface, told over UDP by OSC 1.0 messages of its own making."""

import socket
import struct

_ADDRESS = "/tuio/2Dcur"


def _text(value):
    data = value.encode() + b"\0"
    return data + b"\0" * (-len(data) % 4)


def _message(*arguments):
    tags, data = ",", b""
    for value in arguments:
        if isinstance(value, str):
            tags, data = tags + "s", data + _text(value)
        elif isinstance(value, int):
            tags, data = tags + "i", data + struct.pack(">i", value)
        else:
            tags, data = tags + "f", data + struct.pack(">f", value)
    return _text(_ADDRESS) + _text(tags) + data


def _bundle(*messages):
    parts = b"".join(struct.pack(">i", len(message)) + message for message in messages)
    return b"#bundle\0" + struct.pack(">Q", 1) + parts


class Tuio:
    """Sends frames to host and port."""

    def __init__(self, host, port) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._to, self._number = (host, port), 0

    def frame(self, tips):
        """Tell all tips: {number: (x, y)}, 0 to 1, y down; a number that is missing has been lifted."""
        self._number += 1
        places = [_message("set", tip, float(x), float(y), 0.0, 0.0, 0.0) for tip, (x, y) in tips.items()]
        self._socket.sendto(
            _bundle(_message("alive", *tips), *places, _message("fseq", self._number)), self._to
        )

    def close(self):
        self._socket.close()
