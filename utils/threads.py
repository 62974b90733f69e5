"""How many threads torch takes, and what they do while they wait: settled before torch is loaded.

Two defaults make a busy or a shared computer crawl. Threads that wait for each other run in circles
at full speed, and take the processor from the one that they wait for. And a container that may use
two processors of sixty-four gets sixty-four threads. Who has set the variables keeps them.
"""

import math
import os
import sys
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")


def allowed_processors(cgroup: Path = CGROUP) -> float:
    """How many processors a container may use at a time, by its quota; infinity without one.

    Linux writes it down as time per period: https://docs.kernel.org/admin-guide/cgroup-v2.html
    (cpu.max), and in the older form as cpu.cfs_quota_us and cpu.cfs_period_us.
    """
    try:
        quota, period = (cgroup / "cpu.max").read_text().split()
    except (OSError, ValueError):
        try:
            quota = (cgroup / "cpu" / "cpu.cfs_quota_us").read_text().strip()
            period = (cgroup / "cpu" / "cpu.cfs_period_us").read_text().strip()
        except OSError:
            return math.inf
    if quota in ("max", "-1"):
        return math.inf
    return int(quota) / int(period)


def settle(cgroup: Path = CGROUP) -> None:
    """Set what torch's threads read when torch is loaded. Afterwards it would change nothing."""
    if "torch" in sys.modules:
        return
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    allowed = allowed_processors(cgroup)
    if allowed < (os.cpu_count() or 1):
        os.environ.setdefault("OMP_NUM_THREADS", str(max(1, int(allowed))))
