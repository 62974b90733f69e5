"""A filter of system calls for bubblewrap: what no answer needs, and what gets around the other
limits.

Memory in files without a name (memfd, System V) is counted by no limit of a process; the others
widen what the kernel offers to an attack. Each of them fails with "not permitted". A program for
the kernel's classic BPF is a list of instructions (code, jump if true, jump if false, constant),
see Linux's Documentation/userspace-api/seccomp_filter.rst.
"""

import platform
import struct

_NAMES = (
    *(
        "memfd_create",
        "memfd_secret",
        "shmget",
        "msgget",
        "semget",
        "add_key",
        "request_key",
        "keyctl",
        "ptrace",
    ),
    *(
        "process_vm_readv",
        "process_vm_writev",
        "bpf",
        "perf_event_open",
        "userfaultfd",
        "io_uring_setup",
        "unshare",
    ),
    *("setns", "mount"),
    # there is nothing to talk to; asyncio's own pair of sockets is another call
    *("socket", "pidfd_getfd"),
    # the model's cache is everybody's: who holds a lock on its files holds everybody back
    "flock",
)
# The kernel's number of each call, in the order of the names, and of the machine (AUDIT_ARCH_…).
_NUMBERS = {
    "x86_64": (
        319,
        447,
        29,
        68,
        64,
        248,
        249,
        250,
        101,
        310,
        311,
        321,
        298,
        323,
        425,
        272,
        308,
        165,
        41,
        438,
        73,
    ),
    "aarch64": (
        279,
        447,
        194,
        186,
        190,
        217,
        218,
        219,
        117,
        270,
        271,
        280,
        241,
        282,
        425,
        97,
        268,
        40,
        198,
        438,
        32,
    ),
}
# Locks go through fcntl as well, which is needed for much else: its commands for locks and leases.
_FCNTL = {"x86_64": 72, "aarch64": 25}
_LOCKS = (6, 7, 37, 38, 1024)  # F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW, F_SETLEASE
_MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050001, 0x80000000  # refuse: errno 1, EPERM
_SECOND_ARGUMENT = 24  # where it stands in seccomp_data, its low half
_OTHER_CALLS = 0x40000000  # x86_64 has every call a second time above this number (x32)


def program(machine: str | None = None) -> bytes:
    """The filter for this machine, or for the one named; empty for a machine that is not known
    here.
    """
    machine = machine or platform.machine()
    if machine not in _NUMBERS:
        return b""
    numbers = dict(zip(_NAMES, _NUMBERS[machine], strict=True)).values()
    refused = [(_IF_EQUAL, number) for number in numbers]
    locks = [(_IF_EQUAL, command) for command in _LOCKS]
    steps = [
        (_LOAD, 0, 0, 4),
        (_IF_EQUAL, 1, 0, _MACHINES[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),
    ]
    checks = [(_IF_AT_LEAST, _OTHER_CALLS), *refused]
    # from the first check to the last step, which refuses: the other checks, fcntl, and "allow"
    last = len(checks) + len(locks) + 2
    steps += [(code, last - place, 0, value) for place, (code, value) in enumerate(checks)]
    steps += [(_IF_EQUAL, 0, 1 + len(locks), _FCNTL[machine]), (_LOAD, 0, 0, _SECOND_ARGUMENT)]
    steps += [(code, len(locks) - place, 0, value) for place, (code, value) in enumerate(locks)]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
