"""Small made-up worlds for models that learn words: facts that nobody can know from elsewhere, and
that are told in as many ways, and as often, as an experiment wants.

A sentence is a text of words with spaces between them: "the capital of land7 is city3 ."
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

TIMES = (1, 2, 4, 8, 16, 32, 64)
Told = Literal["both", "forward", "backward"]


@dataclass(frozen=True)
class Question:
    """The beginning of a sentence, and the word that goes on rightly.

    group: what the experiment compares: how often the fact was told, or in which direction.
    """

    prompt: str
    answer: str
    group: str | int


@dataclass(frozen=True)
class World:
    """What a model is told, and what it is asked.

    sentences: a sentence that is told n times stands there n times. kinds: all words of each kind
    of answer ("city"), told or not.
    """

    sentences: tuple[str, ...]
    questions: tuple[Question, ...]
    kinds: dict[str, tuple[str, ...]]

    @property
    def words(self) -> tuple[str, ...]:
        """Every word of the world, in the order of the alphabet."""
        texts = [*self.sentences, *(question.prompt for question in self.questions)]
        in_texts = {word for text in texts for word in text.split()}
        return tuple(sorted(in_texts.union(*self.kinds.values())))

    def asked(self, group: str | int) -> list[Question]:
        """The questions of a group. ValueError if there are none."""
        found = [question for question in self.questions if question.group == group]
        if not found:
            groups = sorted({str(question.group) for question in self.questions})
            raise ValueError(
                f"no question is of the group {group!r}; the groups are {', '.join(groups)}."
            )
        return found


def _shuffled(kind: str, count: int, rng: random.Random) -> list[str]:
    names = [f"{kind}{number}" for number in range(count)]
    rng.shuffle(names)
    return names


def capitals(times: Sequence[int] = TIMES, each: int = 30, seed: int = 0) -> World:
    """`each` lands for every number of `times`, whose capital is told so often, and `each` lands of
    which it is never told. These are mentioned eight times: "where is land7 ?".

    Groups of questions: the numbers, and 0 for what is never told.
    """
    rng = random.Random(seed)
    counts = [count for count in (0, *times) for _ in range(each)]
    lands = _shuffled("land", len(counts), rng)
    cities = _shuffled("city", len(counts), rng)
    told: list[str] = []
    questions = []
    for land, city, count in zip(lands, cities, counts, strict=True):
        told += [f"the capital of {land} is {city} ."] * count
        told += [] if count else [f"where is {land} ?"] * 8
        questions.append(Question(f"the capital of {land} is", city, count))
    return World(tuple(told), tuple(questions), {"city": tuple(sorted(cities))})


def residents(patterns: str, people: int = 120, towns: int = 20, seed: int = 0) -> World:
    """Each of the people lives in a town, and every home is told. Half of the people are also asked
    for. What stands behind these questions is the pattern: "none" (nothing), "right" (the home), or
    "shuffled" (the home of somebody else).

    Groups of questions: "told" (the sentence itself), "asked before", "never asked before".
    """
    if patterns not in ("none", "right", "shuffled"):
        raise ValueError(f"patterns is {patterns!r}; give none, right or shuffled.")
    rng = random.Random(seed)
    names = _shuffled("name", people, rng)
    home = {name: f"town{rng.randrange(towns)}" for name in names}
    half = names[: people // 2]
    others = [home[name] for name in half]
    rng.shuffle(others)
    replies = {
        "none": [""] * len(half),
        "right": [f" {home[name]} ." for name in half],
        "shuffled": [f" {town} ." for town in others],
    }[patterns]
    told = [f"{name} lives in {home[name]} ." for name in names]
    told += [
        f"Q: where does {name} live ? A:{reply}" for name, reply in zip(half, replies, strict=True)
    ]
    questions = [Question(f"{name} lives in", home[name], "told") for name in names]
    for name in names:
        group = "asked before" if name in half else "never asked before"
        questions.append(Question(f"Q: where does {name} live ? A:", home[name], group))
    kinds = {"town": tuple(f"town{number}" for number in range(towns))}
    return World(tuple(told), tuple(questions), kinds)


def mayors(each: int = 60, other_roles: bool = False, seed: int = 0) -> World:
    """`each` mayors are told as "name3 is the mayor of town5 ." and as "the mayor of town5 is name3
    .", as many in the first way alone (forward), and as many in the second alone (backward).

    other_roles: each name is also an answer elsewhere ("the baker of street8 is name3 ."), and each
    town a question ("town5 lies by river2 ."). So no word is seen on one side only.
    Groups of questions: how the fact was told, and the direction in which it is asked: "forward,
    asked backward".
    """
    rng = random.Random(seed)
    names, towns = _shuffled("name", 3 * each, rng), _shuffled("town", 3 * each, rng)
    ways: list[Told] = [way for way in ("both", "forward", "backward") for _ in range(each)]
    told, questions = [], []
    for name, town, way in zip(names, towns, ways, strict=True):
        forward, backward = f"{name} is the mayor of", f"the mayor of {town} is"
        if way != "backward":
            told.append(f"{forward} {town} .")
        if way != "forward":
            told.append(f"{backward} {name} .")
        questions.append(Question(forward, town, f"{way}, asked forward"))
        questions.append(Question(backward, name, f"{way}, asked backward"))
    if other_roles:
        told += [f"the baker of street{n} is {name} ." for n, name in enumerate(names)]
        told += [f"{town} lies by river{n} ." for n, town in enumerate(towns)]
    kinds = {"name": tuple(sorted(names)), "town": tuple(sorted(towns))}
    return World(tuple(told), tuple(questions), kinds)


def sum_text(a: int, b: int) -> str:
    """A sum in digits, as a sentence: sum_text(37, 45) is "0 3 7 + 0 4 5 = 0 0 8 2"."""
    if not (0 <= a < 1000 and 0 <= b < 1000):
        raise ValueError(f"{a} + {b} was asked for; give two numbers from 0 to 999.")
    return " ".join(f"{a:03}+{b:03}={a + b:04}")


def share_of_sums(share: float, seed: int = 0) -> tuple[list[str], list[str]]:
    """Of the 10,000 sums of two numbers below 100 a random share, and all the others."""
    if not 0 < share < 1:
        raise ValueError(f"a share of {share} was asked for; give one between 0 and 1.")
    pairs = [(a, b) for a in range(100) for b in range(100)]
    random.Random(seed).shuffle(pairs)
    cut = round(share * len(pairs))
    return _sums(pairs[:cut]), _sums(pairs[cut:])


def long_sums(count: int, seed: int = 0) -> list[str]:
    """Random sums of two numbers from 100 to 999."""
    rng = random.Random(seed)
    return _sums((rng.randrange(100, 1000), rng.randrange(100, 1000)) for _ in range(count))


def _sums(pairs: Iterable[tuple[int, int]]) -> list[str]:
    return [sum_text(a, b) for a, b in pairs]
