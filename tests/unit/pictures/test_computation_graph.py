"""Pictures of computation graphs: every node with its numbers, parents to the left, lines that
rarely cross.
"""

from dataclasses import dataclass, field
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.pictures.computation_graph import columns, draw_graph, in_order


@dataclass(eq=False)
class Point:
    name: str
    data: float = 1.0
    grad: float = 0.5
    parents: list = field(default_factory=list)
    slopes: list = field(default_factory=list)

    def __post_init__(self):
        self.slopes = self.slopes or [1.0] * len(self.parents)


def neuron():
    w, a0, b = Point("w", 0.5, -0.14), Point("a0", 0.8), Point("b", -0.1)
    product = Point("w·a0", 0.4, -0.1774, [w, a0], [0.8, 0.5])
    z = Point("z", 0.5, -0.1774, [product, b], [1.0, -3.0])
    return Point("C", 0.1425, 1.0, [z, z], [0.25, -0.125])


@st.composite
def graphs(draw):
    nodes = []
    for number in range(draw(st.integers(1, 14))):
        places = draw(st.lists(st.integers(0, number - 1), max_size=3)) if number else []
        nodes.append(Point(str(number), parents=[nodes[place] for place in places]))
    return nodes[-1]


@given(graphs())
def test_parents_come_first_and_stand_to_the_left(result):
    nodes, table = in_order(result), columns(result)
    assert nodes[-1] is result and len({id(node) for node in nodes}) == len(nodes)
    assert sorted(map(id, nodes)) == sorted(id(node) for column in table for node in column)
    order = {id(node): place for place, node in enumerate(nodes)}
    place = {id(node): x for x, column in enumerate(table) for node in column}
    for node in nodes:
        for parent in node.parents:
            assert order[id(parent)] < order[id(node)] and place[id(parent)] < place[id(node)]
    assert table[-1] == [result]


def test_a_chain_of_ten_thousand_needs_no_recursion():
    node = Point("0")
    for number in range(1, 10_000):
        node = Point(str(number), parents=[node])
    assert [one.name for one in in_order(node)] == [str(number) for number in range(10_000)]


def test_an_input_stands_right_before_its_first_use():
    assert [sorted(node.name for node in column) for column in columns(neuron())] == [
        ["a0", "w"],
        ["b", "w·a0"],
        ["z"],
        ["C"],
    ]


def boxes(figure):
    """The texts in boxes: those of the nodes."""
    return [text for text in figure.axes[0].texts if text.get_bbox_patch()]


def slopes(figure):
    """The texts beside arrows."""
    texts = figure.axes[0].texts
    return [text for text in texts if text.get_text() and not text.get_bbox_patch()]


def test_every_box_has_name_value_and_gradient():
    shown = {text.get_text() for text in boxes(draw_graph(neuron()))}
    assert "w·a0\n0.4\ngrad −0.177" in shown and "b\n−0.1\ngrad 0.5" in shown and len(shown) == 6
    assert "C\n0.142\ngrad 1" in shown or "C\n0.143\ngrad 1" in shown


def test_every_use_is_an_arrow():
    arrows = [text for text in draw_graph(neuron()).axes[0].texts if not text.get_text()]
    assert len(arrows) == 6


def test_boxes_do_not_overlap():
    left = [Point(f"input {number}") for number in range(5)]
    figure = draw_graph(
        Point("sum", parents=[Point(f"half {one.name}", parents=[one]) for one in left])
    )
    figure.draw_without_rendering()
    drawn = [text.get_bbox_patch().get_window_extent() for text in boxes(figure)]
    assert len(drawn) == 11 and not any(
        one.overlaps(other) for one, other in combinations(drawn, 2)
    )


def test_the_slope_of_each_step_stands_beside_its_arrow():
    figure = draw_graph(neuron())
    figure.draw_without_rendering()
    place = {text.get_text().split("\n")[0]: text.get_position()[0] for text in boxes(figure)}
    to_data = figure.axes[0].transData.inverted()
    found = {}
    for text in slopes(figure):
        extent = text.get_window_extent()
        middle = to_data.transform(((extent.x0 + extent.x1) / 2, (extent.y0 + extent.y1) / 2))
        found[text.get_text()] = middle
    ends = {
        "×0.8": ("w", "w·a0"),
        "×0.5": ("a0", "w·a0"),
        "×1": ("w·a0", "z"),
        "×−3": ("b", "z"),
        "×0.25": ("z", "C"),
        "×−0.12": ("z", "C"),
    }
    assert found.keys() == ends.keys()
    for words, (start, end) in ends.items():
        assert found[words][0] == pytest.approx((place[start] + place[end]) / 2, abs=0.15)
    # The arrows from z to C are bowed, the first one upwards: their slopes stand outside.
    assert found["×0.25"][1] - found["×−0.12"][1] > 0.5


def test_slopes_cover_neither_boxes_nor_each_other():
    figure = draw_graph(neuron())
    figure.draw_without_rendering()
    drawn = [text.get_bbox_patch().get_window_extent() for text in boxes(figure)]
    beside = [text.get_window_extent() for text in slopes(figure)]
    assert len(beside) == 6
    assert not any(one.overlaps(other) for one, other in combinations(beside, 2))
    assert not any(one.overlaps(box) for one in beside for box in drawn)


def test_two_chains_in_the_wrong_order_do_not_cross():
    first, second = Point("a"), Point("b")
    ends = [Point("b2", parents=[second]), Point("a2", parents=[first])]
    figure = draw_graph(
        Point("sum", parents=[Point("a3", parents=[ends[1]]), Point("b3", parents=[ends[0]])])
    )
    height = {
        text.get_text().split("\n")[0]: text.get_position()[1]
        for text in figure.axes[0].texts
        if text.get_bbox_patch()
    }
    assert (
        (height["a"] > height["b"])
        == (height["a2"] > height["b2"])
        == (height["a3"] > height["b3"])
    )


def test_too_many_nodes_are_refused():
    node = Point("0")
    for number in range(60):
        node = Point(str(number), parents=[node])
    with pytest.raises(
        ValueError, match="has 61 nodes, and 60 can be read: draw the graph of one of its parts"
    ):
        draw_graph(node)
