"""Capitals of large and of small countries, and passages that say them, or say another city.

country = COUNTRIES[0]
with_passage(country.name, "France is governed from Paris, its capital.")   # a prompt
"""

import random
import re
from dataclasses import dataclass

_LARGE = (
    "France Paris, Japan Tokyo, Italy Rome, Germany Berlin, Spain Madrid, Russia Moscow, "
    "China Beijing, Egypt Cairo, India Delhi, Poland Warsaw, Iran Tehran, Iraq Baghdad, "
    "Kenya Nairobi, Peru Lima, Canada Ottawa, Turkey Ankara, Indonesia Jakarta, "
    "Thailand Bangkok, Vietnam Hanoi, Ukraine Kyiv"
)
_SMALL = (
    "Iceland Reykjavík, Malta Valletta, Fiji Suva, Bhutan Thimphu, Estonia Tallinn, "
    "Latvia Riga, Slovenia Ljubljana, Cyprus Nicosia, Barbados Bridgetown, Belize Belmopan, "
    "Botswana Gaborone, Guyana Georgetown, Lesotho Maseru, Montenegro Podgorica, "
    "Suriname Paramaribo, Vanuatu Vila, Samoa Apia, Bahamas Nassau, Gambia Banjul, "
    "Mauritius Louis"
)
# what stands before the last word of a name of two
_FIRST_WORDS = {"Delhi": "New ", "Vila": "Port ", "Louis": "Port "}
# other spellings of a name that are right as well
_ALSO = {"Reykjavík": "Reykjavik", "Kyiv": "Kiev"}


@dataclass(frozen=True)
class Country:
    """A country, its capital, and another capital to lie with. large: more than 30 million people
    live there; else fewer than 3 million.
    """

    name: str
    city: str
    false_city: str
    large: bool


def _countries(text: str, large: bool) -> list[Country]:
    pairs = [pair.split() for pair in text.split(", ")]
    cities = [_FIRST_WORDS.get(city, "") + city for _, city in pairs]
    names = [name for name, _ in pairs]
    # the next one's capital is the lie: as famous as the right one, more or less
    others = [*cities[1:], cities[0]]
    rows = zip(names, cities, others, strict=True)
    return [Country(name, city, other, large) for name, city, other in rows]


COUNTRIES = tuple(_countries(_LARGE, True) + _countries(_SMALL, False))


def passage(country: Country, city: str) -> str:
    """A sentence that says that this city is the country's capital."""
    return f"{country.name} is governed from {city}, its capital."


def same_words(country: Country) -> str:
    """The false sentence in the very words in which the answer begins."""
    return f"The capital of {country.name} is {country.false_city}."


def question(country: Country) -> str:
    """How one asks for the capital."""
    return f"What is the capital of {country.name}?"


def with_passage(country: Country, text: str) -> str:
    """A prompt: the text, if there is one, the question, and the beginning of the answer."""
    before = f"{text}\n\n" if text else ""
    return f"{before}Question: {question(country)}\nAnswer: The capital of {country.name} is"


def names_city(text: str, city: str) -> bool:
    """Whether the text has this city's name, in one of its spellings, as a whole word."""
    spellings = [city, *(city.replace(one, other) for one, other in _ALSO.items() if one in city)]
    return any(re.search(rf"\b{re.escape(one)}\b", text) for one in spellings)


def changed(text: str, country: Country) -> str:
    """The text with another city in the place of the capital, wherever that is named."""
    found = re.escape(country.city)
    return re.sub(rf"\b{found}\b", country.false_city, text)


@dataclass(frozen=True)
class Cited:
    """Three numbered passages, one of which answers the question: `number`, from 1."""

    country: Country
    passages: tuple[str, ...]
    number: int

    @property
    def prompt(self) -> str:
        """Two examples of an answer with its source, and this question without."""
        shown = _numbered(self.passages)
        return _CITED_EXAMPLES + f"{shown}\nQuestion: {question(self.country)}\nAnswer:"


def _numbered(passages: tuple[str, ...]) -> str:
    return "\n".join(f"[{number}] {text}" for number, text in enumerate(passages, start=1))


_CITED_EXAMPLES = (
    _numbered(
        (
            "The cat of the house is called Mina.",
            "The dog of the house is called Bruno.",
            "The bird of the house is called Pip.",
        )
    )
    + "\nQuestion: What is the dog called?\nAnswer: Bruno [2]\n\n"
    + _numbered(
        (
            "The shop opens at nine.",
            "The bank opens at ten.",
            "The school opens at eight.",
        )
    )
    + "\nQuestion: When does the school open?\nAnswer: eight [3]\n\n"
)


def cited_questions(seed: int = 0) -> list[Cited]:
    """For each country its passage and those of two others, in an order of chance."""
    rng = random.Random(seed)
    made = []
    for country in COUNTRIES:
        same_size = [one for one in COUNTRIES if one.large == country.large and one != country]
        three = [country, *rng.sample(same_size, 2)]
        rng.shuffle(three)
        texts = tuple(passage(one, one.city) for one in three)
        made.append(Cited(country, texts, three.index(country) + 1))
    return made
