"""Search in notes, against tf-idf written out on paper and as matrices."""

import math

import numpy as np
import pytest

from utils.tools.search import Notes, words_of

NOTES = [
    "The cat sat on the mat.",
    "A dog sat by the door of the house, and the dog was wet.",
    "Cats and dogs are animals!",
    "the CAT, the cat and the cat",
]


def as_matrices(notes, query):
    """The cosine of each note with the query, by numpy, over all words of the notes."""
    vocabulary = sorted({word for note in notes for word in words_of(note)})

    def counts(text):
        return np.array([words_of(text).count(word) for word in vocabulary], dtype=float)

    table = np.array([counts(note) for note in notes])
    idf = np.log((1 + len(notes)) / (1 + (table > 0).sum(0))) + 1
    table, asked = table * idf, counts(query) * idf
    return table @ asked / (np.linalg.norm(table, axis=1) * np.linalg.norm(asked))


@pytest.mark.parametrize("query", ["cat", "the wet dog", "animals and cats", "Who sat on THE mat?"])
def test_cosines_are_those_of_the_matrices(query):
    expected = as_matrices(NOTES, query)
    found = Notes(NOTES).search(query, k=9)
    assert {one.number: one.cosine for one in found} == pytest.approx(
        {number: cosine for number, cosine in enumerate(expected) if cosine > 0}
    )
    assert [one.cosine for one in found] == sorted((one.cosine for one in found), reverse=True)
    assert all(one.text == NOTES[one.number] for one in found)


def test_one_word_on_paper():
    # "red" stands in both notes, "fox" and "hen" in one each: weights 1 and ln(3/2) + 1
    rare = math.log(3 / 2) + 1
    first, second = Notes(["red fox", "red red hen"]).search("red")
    assert (first.number, second.number) == (1, 0)
    assert first.cosine == pytest.approx(2 / math.hypot(2, rare))
    assert second.cosine == pytest.approx(1 / math.hypot(1, rare))


def test_a_note_found_by_its_own_text_has_cosine_one_and_length_does_not_help():
    notes = Notes(["sea sun", "sea sun " * 50, "sea"])
    found = notes.search("sun sea")
    assert [one.number for one in found] == [0, 1, 2]
    assert found[0].cosine == pytest.approx(1) and found[1].cosine == pytest.approx(1)


def test_equal_notes_come_in_their_order_and_k_cuts():
    notes = Notes(["blue", "red sky", "sky red", "red sky"])
    assert [one.number for one in notes.search("sky red", k=2)] == [1, 2]


def test_a_rare_word_counts_more_than_a_frequent_one():
    notes = Notes(["the one", "the two", "the three", "owl one"])
    assert notes.search("the owl")[0].number == 3


def test_a_question_without_a_word_of_the_notes_finds_nothing():
    assert Notes(NOTES).search("zebra") == [] and Notes(NOTES).search("?!") == []


@pytest.mark.parametrize("odd", [[], "a text"])
def test_no_notes_are_refused(odd):
    with pytest.raises(ValueError, match="give a list of one note or more"):
        Notes(odd)


def test_no_result_asked_for_is_refused():
    with pytest.raises(ValueError, match="ask for 1 or more"):
        Notes(NOTES).search("cat", k=0)
