"""The drawing of a round: the models that take part, what they are, and who is read on the way."""

import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import FancyBboxPatch

from utils.pictures.figures import BLUE, img
from utils.pictures.rlhf_diagram import draw_round

TAKE_PART = {
    "PPO": {"policy": True, "reference": False, "reward model": False, "value model": True},
    "GRPO": {"policy": True, "reference": False, "reward model": False},
}


def boxes(page):
    """From each model's name to its box and to what is written in it."""
    found = {}
    for patch in page.patches:
        assert isinstance(patch, FancyBboxPatch)
        inside = patch.get_path().get_extents(patch.get_transform())
        words = [
            text
            for text in page.texts
            if text.get_text() and inside.contains(*page.transData.transform(text.get_position()))
        ]
        name, state = (text.get_text() for text in words)
        found[name] = (patch, state)
    return found


@pytest.mark.parametrize("method", TAKE_PART)
def test_each_model_has_a_box_that_says_whether_it_is_trained(method):
    fig, alt = draw_round(method)
    (page,) = fig.axes
    drawn = boxes(page)
    assert set(drawn) == set(TAKE_PART[method])
    for name, is_trained in TAKE_PART[method].items():
        patch, state = drawn[name]
        assert state == ("is trained" if is_trained else "is frozen")
        assert (to_hex(patch.get_edgecolor()) == BLUE.lower()) == is_trained
        assert name in alt
    assert alt.startswith(f"{method}.") and img(fig, alt)


def heads(page, name):
    """Arrows that end on the sides of a model's box."""
    patch, _ = boxes(page)[name]
    box = patch.get_bbox()
    return [
        arrow.xy
        for arrow in page.texts
        if getattr(arrow, "arrow_patch", None) and box.padded(0.01).contains(*arrow.xy)
    ]


@pytest.mark.parametrize("method", TAKE_PART)
def test_what_is_trained_is_reached_by_the_steps_and_what_reads_by_the_reply(method):
    (page,) = draw_round(method)[0].axes
    # the steps from below; the reply from the left, and the policy reads none
    for name, is_trained in TAKE_PART[method].items():
        assert len(heads(page, name)) == is_trained + (name != "policy")
