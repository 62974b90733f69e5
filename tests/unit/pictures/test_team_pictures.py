"""The pictures of teams draw what is held and when it is done."""

import pytest
from matplotlib.colors import to_hex

from utils.pictures.figures import BLUE, GREEN, ORANGE, PAPER, SKY
from utils.pictures.team_pictures import pipeline_figure, who_holds_what
from utils.teams.pipeline_schedule import timetable

WAYS = ("data parallel", "optimizer in shards", "weights in shards", "tensor parallel", "pipeline")


def areas(colour):
    """Of each filled box of a colour in a card, its area in squares."""
    fig, _ = who_holds_what()
    boxes = [one for one in fig.axes[0].patches if one.get_fill()]
    filled = [one for one in boxes if to_hex(one.get_facecolor()) == to_hex(colour)]
    return [one.get_width() * one.get_height() / 0.3**2 for one in filled][:-1]  # and the legend


@pytest.mark.parametrize(
    ("colour", "in_all"),
    [(BLUE, (6, 6, 3, 4, 3)), (GREEN, (6, 6, 3, 4, 3)), (ORANGE, (6, 3, 3, 4, 3))],
)
def test_each_way_holds_as_much_of_three_layers_as_it_should(colour, in_all):
    """In both processes together: everything twice is 6. The third layer is not cut by tensor
    parallelism, so it is there twice.
    """
    drawn = areas(colour)
    assert len(drawn) == 6 * len(WAYS)
    per_way = [sum(drawn[6 * n : 6 * n + 6]) for n in range(len(WAYS))]
    assert per_way == pytest.approx(in_all)


def test_every_way_is_named_and_nothing_is_smaller_than_nine_points():
    fig, words = who_holds_what()
    texts = fig.axes[0].texts
    shown = [one.get_text() for one in texts]
    assert [name for name in shown if name in WAYS] == list(WAYS)
    assert shown.count("process 0") == shown.count("process 1") == len(WAYS)
    assert all(one.get_fontsize() >= 9 for one in texts)
    assert all(name.lower() in words.lower() for name in WAYS)


@pytest.mark.parametrize(("stages", "parts"), [(2, 3), (4, 8)])
def test_a_timetable_is_drawn_as_it_is(stages, parts):
    table = timetable(stages, parts)
    fig, words = pipeline_figure(table)
    (ax,) = fig.axes
    assert [one.get_text() for one in ax.texts] == [slot for row in table for slot in row]
    colours = {"F": SKY, "B": ORANGE, "": PAPER}
    expected = [to_hex(colours[slot[:1]]) for row in table for slot in row]
    assert [to_hex(one.get_facecolor()) for one in ax.patches] == expected
    assert [one.get_text() for one in ax.get_yticklabels()] == [f"stage {n}" for n in range(stages)]
    idle = 2 * stages * (stages - 1)
    assert f"{idle} of {stages * len(table[0])} slots are empty" in words
