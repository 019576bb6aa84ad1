"""Which addresses a manifest or a redirect may lead to: public ones, and the stand-in's own."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from strandline.errors import DownloadError
from strandline.tidal.transport import same_origin

_LOCAL_NAMES = ("localhost", "local", "internal", "lan", "home", "home.arpa", "intranet")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def check_address(url: str, origin: str | None) -> None:
    """DownloadError ``forbidden_address`` unless ``url`` is public, or below ``origin``.

    Names are not looked up: what a public name leads to is the name server's word.
    """
    if not _allowed(url, origin):
        raise DownloadError(
            "TIDAL's answer leads to an address that is not on the internet; it was not followed.",
            code="forbidden_address",
        )


def _allowed(url: str, origin: str | None) -> bool:
    if not url.isascii() or not url.isprintable() or "\\" in url or " " in url:
        return False
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
        if origin is not None and same_origin(parts, urlsplit(origin)):
            return "@" not in parts.netloc
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return False
    return _is_public(host.rstrip("."))


def _is_public(host: str) -> bool:
    address = _literal(host)
    if address is not None:
        return address.is_global and not address.is_multicast
    labels = host.lower().split(".")
    local = any(host.lower() == name or host.lower().endswith("." + name) for name in _LOCAL_NAMES)
    return len(labels) > 1 and all(labels) and not local


def _literal(host: str) -> Address | None:
    """The IP address that a host is, in any spelling a resolver takes: 127.1, 0x7f000001."""
    try:
        address: Address = ipaddress.ip_address(host)
    except ValueError:
        try:
            address = ipaddress.IPv4Address(socket.inet_aton(host))
        except (OSError, ValueError):
            return None
    return _embedded(address) or address


def _embedded(address: Address) -> Address | None:
    """The IPv4 address within an IPv6 one: mapped, 6to4, or behind a NAT64."""
    if not isinstance(address, ipaddress.IPv6Address):
        return None
    if address in ipaddress.IPv6Network("64:ff9b::/96"):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
