"""The stored webs of chapter 08 after each step: made by benchmarks/crawl_funnel.py, which says what
its columns are.
"""

from course.runs.stored import matching
from utils.crawl.made_up_web import GOOD

_FILE = "crawl_funnel.csv"


def pages_left(step: str) -> dict[int, dict[str, int]]:
    """How many pages of each kind are left after a step, by the seed of the web; "copies" too.

    Raises ValueError for a step that is not stored.
    """
    rows = matching(_FILE, f"no step {step!r} is", step=step)
    return {
        int(row["seed"]): {
            name.replace("_", " "): int(count)
            for name, count in row.items()
            if name not in ("seed", "step")
        }
        for row in rows
    }


def good_shares(step: str) -> list[float]:
    """What share of the pages left after a step is good text, each once: a number for each web.

    Raises ValueError for a step that is not stored.
    """
    return [
        sum(pages[kind] for kind in GOOD) / sum(pages.values())
        for pages in pages_left(step).values()
    ]
