"""What a worker sees and may do, as far as that can be told without starting one; tests/grading
starts them.
"""

import platform
import queue
import re
import shutil
import struct
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import torch

from course.exercises import exercises
from course.grading.inside.wire import Decoder, Encoder
from course.grading.sandbox import code_folder, seccomp, session
from course.grading.sandbox import launch as sandbox
from course.grading.sandbox.session import LARGEST_CALL, _answer
from course.judging.exercise_source import reference

linux = pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap exists on Linux only")


# --- the worker's code -----------------------------------------------------------------------------------------------


def test_the_workers_folder_holds_two_folders_of_the_course_and_no_answer(tmp_path):
    folder = code_folder.build(tmp_path / "home")
    files = {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.suffix != ".pyc"
    }
    own = {name for name, path in files.items() if name.startswith("course/") and path.is_file()}
    whole = tuple(f"course/{place}/" for place in code_folder.WHOLE)
    assert {name for name in own if not name.startswith(whole)} == {
        "course/__init__.py",
        "course/grading/__init__.py",
    }
    assert all(name.endswith(".py") for name in own)
    text = "\n".join(
        path.read_text(encoding="utf-8") for name, path in files.items() if name.endswith(".py")
    )
    for one in exercises().values():
        assert reference(one) not in text and not any(wrong.hint in text for wrong in one.wrongs)


def test_what_lies_before_the_student_imports_nothing_else_of_the_course(tmp_path):
    folder = code_folder.build(tmp_path / "home")
    for path in (folder / "course").rglob("*.py"):
        for found in re.findall(
            r"^\s*(?:from|import) course\.(\S+)", path.read_text(encoding="utf-8"), re.MULTILINE
        ):
            assert found.replace(".", "/").startswith(code_folder.WHOLE), (
                f"{path.name} imports course.{found}"
            )


LISTING = """
import os

def listing():
    seen = []
    for top in sorted(set(os.listdir("/")) - {"proc", "sys", "dev", "usr", "lib", "lib32", "lib64", "bin"}):
        for folder, _, names in os.walk(f"/{top}"):
            if "/site-packages/" not in folder or "/course" in folder:
                seen += [f"{folder}/{name}" for name in names if not name.endswith(".pyc")]
    return "\\n".join(seen)
"""


def seen_by_a_student(folder: Path) -> list[str]:
    """Every file that code in a notebook can find beside the libraries, as it tells from within a
    real sandbox.
    """
    launch = sandbox.closed(code_folder.build(folder), [code_folder.COURSE])
    with session.Session(launch) as worker:
        planned, _ = worker.ask("plan", 60, cells=[LISTING], names=["listing"])
        for place in range(len(planned["statements"])):
            assert not {"error", "missing"} & worker.ask("run", 60, place=place, limit=30)[0].keys()
        cases = Encoder().encode([()])
        reply, blob = worker.ask("try", 120, name="listing", function=True, limit=90, cases=cases)
    ((value, _),) = reply["outcomes"]
    return Decoder(blob).decode(value).splitlines()


def files_of(*places: str) -> set[str]:
    found = (path for place in places for path in (code_folder.COURSE / place).rglob("*"))
    return {
        path.relative_to(code_folder.COURSE).as_posix()
        for path in found
        if path.suffix in {".py", ".csv", ".md"}
    }


@linux
@pytest.mark.skipif(not shutil.which("bwrap"), reason="no bubblewrap here")
def test_from_within_a_sandbox_nothing_that_knows_what_is_right_can_be_seen(tmp_path):
    seen = seen_by_a_student(tmp_path / "home")
    course = {
        name.removeprefix("/grader/course/") for name in seen if name.startswith("/grader/course/")
    }
    assert course == files_of(*code_folder.WHOLE) | {"__init__.py", "grading/__init__.py"}
    secret = files_of("exercises", "judging", "claims", "chapters", "lesson", "grading/marks")
    assert {"exercises/ch02/cross_entropy.py", "judging/judge.py", "claims/claims.csv"} <= secret
    assert not [name for name in seen for one in secret if name.endswith(f"/course/{one}")]


def test_what_lessons_import_is_there_and_does_nothing(tmp_path):
    folder = code_folder.build(tmp_path / "home")
    code = (
        "from course import check, claim, hint, keep, ledger, predict, progress, reveal, solution\n"
        "p = predict('01.1', 'What?', unit='%'); p.keep(1); p.reveal(2); p.answer\n"
        "[f('02.1', 3, what='x') for f in (check, claim, hint, keep, ledger, progress, reveal, "
        "solution)]\n"
        "import utils; print(utils.__file__)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True
    )
    assert Path(run.stdout.strip()) == folder / "utils" / "__init__.py"


