"""Which chapters every run treats at length, and which it leaves to the weekly run of everything.

The browser runs a notebook whole, its exercise cells run where they stand, and the mirror of Colab
runs it at all, for these chapters: those in FIXED, and the newest LARGEST of those whose sources
changed. A chapter's sources are its text, course/chapters/NN_*.md, and its exercises,
course/exercises/chNN*. Changed means: since the revision in GLASSBOX_SINCE (a workflow sets it to
what was there before the push, or to the branch that a pull request goes into), else by a commit of
the last seven days, for the weekly run has seen what is older; what is not committed yet counts in
both cases. With GLASSBOX_EVERYTHING=1, and outside a git checkout, it is all chapters.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SINCE, EVERYTHING = "GLASSBOX_SINCE", "GLASSBOX_EVERYTHING"
FIXED = ("01", "12")  # the first, and one with much to compute and to show
LARGEST = 3
_SOURCE = re.compile(r"course/(?:chapters/(\d\d)_\w+\.md|exercises/ch(\d\d)\b.*)")
_NEVER = re.compile("0{40}")  # what GitHub calls the revision before a branch's first push


@dataclass(frozen=True)
class Choice:
    """The numbers of the chapters, such as "01": those treated at length in this run, and the rest.

    `why`: a phrase.
    """

    long: tuple[str, ...]
    left: tuple[str, ...]
    why: str

    def __str__(self) -> str:
        """One or two sentences for whoever reads the run's output."""
        said = f"At length: chapters {', '.join(self.long)} ({self.why})."
        return (
            said
            if not self.left
            else f"{said} Left to the weekly run of everything: {', '.join(self.left)}."
        )


def chosen(root: Path = ROOT, variables: Mapping[str, str] = os.environ) -> Choice:
    """The choice for this checkout, as the module's text says."""
    there = sorted(path.name[:2] for path in (root / "course" / "chapters").glob("[0-9][0-9]_*.md"))
    if variables.get(EVERYTHING):
        return Choice(tuple(there), (), "everything was asked for")
    since = variables.get(SINCE, "")
    try:
        changed, why = newest_first(root, since)
    except (subprocess.CalledProcessError, FileNotFoundError):
        return Choice(tuple(there), (), "this is no git checkout, so nobody knows what changed")
    newest = [number for number in changed if number in there and number not in FIXED][:LARGEST]
    long = tuple(number for number in there if number in (*FIXED, *newest))
    return Choice(long, tuple(number for number in there if number not in long), why)


def newest_first(root: Path, since: str = "") -> tuple[list[str], str]:
    """The numbers of the chapters that changed, the one changed last first, and since when in
    words.

    CalledProcessError where `root` is no git checkout, FileNotFoundError where there is no git.
    """
    git(root, "rev-parse", "--git-dir")
    uncommitted = numbers(
        line[3:] for line in git(root, "status", "--porcelain", "-uall").splitlines()
    )
    log = ["log", "--first-parent", "-m", "--name-only", "--format="]
    if since and not _NEVER.fullmatch(since) and is_there(root, since):
        names, why = (
            git(root, *log, f"{since}..HEAD"),
            f"two fixed ones and what changed since {since[:12]}",
        )
    else:
        unknown = f"{since[:12]} is not in this checkout, so " if since else ""
        names, why = (
            git(root, *log, "--since=7.days"),
            f"{unknown}two fixed ones and what changed in the last 7 days",
        )
    return list(dict.fromkeys([*uncommitted, *numbers(names.splitlines())])), why


def numbers(paths: Iterable[str]) -> list[str]:
    """The chapters whose sources these paths are, in that order; other paths are left out."""
    found = (_SOURCE.fullmatch(path.strip('"')) for path in paths)
    return [match[1] or match[2] for match in found if match]


def is_there(root: Path, revision: str) -> bool:
    """Whether this checkout has that commit."""
    command = ["git", "-C", str(root), "cat-file", "-e", f"{revision}^{{commit}}"]
    return subprocess.run(command, capture_output=True).returncode == 0


def git(root: Path, *arguments: str) -> str:
    """What git says."""
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
