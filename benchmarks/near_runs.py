"""How SmolLM2 does on questions that differ in one small thing: the runs behind chapter 19.

    python benchmarks/near_runs.py            (shows the shares)
    python benchmarks/near_runs.py --write    (asks everything: 3 minutes of processor time)

Writes course/runs/near_questions.csv, a row for each question. `kind` is

    decimal     which of two numbers is larger: `given` has both and their order, `group` says "trap"
                or "no trap" (utils.data.near_questions)
    version     the same two as versions of a program, where 9.11 is newer than 9.9
    letter      how often a letter stands in a word: `group` is "word", or "spelled" where the
                question spells the word with hyphens between the letters
    capital     a city: `given` is the wording of the question, `group` the country
    completion  a city again: the bare text "The capital of France is"
    name        who the assistant is: `given` is the name in the system message, `group` its wording;
                "template" has no system message of ours, so the template puts in its own
    invented    somebody invented: `right` says whether the reply does not claim to know the person

`said` is the answer, `truth` the right one, `right` 1 or 0. Decimals, versions and letters are a
forced choice: after a reply that has begun ("The larger number is 9.") the likeliest of the digits
that may follow counts. The others are what the model writes at temperature 0. Nothing is random.
The model runs in bfloat16, which takes a third of the time where a processor has instructions for it.
"""

import argparse
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from course.runs.stored import stored, write_rows
from utils import GPT, generate, load
from utils.data.minimal_pairs import CAPITALS
from utils.data.near_questions import (
    LETTER_WORDS,
    Decimals,
    capital_questions,
    decimals,
    larger_question,
    letter_questions,
    newer_question,
)
from utils.interpretability.forced_choice import chosen
from utils.text.tokenizer import ByteLevelTokenizer

FILE = "near_questions.csv"
STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / FILE
PAIRS = 20  # of each kind
WORDS, COUNTRIES = 24, 14
_NAMES_TEXT = (
    "Ada Boris Clara Dmitri Elias Freya Gustav Helga Ivan Judith Kasimir Lotte Milan Nadia "
    "Oskar Petra Quentin Rosalind Stefan Theodora"
)
NAMES = tuple(_NAMES_TEXT.split())
MESSAGES = {
    "You are": "You are {name}.",
    "named": "You are a helpful assistant named {name}.",
    "Your name is": "Your name is {name}. When somebody asks who you are, say your name.",
}
_INVENTED_TEXT = (
    "Tavrin Oskelund, Belosha Vranthe, Quillan Marchetto, Ostrava Pelligrew, Merindel "
    "Dunhavel, Jorvik Strandolt, Salbene Vexley, Wendrel Harrowmere, Kastor Zindal, Ulmira "
    "Thornquay"
)
INVENTED = tuple(_INVENTED_TEXT.split(", "))
ABOUT_INVENTED = ("Who is {name}?", "What is {name} famous for?", "When was {name} born?")
# what a reply has that does not claim to know the person
MODEST = ("not aware", "don't have", "do not have", "couldn't find", "no information", "not sure",
          "don't know", "do not know", "unable", "fictional", "not familiar", "could not find",
          "sorry", "no record", "cannot")  # fmt: skip
Row = dict[str, Any]


def all_rows(model: GPT, tok: ByteLevelTokenizer) -> Iterator[Row]:
    """A row for each question."""
    yield from decimal_rows(model, tok, PAIRS)
    yield from letter_rows(model, tok)
    yield from capital_rows(model, tok)
    yield from name_rows(model, tok)
    yield from invented_rows(model, tok)


def _begun(tok: ByteLevelTokenizer, question: str, reply: str) -> list[int]:
    return tok.encode_chat([{"role": "user", "content": question}]) + tok.encode(reply)


def _row(kind: str, group: str, given: str, said: str, truth: str, right: bool) -> Row:
    return {
        "kind": kind,
        "group": group,
        "given": given,
        "said": said,
        "truth": truth,
        "right": int(right),
    }


def decimal_rows(model: GPT, tok: ByteLevelTokenizer, pairs: int) -> Iterator[Row]:
    """Numbers and versions: traps and others, each in both orders."""
    for trap in (True, False):
        for pair in decimals(pairs, trap):
            for long_first in (False, True):
                yield _decimal(model, tok, pair, long_first, version=False)
                yield _decimal(model, tok, pair, long_first, version=True)


