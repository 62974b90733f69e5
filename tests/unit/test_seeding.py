"""Random numbers that a piece of work has to itself."""

import pytest
import torch

from utils.seeding import seeded


def draw():
    return torch.rand(3).tolist()


def expected(seed):
    return torch.rand(3, generator=torch.Generator().manual_seed(seed)).tolist()


@pytest.mark.parametrize("seed", [0, 3, 2**40])
def test_inside_they_are_those_of_the_seed_and_outside_nothing_has_happened(seed):
    torch.manual_seed(11)
    before, undisturbed = draw(), draw()
    torch.manual_seed(11)
    assert draw() == before
    with seeded(seed):
        assert draw() == expected(seed)
    assert draw() == undisturbed


def test_one_within_the_other_and_an_error_inside():
    torch.manual_seed(5)
    with seeded(1):
        first = draw()
        with pytest.raises(KeyError), seeded(2):
            assert draw() == expected(2)
            raise KeyError
        second = draw()
    with seeded(1):
        assert [draw(), draw()] == [first, second]
    assert draw() == expected(5)
