"""The type checker of the stage "style": what the project's settings let it see, and that they look
away from single modules only.
"""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from course.harness import stages

ROOT = Path(__file__).resolve().parents[3]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
# Each line with the code of the error that it is, or none.
LINES = [
    ("import json", ""),
    ("import nothing_of_this_name", "import-not-found"),
    ("def half(x: int) -> float: return x / 2", ""),
    ("def no_types(x): return x", "no-untyped-def"),
    ("def no_return(x: int): return x", "no-untyped-def"),
    ("def not_that(x: int) -> str: return x", "return-value"),
    ("def any_list(x: list) -> int: return 1", "type-arg"),
    ("def none_is_hidden(x: int = None) -> int: return x", "assignment"),
    ("def from_any(text: str) -> int: return json.loads(text)", "no-any-return"),
    ("half('1')", "arg-type"),
    ("half('1')  # type: ignore", "ignore-without-code"),
    ("half(1)  # type: ignore[arg-type]", "unused-ignore"),
    ("half('1')  # type: ignore[arg-type]", ""),
    ("half(1).upper()", "attr-defined"),
    ("half(1) == '1'", "comparison-overlap"),
]


def found(folder: Path, code: str) -> tuple[int, dict[int, set[str]]]:
    """The exit code, and the errors of each line by their code."""
    file = folder / "probe.py"
    file.write_text(code, encoding="utf-8")
    own = ["--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(folder / "cache")]
    mypy = [sys.executable, "-m", "mypy", *own, str(file)]
    done = subprocess.run(mypy, capture_output=True, text=True, cwd=folder)
    errors: dict[int, set[str]] = {}
    for line, code in re.findall(r"probe\.py:(\d+): error: .*\[([\w-]+)\]$", done.stdout, re.M):
        errors.setdefault(int(line), set()).add(code)
    return done.returncode, errors


def test_mistakes_are_seen_each_at_its_line(tmp_path):
    code, errors = found(tmp_path, "\n".join(line for line, _ in LINES) + "\n")
    assert code == 1
    expected = {place: {name} for place, (_, name) in enumerate(LINES, 1) if name}
    assert errors == expected


def test_code_without_mistakes_passes(tmp_path):
    good = "\n".join(line for line, name in LINES if not name)
    assert found(tmp_path, good + "\n") == (0, {})


def test_all_of_the_code_is_checked_in_the_stage_style():
    assert SETTINGS["files"] == ["utils", "course"] and "exclude" not in SETTINGS
    style = next(stage for stage in stages.stages() if stage.name == "style")
    assert [sys.executable, "-m", "mypy"] in style.commands


def test_nothing_is_passed_over_in_all_modules():
    looking_away = {
        "ignore_missing_imports",
        "ignore_errors",
        "follow_imports",
        "disable_error_code",
        "implicit_optional",
        "allow_untyped_globals",
    }
    assert not looking_away & SETTINGS.keys()
    for section in SETTINGS["overrides"]:
        for module in section["module"]:
            # a library that has no types; of our own code, never all of a package
            ours = module.partition(".")[0] in ("utils", "course")
            assert module not in ("*", "utils.*", "course.*")
            assert not (ours and looking_away & section.keys()), module
