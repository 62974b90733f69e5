"""What torch's threads do is settled before torch is loaded, and nobody's own settings are changed."""

import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from utils.threads import allowed_processors, settle

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("OMP_WAIT_POLICY", "OMP_NUM_THREADS")


@pytest.fixture
def bare(monkeypatch):
    """No such variables, and no torch, as in a new process."""
    for name in NAMES:
        monkeypatch.setenv(name, "kept by monkeypatch, so that it is put back")
        monkeypatch.delenv(name)
    monkeypatch.delitem(sys.modules, "torch")
    monkeypatch.setattr(os, "cpu_count", lambda: 64)


def quota(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


OLD = ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us")


@pytest.mark.parametrize(
    ("files", "processors"),
    [
        ({}, math.inf),
        ({"cpu.max": "max 100000\n"}, math.inf),
        ({"cpu.max": "200000 100000\n"}, 2),
        ({"cpu.max": "50000 100000\n"}, 0.5),
        ({"cpu.max": "765000 100000\n"}, 7.65),
        (dict(zip(OLD, ("-1\n", "100000\n"), strict=True)), math.inf),
        (dict(zip(OLD, ("150000\n", "50000\n"), strict=True)), 3),
    ],
)
def test_the_quota_of_a_container_in_both_forms(files, processors, tmp_path):
    assert allowed_processors(quota(tmp_path, files)) == pytest.approx(processors)


@pytest.mark.parametrize(
    ("line", "threads"), [("max 100000", None), ("765000 100000", "7"), ("50000 100000", "1")]
)
def test_as_many_threads_as_the_quota_has_whole_processors(line, threads, tmp_path, bare):
    settle(quota(tmp_path, {"cpu.max": line}))
    assert os.environ.get("OMP_NUM_THREADS") == threads
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"


def test_own_settings_are_kept(tmp_path, bare, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    settle(quota(tmp_path, {"cpu.max": "200000 100000"}))
    assert [os.environ[name] for name in NAMES] == ["ACTIVE", "5"]


def test_where_torch_is_loaded_nothing_is_set(tmp_path, bare, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", object())
    settle(quota(tmp_path, {"cpu.max": "200000 100000"}))
    assert not {*NAMES} & {*os.environ}


@pytest.mark.parametrize(
    "first", ["import utils", "from course import check", "import utils.model"]
)
def test_whichever_part_of_the_course_comes_first_settles_it_before_torch(first):
    """libgomp itself says, when it is loaded, how many rounds a thread waits in circles."""
    variables = {name: text for name, text in os.environ.items() if name not in NAMES}
    code = f"import sys; {first}; import torch"
    ended = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=variables | {"OMP_DISPLAY_ENV": "VERBOSE"},
    )
    assert ended.returncode == 0, ended.stderr
    if "GOMP_SPINCOUNT" not in ended.stderr:
        pytest.skip("this build of torch has another OpenMP than libgomp")
    assert "GOMP_SPINCOUNT = '0'" in ended.stderr
