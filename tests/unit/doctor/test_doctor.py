"""The doctor: what it concludes from made-up facts, what it sees of this machine, and what its exit
code says.
"""

import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from course.doctor import diagnosis, examine
from course.doctor.diagnosis import FAIL, GIB, NOTE, OK, WARN, Finding

ROOT = Path(__file__).resolve().parents[3]
TESTED = [(3, 11), (3, 12), (3, 13)]


def python(version=(3, 12, 1), bits=64):
    return diagnosis.python(version, bits, "Linux 6.1 x86_64", TESTED)


# What the doctor is told, what it has to conclude, a part of what it says, a part of the next step.
CASES = [
    (python(), OK, "3.12.1, 64 bit", ""),
    (python((3, 11, 0)), OK, "3.11.0", ""),
    (python((3, 10, 13)), FAIL, "3.11 to 3.13 with 64 bits is needed", "install Python 3.12"),
    (python(bits=32), FAIL, "32 bit", "install Python 3.12"),
    (python((3, 14, 0)), NOTE, "newer than the tested 3.11 to 3.13", ""),
    (diagnosis.torch("2.13.0+cpu", ""), OK, "2.13.0+cpu", ""),
    (
        diagnosis.torch(None, "ModuleNotFoundError: No module named 'torch'"),
        FAIL,
        "not installed",
        "setup",
    ),
    (
        diagnosis.torch(None, "OSError: [WinError 126] error loading fbgemm.DLL"),
        FAIL,
        "WinError 126",
        "vc_redist",
    ),
    (diagnosis.torch(None, "stopped with exit code -4"), FAIL, "exit code -4", "--force-reinstall"),
    (diagnosis.device("cpu", ["cpu"], ""), OK, "cpu", ""),
    (diagnosis.device("cpu", ["cuda", "cpu"], ""), OK, "GLASSBOX_DEVICE=cuda", ""),
    (diagnosis.device("mps", ["mps", "cpu"], ""), OK, "mps", ""),
    (diagnosis.device(None, [], "ImportError: no gguf"), FAIL, "ImportError: no gguf", "setup"),
    (diagnosis.loops(None), OK, "numba loads", ""),
    (
        diagnosis.loops("ImportError: Numba needs NumPy 2.4 or less"),
        NOTE,
        "NumPy 2.4 or less): models write with torch alone",
        "--no-deps numba",
    ),
    (diagnosis.memory(16 * GIB, 9 * GIB), OK, "16.0 GiB, 9.0 GiB of it free", ""),
    (diagnosis.memory(4 * GIB, 2 * GIB), OK, "4.0 GiB", ""),
    (diagnosis.memory(4 * GIB - 1, 2 * GIB), NOTE, "want 4 GiB", ""),
    (diagnosis.memory(8 * GIB, 2 * GIB - 1), NOTE, "2.0 GiB of it free", "close other programs"),
    (diagnosis.memory(2 * GIB - 1, GIB), FAIL, "2 GiB are needed", "Colab"),
    (diagnosis.memory(None, None), NOTE, "psutil", "pip install psutil"),
    (diagnosis.disk(GIB, Path("cache")), OK, "1.0 GiB free in cache", ""),
    (
        diagnosis.disk(GIB // 2 - 1, Path("cache")),
        FAIL,
        "0.5 GiB free in cache",
        "make 0.5 GiB of room",
    ),
    (diagnosis.package("numpy", "2.4.6", "", "2.4.6"), OK, "2.4.6", ""),
    (diagnosis.package("numpy", "2.10.0", "2.9", None), OK, "2.10.0", ""),
    (diagnosis.package("numpy", "2.4.6+local", "", "2.4.6"), OK, "2.4.6+local", ""),
    (diagnosis.package("numpy", "2.1.3", "", "2.4.6"), NOTE, "2.1.3, tested with 2.4.6", ""),
    (
        diagnosis.package("ipython", "7.9.0", "7.34", "9.18.1"),
        FAIL,
        "7.9.0, and 7.34 is the oldest",
        '"ipython==9.18.1"',
    ),
    (diagnosis.package("ipython", "7.9.0", "7.34", None), FAIL, "7.9.0", '"ipython>=7.34"'),
    (diagnosis.package("numpy", None, "", None), FAIL, "not installed", 'pip install "numpy"'),
    (
        diagnosis.package("nbval", None, "", "0.11.0", WARN),
        WARN,
        "not installed",
        '"nbval==0.11.0"',
    ),
    (diagnosis.asset("smollm2", Path("a.gguf"), needed=True), OK, "a.gguf", ""),
    (
        diagnosis.asset("smollm2", None, needed=True),
        FAIL,
        "not fetched yet",
        "course fetch smollm2",
    ),
    (diagnosis.asset("mnist", None, needed=False), NOTE, "comes with its first use", ""),
    (diagnosis.sandbox("/usr/bin/bwrap", None, "linux"), OK, "/usr/bin/bwrap", ""),
    (diagnosis.sandbox(None, None, "linux"), WARN, "not installed", "apt install bubblewrap"),
    (
        diagnosis.sandbox("/usr/bin/bwrap", "no permissions", "linux"),
        WARN,
        "no permissions",
        "user namespaces",
    ),
    (diagnosis.sandbox(None, None, "darwin"), NOTE, "Linux only", "WSL 2"),
    (diagnosis.browser("/usr/bin/chromium", "Chromium 156", ""), OK, "Chromium 156", ""),
    (
        diagnosis.browser("/usr/bin/chromium", None, "no libnss3"),
        WARN,
        "no libnss3",
        "install Chromium again",
    ),
    (diagnosis.browser(None, None, ""), WARN, "no Chromium", "install Chromium"),
]


@pytest.mark.parametrize(
    ("finding", "state", "says", "then"), CASES, ids=lambda case: getattr(case, "what", None)
)
def test_conclusions(finding, state, says, then):
    assert finding.state == state
    assert says in finding.found
    assert then in finding.next and "\n" not in finding.found + finding.next
    assert bool(finding.next) == (state in (FAIL, WARN)) or state == NOTE
    assert finding.state != OK or not finding.next


def test_many_missing_packages_are_one_thing_to_do():
    names = ["numpy", "gguf", "tqdm", "regex", "jinja2"]
    found = [diagnosis.package(name, None, "", "1.0") for name in names[:4]] + [
        Finding("jinja2", OK, "3.1")
    ]
    packages, jinja2 = diagnosis.packages(found)
    assert (
        packages.state == FAIL
        and all(name in packages.found for name in names[:4])
        and packages.next
    )
    assert jinja2.what == "jinja2"
    assert diagnosis.packages(found[1:]) == found[1:]


def test_versions_compare_as_numbers():
    assert diagnosis.numbers("2.13.0+cpu") == (2, 13, 0) > diagnosis.numbers("2.6")
    assert diagnosis.numbers("5.0.0a1") == (5, 0, 0)


def test_bounds_and_pins_are_read(tmp_path):
    assert examine.lower_bounds(["torch>=2.6", "numpy", "ipywidgets >= 7.7"]) == {
        "torch": "2.6",
        "numpy": "",
        "ipywidgets": "7.7",
    }
    file = tmp_path / "requirements.txt"
    file.write_text("# torch==1.0\n\ntorch==2.13.0\nnumpy==2.4.6  # a comment\n", encoding="utf-8")
    assert examine.pins(file) == {"torch": "2.13.0", "numpy": "2.4.6"}
    assert examine.pins(tmp_path / "none.txt") == {}
    assert examine.tested_pythons(
        ["Programming Language :: Python :: 3.13", "Programming Language :: Python :: 3.9"]
    ) == [
        (3, 9),
        (3, 13),
    ]


def test_run_tells_what_went_wrong():
    def this(code):
        return examine.run([sys.executable, "-c", code])

    assert this("print('hello')") == ("hello\n", None)
    assert this("print('half'); raise OSError('no luck')") == ("half\n", "OSError: no luck")
    assert this("raise SystemExit(3)")[1] == "stopped with exit code 3 and said nothing"
    assert examine.run([sys.executable, "-c", "import time; time.sleep(60)"], timeout=0.5)[1]
    assert "No such file" in examine.run(["no-such-program"])[1] or os.name == "nt"


def test_what_it_sees_of_this_python():
    seen = examine.see_python()
    assert seen.found.startswith(
        f"{'.'.join(map(str, sys.version_info[:3]))}, {8 * struct.calcsize('P')} bit"
    )
    assert (
        examine.installed("pytest") == pytest.__version__
        and examine.installed("no-such-package") is None
    )


def test_a_torch_that_does_not_start_is_seen_and_the_doctor_lives(monkeypatch):
    monkeypatch.setattr(examine, "TORCH_PROBE", "raise ImportError('DLL load failed')")
    (torch,) = examine.see_torch()
    assert torch.state == FAIL and "DLL load failed" in torch.found
    monkeypatch.setattr(
        examine, "TORCH_PROBE", "import os, signal; os.kill(os.getpid(), signal.SIGTERM)"
    )
    (torch,) = examine.see_torch()
    assert torch.state == FAIL and "exit code" in torch.found


def test_utils_that_do_not_start_are_told_from_torch(monkeypatch):
    monkeypatch.setattr(examine, "TORCH_PROBE", "print('\"2.13.0\"'); raise ImportError('no gguf')")
    torch, device = examine.see_torch()
    assert torch.state == OK and device.state == FAIL and "no gguf" in device.found


def test_a_model_in_the_cache_is_seen(monkeypatch, tmp_path):
    from utils.assets.cache import ASSETS

    monkeypatch.setenv("GLASSBOX_CACHE", str(tmp_path / "not" / "there"))
    states = {finding.what: finding.state for finding in examine.see_assets()}
    assert states["smollm2"] == FAIL and states["disk"] in (OK, FAIL)
    monkeypatch.setenv("GLASSBOX_CACHE", str(tmp_path))
    with (tmp_path / ASSETS["smollm2"].filename).open("wb") as file:
        file.truncate(ASSETS["smollm2"].size)
    states = {finding.what: finding.state for finding in examine.see_assets()}
    assert states["smollm2"] == OK and set(ASSETS) | {"disk", "home folder"} == set(states)


def test_a_missing_home_folder_is_noted_with_the_folders_in_its_place():
    assert diagnosis.home(True, [Path("a"), Path("b")]).state == OK
    found = diagnosis.home(False, [Path("a"), Path("b")])
    assert found.state == NOTE and "a and b" in found.found


def program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    (folder / name).chmod(0o755)


@pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is for Linux")
def test_sandbox_and_browser_have_to_start_and_not_only_to_be_there(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    program(tmp_path, "bwrap", 'echo "bwrap: $*" >&2; exit 1')
    program(tmp_path, "chromium", "echo 'cannot open shared object file' >&2; exit 127")
    sandbox, browser = examine.see_sandbox(), examine.see_browser()
    assert sandbox.state == WARN and "--ro-bind / / --unshare-net true" in sandbox.found
    assert browser.state == WARN and "cannot open shared object file" in browser.found
    program(tmp_path, "bwrap", "exit 0")
    program(tmp_path, "chromium", "echo 'Chromium 156.0'")
    assert examine.see_sandbox().state == OK and examine.see_browser().found.startswith(
        "Chromium 156.0"
    )


FINE, SICK, UNTESTED = (
    Finding("memory", OK, "8 GiB"),
    Finding("torch", FAIL, "gone", "do"),
    Finding("s", WARN, "gone", "do"),
)


@pytest.mark.parametrize(
    ("needed", "others", "tests", "code", "says"),
    [
        ([FINE], [FINE], False, 0, "All that learning needs works."),
        ([FINE, Finding("x", NOTE, "old")], [], False, 0, "the notes are only worth knowing"),
        ([FINE], [UNTESTED], False, 0, "All that learning needs works."),
        ([FINE], [UNTESTED], True, 1, "To be mended: s."),
        ([FINE, SICK], [UNTESTED], False, 1, "To be mended: torch."),
        ([SICK], [UNTESTED], True, 1, "To be mended: torch, s."),
    ],
)
def test_exit_code_and_last_line(monkeypatch, capsys, needed, others, tests, code, says):
    monkeypatch.setattr(examine, "examine", lambda: (needed, others))
    assert examine.main(tests) == code
    assert says in capsys.readouterr().out.splitlines()[-1]


def test_a_python_that_does_not_fit_is_the_only_finding(monkeypatch):
    monkeypatch.setattr(examine, "see_python", lambda: python((3, 9, 1)))
    assert examine.examine() == ([python((3, 9, 1))], [])


def test_the_next_step_stands_below_what_fails():
    lines = list(examine.table([FINE, SICK]))
    assert lines[0].split() == ["memory", "ok", "8", "GiB"]
    assert lines[1].split() == ["torch", "FAIL", "gone"] and lines[2].split() == ["->", "do"]


def test_it_speaks_where_no_library_can_be_imported(tmp_path):
    for module in ("torch", "IPython", "numpy", "psutil", "platformdirs", "filelock"):
        (tmp_path / f"{module}.py").write_text(
            f"raise ImportError('{module} is broken')\n", encoding="utf-8"
        )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-m", "course", "doctor"]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert run.returncode == 1 and run.stderr == ""
    assert "torch is broken" in run.stdout and "To be mended: torch" in run.stdout
