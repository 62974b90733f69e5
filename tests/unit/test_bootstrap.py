"""The set-up: which Python it takes, what it says where nothing fits, and that half a set-up never
counts as one.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from bootstrap import __main__ as start
from bootstrap import environment, interpreter, system_packages
from bootstrap.environment import BEGUN, Environment, ready
from bootstrap.interpreter import (
    ROOT,
    Interpreter,
    SetupError,
    choose,
    newest_fitting,
    objection,
    probe,
)
from course.doctor import examine

GOOD = Interpreter("/usr/bin/python3.12", (3, 12, 1))
posix = pytest.mark.skipif(os.name == "nt", reason="stands in for a Python with a shell script")


# --- which Python ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"version": (3, 11, 0)},
        {"version": (3, 13, 9)},
        {"machine": "aarch64"},
        {"libc": ("glibc", "2.28")},
        {"system": "darwin", "machine": "arm64", "macos": "14.0", "libc": ("", "")},
        {"system": "win32", "machine": "AMD64", "libc": ("", "")},
    ],
    ids=str,
)
def test_what_fits(changes):
    assert objection(GOOD._replace(**changes)) is None


MAC = {"system": "darwin", "machine": "arm64", "macos": "15.1", "libc": ("", "")}


@pytest.mark.parametrize(
    ("changes", "says", "then"),
    [
        (
            {"version": (3, 10, 13)},
            "CPython 3.11 to 3.13, and /usr/bin/python3.12 is CPython 3.10",
            "install Python 3.12",
        ),
        ({"version": (3, 14, 0)}, "is CPython 3.14", "colab.research.google.com/github/"),
        ({"version": (2, 7, 18), "has_venv": False}, "is CPython 2.7", "install Python 3.12"),
        ({"implementation": "PyPy"}, "is PyPy 3.12", "install Python 3.12"),
        ({"has_venv": False}, "lacks the venv module", "sudo apt install python3.12-venv"),
        (
            {"bits": 32},
            "torch needs 64 bits and /usr/bin/python3.12 has 32",
            "install a 64-bit Python 3.12",
        ),
        ({**MAC, "machine": "x86_64"}, "Intel Macs", "colab.research.google.com/github/"),
        # Nobody with an Intel Mac should install another Python, only to hear then that it does not
        # help.
        (
            {**MAC, "machine": "x86_64", "version": (3, 9, 6)},
            "Intel Macs",
            "colab.research.google.com/github/",
        ),
        (
            {**MAC, "macos": "13.6.1"},
            "torch needs macOS 14 and this is 13.6.1",
            "colab.research.google.com/github/",
        ),
        (
            {"system": "win32", "machine": "ARM64", "libc": ("", "")},
            "ARM Windows",
            "install the AMD64 build",
        ),
        (
            {"machine": "riscv64"},
            "not made for linux on riscv64",
            "colab.research.google.com/github/",
        ),
        ({"libc": ("", "")}, "has another C library", "colab.research.google.com/github/"),
        ({"libc": ("glibc", "2.9")}, "has glibc 2.9", "colab.research.google.com/github/"),
    ],
    ids=str,
)
def test_what_does_not_fit_gets_one_sentence_with_the_next_step(changes, says, then):
    sentence = objection(GOOD._replace(**changes))
    assert says in sentence and then in sentence.split(says)[1]
    assert "\n" not in sentence and len(sentence) < 300


def test_the_newest_python_that_fits_is_taken():
    found = [
        GOOD._replace(version=version)
        for version in [(3, 11, 9), (3, 14, 0), (3, 13, 1), (3, 9, 2), (3, 12, 7)]
    ]
    assert newest_fitting(found).version == (3, 13, 1)
    assert newest_fitting([*found, GOOD._replace(version=(3, 13, 2), has_venv=False)]).version == (
        3,
        13,
        1,
    )


def test_where_none_fits_the_newest_is_named():
    with pytest.raises(SetupError, match=r"is CPython 3\.14"):
        newest_fitting(
            [GOOD._replace(version=version) for version in [(3, 10, 1), (3, 14, 0), (3, 9, 2)]]
        )


def test_probe_tells_the_truth_about_this_python():
    seen = probe(sys.executable)
    assert seen.version == sys.version_info[:3] and seen.bits == sys.maxsize.bit_length() + 1
    assert seen.system == sys.platform and seen.implementation == "CPython" and seen.has_venv
    assert objection(seen) is None


def pretend(folder: Path, name: str, prints: str) -> str:
    """A program that prints this, whatever it is asked."""
    (folder / name).write_text(f"#!/bin/sh\nprintf '%s' '{prints}'\n", encoding="utf-8")
    (folder / name).chmod(0o755)
    return str(folder / name)


def answer(version: str) -> str:
    return f'["/there/python", [{version}], 64, "CPython", "linux2", "x86_64", "", ["glibc", "2.36"], true]'


@posix
def test_what_is_no_python_is_passed_over(tmp_path, monkeypatch):
    shim = pretend(tmp_path, "python3.13", "pyenv: python3.13: command not found")
    assert probe(shim) is None and probe(str(tmp_path / "none")) is None
    monkeypatch.setattr(
        interpreter, "candidates", lambda: [shim, pretend(tmp_path, "python3", answer("3, 12, 4"))]
    )
    assert choose(None) == Interpreter("/there/python", (3, 12, 4), system="linux")


@posix
def test_the_python_that_was_asked_for_is_taken_or_refused_but_never_replaced(tmp_path):
    assert choose(pretend(tmp_path, "a", answer("3, 11, 2"))).short == "3.11"
    with pytest.raises(SetupError, match=r"is CPython 3\.10: install"):
        choose(pretend(tmp_path, "b", answer("3, 10, 2")))
    with pytest.raises(SetupError, match="PYTHON=nowhere/python starts no Python"):
        choose("nowhere/python")


def test_the_search_begins_with_the_newest_name():
    assert interpreter.candidates()[:5] == [
        "python3.13",
        "python3.12",
        "python3.11",
        "python3",
        "python",
    ]
    assert interpreter.candidates()[-1] == sys.executable


# --- the environment -------------------------------------------------------------------------------------------------


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A folder that looks like a checkout, in which pip only notes what it was asked and can be
    made to fail.
    """
    (tmp_path / "requirements.txt").write_text("torch==2.13.0\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    done, real = [], environment.run

    def run(command, problem):
        if "pip" not in command:
            # a venv, but a quick one
            return real([*command[:3], "--without-pip", *command[3:]], problem)
        done.append(command[command.index("install") :])
        if checkout.fails:
            raise checkout.fails
        return None

    checkout = SimpleNamespace(
        root=tmp_path, environment=Environment(tmp_path), done=done, fails=None
    )
    monkeypatch.setattr(environment, "run", run)
    monkeypatch.setattr(environment, "pip_version", lambda python: (24, 0))
    monkeypatch.setattr(environment, "check_space", lambda root: None)
    return checkout


def test_a_first_set_up_installs_all_and_a_second_nothing(checkout):
    assert ready(checkout.root, sys.executable) == checkout.environment.python
    assert [command[:3] for command in checkout.done] == [
        ["install", "-r", str(checkout.root / "requirements.txt")],
        ["install", "--quiet", "--no-deps"],
    ]
    checkout.done.clear()
    ready(checkout.root)
    assert checkout.done == [] and checkout.environment.state(None) == "ready"


@pytest.mark.parametrize(
    "failure", [SetupError("the network is down"), KeyboardInterrupt()], ids=repr
)
def test_a_set_up_that_did_not_finish_is_made_anew(checkout, failure):
    checkout.fails = failure
    with pytest.raises(type(failure)):
        ready(checkout.root, sys.executable)
    (checkout.environment.folder / "left over").write_text("", encoding="utf-8")
    assert (
        checkout.environment.stamped() == BEGUN and checkout.environment.state(None) == "unusable"
    )
    checkout.fails = None
    ready(checkout.root, sys.executable)
    assert checkout.environment.state(None) == "ready"
    assert not (checkout.environment.folder / "left over").exists()


def test_a_stop_while_the_empty_environment_is_made_is_recovered_from(checkout, monkeypatch):
    quick = environment.run

    def interrupted(command, problem):
        raise KeyboardInterrupt

    monkeypatch.setattr(environment, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        ready(checkout.root, sys.executable)
    assert checkout.environment.folder.exists() and checkout.environment.state(None) == "unusable"
    monkeypatch.setattr(environment, "run", quick)
    ready(checkout.root, sys.executable)
    assert checkout.environment.state(None) == "ready"


@pytest.mark.parametrize("file", ["requirements.txt", "pyproject.toml"])
def test_new_versions_are_installed_into_what_is_there(checkout, file):
    ready(checkout.root, sys.executable)
    checkout.done.clear()
    (checkout.environment.folder / "kept").write_text("", encoding="utf-8")
    with (checkout.root / file).open("a", encoding="utf-8") as changed:
        changed.write("# newer\n")
    assert checkout.environment.state(None) == "outdated"
    ready(checkout.root)
    assert len(checkout.done) == 2 and (checkout.environment.folder / "kept").exists()
    assert checkout.environment.state(None) == "ready"


def test_an_update_that_did_not_finish_does_not_count(checkout):
    ready(checkout.root, sys.executable)
    (checkout.root / "requirements.txt").write_text("torch==2.14.0\n", encoding="utf-8")
    checkout.fails = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        ready(checkout.root)
    # back to what was stamped
    (checkout.root / "requirements.txt").write_text("torch==2.13.0\n", encoding="utf-8")
    assert checkout.environment.state(None) == "unusable"


def test_a_folder_that_was_moved_is_installed_again(checkout, tmp_path_factory):
    ready(checkout.root, sys.executable)
    moved = tmp_path_factory.mktemp("elsewhere") / "moved"
    checkout.root.rename(moved)
    assert Environment(moved).state(None) == "outdated"


def test_a_python_that_vanished_makes_it_unusable(checkout):
    ready(checkout.root, sys.executable)
    checkout.environment.python.unlink()
    assert checkout.environment.state(None) == "unusable"


def test_another_python_version_makes_it_unusable(checkout, monkeypatch):
    ready(checkout.root, sys.executable)
    monkeypatch.setattr(
        environment, "choose", lambda wanted: GOOD._replace(version=(3, sys.version_info[1] + 1, 0))
    )
    assert checkout.environment.state("python3.x") == "unusable"
    assert checkout.environment.state(None) == "ready"


def test_an_environment_of_someone_else_is_used_if_it_fits_and_never_deleted(checkout, monkeypatch):
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", checkout.environment.folder], check=True
    )
    assert checkout.environment.state(None) == "outdated"
    monkeypatch.setattr(environment, "objection", lambda python: "too old")
    with pytest.raises(SetupError, match="delete it, then try again"):
        ready(checkout.root)
    assert checkout.environment.python.exists()


def test_pip_is_brought_where_it_is_missing_or_too_old(checkout, monkeypatch):
    monkeypatch.setattr(environment, "pip_version", lambda python: (22, 3, 1))
    ready(checkout.root, sys.executable)
    assert checkout.done[0] == ["install", "--upgrade", "pip>=23.0"] and len(checkout.done) == 3


def test_pip_version_of_this_environment():
    assert environment.pip_version(Path(sys.executable)) >= environment.OLDEST_PIP


def test_too_little_room_is_said_before_anything_is_made(checkout, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(
        environment.shutil, "disk_usage", lambda folder: SimpleNamespace(free=environment.SPACE - 1)
    )
    with pytest.raises(
        SetupError,
        match=r"Too little room on the disk of .*: 3\.0 GiB are free and 3\.0 GiB are needed",
    ):
        ready(checkout.root, sys.executable)
    assert not checkout.environment.folder.exists()


def test_a_disk_that_runs_full_under_pip_is_told_from_other_troubles(capsys):
    def program(says):
        return [sys.executable, "-c", f"import sys; sys.exit({says!r})"]

    with pytest.raises(SetupError, match="The disk ran full: make 3 GiB of room"):
        environment.run(program("OSError: [Errno 28] No space left on device"), "the problem")
    with pytest.raises(SetupError, match=r"^the problem$"):
        environment.run(program("Connection refused"), "the problem")
    assert "Connection refused" in capsys.readouterr().err
    assert environment.run(program(0), "the problem") is None


def test_advice_on_the_small_torch_goes_to_those_who_can_use_it():
    assert "PIP_EXTRA_INDEX_URL=https://" in environment.cuda_advice(GOOD, {}, nvidia=False)
    assert environment.cuda_advice(GOOD, {}, nvidia=True) == ""
    assert environment.cuda_advice(GOOD, {"PIP_EXTRA_INDEX_URL": "x"}, nvidia=False) == ""
    assert environment.cuda_advice(GOOD._replace(**MAC), {}, nvidia=False) == ""


# --- two at once, and the end ----------------------------------------------------------------------------------------

HOLD = "import sys; from pathlib import Path; from bootstrap.environment import only_one\n"
HOLD += "with only_one(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"


def test_a_second_set_up_waits_and_a_killed_one_leaves_no_lock(tmp_path):
    path = tmp_path / "build" / "setup.lock"
    first = subprocess.Popen(
        [sys.executable, "-c", HOLD, path],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert first.stdout.readline() == "held\n"
    with path.open("w", encoding="utf-8") as file:
        assert not environment.locked(file)
        first.kill()
        first.wait()
        assert environment.locked(file)
    first.stdin.close(), first.stdout.close()


def bootstrap(*arguments: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "bootstrap", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        **options,
    )


def test_without_a_command_it_says_how_to_use_it():
    assert bootstrap().returncode == 2 and "setup,lab,test" in bootstrap("--help").stdout


def test_a_wrong_python_ends_with_one_sentence_and_no_traceback():
    run = bootstrap("setup", env={**os.environ, "PYTHON": "no-such-python"})
    assert run.returncode == 1 and "Traceback" not in run.stderr
    assert (
        run.stderr.strip()
        == "PYTHON=no-such-python starts no Python: give the path of one, or leave PYTHON out."
    )


@posix
def test_ctrl_c_is_left_to_the_program_in_front():
    closing = "lambda *_: (time.sleep(1), sys.exit(5))"
    front = f"import signal, sys, time; signal.signal(2, {closing}); print('up', flush=True); time.sleep(60)"
    code = "import signal, sys; from bootstrap.__main__ import hand_over; "
    # as in a terminal, wherever these tests run
    code += "signal.signal(2, signal.default_int_handler); "
    code += f"sys.exit(hand_over([sys.executable, '-c', {front!r}]))"
    run = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert run.stdout.readline() == "up\n"
    os.killpg(run.pid, signal.SIGINT)
    assert run.wait(30) == 5
    run.stdout.close()


# --- what the tests need from the system -----------------------------------------------------------------------------


@pytest.fixture
def machine(monkeypatch):
    """A made-up machine: the programs it has, whose account it is, and the commands that were run."""
    made = SimpleNamespace(
        programs={"apt-get", "bwrap"}, user=0, ran=[], exits={}, brings="chromium"
    )

    def call(command, env):
        made.ran.append(command)
        if command[2] == "install" and not made.exits:
            made.programs.add(made.brings)
        return made.exits.get(command[2], 0)

    monkeypatch.setattr(
        system_packages.shutil, "which", lambda name: name if name in made.programs else None
    )
    monkeypatch.setattr(system_packages.os, "geteuid", lambda: made.user, raising=False)
    monkeypatch.setattr(system_packages.subprocess, "call", call)
    monkeypatch.setattr(system_packages.sys, "platform", "linux")
    return made


def test_the_doctor_looks_for_the_same_browsers():
    assert system_packages.PROGRAMS["chromium"] == examine.BROWSERS


@pytest.mark.parametrize("program", system_packages.PROGRAMS["chromium"])
def test_any_chromium_will_do(machine, capsys, program):
    machine.programs.add(program)
    system_packages.ready_for_tests()
    assert machine.ran == [] and capsys.readouterr().out == ""


def test_root_on_debian_gets_what_is_missing(machine, capsys):
    system_packages.ready_for_tests()
    assert [command[2] for command in machine.ran] == ["update", "install"] and machine.ran[1][
        -1
    ] == "chromium"
    assert capsys.readouterr().out == "Installing chromium, which the tests need.\n"


@pytest.mark.parametrize(
    "changes",
    [
        {"user": 1000},
        {"programs": {"bwrap"}},
        {"exits": {"update": 100}},
        {"exits": {"install": 100}},
        {"brings": "snap"},
    ],
    ids=str,
)
def test_where_it_cannot_be_installed_one_sentence_says_so(machine, capsys, changes):
    vars(machine).update(changes)
    system_packages.ready_for_tests()
    assert capsys.readouterr().out.splitlines()[-1] == (
        "Some tests will be skipped, because this machine lacks chromium: install that, then run "
        "them again."
    )
    assert bool(machine.ran) == ("exits" in changes or "brings" in changes)


def test_the_sandbox_is_looked_for_where_there_is_one(machine, monkeypatch):
    machine.programs.remove("bwrap")
    assert system_packages.missing() == ["chromium", "bubblewrap"]
    system_packages.ready_for_tests()
    assert machine.ran[1][-2:] == ["chromium", "bubblewrap"]
    monkeypatch.setattr(system_packages.sys, "platform", "darwin")
    assert system_packages.missing() == []


@pytest.mark.parametrize(
    ("arguments", "looks"),
    [
        ("test", True),
        ("test -k gpt", True),
        ("test --stage tests/browser", True),
        ("test --stage tests/grading", True),
        ("test --stage unit", False),
        ("lab", False),
        ("build", False),
    ],
)
def test_only_tests_that_need_a_program_look_for_it(monkeypatch, arguments, looks):
    looked = []
    monkeypatch.setattr(start, "ready_for_tests", lambda: looked.append(True))
    monkeypatch.setattr(start, "python_for", lambda command: "python")
    monkeypatch.setattr(start, "hand_over", lambda command: 0)
    assert start.main(arguments.split()) == 0 and bool(looked) == looks
