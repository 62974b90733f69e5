"""The stored runs as their files have them, and the commands that made them."""

import csv
import importlib.util
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]


def by_hand(name: str) -> list[dict[str, str]]:
    """The rows of a table in course/runs, read without the course."""
    with (ROOT / "course" / "runs" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def benchmark(name: str) -> ModuleType:
    """A module of benchmarks/, which is no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "benchmarks" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
