"""What may be known of a network address: the network it counts as, and its coarse class."""

import ipaddress
from typing import Final

__all__ = ["address_class", "network"]

_IPV6_NETWORK_BITS: Final = 64


def network(address: str) -> str:
    """Return what an address counts as in limits.

    Parameters
    ----------
    address
        Of the client, as the server sees it.

    Returns
    -------
    str
        The address itself; of an IPv6 address its network of 64 bits, since a
        household has all of its addresses. A text that is no address stays as it is.
    """
    parsed = _parsed(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, _IPV6_NETWORK_BITS), strict=False))
    return address if parsed is None else str(parsed)


def address_class(address: str) -> str:
    """Class an address: ``loopback``, ``private``, ``ipv4``, ``ipv6``, or ``unknown`` when it is none."""
    parsed = _parsed(address)
    if parsed is None:
        return "unknown"
    if parsed.is_loopback:
        return "loopback"
    if parsed.is_private:
        return "private"
    return f"ipv{parsed.version}"


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(address)
    except ValueError:
        return None
