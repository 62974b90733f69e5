"""Teams of two real processes: they do what they are told, and whatever happens, they end, and a
sentence says why.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest
import torch
import torch.distributed as dist

from utils.teams.failures import TeamError
from utils.teams.processes import ProcessTeam

ROOT = Path(__file__).resolve().parents[3]
FACTOR = 7  # travels with the functions that mention it


def tenfold(number: Sequence[int] | int) -> "int":  # names that do not travel
    return 10 * number


def add_up(me, start):
    number = torch.full((3,), tenfold(start + me.rank) * FACTOR, dtype=torch.float64)
    dist.all_reduce(number)
    print("I am", me.rank, "of", me.size)
    return {"sum": number, "device": str(me.device)}


def process_number(me):
    return os.getpid()


def fail_in_one(me, rank):
    if me.rank == rank:
        raise ValueError("this batch is spoilt")
    dist.barrier()


def mention_what_stays(me):
    return left_at_home


def return_what_cannot_travel(me):
    return {1, 2}


def leave_with(me, code):
    if me.rank == 0:
        sys.stderr.write("I have had enough\n")
        sys.stderr.flush()
        os._exit(code)
    dist.barrier()


def barriers_for_ever(me):
    while True:
        dist.barrier()


def wait_for_nobody(me):
    if me.rank == 1:
        dist.barrier()


@pytest.fixture(scope="module")
def team():
    with ProcessTeam(2, patience=4) as team:
        yield team


def gone(pids) -> bool:
    """Whether these processes have ended; waits a little, for a busy machine."""
    _, alive = psutil.wait_procs([psutil.Process(p) for p in pids if psutil.pid_exists(p)], 60)
    return not alive


def test_both_do_what_a_function_of_the_notebook_says(team, capsys):
    outcomes = team.run(add_up, 3)
    assert [one.value["sum"] for one in outcomes] == [[10.0 * 7 * (3 + 4)] * 3] * 2
    # an all_reduce of 3 numbers of 8 bytes, between two
    assert [one.sent for one in outcomes] == [{"all_reduce": {"calls": 1, "bytes": 24}}] * 2
    assert all(one.cpu_seconds > 0 for one in outcomes)
    assert capsys.readouterr().out == "rank 0: I am 0 of 2\nrank 1: I am 1 of 2\n"


def test_they_are_other_processes_and_stay_from_job_to_job(team):
    first, again = ([one.value for one in team.run(process_number)] for _ in range(2))
    assert first == again == team.pids()
    assert len({*first, os.getpid()}) == 3


@pytest.mark.parametrize("rank", [0, 1])
def test_what_one_raises_reaches_the_learner_and_the_other_is_ended(team, rank):
    team.run(process_number)
    pids = team.pids()
    with pytest.raises(TeamError) as raised:
        team.run(fail_in_one, rank)
    assert re.fullmatch(
        rf"rank {rank} of 2 raised ValueError: this batch is spoilt \(line 3 of fail_in_one: "
        r'raise ValueError\("this batch is spoilt"\)\)\. The other processes have been ended.*',
        str(raised.value),
    )
    assert team.pids() == [] and gone(pids)


def test_a_name_of_the_notebook_that_does_not_travel_is_explained(team):
    with pytest.raises(TeamError, match=r"'left_at_home' is not defined; .*make it inside"):
        team.run(mention_what_stays)


def test_a_value_that_cannot_travel_is_explained(team):
    with pytest.raises(TeamError, match="returned a set: return numbers, texts, lists, dicts or"):
        team.run(return_what_cannot_travel)


def test_an_exit_is_told_with_the_last_words(team):
    with pytest.raises(TeamError, match=r"rank 0 of 2 ended .* exit code 3\.(.|\n)*had enough$"):
        team.run(leave_with, 3)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals")
@pytest.mark.parametrize("rank", [0, 1])
def test_one_that_is_killed_is_named_and_nobody_stays(team, rank):
    team.run(process_number)
    pids = team.pids()
    killer = threading.Timer(1.0, os.kill, (pids[rank], signal.SIGKILL))
    killer.start()
    with pytest.raises(TeamError, match=rf"^rank {rank} of 2 was killed \(SIGKILL\) during barri"):
        team.run(barriers_for_ever)
    killer.join()
    assert gone(pids)
    assert [one.value for one in team.run(process_number)] == team.pids() != pids  # a new team


def test_one_that_was_killed_between_two_jobs_is_named(team):
    team.run(process_number)
    psutil.Process(team.pids()[1]).kill()
    with pytest.raises(TeamError, match=r"^rank 1 of 2 .* during process_number"):
        team.run(process_number)


def test_a_team_that_hangs_says_where(team):
    team.run(process_number)
    pids = team.pids()
    with pytest.raises(TeamError) as raised:
        team.run(wait_for_nobody)
    assert "for 4 seconds no process has done anything. rank 0 has finished; " in str(raised.value)
    assert "rank 1 waits at line 3 of wait_for_nobody: dist.barrier()." in str(raised.value)
    assert gone(pids)


def test_a_port_that_is_taken_is_in_nobodys_way(monkeypatch):
    """They meet in a folder."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("MASTER_ADDR", "127.0.0.1")
        monkeypatch.setenv("MASTER_PORT", str(taken.getsockname()[1]))
        with ProcessTeam(2) as team:
            assert [one.value["device"] for one in team.run(add_up, 1)] == ["cpu", "cpu"]
            assert not listening_to_others(team.pids())


def listening_to_others(pids) -> list:
    """Addresses beside this machine's own at which these processes listen."""
    found = [psutil.Process(pid).net_connections(kind="inet") for pid in pids]
    return [
        one.laddr
        for connections in found
        for one in connections
        if one.status == psutil.CONN_LISTEN and one.laddr.ip not in ("127.0.0.1", "::1")
    ]


STARTER = """
import json, sys
sys.path.insert(0, {folder!r})
from test_processes import ProcessTeam, barriers_for_ever, process_number
team = ProcessTeam(2)
team.run(process_number)
print(json.dumps([team.pids(), str(team._live.folder)]), flush=True)
team.run({work})
"""


@pytest.mark.parametrize("work", ["barriers_for_ever", "input"])
def test_nobody_stays_when_the_notebook_is_killed(work):
    """In the midst of a job, and between jobs."""
    script = STARTER.format(folder=str(Path(__file__).parent), work=work)
    if work == "input":
        script = script.replace("team.run(input)", "input()")
    variables = dict(os.environ) | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    starter = subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=variables,
    )
    with starter:
        pids, folder = json.loads(starter.stdout.readline())
        time.sleep(0.5)
        assert all(map(psutil.pid_exists, pids))
        starter.kill()
    assert gone(pids)
    assert not Path(folder).exists()


def test_an_interrupt_ends_the_team(monkeypatch):
    team = ProcessTeam(2)
    team.run(process_number)
    pids = team.pids()

    def interrupt(seconds):
        raise KeyboardInterrupt

    monkeypatch.setattr("utils.teams.processes.time.sleep", interrupt)
    with pytest.raises(KeyboardInterrupt):
        team.run(barriers_for_ever)
    assert team.pids() == [] and gone(pids)


def test_closing_twice_does_nothing():
    team = ProcessTeam(1)
    assert team.run(process_number)[0].value == team.pids()[0]
    pids = team.pids()
    team.close()
    team.close()
    assert gone(pids)


def test_a_team_of_nobody_is_refused():
    with pytest.raises(ValueError, match="a team of 0 was asked for; give a whole number from 1"):
        ProcessTeam(0)
