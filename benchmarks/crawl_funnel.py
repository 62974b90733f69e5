"""Made-up webs with other seeds than that of chapter 08, through the same steps: what each step
leaves, so that nothing in the chapter rests on one web.

    python benchmarks/crawl_funnel.py            (shows what is left of each class after each step)
    python benchmarks/crawl_funnel.py --write    (makes and cleans ten webs, a minute of processor time)

Writes course/runs/crawl_funnel.csv, a row for each step of each web, with the pages left of every
kind of page (utils/crawl/made_up_web.py) in a column; `copies` are all pages that are copies,
whatever their kind, and are counted nowhere else.
"""

import argparse
import csv
from collections import Counter
from pathlib import Path
from typing import Any

from course.runs.stored import write_rows
from utils.crawl.cleaning import clean
from utils.crawl.made_up_web import KINDS, make_web

STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / "crawl_funnel.csv"
SEEDS = range(1, 11)


def rows_of(seed: int) -> list[dict[str, Any]]:
    """A row for each step."""
    web = make_web(seed)
    rows = []
    for step in clean(web):
        left = [web[at] for at in step.left]
        kinds = Counter(page.kind for page in left if page.copy_of is None)
        copies = sum(page.copy_of is not None for page in left)
        row = {kind.replace(" ", "_"): kinds[kind] for kind in KINDS}
        rows.append({"seed": seed, "step": step.name, **row, "copies": copies})
    return rows


def show(rows: list[dict[str, Any]]) -> None:
    """The sum over all webs of what is left."""
    for step in dict.fromkeys(row["step"] for row in rows):
        some = [row for row in rows if row["step"] == step]
        sums = {
            name: sum(int(row[name]) for row in some)
            for name in some[0]
            if name not in ("seed", "step")
        }
        print(f"{step:20}", {name: count for name, count in sums.items() if count})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--write", action="store_true", help="make and clean the webs, and store")
    if not parser.parse_args().write:
        show(list(csv.DictReader(STORED.read_text(encoding="utf-8").splitlines())))
        return
    rows = [row for seed in SEEDS for row in rows_of(seed)]
    write_rows(STORED, rows)
    show(rows)


if __name__ == "__main__":
    main()