# --- bubblewrap ------------------------------------------------------------------------------------------------------


@pytest.fixture
def with_bwrap(monkeypatch):
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: "/bin/true")


@linux
def test_the_sandbox_shares_nothing(with_bwrap, tmp_path):
    command = sandbox.closed(tmp_path).command
    words = " ".join(command)
    for wanted in (
        "--unshare-all",
        "--uid 65534",
        "--die-with-parent",
        "--new-session",
        "--cap-drop ALL",
        "--clearenv",
    ):
        assert wanted in words
    assert "--share-net" not in command and "--bind" not in command and "--dev-bind" not in command
    assert words.index("--remount-ro / --") > words.index("--tmpfs /tmp")
    sizes = [command[place - 1] for place, word in enumerate(command) if word == "--tmpfs"]
    assert all(word.isdigit() for word in sizes)  # every tmpfs has a size
    bound = {command[place + 1] for place, word in enumerate(command) if word == "--ro-bind"}
    assert str(tmp_path) in bound and not bound & {
        "/",
        "/etc",
        "/home",
        "/root",
        "/tmp",
        str(Path.home()),
    }


@linux
def test_nothing_in_proc_can_be_written(with_bwrap, tmp_path):
    words = " ".join(sandbox.closed(tmp_path).command)
    assert 0 < words.index("--proc /proc") < words.index("--remount-ro /proc")


