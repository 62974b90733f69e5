import numpy as np
import pytest
import torch

from utils.alignment.knowledge_boundary import Marks
from utils.pictures.assistant_pictures import (
    Told,
    answers_figure,
    conversation_html,
    conversation_text,
    low_rank_drawing,
    masks_figure,
    two_errors_figure,
)

TALK = [
    Told("<|im_start|>", "template", False),
    Told("Hi\n", "user", False),
    Told("<b>", "assistant", True),
]


def test_a_conversation_names_its_writers_and_marks_the_loss():
    html = conversation_html(TALK)
    assert [html.index(f'<b style="margin-left:8px">{one}:') for one in ("template", "user")]
    assert "&lt;b&gt;" in html and "Hi⏎" in html
    assert "3 tokens, 1 of them in the loss" in html
    assert html.count("border-bottom:4px") == 1
    assert conversation_text(TALK) == "'<|im_start|>' 'Hi\\n' ['<b>']"


def test_masks_have_lines_between_conversations():
    owner = [0, 0, 1, 1, 1, 2]
    mask = torch.ones(6, 6, dtype=torch.bool).tril()
    fig, alt = masks_figure({"causal": mask, "none": ~mask}, owner)
    assert "causal: 21 pairs; none: 15 pairs" in alt
    for ax in fig.axes:
        across = sorted({line.get_ydata()[0] for line in ax.lines[::2]})
        assert across == [1.5, 4.5]
    np.testing.assert_array_equal(fig.axes[0].images[0].get_array(), mask.numpy())


def test_bars_stack_to_a_hundred():
    marks = {
        "base": {"known": Marks(0.4, 0.6, 0.0, 10), "never": Marks(0.1, 0.9, 0.0, 10)},
        "tuned": {"known": Marks(0.5, 0.2, 0.3, 10), "never": Marks(0.0, 0.25, 0.75, 10)},
    }
    fig, alt = answers_figure(marks)
    for ax, groups in zip(fig.axes, marks.values(), strict=True):
        heights = np.array([bar.get_height() for bar in ax.patches]).reshape(3, 2)
        expected = 100 * np.array([one[:3] for one in groups.values()]).T
        np.testing.assert_allclose(heights, expected)
        tops = [bar.get_y() + bar.get_height() for bar in ax.patches[-2:]]
        assert tops == pytest.approx([100, 100])
    assert "tuned, never: 0% right, 25% wrong, 75% refused" in alt


class Mean:
    def __init__(self, value, reach):
        self.value, self.low, self.high = value, value - reach, value + reach


def test_points_stand_where_their_errors_are():
    points = [(Mean(0.1, 0.02), Mean(0.6, 0.05)), (Mean(0.3, 0.1), Mean(0.4, 0.2))]
    fig, alt = two_errors_figure({"late": points}, [(Mean(0.0, 0), Mean(0.5, 0))], coin=0.9)
    (ax,) = fig.axes
    coin, threshold, late = ax.lines[0], ax.lines[1], ax.containers[0].lines[0]
    assert list(coin.get_xdata()) == [0, 100] and list(coin.get_ydata()) == [90, 0]
    assert list(threshold.get_xdata()) == [0] and list(threshold.get_ydata()) == [50]
    assert list(late.get_xdata()) == pytest.approx([10, 30])
    assert list(late.get_ydata()) == pytest.approx([60, 40])
    assert "late: 10% needless and 60% false, 30% needless and 40% false" in alt


def test_the_drawing_of_a_low_rank_says_its_sizes():
    html, alt = low_rank_drawing(d_out=64, d_in=48, rank=3)
    assert html.startswith("<img") and "64 times 48" in alt and "3 times 48" in alt
