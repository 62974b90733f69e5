"""One fact written into each layer of SmolLM2, in two ways: the edits behind the curves of the
chapter on feed-forward layers.

    python benchmarks/edit_layers.py            (shows what is stored, a line for each layer)
    python benchmarks/edit_layers.py --write    (makes the edits again, 4 minutes of processor time)

Writes course/runs/edit_layers.csv. A row is one question after one edit: `method` is "none" (no
edit; `layer` is -1), "plain" (the change goes along k) or "turned" (along C^-1 k), `p` the
probability of `answer` after `prompt`. The machine decides the last digits.
"""

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path

from course.runs.edit_layers import METHODS, edited_layers, largest_loss, success
from utils import GPT, load
from utils.data.eiffel_tower import NEAR_THE_KEY, NEIGHBOURS, OF_THE_TOWER, PROMPT, SUBJECT
from utils.data.mixed_texts import MIXED_TEXTS
from utils.data.shakespeare import play
from utils.interpretability.facts import answer_probabilities
from utils.interpretability.rank_one_edit import edit_fact, turned_from_common
from utils.text.tokenizer import Tokenizer

STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / "edit_layers.csv"
STEPS = 12  # as in the lesson
LAYERS = range(30)
QUESTIONS = OF_THE_TOWER + NEIGHBOURS + NEAR_THE_KEY


def texts_for_c() -> list[str]:
    """About a thousand tokens of many kinds: the lesson's corpus."""
    hamlet = play("hamlet")
    return [*MIXED_TEXTS, *(hamlet[at : at + 600] for at in range(5_000, 25_000, 4_000))]


def rows(model: GPT, tok: Tokenizer) -> Iterator[dict[str, str | int | float]]:
    """A row for each question, without an edit and after each of them."""
    yield from _answers(model, tok, "none", -1)
    for layer in LAYERS:
        plain = edit_fact(model, tok, PROMPT, SUBJECT, " Rome", layer=layer, steps=STEPS)
        turned = turned_from_common(plain, model, tok, texts_for_c(), layer)
        for method, edit in zip(METHODS, (plain, turned), strict=True):
            with edit:
                yield from _answers(model, tok, method, layer)


def _answers(
    model: GPT, tok: Tokenizer, method: str, layer: int
) -> Iterator[dict[str, str | int | float]]:
    probabilities = answer_probabilities(model, tok, QUESTIONS)
    for (prompt, answer), p in zip(QUESTIONS, probabilities, strict=True):
        yield {
            "method": method,
            "layer": layer,
            "prompt": prompt,
            "answer": answer,
            "p": round(p, 4),
        }


def show() -> None:
    for method in METHODS:
        print(f"{method}: layer, P(Rome), the largest loss of a neighbour, and near the key")
        numbers = (
            success(method),
            largest_loss(method, NEIGHBOURS),
            largest_loss(method, NEAR_THE_KEY),
        )
        for layer, rome, neighbour, near in zip(edited_layers(), *numbers, strict=True):
            print(f"  {layer:2} {rome:.2f} {neighbour:+.2f} {near:+.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true", help="make the edits again")
    if parser.parse_args().write:
        found = rows(*load("smollm2"))
        first = next(found)
        with STORED.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(first), lineterminator="\n")
            writer.writeheader()
            writer.writerow(first)
            for row in found:
                writer.writerow(row)
                file.flush()
    show()


if __name__ == "__main__":
    main()
