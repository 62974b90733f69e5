"""How well a search serves a question: in how many cases the answer stands in what it finds."""

from utils.data.capital_passages import COUNTRIES, names_city, question
from utils.tools.search import Notes


def capitals_found(notes: Notes, k: int) -> int:
    """For how many of the 40 countries the capital stands in one of the k notes that are nearest to
    "What is the capital of …?"
    """
    found = ((one.city, notes.search(question(one), k)) for one in COUNTRIES)
    return sum(any(names_city(note.text, city) for note in near) for city, near in found)
