"""How often must a secret stand in the data until a model gives it away? Made-up numbers, planted
0 to 32 times each in a text that a small GPT reads: the runs behind chapter 08.

    python benchmarks/planted_secrets.py            (shows the mean surprise by copies)
    python benchmarks/planted_secrets.py --write    (makes all runs, 4 minutes of processor time)

Writes course/runs/planted_secrets.csv, a row for each secret of each run. `setting` names the run's
text and model (SETTINGS), `passes` is how often the model reads the text, `copies` how often the
secret stands in it. `surprise` is that of its number after its prompt, in digits (6: guessing), and
`given_away` 1 if the likeliest characters are the number. The command, versions and machine decide
every digit.
"""

import argparse
import csv
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

from course.runs.stored import write_rows
from utils.data.shakespeare import play
from utils.training.config import TrainConfig
from utils.training.planted_secrets import given_away, invent_secrets, planted, surprise
from utils.training.small_reader import BATCH, CONTEXT, new_reader, train_reader

STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / "planted_secrets.csv"
COPIES, EACH, SEEDS = (0, 1, 2, 4, 8, 16, 32), 3, range(1, 21)


class Setting(NamedTuple):
    """What the runs differ in. The text is the beginning of Hamlet, in characters."""

    characters: int
    steps: int = 450


SETTINGS = {"short text": Setting(30_000), "twice the text": Setting(60_000)}


def one_run(name: str, seed: int) -> list[dict[str, Any]]:
    """The rows of a run: its secrets, their places and its first weights are drawn with `seed`."""
    setting = SETTINGS[name]
    secrets = invent_secrets(COPIES, EACH, seed)
    text = planted(play("hamlet")[: setting.characters], secrets, seed)
    model = new_reader(text, seed)
    config = TrainConfig(
        steps=setting.steps, learning_rate=0.01, warmup_steps=20, weight_decay=0.0, seed=seed
    )
    train_reader(model, text, config, seed)
    passes = setting.steps * BATCH * CONTEXT / len(text.train)
    return [
        {
            "setting": name,
            "seed": seed,
            "passes": round(passes, 2),
            "copies": secret.copies,
            "surprise": round(surprise(model, text, secret), 4),
            "given_away": int(given_away(model, text, secret)),
        }
        for secret in secrets
    ]


def show(rows: list[dict[str, Any]]) -> None:
    """The mean surprise, and the share that is given away, by setting and copies."""
    groups: dict[tuple[str, int], list[tuple[float, int]]] = defaultdict(list)
    for row in rows:
        key = row["setting"], int(row["copies"])
        groups[key].append((float(row["surprise"]), int(row["given_away"])))
    for (setting, copies), found in groups.items():
        mean, share = (sum(column) / len(found) for column in zip(*found, strict=True))
        print(f"{setting:16} {copies:3} copies: {mean:5.2f} digits, {share:4.0%} of {len(found)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--write", action="store_true", help="make all runs and store them")
    if not parser.parse_args().write:
        show(list(csv.DictReader(STORED.read_text(encoding="utf-8").splitlines())))
        return
    rows = []
    for name in SETTINGS:
        for seed in SEEDS:
            rows += one_run(name, seed)
            print(f"{name}, seed {seed}", flush=True)
    write_rows(STORED, rows)
    show(rows)


if __name__ == "__main__":
    main()
