import pytest
import torch

from utils.model.padding import pad


def filled_by_hand(rows, side, width):
    """One row at a time, by list arithmetic."""
    ids, real = [], []
    for row in rows:
        missing = [0] * (width - len(row))
        ids.append(missing + list(row) if side == "left" else list(row) + missing)
        no = [False] * len(missing)
        yes = [True] * len(row)
        real.append(no + yes if side == "left" else yes + no)
    return torch.tensor(ids), torch.tensor(real)


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("rows", [[[3, 1, 4, 1, 5], [9], [2, 6]], [[7, 0]], [[0], [0, 0]]])
def test_rows_are_filled_on_one_side_and_what_is_real_is_told(side, rows):
    ids, real = filled_by_hand(rows, side, max(map(len, rows)))
    for given in (rows, [torch.tensor(row) for row in rows], [tuple(row) for row in rows]):
        got_ids, got_real = pad(given, side)
        assert got_ids.dtype == torch.int64 and got_real.dtype == torch.bool
        assert torch.equal(got_ids, ids) and torch.equal(got_real, real)


def test_what_is_to_be_learned_is_filled_with_false():
    learn = [torch.tensor([False, True]), torch.tensor([True, True, True])]
    got, _ = pad(learn, "right")
    assert got.tolist() == [[False, True, False], [True, True, True]]
