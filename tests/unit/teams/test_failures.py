"""Which process was the first to fail, and what is said about it."""

import signal

import pytest

from utils.teams.failures import Trouble, first_cause, hung, sentence


def raised(rank, at, what="RuntimeError: Connection closed by peer", code=None):
    error = {"what": what, "where": f"line {rank + 4} of work: step()", "at": at}
    return Trouble(rank, code, error, "")


def ended(rank, code, written=""):
    return Trouble(rank, code, None, written)


@pytest.mark.parametrize(
    ("troubles", "first"),
    [
        ([raised(0, at=5.0), ended(1, -signal.SIGKILL)], 1),  # rank 0 lost its partner
        ([ended(0, 3), raised(1, at=1.0)], 0),
        ([raised(0, at=7.5), raised(1, at=7.2), raised(2, at=7.9)], 1),
        ([ended(0, -signal.SIGABRT), raised(1, at=7.2)], 1),  # NCCL aborts on a lost partner
        ([ended(2, -signal.SIGABRT)], 2),
    ],
)
def test_the_first_cause(troubles, first):
    assert first_cause(troubles).rank == first
    assert first_cause(reversed(troubles)).rank == first


def test_what_is_said():
    assert sentence(raised(1, 2.0, "ValueError: bad"), 4, "work").startswith(
        "rank 1 of 4 raised ValueError: bad (line 5 of work: step()). The other processes"
    )
    killed = sentence(ended(2, -signal.SIGTERM), 3, "work")
    assert killed.startswith("rank 2 of 3 was killed (SIGTERM) during work: ")
    left = sentence(ended(0, 5, "".join(f"line {n}\n" for n in range(20))), 2, "work")
    assert "rank 0 of 2 ended during work with exit code 5." in left
    assert left.endswith("line 18\nline 19") and "line 13\n" not in left
    assert sentence(ended(0, 1), 2, "work").endswith("It said nothing.")


def test_who_hangs_where():
    said = hung({0: "line 3 of f: dist.recv(x, 1)"}, [2], 3, "f", 7.5)
    assert "f hangs: for 7.5 seconds no process has done anything. " in said
    assert "rank 0 waits at line 3 of f: dist.recv(x, 1); rank 1 waits at a place that" in said
    assert "; rank 2 has finished." in said
