"""Where the capture page can be reached, and a QR code for a phone's camera."""

import io
import socket

import segno

#: A documentation address (RFC 5737): asking the kernel for the way there sends nothing.
_SOMEWHERE = ("192.0.2.1", 9)


def lan_address() -> str | None:
    """Return this computer's address in its network, or None when it has none but loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_SOMEWHERE)
        except OSError:
            return None
        address = str(probe.getsockname()[0])
    return None if address.startswith("127.") else address


def free_port(wanted: int, host: str) -> int:
    """Return the wanted TCP port when nobody holds it, else one that is free."""
    for port in (wanted, 0):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError(f"no TCP port is free on {host}")


def qr_code(address: str) -> str:
    """Draw an address as a QR code out of block characters, for a terminal."""
    drawing = io.StringIO()
    segno.make(address, error="l").terminal(out=drawing, compact=True, border=2)
    return drawing.getvalue()
