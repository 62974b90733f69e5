"""Steps on one sentence: the surprise against a worked probability, the reader untouched, and the
control.
"""

import math

import numpy as np
import pytest
import torch

from course.runs.assistant_tables import stored_base
from utils.alignment.steps_on_context import after_steps_on, gains, surprise
from utils.alignment.word_chats import BEGIN
from utils.data.people import people

STRANGERS = people(seed=1).of("never")[:3]


def test_the_surprise_is_that_of_the_right_town():
    reader, person = stored_base(), STRANGERS[0]
    ids = torch.tensor([reader.encode(f"{BEGIN} {person.name} lives in")])
    with torch.no_grad():
        chances = reader.model(ids)[0, -1].double().softmax(-1)
    town = float(chances[reader.words.index(person.town)])
    assert surprise(reader, person) == pytest.approx(-math.log(town), rel=1e-4)


def test_steps_change_a_copy_and_help_with_their_own_sentence():
    reader, person = stored_base(), STRANGERS[1]
    before, weights = surprise(reader, person), reader.model.state_dict()
    kept = {name: tensor.clone() for name, tensor in weights.items()}
    trained = after_steps_on(reader, person)
    assert surprise(reader, person) == before
    assert all(torch.equal(kept[name], tensor) for name, tensor in weights.items())
    sentence = f"{BEGIN} in {person.town} lives {person.name} ."
    ids = torch.tensor([reader.encode(sentence)])
    with torch.no_grad():
        losses = [
            float(torch.nn.functional.cross_entropy(one.model(ids)[0, :-1], ids[0, 1:]))
            for one in (reader, trained)
        ]
    assert losses[1] < losses[0] - 0.3


def test_gains_are_means_with_two_standard_errors_and_the_control_reads_about_somebody_else():
    reader = stored_base()
    readers = [after_steps_on(reader, one) for one in STRANGERS]
    for found, order in zip(gains(reader, STRANGERS), ((0, 1, 2), (2, 0, 1)), strict=True):
        by_hand = np.array(
            [
                surprise(reader, one) - surprise(readers[n], one)
                for one, n in zip(STRANGERS, order, strict=True)
            ]
        )
        assert found.mean == pytest.approx(by_hand.mean(), abs=1e-5)
        assert found.error == pytest.approx(2 * by_hand.std(ddof=1) / 3**0.5, abs=1e-5)
        assert str(found) == f"{found.mean:.2f} ± {found.error:.2f}"


def test_one_person_has_no_control():
    with pytest.raises(ValueError, match="give two or more"):
        gains(stored_base(), STRANGERS[:1])
