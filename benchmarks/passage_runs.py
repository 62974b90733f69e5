"""SmolLM2 asked for capitals with and without a passage before the question, true ones and false
ones: the runs behind the chapter on using models.

    python benchmarks/passage_runs.py            (shows the shares)
    python benchmarks/passage_runs.py --write    (asks everything: 3 minutes of processor time)

Writes course/runs/passage_runs.csv, a row for each country and way: `way` is

    nothing       no passage
    true, false   one sentence that names the capital, or another one's
    false, true   and "true, false": both sentences, in this order
    found         the article of Wikipedia that a search finds nearest to the question
    changed       the same with another capital in the place of the right one
    cited         three numbered sentences; the model answers and names its source

`said` is the answer, `right` and `misled` whether it names the capital, or the false city (of "cited":
whether it names the capital, and whether the number it gives is that of another passage); `in_source`
whether the right capital stands in what was put before the question. Temperature 0; nothing is random.
"""

import os
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from course.runs.stored import asked_to_write, stored, write_rows
from utils import GPT, generate, load
from utils.data.capital_passages import (
    COUNTRIES,
    Country,
    changed,
    cited_questions,
    names_city,
    passage,
    question,
    same_words,
    with_passage,
)
from utils.data.wikipedia import articles
from utils.text.tokenizer import ByteLevelTokenizer
from utils.tools.search import Notes

FILE = "passage_runs.csv"
BATCH = 10
STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / FILE

Row = dict[str, Any]


def passages() -> Iterator[tuple[str, Country, str]]:
    """What stands before each question, with the way's name."""
    notes = Notes([one.text for one in articles("english") if one.topic == "Geography"])
    for country in COUNTRIES:
        true, false = passage(country, country.city), passage(country, country.false_city)
        found = notes.search(question(country), k=1)[0].text
        yield "nothing", country, ""
        yield "true", country, true
        yield "false", country, false
        yield "same words", country, same_words(country)
        yield "false, true", country, f"{false} {true}"
        yield "true, false", country, f"{true} {false}"
        yield "found", country, found
        yield "changed", country, changed(found, country)


def in_batches(model: GPT, tok: ByteLevelTokenizer, prompts: list[str]) -> Iterator[str]:
    """One line after each prompt."""
    for begin in range(0, len(prompts), BATCH):
        some = prompts[begin : begin + BATCH]
        for reply in generate(model, tok, some, max_new_tokens=8, temperature=0, stop="\n"):
            yield " ".join(reply.split())


def answered(model: GPT, tok: ByteLevelTokenizer, *ways: str) -> Iterator[Row]:
    """The answers after a passage, of these ways, or of all."""
    asked = sorted(passages(), key=lambda one: one[0])
    asked = [one for one in asked if one[0] in ways or not ways]
    prompts = [with_passage(country, text) for _, country, text in asked]
    replies = in_batches(model, tok, prompts)
    for (way, country, text), said in zip(asked, replies, strict=True):
        yield {
            "way": way,
            "country": country.name,
            "large": int(country.large),
            "said": said,
            "right": int(names_city(said, country.city)),
            "misled": int(names_city(said, country.false_city)),
            "in_source": int(names_city(text, country.city)),
        }


def cited(model: GPT, tok: ByteLevelTokenizer) -> Iterator[Row]:
    """The answers with a source."""
    asked = cited_questions()
    replies = in_batches(model, tok, [one.prompt for one in asked])
    for one, said in zip(asked, replies, strict=True):
        number = re.search(r"\[(\d)\]", said)
        yield {
            "way": "cited",
            "country": one.country.name,
            "large": int(one.country.large),
            "said": said,
            "right": int(names_city(said, one.country.city)),
            "misled": int(number is None or int(number[1]) != one.number),
            "in_source": 1,
        }


def write() -> None:
    model, tok = load("smollm2")
    write_rows(STORED, [*answered(model, tok), *cited(model, tok)])


def show() -> None:
    groups = defaultdict(list)
    for row in stored(FILE):
        groups[row["way"], row["large"]].append(row)
    for (way, large), rows in groups.items():
        shares = {
            name: f"{fmean(float(row[name]) for row in rows):.2f}"
            for name in ("right", "misled", "in_source")
        }
        print(f"{way:12} {'large' if large else 'small'}", shares)


if __name__ == "__main__":
    if asked_to_write(__doc__):
        write()
    show()
