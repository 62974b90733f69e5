"""Run a command without a network, and find out whether anything in it wanted one: `python -m
course.harness.offline COMMAND`.

What the lessons download is fetched first. Then the command runs in a network namespace of Linux
that has nothing but the loopback. Two witnesses are asked afterwards, and either makes the run a
failure:
  - the kernel of the system counts packets that had no way out, and names that could not be looked
    up, for every program in the namespace;
  - each Python in it writes down where it wanted to go, and from where in the code
    (network_witness.py).
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

# as root of a user namespace one may bring the loopback up
UNSHARE = ["unshare", "--map-root-user", "--net"]
WITNESS = Path(__file__).with_name("network_witness.py")
LOG = "GLASSBOX_NETWORK_LOG"
# Linux: the request that sets the flags of an interface, and the flag that means "up".
SIOCSIFFLAGS, IFF_UP = 0x8914, 1


def can_leave_the_network() -> bool:
    """Whether this machine lets us make a network namespace: Linux with util-linux, and nothing
    that forbids it.
    """
    if sys.platform != "linux":
        return False
    try:
        return subprocess.run([*UNSHARE, "true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def without_network(command: list[str]) -> int:
    """Fetch what the lessons need, then run `command` in a namespace of its own; its exit code, 1
    for a connection.

    Where there are no namespaces, it says so and the command runs as it is; in CI on Linux that is
    a failure.
    """
    if not can_leave_the_network():
        print(
            "The network stays on: this machine has no network namespaces (unshare --map-root-user "
            "--net).",
            flush=True,
        )
        if sys.platform == "linux" and os.environ.get("CI"):
            return 1
        return subprocess.call(command)
    course = [sys.executable, "-m", "course"]
    return subprocess.call([*course, "fetch", "--all"]) or subprocess.call(
        [*UNSHARE, *inside(command)]
    )


def inside(command: list[str]) -> list[str]:
    """The command that watches `command`, for use in a new namespace."""
    return [sys.executable, "-m", "course.harness.offline", "--inside", *command]


def watched(command: list[str]) -> int:
    """Run `command` in this namespace, which has no network; 1 in place of 0 if anything wanted to
    connect.
    """
    _loopback_up()
    before = _refused()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "attempts.txt"
        (Path(folder) / "sitecustomize.py").write_text(
            WITNESS.read_text(encoding="utf-8"), encoding="utf-8"
        )
        path = os.pathsep.join(filter(None, (folder, os.environ.get("PYTHONPATH"))))
        code = subprocess.call(command, env=os.environ | {"PYTHONPATH": path, LOG: str(log)})
        attempts = log.read_text(encoding="utf-8") if log.exists() else ""
    refused = _refused() - before
    if attempts or refused:
        print(
            f"Something wanted to connect ({refused} times by the system's count):\n{attempts}",
            flush=True,
        )
        return code or 1
    print("Nothing wanted to connect to anything outside this machine.", flush=True)
    return code


def _loopback_up() -> None:
    import fcntl  # here, because Windows has none
    import socket
    import struct

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))


def _refused() -> int:
    """How often, in this namespace, there was no route, or nobody at home where a name server
    should have been.
    """
    lines = Path("/proc/net/snmp").read_text(encoding="ascii").splitlines()
    counts: dict[str, int] = {}
    # a line of names, then a line of numbers
    for first, second in zip(lines[::2], lines[1::2], strict=True):
        protocol, *names = first.split()
        values = second.split()[1:]
        counts |= {protocol + name: int(value) for name, value in zip(names, values, strict=True)}
    six = dict(
        line.split() for line in Path("/proc/net/snmp6").read_text(encoding="ascii").splitlines()
    )
    return (
        counts["Ip:OutNoRoutes"]
        + counts["Udp:NoPorts"]
        + int(six["Ip6OutNoRoutes"])
        + int(six["Udp6NoPorts"])
    )


if __name__ == "__main__":
    first, *rest = sys.argv[1:]
    sys.exit(watched(rest) if first == "--inside" else without_network([first, *rest]))
