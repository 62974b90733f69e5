"""The copier: what the writer may see, and that it learns."""

import pytest
import torch

from utils.predecessors.copier import SYMBOLS, Copier, share_copied, shares_copied


def copier(looks_back: bool) -> Copier:
    torch.manual_seed(5)
    return Copier(looks_back, size=7).eval()


def strings(batch: int = 3, length: int = 5) -> torch.Tensor:
    return torch.randint(SYMBOLS, (batch, length), generator=torch.Generator().manual_seed(2))


@torch.no_grad()
@pytest.mark.parametrize("looks_back", [False, True])
def test_what_is_read_after_the_string_changes_what_is_written(looks_back):
    ids = strings()
    logits = copier(looks_back)(ids)
    assert logits.shape == (3, 5, SYMBOLS)
    assert not torch.allclose(logits, copier(looks_back)(ids, blanks=4))


@torch.no_grad()
def test_without_looking_back_all_passes_through_one_vector():
    model, ids = copier(False), strings()
    seen = []
    model.writer.register_forward_pre_hook(lambda _module, given: seen.append(given[1]))
    before = model(ids)
    (summary,) = seen
    assert summary.shape == (1, 3, 7)  # (layer, batch, size), however long the string is

    # with another summary nothing that was read is left: two strings with the same prefix so far
    fixed = torch.zeros_like(summary)
    model.writer.register_forward_pre_hook(lambda _module, given: (given[0], fixed))
    other = ids.clone()
    other[:, -1] = (ids[:, -1] + 1) % SYMBOLS  # read, and never given to the writer
    torch.testing.assert_close(model(ids), model(other))
    assert not torch.allclose(model(ids), before)


@torch.no_grad()
def test_looking_back_gets_round_that_vector():
    model, ids = copier(True), strings()
    model.writer.register_forward_pre_hook(
        lambda _module, given: (given[0], torch.zeros_like(given[1]))
    )
    other = ids.clone()
    other[:, -1] = (ids[:, -1] + 1) % SYMBOLS
    assert not torch.allclose(model(ids), model(other))


def test_it_learns_and_leaves_the_callers_random_numbers_alone():
    torch.manual_seed(9)
    expected = torch.rand(3)
    torch.manual_seed(9)
    with torch.no_grad():  # as in a lesson that only looks at a model
        untrained, trained = share_copied(2, steps=0), share_copied(2, steps=60)
    assert torch.equal(torch.rand(3), expected)
    assert untrained < 0.3 and trained > 0.6


def test_a_stop_on_the_way_is_what_a_shorter_training_gives():
    alone = [share_copied(3, blanks=2, steps=steps) for steps in (20, 45)]
    assert shares_copied(3, (20, 45), blanks=2) == alone
    assert alone[0] != alone[1]
