"""Exercise 16.5: two marks for an answer: is it of the right kind, and is it right?"""

from collections.abc import Iterator

import numpy as np
import torch

from course.judging.exercise import exercise


@exercise(
    "16.5",
    minutes=5,
    hints=(
        "Two questions about each answer. Is it a city at all? Is it the city that was asked for? "
        "Count the two apart.",
        "`answer in cities` says whether it is of the right kind. `answer == truth` says whether it "
        "is right; go through both lists at once, with zip.",
        "Divide both counts by the number of all answers, len(answers).",
    ),
)
def form_and_fact(answers: list[str], truths: list[str], cities: list[str]) -> list[float]:
    """Two marks for answers: are they of the right kind, and are they right?

    answers: what a model said to each question, some word.
    truths: the right answer to each of the same questions, a city.
    cities: all cities that there are, in any order.
    Returns two shares of all answers: those that are a city, and those that are right.
    """
    form = sum(answer in cities for answer in answers)
    fact = sum(answer == truth for answer, truth in zip(answers, truths, strict=True))
    return [form / len(answers), fact / len(answers)]


@form_and_fact.also_right
def _in_one_loop(answers: list[str], truths: list[str], cities: list[str]) -> list[float]:
    known, form, fact = set(cities), 0, 0
    for place in range(len(answers)):
        if answers[place] in known:
            form += 1
            if answers[place] == truths[place]:
                fact += 1
    return [form / len(truths), fact / len(truths)]


@form_and_fact.also_right
def _numpy_means(answers: list[str], truths: list[str], cities: list[str]) -> list[float]:
    said = np.array(answers)
    return [float(np.isin(said, cities).mean()), float((said == np.array(truths)).mean())]


@form_and_fact.wrong(
    "A share of what? Of all answers, both times. This divides the right ones by those that are a "
    "city."
)
def _of_those_in_form(answers: list[str], truths: list[str], cities: list[str]) -> list[float]:
    form = [answer in cities for answer in answers]
    right = [answer == truth for answer, truth in zip(answers, truths, strict=True)]
    return [sum(form) / len(answers), sum(right) / max(1, sum(form))]


@form_and_fact.wrong(
    "Does the right city at the wrong question count? It does not: compare each answer with the truth "
    "at its own place."
)
def _places_ignored(answers: list[str], truths: list[str], cities: list[str]) -> list[float]:
    form = sum(answer in cities for answer in answers)
    return [form / len(answers), sum(answer in truths for answer in answers) / len(answers)]


@form_and_fact.wrong(
    "Is a right answer a city? It is, so it counts for the form as well. This counts only the wrong "
    "cities."
)
def _wrong_cities_only(answers: list[str], truths: list[str], cities: list[str]) -> list[float]:
    pairs = list(zip(answers, truths, strict=True))
    form = sum(answer in cities and answer != truth for answer, truth in pairs)
    return [form / len(pairs), sum(answer == truth for answer, truth in pairs) / len(pairs)]


@form_and_fact.wrong("Which of the two comes first? The form, and then the fact.")
def _turned_round(answers: list[str], truths: list[str], cities: list[str]) -> list[float]:
    form = sum(answer in cities for answer in answers)
    fact = sum(answer == truth for answer, truth in zip(answers, truths, strict=True))
    return [fact / len(answers), form / len(answers)]


@form_and_fact.wrong(
    "How often does a city count that is said twice? Twice: count answers, and not different words."
)
def _different_words(answers: list[str], truths: list[str], cities: list[str]) -> list[float]:
    form = len(set(answers) & set(cities))
    fact = sum(answer == truth for answer, truth in zip(answers, truths, strict=True))
    return [form / len(answers), fact / len(answers)]


@form_and_fact.wrong(
    "Whose kind is asked for? That of the answers. This asks whether the truths are cities, and they "
    "all are."
)
def _truths_looked_up(answers: list[str], truths: list[str], cities: list[str]) -> list[float]:
    form = sum(truth in cities for truth in truths)
    fact = sum(answer == truth for answer, truth in zip(answers, truths, strict=True))
    return [form / len(answers), fact / len(answers)]


@form_and_fact.inputs
def _said(rng: torch.Generator) -> Iterator[tuple[list[str], list[str], list[str]]]:
    yield (
        ["Rome", "Rome", "cheese", "Oslo"],
        ["Rome", "Lima", "Cairo", "Rome"],
        [*("Lima", "Rome", "Cairo", "Oslo")],
    )
    cities = [*("Alba", "Bern", "Como", "Dole", "Enna", "Fano")]
    others = [*("the", "land", "is")]
    for size in (5, 9, 14, 30, 6, 11, 20, 7, 16):
        count = 4 + size % 3
        some = cities[-count:]
        truths = [some[at] for at in torch.randint(count, (size,), generator=rng).tolist()]
        said = [*some, *others]
        answers = [said[at] for at in torch.randint(len(said), (size,), generator=rng).tolist()]
        answers[:2] = truths[:2]
        yield answers, truths, some
