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
    ),
}
_MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050001, 0x80000000  # refuse: errno 1, EPERM
_OTHER_CALLS = 0x40000000  # x86_64 has every call a second time above this number (x32)


def program(machine: str | None = None) -> bytes:
    """The filter for this machine, or for the one named; empty for a machine that is not known
    here.
    """
    machine = machine or platform.machine()
    if machine not in _NUMBERS:
        return b""
    numbers = dict(zip(_NAMES, _NUMBERS[machine], strict=True)).values()
    steps = [
        (_LOAD, 0, 0, 4),
        (_IF_EQUAL, 1, 0, _MACHINES[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),
    ]
    steps += [(_IF_AT_LEAST, len(numbers) + 1, 0, _OTHER_CALLS)]
    steps += [(_IF_EQUAL, len(numbers) - place, 0, number) for place, number in enumerate(numbers)]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
