"""Since when the course corrects a claim: since.csv has a row for each claim that is corrected.

`python -m course.claims.since` prints how the rows would read that are missing or have another
verdict by now, with the day from the history of claims.csv: the first day from which on the claim
has had its present verdict without a break. A date that stands in the file is never changed by it,
so it stays true where a history is rewritten or not there.
"""

import csv
import io
import subprocess
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

from course.claims.claim import CORRECTED, Claim, ClaimError, claims

ROOT = Path(__file__).resolve().parents[2]
PLACES = ("course/claims/claims.csv", "course/claims.csv")  # today's, and an older one


def corrected() -> list[Claim]:
    """The claims that the course corrects, in the ledger's order."""
    return [row for row in claims().values() if row.verdict in CORRECTED]


@cache
def since() -> Mapping[str, str]:
    """The day, as 2026-11-22, since which the course corrects a claim, by its id.

    ClaimError if a corrected claim has none, or one that is another verdict's.
    """
    text = files("course.claims").joinpath("since.csv").read_bytes().decode("utf-8")
    kept = {row["id"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}
    check_dates(kept, claims())
    return {id: row["since"] for id, row in kept.items()}


def check_dates(kept: Mapping[str, Mapping[str, str]], rows: Mapping[str, Claim]) -> None:
    """ClaimError for the first claim whose date is missing, or stands there without being one."""
    words = "python -m course.claims.since prints what has to stand in course/claims/since.csv"
    for id, row in rows.items():
        there = kept.get(id, {}).get("verdict", "no")
        wanted = row.verdict if row.verdict in CORRECTED else "no"
        if there != wanted:
            raise ClaimError(f"{id} has {wanted} correction, and its date is of {there}; {words}")


def first_days(history: Iterable[tuple[str, Mapping[str, str]]]) -> dict[str, tuple[str, str]]:
    """Each claim's last verdict, and the first day of the unbroken time that it has had it.

    history: from the oldest to the newest, a day and the verdicts of that day, by id.
    """
    found: dict[str, tuple[str, str]] = {}
    for day, verdicts in history:
        found = {
            id: found[id] if id in found and found[id][0] == verdict else (verdict, day)
            for id, verdict in verdicts.items()
        }
    return found


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout


def _history() -> Iterable[tuple[str, Mapping[str, str]]]:
    lines = _git("log", "--reverse", "--format=%H %as", "--", *PLACES).splitlines()
    for commit, day in (line.split() for line in lines):
        there = _git("ls-tree", "--name-only", commit, "--", *PLACES).splitlines()
        if there:
            text = _git("show", f"{commit}:{there[0]}")
            rows = csv.DictReader(io.StringIO(text, newline=""))
            yield day, {row["id"]: row["verdict"] for row in rows}


def main() -> int:
    """Print the rows of all corrected claims that since.csv lacks or has with another verdict."""
    place = Path(__file__).with_name("since.csv")
    with place.open(encoding="utf-8", newline="") as file:
        kept = {row["id"]: row["verdict"] for row in csv.DictReader(file)}
    days = first_days(_history())
    writer = csv.writer(sys.stdout, lineterminator="\n")
    for row in corrected():
        if kept.get(row.id) != row.verdict:
            verdict, day = days.get(row.id, ("", ""))
            writer.writerow([row.id, row.verdict, day if verdict == row.verdict else "today"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