def _decimal(
    model: GPT, tok: ByteLevelTokenizer, pair: Decimals, long_first: bool, version: bool
) -> Row:
    ask = newer_question if version else larger_question
    begin = "The newer version is" if version else "The larger number is"
    prompt = _begun(tok, ask(pair, long_first), f"{begin} {pair.whole}.")
    short, long = pair.texts
    of_digit = {short[-1]: short, long[-2]: long}
    said = of_digit[chosen(model, tok, [prompt], list(of_digit))[0]]
    truth = long if version else pair.larger
    order = f"{long}, {short}" if long_first else f"{short}, {long}"
    group = "trap" if pair.trap else "no trap"
    return _row("version" if version else "decimal", group, order, said, truth, said == truth)


def letter_rows(model: GPT, tok: ByteLevelTokenizer) -> Iterator[Row]:
    """Letters counted in a word, and in the same word spelled."""
    digits = [str(number) for number in range(1, 7)]
    questions = letter_questions(LETTER_WORDS[:WORDS])
    for group in ("word", "spelled"):
        prompts = []
        for word, letter, _ in questions:
            shown = "-".join(word) if group == "spelled" else word
            ask = f'How many times does the letter "{letter}" occur in {shown}? Say the number.'
            prompts.append(_begun(tok, ask, "The number is "))
        said = chosen(model, tok, prompts, digits)
        for (word, letter, count), digit in zip(questions, said, strict=True):
            yield _row("letter", group, f"{letter} {word}", digit, str(count), digit == str(count))


def capital_rows(model: GPT, tok: ByteLevelTokenizer) -> Iterator[Row]:
    """Capitals asked for in conversations, and completed."""
    countries = tuple(CAPITALS)[:COUNTRIES]
    questions = capital_questions(countries)
    prompts = [tok.encode_chat([{"role": "user", "content": ask}]) for _, _, ask in questions]
    said = generate(model, tok, prompts, max_new_tokens=16, temperature=0)
    for (country, city, ask), reply in zip(questions, said, strict=True):
        wording = ask.replace(country, "X")
        yield _row("capital", country, wording, _line(reply), city, city in reply)
    bare = [f"The capital of {country} is" for country in countries]
    said = generate(model, tok, bare, max_new_tokens=4, temperature=0)
    for country, reply in zip(countries, said, strict=True):
        city = CAPITALS[country]
        right = reply.strip().startswith(city)
        yield _row("completion", country, "bare", _line(reply), city, right)


def name_rows(model: GPT, tok: ByteLevelTokenizer) -> Iterator[Row]:
    """What the assistant is called, under many system messages and under none."""
    who = {"role": "user", "content": "What is your name?"}
    given = [(group, name) for group in MESSAGES for name in NAMES[:12]]
    talks = [
        [{"role": "system", "content": MESSAGES[group].format(name=name)}, who]
        for group, name in given
    ]
    prompts = [tok.encode_chat(talk) for talk in [*talks, [who]]]
    said = generate(model, tok, prompts, max_new_tokens=20, temperature=0)
    for (group, name), reply in zip([*given, ("template", "SmolLM")], said, strict=True):
        yield _row("name", group, name, _line(reply), name, name in reply)


def invented_rows(model: GPT, tok: ByteLevelTokenizer) -> Iterator[Row]:
    """Questions about people who do not exist."""
    given = [(name, ask) for name in INVENTED[:6] for ask in ABOUT_INVENTED]
    prompts = [
        tok.encode_chat([{"role": "user", "content": ask.format(name=name)}]) for name, ask in given
    ]
    said = generate(model, tok, prompts, max_new_tokens=30, temperature=0)
    for (name, ask), reply in zip(given, said, strict=True):
        modest = any(sign in reply.lower() for sign in MODEST)
        yield _row("invented", name, ask, _line(reply), "nobody", modest)


def _line(reply: str) -> str:
    return " ".join(reply.split())


def write() -> None:
    """Ask everything, and store it."""
    model, tok = load("smollm2", precision="bfloat16")
    write_rows(STORED, list(all_rows(model, tok)))


def show() -> None:
    """The share of right answers by kind and group."""
    groups = defaultdict(list)
    for row in stored(FILE):
        several = row["kind"] in ("capital", "completion", "invented")
        groups[
            row["kind"],
            row["given" if row["kind"] == "capital" else "group"]
            if not several or row["kind"] == "capital"
            else "",
        ].append(float(row["right"]))
    for key, rights in groups.items():
        print(*key, f"{fmean(rights):.2f} of {len(rights)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="SmolLM2 on near questions, for chapter 19.")
    parser.add_argument("--write", action="store_true", help="ask everything and store it")
    if parser.parse_args().write:
        write()
    else:
        show()
