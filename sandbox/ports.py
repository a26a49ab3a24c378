"""A port for a server that is to be started."""

import random
import socket

# Below those that systems give to outgoing connections (32768 on on Linux, 49152 on elsewhere): one of these would take
# a port that was free a moment ago.
PORTS = range(20_000, 32_000)


def free_port() -> int:
    """One of 127.0.0.1 that nobody listens on now."""
    while True:
        port = random.choice(PORTS)
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port
