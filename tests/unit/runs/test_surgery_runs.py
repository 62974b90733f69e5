"""The stored surgery and the runs of the parts: complete, and as the lesson tells them."""

from statistics import fmean

import pytest

from course.runs.part_table import pairs_loss, part_losses, part_weights, tuning
from course.runs.surgery_table import operations, rises, whole_losses


def test_every_operation_has_seventeen_texts():
    assert len(whole_losses()) == 17
    for operation in operations():
        assert all(len(texts) == 17 for texts in rises(operation).values())
    for operation in ("skip", "repeat", "noise", "no attention", "no feed-forward"):
        assert list(rises(operation, 1)) == [(n, n) for n in range(30)]
    assert list(rises("swap")) == [(n, n + 1) for n in range(29)]


def test_a_rise_is_what_the_loss_rises_by():
    (no_blocks,) = rises("no blocks").values()
    assert fmean(no_blocks) > 50
    assert fmean(rises("skip", 1)[0, 0]) > 10 * fmean(rises("skip", 1)[16, 16])


def test_every_kind_has_four_seeds_on_both_tasks():
    for kind in ("both", "attn", "mlp"):
        assert len(part_losses("plays", kind)) == len(part_losses("copying", kind)) == 4
        rates = tuning("plays", kind)
        best = min(rates, key=rates.get)
        assert min(rates) < best < max(rates)  # not at the edge of what was tried
    sizes = [part_weights(kind) for kind in ("both", "attn", "mlp")]
    assert max(sizes) < 1.03 * min(sizes)
    assert 2.4 < pairs_loss() < 2.6


def test_what_is_not_stored_is_refused():
    with pytest.raises(ValueError, match=r"no operation 'melt' is stored"):
        rises("melt")
    with pytest.raises(ValueError, match=r"no run of 'both' on 'chess' is stored"):
        part_losses("chess", "both")
