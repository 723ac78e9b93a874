"""Where a host is: its addresses, each checked to be public before anything connects to it."""

import ipaddress
import socket
from collections.abc import Collection
from queue import Empty, SimpleQueue
from threading import Thread

from forecast.errors import Fault

type Found = list[tuple[socket.AddressFamily, tuple[str, int]]]

_CARRIES_IPV4 = ipaddress.ip_network("64:ff9b::/96")
"""NAT64: the last 32 bits are an address of IPv4."""


class RefusedError(Exception):
    """A host that is not to be, or cannot be, connected to.

    Attributes
    ----------
    fault : Fault
    """

    def __init__(self, problem: str, remedy: str, value: str) -> None:
        self.fault = Fault(problem, remedy, value=value)
        super().__init__(problem)


def addresses_of(host: str, port: int, *, private: Collection[str], seconds: float) -> Found:
    """Return the addresses of a host, to be connected to as they are and never looked up again.

    Parameters
    ----------
    host, port
        Its name, or an address in any spelling.
    private
        Hosts that may have addresses that are not public, written as `host` is.
    seconds
        How long the look-up may take.

    Raises
    ------
    RefusedError
        If there is none, or if any of them is private and the host is not named.
    """
    found = _looked_up(host, port, seconds)
    named = host in private
    hidden = [address for _, (address, _) in found if not is_public(address)]
    if hidden and not named:
        raise RefusedError(
            f"leads into a private network ({hidden[0]})",
            f'If that is meant, write private_hosts = ["{host}"] below [inbox] in forecast.toml.',
            host,
        )
    return found


def is_public(address: str) -> bool:
    """Return whether an address is one of the public internet.

    Examples
    --------
    >>> is_public("93.184.216.34"), is_public("10.0.0.1"), is_public("::ffff:127.0.0.1")
    (True, False, False)
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return is_public(str(found.ipv4_mapped))
        inner = [found.sixtofour, *(found.teredo or ())]
        if found in _CARRIES_IPV4:
            inner.append(ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF))
        if any(each is not None and not is_public(str(each)) for each in inner):
            return False
        if found.is_site_local:
            return False
    return found.is_global and not (found.is_multicast or found.is_reserved)


def _looked_up(host: str, port: int, seconds: float) -> Found:
    """Ask for a host's addresses on a thread: the system's look-up has no time limit."""
    answers: SimpleQueue[Found | OSError] = SimpleQueue()

    def ask() -> None:
        try:
            told = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put([(family, (str(place[0]), port)) for family, _, _, _, place in told])
        except (OSError, UnicodeError, ValueError) as error:
            answers.put(OSError(str(error)))

    Thread(target=ask, daemon=True).start()
    try:
        found = answers.get(timeout=max(seconds, 0.001))
    except Empty:
        raise RefusedError("its host was not found in time", "Try again later.", host) from None
    if isinstance(found, OSError) or not found:
        remedy = "Check the address, and the network of this machine."
        raise RefusedError("its host is not known", remedy, host)
    return found
