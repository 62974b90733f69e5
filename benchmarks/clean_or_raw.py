"""Does cleaning help? A small GPT reads the same number of characters from a made-up web as it was
crawled, from its main text, from what all steps leave, and from what is truly good: the runs behind
chapter 08.

    python benchmarks/clean_or_raw.py            (shows the mean losses)
    python benchmarks/clean_or_raw.py --write    (makes all runs, 12 minutes of processor time)

Writes course/runs/clean_or_raw.csv, a row for each text of each web. `text` names what was read
(TEXTS), `seed` drew the web and the first weights, `characters` is the length of the text, `passes`
how often the model read it, and `loss` that at the end on English articles that stand on no page, in
nats per character, on the same pieces for all texts of a web. The command, versions and machine
decide every digit.
"""

import argparse
import csv
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from course.runs.stored import write_rows
from utils.crawl.cleaning import clean
from utils.crawl.extraction import all_text, main_text
from utils.crawl.made_up_web import Page, left_over, make_web
from utils.training.config import TrainConfig
from utils.training.small_reader import (
    BATCH,
    CONTEXT,
    held_out_loss,
    new_reader,
    reading_of,
    train_reader,
)

STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / "clean_or_raw.csv"
SEEDS, STEPS = range(1, 11), 800


def as_crawled(web: Sequence[Page]) -> list[str]:
    """All words of all pages, only the tags dropped."""
    return [all_text(page.html) for page in web]


def main_texts(web: Sequence[Page]) -> list[str]:
    """The main text of all pages, whatever they are."""
    return [main_text(page.html) for page in web]


def cleaned(web: Sequence[Page]) -> list[str]:
    """The main text of the pages that all steps leave."""
    return [main_text(web[at].html) for at in clean(web)[-1].left]


def truly_good(web: Sequence[Page]) -> list[str]:
    """The text of all good pages, each once: what only the author of the web can give."""
    return [page.text for page in web if page.what == "good text"]


TEXTS: dict[str, Callable[[Sequence[Page]], list[str]]] = {
    "as crawled": as_crawled,
    "main text": main_texts,
    "cleaned": cleaned,
    "truly good": truly_good,
}


def rows_of(seed: int) -> list[dict[str, Any]]:
    """The rows of a web, one for each text. All have the same alphabet, so that one character is
    one guess among equally many.
    """
    web = make_web(seed)
    texts = {name: "\n".join(take(web)) for name, take in TEXTS.items()}
    held_out = "\n".join(left_over("english"))
    alphabet = "".join(sorted({*held_out}.union(*texts.values())))
    rows = []
    for name, text in texts.items():
        reading = reading_of(text, held_out, extra=alphabet)
        model = new_reader(reading, seed)
        config = TrainConfig(
            steps=STEPS, learning_rate=0.01, warmup_steps=20, weight_decay=0.0, seed=seed
        )
        train_reader(model, reading, config, seed)
        rows.append(
            {
                "text": name,
                "seed": seed,
                "characters": len(text),
                "passes": round(STEPS * BATCH * CONTEXT / len(text), 2),
                "loss": round(held_out_loss(model, reading), 4),
            }
        )
        print(rows[-1], flush=True)
    return rows


def show(rows: list[dict[str, Any]]) -> None:
    """The mean loss of each text, and how far the seeds lie apart."""
    losses: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        losses[row["text"]].append(float(row["loss"]))
    for name, found in losses.items():
        print(f"{name:12} {mean(found):.3f} ± {stdev(found):.3f} nats per character")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--write", action="store_true", help="make all runs and store them")
    if not parser.parse_args().write:
        show(list(csv.DictReader(STORED.read_text(encoding="utf-8").splitlines())))
        return
    rows = [row for seed in SEEDS for row in rows_of(seed)]
    write_rows(STORED, rows)
    show(rows)


if __name__ == "__main__":
    main()
