"""Which proxy a URL is asked through: the configured one, else what the environment says. Pure."""

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit


def choose_proxy(url: str, configured: str, environ: Mapping[str, str]) -> str:
    """Return the proxy's URL, "" for none.

    What is configured always holds; `HTTP(S)_PROXY` does not for this machine, nor for what `NO_PROXY` names: hosts,
    domains, networks (`10.0.0.0/8`), each with a port or without, or `*`. Lower case wins, as everywhere.
    """
    if configured:
        return configured
    parts = urlsplit(url)
    found = _variable(environ, f"{parts.scheme}_proxy") or _variable(environ, "all_proxy")
    host = (parts.hostname or "").lower()
    if not found or _is_local(host) or _excepted(host, parts.port, _variable(environ, "no_proxy")):
        return ""
    return found if "://" in found else f"http://{found}"


def _variable(environ: Mapping[str, str], name: str) -> str:
    return (environ.get(name) or environ.get(name.upper()) or "").strip()


def _is_local(host: str) -> bool:
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _excepted(host: str, port: int | None, no_proxy: str) -> bool:
    return any(_names(rule.strip().lower(), host, port) for rule in no_proxy.split(","))


def _names(rule: str, host: str, port: int | None) -> bool:
    if not rule:
        return False
    if rule == "*":
        return True
    name, colon, number = rule.rpartition(":")
    if colon and number.isdigit() and ":" not in name:
        if port != int(number):
            return False
        rule = name
    address = _address(host)
    if address is not None:
        return _contains(rule, address)
    rule = rule.removeprefix("*").removeprefix(".")
    return host == rule or host.endswith(f".{rule}")


def _contains(rule: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    try:
        return address in ipaddress.ip_network(rule.strip("[]"), strict=False)
    except ValueError:
        return False


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
