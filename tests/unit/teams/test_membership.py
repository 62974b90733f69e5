"""Rows of a batch are dealt out without gap or double."""

import pytest
import torch

from utils.teams.membership import Member


def test_each_has_its_rows():
    rows = torch.arange(12).view(6, 2)
    shares = [Member(rank, 3).share(rows) for rank in range(3)]
    assert torch.equal(torch.cat(shares), rows)
    assert [len(share) for share in shares] == [2, 2, 2]
    assert torch.equal(Member().share(rows), rows)


def test_what_cannot_be_dealt_out_evenly_is_refused():
    with pytest.raises(ValueError, match=r"7 rows cannot be shared evenly by 2 .* multiple of 2"):
        Member(1, 2).share(torch.ones(7, 3))
