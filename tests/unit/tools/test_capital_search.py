"""How often a search has the answer, with notes whose nearest is known."""

from utils.data.capital_passages import COUNTRIES
from utils.tools.capital_search import capitals_found
from utils.tools.search import Notes


def test_capitals_are_counted_among_the_nearest():
    # of half of the countries the note has the capital; of the others a longer one has it
    notes = []
    for number, one in enumerate(COUNTRIES):
        capital = f"{one.name} capital {one.city}."
        nothing = f"capital {one.name}"
        notes += [capital] if number % 2 else [nothing, f"{one.name} has {one.city} in it"]
    assert capitals_found(Notes(notes), 1) == 20
    assert capitals_found(Notes(notes), 9) == 40


def test_notes_without_a_capital_have_none():
    assert capitals_found(Notes(["The capital of nothing.", "Parisians"]), 3) == 0
