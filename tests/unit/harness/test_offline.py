"""Notebooks without a network: a run that wants one is caught, whoever asked, and a quiet run
passes.
"""

import os
import subprocess
import sys

import pytest

from course.harness import offline

CONNECT = "import socket\ntry: socket.create_connection(('192.0.2.1', 80))\nexcept OSError as error: print(error)\n"
LOOK_UP = "import urllib.request\ntry: urllib.request.urlopen('http://course.example')\nexcept OSError: pass\n"
BROADCAST = "import socket\ntry: socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))\nexcept OSError: 0"
SIX = "import socket\ntry: socket.create_connection(('2001:db8::1', 80))\nexcept OSError: 0"
LOOPBACK = (
    "import socket; s = socket.create_server(('127.0.0.1', 0)); "
    "socket.create_connection(s.getsockname())\n"
    "socket.getaddrinfo('localhost', s.getsockname()[1]); a, b = socket.socketpair(); "
    "a.sendall(b'x')\n"
)


@pytest.fixture
def in_a_namespace():
    """Runs Python code there, as the notebooks are run; gives the exit code and what was printed."""
    if not offline.can_leave_the_network():
        words = "this machine has no network namespaces"
        pytest.fail(words) if os.environ.get("CI") and sys.platform == "linux" else pytest.skip(
            words
        )

    def run(*arguments):
        command = [*offline.UNSHARE, *offline.inside([sys.executable, *arguments])]
        done = subprocess.run(
            command, cwd=offline.WITNESS.parents[2], capture_output=True, text=True, timeout=60
        )
        return done.returncode, done.stdout + done.stderr

    return run


def test_a_quiet_command_keeps_its_exit_code(in_a_namespace):
    assert in_a_namespace("-c", LOOPBACK) == (
        0,
        "Nothing wanted to connect to anything outside this machine.\n",
    )
    code, said = in_a_namespace("-c", "raise SystemExit(5)")
    assert code == 5 and "Nothing wanted" in said


@pytest.mark.parametrize(
    ("code", "words"),
    [(CONNECT, "socket.connect '192.0.2.1'"), (LOOK_UP, "socket.getaddrinfo 'course.example'"),
     (BROADCAST, "socket.sendto '192.0.2.1'"), (SIX, "socket.connect '2001:db8::1'")],
)  # fmt: skip
def test_python_says_who_wanted_to_connect_although_the_error_was_swallowed(
    in_a_namespace, code, words
):
    result, said = in_a_namespace("-c", code)
    assert result == 1 and words in said and "Something wanted to connect" in said


@pytest.mark.parametrize("code", [CONNECT, SIX, BROADCAST])
def test_the_system_counts_for_programs_that_do_not_listen_to_us(in_a_namespace, code):
    """-I: this Python does not read our witness, as a program in another language would not."""
    result, said = in_a_namespace("-I", "-c", code)
    assert result == 1 and "(1 times by the system's count)" in said and "socket." not in said


def test_a_failure_stays_what_it_is(in_a_namespace):
    assert in_a_namespace("-c", f"{CONNECT}\nraise SystemExit(7)")[0] == 7


def test_there_is_nothing_but_the_loopback(in_a_namespace):
    code, _ = in_a_namespace(
        "-c", "import socket, sys; sys.exit([n for _, n in socket.if_nameindex()] != ['lo'])"
    )
    assert code == 0


@pytest.mark.parametrize(("ci", "code"), [("", 3), ("1", 1 if sys.platform == "linux" else 3)])
def test_without_namespaces_it_says_so_and_in_ci_it_fails(monkeypatch, capfd, ci, code):
    monkeypatch.setattr(offline, "UNSHARE", ["no-such-program-on-any-machine"])
    monkeypatch.setenv("CI", ci)
    assert offline.without_network([sys.executable, "-c", "raise SystemExit(3)"]) == code
    assert "The network stays on" in capfd.readouterr().out


def test_what_cannot_be_fetched_ends_the_run(monkeypatch, tmp_path):
    """A cache that cannot be: the lessons' files are looked for before the network goes."""
    monkeypatch.setattr(offline, "can_leave_the_network", lambda: True)
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("GLASSBOX_CACHE", str(tmp_path / "file"))
    monkeypatch.chdir(offline.WITNESS.parents[2])
    assert offline.without_network([sys.executable, "-c", ""]) == 1
