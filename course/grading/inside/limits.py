"""The limits of a worker: set by itself before any of a student's code runs, and hard, so that
nothing raises them.

They bound one process. What all processes of a sandbox take together is for the watch in sandbox/.
"""

import sys

MIB = 2**20


def apply(cpu: int, address: int, file: int, processes: int, files: int) -> None:
    """Bound the seconds of CPU, MiB of address space, MiB of a file, processes of the user, open
    files.

    Windows has no such limits; there only the deadlines hold.
    """
    if sys.platform == "win32":
        return
    import resource as r

    wanted = [
        (r.RLIMIT_CPU, cpu),
        (r.RLIMIT_FSIZE, file * MIB),
        (r.RLIMIT_NOFILE, files),
        (r.RLIMIT_CORE, 0),
    ]
    if sys.platform == "linux":  # macOS knows these too, but counts otherwise
        wanted += [(r.RLIMIT_AS, address * MIB), (r.RLIMIT_NPROC, processes)]
    for which, most in wanted:
        _, hard = r.getrlimit(which)
        bound = most if hard == r.RLIM_INFINITY else min(most, hard)
        r.setrlimit(which, (bound, bound))
