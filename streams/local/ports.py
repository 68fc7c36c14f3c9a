"""TCP ports on loopback: which are free, and what a taken one is answered with."""

import errno
import os
import socket

from schemas.errors import RefusedToStart

LOOPBACK = "127.0.0.1"
_FIRST, _LAST = 20_000, 32_000  # below the range that outgoing connections take their ports from


def is_free(port: int) -> bool:
    """Whether we could listen on `port` of the loopback address now.

    Connections of a server that has just ended (TIME_WAIT) do not count as taken.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise RefusedToStart(f"cannot listen on port {port}: {error.strerror}") from None
        return True


def refuse_taken(name: str, *ports: int) -> None:
    """Raise `RefusedToStart` when one of `ports`, which `name` wants, is not free."""
    for port in ports:
        if not is_free(port):
            raise RefusedToStart(
                f"port {port} is taken by another process; {name} needs it: stop that process or set another port"
            )


def free_ports(count: int = 1) -> int:
    """The first of `count` free ports in a row.

    Nothing reserves them: ask just before use. The search begins at a place of this process's own, so that two test
    runs seldom meet.
    """
    span = _LAST - _FIRST - count
    start = os.getpid() * 97 % span
    for step in range(0, span, count):
        first = _FIRST + (start + step) % span
        if all(is_free(first + i) for i in range(count)):
            return first
    raise RefusedToStart(f"no {count} free ports in a row between {_FIRST} and {_LAST}")
