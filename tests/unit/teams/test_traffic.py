"""The bytes that are counted: against a ring that is played by hand, against what each operation
was given, and against what a network interface of its own has carried.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import torch.distributed as dist

from utils.teams.processes import ProcessTeam
from utils.teams.traffic import sent_share

ROOT = Path(__file__).resolve().parents[3]


def ring_all_reduce(rows: list[list[float]]) -> tuple[list[list[float]], list[int]]:
    """Processes in a ring pass one piece at a time to the right: first adding up, then copying. The
    results, and how many numbers each has sent.
    """
    size, piece = len(rows), len(rows[0]) // len(rows)
    rows, sent = [list(row) for row in rows], [0] * size
    for adding in (True, False):
        for turn in range(size - 1):
            packets = []
            for rank in range(size):
                which = (rank - turn + (0 if adding else 1)) % size
                span = slice(which * piece, (which + 1) * piece)
                packets.append((span, rows[rank][span]))
                sent[rank] += piece
            for rank in range(size):
                span, numbers = packets[rank - 1]
                mine = rows[rank][span]
                rows[rank][span] = (
                    [a + b for a, b in zip(mine, numbers, strict=True)] if adding else numbers
                )
    return rows, sent


@pytest.mark.parametrize("size", [2, 3, 5])
def test_the_share_is_that_of_a_ring(size):
    generator = torch.Generator().manual_seed(size)
    given = torch.randint(100, (size, 4 * size), generator=generator).double()
    results, sent = ring_all_reduce(given.tolist())
    assert results == [given.sum(dim=0).tolist()] * size  # so the ring is a ring
    assert sent == [pytest.approx(sent_share("all_reduce", size) * 4 * size)] * size
    halves = sent_share("reduce_scatter", size) + sent_share("all_gather", size)
    assert halves == pytest.approx(sent_share("all_reduce", size))
    assert sent_share("send", size) == 1


def every_operation(me):
    numbers = torch.ones(12, dtype=torch.float64)  # 96 bytes
    dist.all_reduce(numbers)
    dist.all_reduce(numbers[:5].clone())
    dist.broadcast(numbers, src=1)
    gathered = torch.empty(24, dtype=torch.float32)
    dist.all_gather_into_tensor(gathered, gathered[:12].clone())
    dist.all_gather([torch.empty(3), torch.empty(3)], torch.ones(3))
    dist.reduce_scatter_tensor(torch.empty(6, dtype=torch.float64), numbers)
    if me.rank == 0:
        dist.send(torch.ones(7), dst=1)
    else:
        dist.recv(torch.empty(7), src=0)
    dist.barrier()
    return None


def test_each_operation_counts_what_it_is_given():
    with ProcessTeam(2) as team:
        first, second = (one.sent for one in team.run(every_operation))
    for sent in (first, second):
        assert sent["all_reduce"] == {"calls": 2, "bytes": 96 + 40}  # 2 (w - 1) / w = 1
        assert sent["broadcast"] == {"calls": 1, "bytes": 48}
        assert sent["all_gather"] == {"calls": 2, "bytes": 48 + 12}
        assert sent["reduce_scatter"] == {"calls": 1, "bytes": 48}
    assert first["send"] == {"calls": 1, "bytes": 28}
    assert "send" not in second and "barrier" not in first


def heavy(me, operation):
    numbers = torch.ones(500_000)
    for _ in range(3):
        if operation == "all_reduce":
            dist.all_reduce(numbers)
        elif operation == "broadcast":
            dist.broadcast(numbers, src=0)
        elif operation == "all_gather":
            dist.all_gather_into_tensor(numbers, numbers[me.rank :: me.size].clone())
        elif me.rank == 0:
            dist.send(numbers, dst=1)
        else:
            dist.recv(numbers, src=0)
    dist.barrier()


WIRE = """
import json, sys, psutil
sys.path.insert(0, {folder!r})
from test_traffic import ProcessTeam, every_operation, heavy
with ProcessTeam(2) as team:
    team.run(every_operation)
    for operation in ("all_reduce", "broadcast", "all_gather", "send"):
        before = psutil.net_io_counters(pernic=True)["lo"].bytes_sent
        outcomes = team.run(heavy, operation)
        after = psutil.net_io_counters(pernic=True)["lo"].bytes_sent
        counted = sum(one.sent.get(operation, {{"bytes": 0}})["bytes"] for one in outcomes)
        print(json.dumps([operation, counted, after - before]))
"""


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs a network of its own (bwrap)")
def test_the_wire_carries_what_is_counted():
    """In a network that nobody else uses; headers come on top."""
    script = WIRE.format(folder=str(Path(__file__).parent))
    variables = dict(os.environ) | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    apart = ["bwrap", "--dev-bind", "/", "/", "--unshare-net", "--"]
    done = subprocess.run(
        [*apart, sys.executable, "-c", script], capture_output=True, text=True, env=variables
    )
    assert done.returncode == 0, done.stderr[-2000:]
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line[0] for line in lines] == ["all_reduce", "broadcast", "all_gather", "send"]
    for operation, counted, carried in lines:
        assert counted >= 3 * 10**6
        assert 1.0 <= carried / counted < 1.03, operation
