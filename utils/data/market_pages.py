"""Raw pages of a made-up market, and the sums that stand in them: a small web for a small assistant.

A page is a text as a crawler leaves it: some of its stories are followed by a mail address, a
telephone number or an IP address, and some pages are copies of others in which a word was changed.
Of the sums some are held out: they stand on no page.
"""

import random
from dataclasses import dataclass

LOW, HIGH = 10, 50  # the terms of a sum, the second one not included: all results have two digits
_NAMES = ("ada", "ben", "ida", "leo", "mara", "nils", "rosa", "theo")
_THINGS = ("cards", "coins", "eggs", "nuts", "pears", "plums")
_STORIES = 3  # on a page
_PERSONAL = 0.2  # of the stories are followed by personal data
_COPIES = 0.15  # of the pages are copies, with a word changed
FORMS = ("what is {a} plus {b} ?", "how much is {a} and {b} ?", "add {a} and {b} .")


@dataclass(frozen=True)
class Sum:
    """Two terms, and what they come to."""

    a: int
    b: int

    @property
    def result(self) -> int:
        """a + b."""
        return self.a + self.b

    @property
    def call(self) -> str:
        """The sum as a calculator takes it."""
        return f"{self.a} + {self.b}"

    def question(self, form: int) -> str:
        """The sum as one asks for it, in one of FORMS."""
        return FORMS[form].format(a=self.a, b=self.b)


def sums(held_out: int, seed: int) -> tuple[list[Sum], list[Sum]]:
    """All sums of two terms from LOW to HIGH - 1, shuffled: those for the pages, and those held out.

    ValueError unless some sums are left for each.
    """
    found = [Sum(a, b) for a in range(LOW, HIGH) for b in range(LOW, HIGH)]
    if not 0 < held_out < len(found):
        raise ValueError(f"held_out is {held_out}; give a number from 1 to {len(found) - 1}.")
    random.Random(f"sums {seed}").shuffle(found)
    return found[held_out:], found[:held_out]


def raw_pages(seen: list[Sum], count: int, seed: int) -> list[str]:
    """`count` pages, copies included, whose sums are among `seen`."""
    rng = random.Random(f"pages {seed}")
    pages: list[str] = []
    while len(pages) < count:
        copied = pages and rng.random() < _COPIES
        pages.append(_copy(rng.choice(pages), rng) if copied else _page(seen, rng))
    return pages


def _page(seen: list[Sum], rng: random.Random) -> str:
    stories = []
    for _ in range(_STORIES):
        stories.append(_story(rng.choice(seen), rng))
        if rng.random() < _PERSONAL:
            stories.append(_personal(rng))
    return " ".join(stories)


def _story(one: Sum, rng: random.Random) -> str:
    """Two sentences, or three. The second one repeats the numbers of the first."""
    (name, other), (thing, more) = rng.sample(_NAMES, 2), rng.sample(_THINGS, 2)
    begun = rng.choice(
        (
            f"{name} has {one.a} {thing} and finds {one.b} more .",
            f"{name} counts {one.a} {thing} , and {other} {one.b} .",
            f"{name} asks {other} , what is {one.a} plus {one.b} ?",
            f"how much is {one.a} and {one.b} , asks {name} .",
        )
    )
    written = rng.choice(
        (
            f"{other} writes {one.call} = {one.result} .",
            f"in the note {one.call} = {one.result} .",
            f"now there are {one.result} , as {one.call} = {one.result} .",
        )
    )
    liked = [f"{name} likes {thing} more than {more} ."] if rng.random() < 0.4 else []
    return " ".join([begun, written, *liked])


def _personal(rng: random.Random) -> str:
    """A sentence with personal data of nobody: example domains, numbers reserved for films."""
    name = rng.choice(_NAMES)
    return rng.choice(
        (
            f"write to {name}.{rng.choice(_THINGS)}@example.org .",
            f"call {name} , +44 20 7946 0{rng.randrange(100, 1000)} .",
            f"{name} wrote this from 192.0.2.{rng.randrange(256)} .",
        )
    )


def _copy(page: str, rng: random.Random) -> str:
    """The page with its last name or thing changed."""
    words = page.split()
    places = [n for n, word in enumerate(words) if word in _NAMES + _THINGS]
    place = places[-1]
    names = _NAMES if words[place] in _NAMES else _THINGS
    words[place] = rng.choice([word for word in names if word != words[place]])
    return " ".join(words)
