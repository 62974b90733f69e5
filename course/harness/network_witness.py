"""Writes down every attempt to leave this machine: offline.py has each Python read this file before
anything else.

Connections by way of Unix sockets and of the loopback, which notebooks need, are none of our
business.
"""

import os
import sys
import traceback
from typing import Any

_WITH_ADDRESS = {"socket.connect", "socket.sendto", "socket.sendmsg"}
_WITH_NAME = {"socket.getaddrinfo", "socket.gethostbyname", "socket.getnameinfo"}


def _is_here(host: object) -> bool:
    host = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    return host in (None, "", "localhost", "::1", "0.0.0.0", "::") or str(host).startswith("127.")


def _record(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _WITH_ADDRESS:
        address = arguments[1]
        # text is the path of a Unix socket
        host = address[0] if isinstance(address, tuple) else None
    elif event in _WITH_NAME:
        host = arguments[0][0] if isinstance(arguments[0], tuple) else arguments[0]
    else:
        return
    if not _is_here(host):
        where = "".join(traceback.format_stack()[-8:-1])
        with open(os.environ["GLASSBOX_NETWORK_LOG"], "a", encoding="utf-8") as log:
            log.write(f"{event} {host!r} in {sys.argv}\n{where}\n")


sys.addaudithook(_record)
