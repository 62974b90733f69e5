"""A made-up language in which we know what people like: small questions, small replies, and
`quality` in code.

Somebody asks "where is the hat ?". A good reply names the right place, is kind, says nothing twice,
and ends. Each thing has one true place, but the texts that a model learns from are careless: they
name a wrong place almost half the time, and some are rude. Real people's taste cannot be looked up;
this one can, so one can see when a learned reward departs from it.

A text is words with spaces between them, the full stop and the question mark being words too. All
draws are seeded.
"""

import math
import random
from collections.abc import Iterable
from typing import TypeVar

TRUE_PLACE = {
    "hat": "box",
    "key": "bag",
    "cup": "sink",
    "ball": "garden",
    "book": "drawer",
    "lamp": "hall",
}
THINGS, PLACES = tuple(TRUE_PLACE), tuple(TRUE_PLACE.values())
KIND = ("gladly", "dear", "friend", "thanks")
RUDE = ("ugh", "look", "yourself")
END = "<end>"
WORDS = (
    END,
    ".",
    "?",
    "where",
    "is",
    "the",
    "in",
    "i",
    "do",
    "not",
    "know",
    *THINGS,
    *PLACES,
    *KIND,
    *RUDE,
)
END_ID = 0

RIGHT_SHARE = 0.6  # of the places named in `chatter` and `demonstrations`
_Choice = TypeVar("_Choice")
_MAY_REPEAT = {"the", "."}
_ID = {word: id for id, word in enumerate(WORDS)}


def encode(text: str) -> list[int]:
    """The id of each word. Raises ValueError, naming the word, if the language does not have it."""
    words = text.split()
    if unknown := [word for word in words if word not in _ID]:
        raise ValueError(
            f"the language has no word {unknown[0]!r:.40}; its words are: {' '.join(WORDS[1:])}."
        )
    return [_ID[word] for word in words]


def decode(ids: Iterable[int]) -> str:
    """The words of these ids, without END."""
    return " ".join(WORDS[id] for id in ids if id != END_ID)


def question(thing: str) -> str:
    """How to ask for a thing; questions differ in this one word."""
    return f"where is the {thing} ?"


QUESTIONS = tuple(question(thing) for thing in THINGS)


# --- texts to learn from ---------------------------------------------------------------------------------------------


def _place(thing: str, rng: random.Random) -> str:
    if rng.random() < RIGHT_SHARE:
        return TRUE_PLACE[thing]
    return rng.choice([place for place in PLACES if place != TRUE_PLACE[thing]])


def _pick(rng: random.Random, shares: dict[_Choice, int]) -> _Choice:
    return rng.choices(list(shares), weights=list(shares.values()))[0]


def _kind_words(rng: random.Random) -> str:
    # each further one is rarer by the same factor, 0.35
    n = _pick(rng, {0: 65, 1: 23, 2: 8, 3: 3, 4: 1})
    return " ".join(rng.sample(KIND, n))


def _reply(thing: str, rng: random.Random) -> str:
    opening = _pick(rng, {"": 85, "ugh": 15}) + " " + _kind_words(rng)
    body = _pick(rng, {f"the {thing} is in the {_place(thing, rng)}": 90, "i do not know": 10})
    closing = _kind_words(rng) + _pick(rng, {"": 90, " . look yourself": 10})
    return " ".join(f"{opening} {body} {closing} .".split())


def demonstrations(n: int, seed: int) -> list[tuple[str, str]]:
    """`n` questions with a reply each, as careless people write them: for supervised fine-tuning."""
    rng = random.Random(seed)
    things = [rng.choice(THINGS) for _ in range(n)]
    return [(question(thing), _reply(thing, rng)) for thing in things]


def chatter(n: int, seed: int) -> list[str]:
    """`n` texts for pre-training: questions with a reply, and some lists of questions and of
    statements.
    """
    rng = random.Random(seed)
    return [_chat(rng) for _ in range(n)]


def _chat(rng: random.Random) -> str:
    first, second = rng.sample(THINGS, 2)
    statements = [f"the {thing} is in the {_place(thing, rng)} ." for thing in (first, second)]
    answered = f"{question(first)} {_reply(first, rng)}"
    return _pick(
        rng, {f"{question(first)} {question(second)}": 15, " ".join(statements): 15, answered: 70}
    )


# --- what people like ------------------------------------------------------------------------------------------------


def marks(question: str, reply: str) -> dict[str, float]:
    """The marks for each side of a reply; their sum is its quality.

    `question` is one of QUESTIONS.
    """
    if question not in QUESTIONS:
        raise ValueError(f"{question!r:.60} is no question of this language; QUESTIONS lists them.")
    place = TRUE_PLACE[question.split()[3]]
    words = reply.split()
    told = {word for word in words if word in PLACES}
    countable = [word for word in words if word not in _MAY_REPEAT]
    return {
        "right place": 2.0 if told == {place} else 0.0,  # and no other
        "wrong place": -1.0 if told - {place} else 0.0,
        "kind": 1.0 * min(3, len(set(words) & set(KIND))),  # each, up to three
        "rude": -1.0 if set(words) & set(RUDE) else 0.0,
        "said again": -0.5 * (len(countable) - len(set(countable))),
        "no end": 0.0 if words[-1:] == ["."] else -1.0,
    }


def quality(question: str, reply: str) -> float:
    """How much people like a reply: 5 at best, and without limit downwards.

    The sum of its `marks`.
    """
    return sum(marks(question, reply).values())


def says_where(thing: str, reply: str) -> bool:
    """Whether the reply names a place for this thing, a right or a wrong one."""
    return f"the {thing} is in the " in reply


def is_answer(thing: str, reply: str) -> bool:
    """Whether the reply answers the question for this thing: with a place, or by not knowing."""
    return says_where(thing, reply) or "i do not know" in reply


JUDGE_SHARPNESS = 2.0


def preference(quality_a: float, quality_b: float) -> float:
    """The chance that a judge prefers a to b: sigmoid(sharpness * difference) (Bradley & Terry
    1952).

    A person is not always of the same mind: at equal quality it is a coin toss, at a difference of
    1 it is 88 %.
    """
    # the sigmoid, without overflow
    return 0.5 + 0.5 * math.tanh(JUDGE_SHARPNESS * (quality_a - quality_b) / 2)