@linux
def test_memory_counts_whether_it_is_shared_or_not(tmp_path):
    code = "import mmap; x = {}; x[:] = bytes(1) * len(x); print(1, flush=True); input()"
    for made in ("bytearray(100 << 20)", "mmap.mmap(-1, 100 << 20)"):
        command = [sys.executable, "-c", code.format(made)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            assert 100 << 20 < session.own_memory(psutil.Process(process.pid)) < 350 << 20
            process.communicate(b"\n")


@linux
def test_what_is_to_be_hidden_is_masked_where_it_could_be_seen(with_bwrap, tmp_path):
    seen = Path(sys.prefix).resolve() / "bin"
    command = sandbox.closed(tmp_path, [seen, tmp_path]).command
    masked = [command[place + 1] for place, word in enumerate(command) if word == "--tmpfs"]
    assert str(seen) in masked and str(tmp_path) not in masked


def test_another_system_has_no_sandbox(with_bwrap, monkeypatch, tmp_path):
    monkeypatch.setattr(sandbox.sys, "platform", "darwin")
    with pytest.raises(sandbox.NoSandbox, match="WSL 2"):
        sandbox.closed(tmp_path)


# --- system calls ----------------------------------------------------------------------------------------------------


def decide(program: bytes, number: int, machine: int, second: int = 0) -> int:
    """What the kernel does with a call and its second argument: the filter, step by step."""
    steps = [
        struct.unpack("=HBBI", program[place : place + 8]) for place in range(0, len(program), 8)
    ]
    place, value = 0, 0
    while True:
        code, true, false, constant = steps[place]
        place += 1
        if code == 0x20:  # load a word of seccomp_data: the number is at 0, the machine at 4
            value = {0: number, 4: machine, 24: second}[constant]
        elif code == 0x06:
            return constant
        else:
            taken = value == constant if code == 0x15 else value >= constant
            place += true if taken else false


ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050001, 0x80000000


@pytest.mark.parametrize("machine", seccomp._NUMBERS)
def test_the_filter_refuses_what_it_names_and_nothing_else(machine):
    program, arch = seccomp.program(machine), seccomp._MACHINES[machine]
    refused = {number for number in range(600) if decide(program, number, arch) == REFUSE}
    assert refused == set(seccomp._NUMBERS[machine])
    assert all(decide(program, number, arch) == ALLOW for number in set(range(600)) - refused)
    assert decide(program, 0x40000000, arch) == decide(program, 0x40000000 + 39, arch) == REFUSE
    assert decide(program, 1, 0x40000003) == KILL  # i386


@pytest.mark.parametrize("machine", seccomp._NUMBERS)
def test_the_filter_refuses_locks_and_no_other_command_of_fcntl(machine):
    program, arch = seccomp.program(machine), seccomp._MACHINES[machine]
    number = seccomp._FCNTL[machine]
    refused = {one for one in range(1100) if decide(program, number, arch, one) == REFUSE}
    fcntl = pytest.importorskip("fcntl")
    assert refused == {fcntl.F_SETLK, fcntl.F_SETLKW, 37, 38, fcntl.F_SETLEASE}
    assert decide(program, number + 1000, arch, fcntl.F_SETLK) == ALLOW


def test_the_numbers_are_those_of_this_system():
    header = {"x86_64": "asm/unistd_64.h", "aarch64": "asm-generic/unistd.h"}.get(
        platform.machine()
    )
    places = [Path("/usr/include") / str(header), *Path("/usr/include").glob(f"*/{header}")]
    found = [path for path in places if path.is_file()]
    if not found:
        pytest.skip("no kernel headers here")
    text = found[0].read_text(encoding="utf-8")
    numbers = zip(seccomp._NAMES, seccomp._NUMBERS[platform.machine()], strict=True)
    known = {f"#define __NR_{name} {number}\n" for name, number in numbers}
    missing = {line for line in known if line not in text}
    assert missing <= {"#define __NR_memfd_secret 447\n"}  # newer than some headers


def test_an_unknown_machine_has_no_filter():
    assert seccomp.program("riscv64") == b""


@linux
@pytest.mark.skipif(not shutil.which("bwrap"), reason="no bubblewrap here")
def test_the_filter_is_given_to_bubblewrap(tmp_path):
    launch = sandbox.closed(code_folder.build(tmp_path / "home"))
    assert launch.filter == seccomp.program() and launch.closed and launch.variables == {}


# --- calls back into the grader --------------------------------------------------------------------------------------


def called(*args, number=0, functions=None):
    encoder = Encoder()
    message = {"call": number, "args": encoder.encode(args)}
    reply, blob = _answer(message, bytes(encoder.blob), functions or [lambda x: x * 2])
    return reply if "error" in reply else Decoder(blob).decode(reply["value"])


def test_a_function_of_the_grader_gets_plain_data_and_gives_plain_data():
    assert called(4) == 8 and called([1]) == [1, 1]
    assert called(torch.tensor([1.0, 2.0])).tolist() == [2.0, 4.0]


@pytest.mark.parametrize(
    "args", [(), (1, 2), ({"a": 1},), (None,), (torch.zeros(LARGEST_CALL),), ("x" * LARGEST_CALL,)]
)
def test_what_a_function_cannot_take_is_an_error_over_there(args):
    assert set(called(*args)) == {"error"}


@pytest.mark.parametrize(
    "message",
    [{"call": 5}, {"call": "x", "args": {"tuple": []}}, {"call": 0, "args": 3}, {"call": None}],
)
def test_calls_that_are_none_are_errors_too(message):
    reply, blob = _answer(message, b"", [lambda x: x])
    assert set(reply) == {"error"} and blob == b"" and len(reply["error"]) <= 300


def test_a_worker_that_asks_on_without_reading_is_ended(monkeypatch):
    one = session.Session(sandbox.Launch([], {}, Path()))
    ended = []
    monkeypatch.setattr(one, "_look", lambda: None)
    monkeypatch.setattr(one, "end", lambda: ended.append(1))
    one._received.put(({"call": 0, "args": {"tuple": [1.0]}}, b""))
    one._to_send.put("a reply that was not read")
    with pytest.raises(session.Gone, match="before it had its answer"):
        one._wait(time.monotonic() + 1, [lambda x: x])
    assert ended and one._to_send.qsize() == 1


@pytest.mark.parametrize(("seconds_a_look", "looks"), [(0.0, 13), (1.5, 2)])
def test_a_limit_counts_the_processor_and_the_clock_only_after_much_longer(
    monkeypatch, seconds_a_look, looks
):
    one = session.Session(sandbox.Launch([], {}, Path()))
    seen = []

    def look():
        seen.append(1)
        one.used += seconds_a_look

    monkeypatch.setattr(one, "_look", look)
    monkeypatch.setattr(one, "end", lambda: None)
    monkeypatch.setattr(session, "_LOOK", 0.001)
    clock = iter(range(1000))
    monkeypatch.setattr(session.time, "monotonic", lambda: float(next(clock)))
    monkeypatch.setattr(one._received, "get", lambda timeout: (_ for _ in ()).throw(queue.Empty))
    with pytest.raises(session.Gone, match="in time"):
        one._wait(2.0, ())
    assert len(seen) == looks  # 2 seconds of the processor, or 6 times as long on the clock
