"""The stored runs on positions: complete, and as the lesson tells them."""

from statistics import fmean

import pytest

from course.runs.position_table import (
    best_rate,
    control_losses,
    position_kinds,
    position_losses,
    tuning,
)

KINDS = ["learned", "sinusoid", "rope", "none"]


def test_every_kind_has_five_seeds_in_every_band():
    assert position_kinds() == KINDS
    for kind in KINDS:
        losses = position_losses(kind)
        assert len(losses) == 9 and all(len(seeds) == 5 for seeds in losses.values())
    for more in ({"trained": 255}, {"stretch": 4}, {"stretch": 4, "further": 80}):
        assert all(len(seeds) == 5 for seeds in position_losses("rope", **more).values())


@pytest.mark.parametrize("kind", KINDS)
def test_the_best_rate_has_the_lowest_loss(kind):
    assert all(tuning(kind)[best_rate(kind)] <= loss for loss in tuning(kind).values())
    assert len(tuning(kind)) >= 4


def test_what_is_not_stored_is_refused():
    with pytest.raises(ValueError, match=r"no runs of 'rope' with .*position_runs\.csv"):
        position_losses("rope", trained=32)


def test_rope_is_the_best_within_and_rises_beyond():
    within = {kind: fmean(position_losses(kind)[33, 63]) for kind in KINDS}
    assert min(within, key=within.__getitem__) == "rope"
    rope = position_losses("rope")
    assert fmean(rope[193, 255]) > fmean(rope[33, 63]) + 0.2


def test_the_controls_begin_with_the_runs_that_are_stored():
    """The short training of the controls is that of the table, seed by seed; two seeds of each
    long one.
    """
    again, table = control_losses("rope"), position_losses("rope")
    for band, losses in again.items():
        assert losses == pytest.approx(table[band], rel=0.02)
    assert all(len(seeds) == 5 for seeds in control_losses("rope", reads=64).values())
    for kind in ("learned", "none", "rope"):
        longer = control_losses(kind, steps=3200)
        assert len(longer) == 6 and all(len(seeds) == 2 for seeds in longer.values())


def test_controls_that_are_not_stored_are_refused():
    with pytest.raises(ValueError, match=r"no controls of 'none' .* read 64 .*controls\.csv"):
        control_losses("none", reads=64)
