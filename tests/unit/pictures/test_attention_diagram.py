"""The drawing of one head: every step with its numbers, in its place, and an arrow for each step."""

import pytest
import torch

from utils.pictures.attention_diagram import draw_attention
from utils.pictures.figures import img

TOKENS = ["one", "two"]


def steps() -> dict[str, torch.Tensor]:
    columns = {"x": 3, "q": 2, "k": 2, "v": 1, "scores": 2, "pattern": 2, "mixed": 1, "new x": 3}
    rng = torch.Generator().manual_seed(5)
    return {name: torch.randn(2, count, generator=rng) for name, count in columns.items()}


def written(ax) -> dict[tuple[int, int], float]:
    """The number in each (row, column)."""
    return {
        (round(text.get_position()[1]), round(text.get_position()[0])): float(
            text.get_text().replace("−", "-")
        )
        for text in ax.texts
    }


def tables_of(fig):
    (page,) = fig.axes
    return {ax.get_label(): ax for ax in page.child_axes}


@pytest.mark.parametrize("masked", [False, True])
def test_every_number_stands_in_its_table(masked):
    given = steps()
    allowed = torch.ones(2, 2).tril().bool()
    tables = tables_of(draw_attention(given, TOKENS, allowed if masked else None))
    assert set(tables) == set(given)
    for name, table in given.items():
        expected = {
            (row, column): pytest.approx(table[row, column].item(), abs=0.006)
            for row in range(2)
            for column in range(table.shape[1])
            if not (masked and name in ("scores", "pattern") and column > row)
        }
        assert written(tables[name]) == expected


def test_what_is_computed_later_stands_further_right():
    tables = tables_of(draw_attention(steps(), TOKENS))
    left = {name: ax.get_position().x0 for name, ax in tables.items()}
    assert left["x"] < left["q"] == left["k"] == left["v"] < left["scores"] < left["pattern"]
    assert left["v"] < left["mixed"] < left["new x"]


def test_every_matrix_has_its_arrow():
    (page,) = draw_attention(steps(), TOKENS).axes
    labels = [text.get_text() for text in page.texts]
    assert {"$W_Q$", "$W_K$", "$W_V$", "$W_O$", "softmax", "x is added"} <= set(labels)
    assert sum(text.arrow_patch is not None for text in page.texts) == 10


def test_tokens_have_names_at_x_and_at_the_keys():
    tables = tables_of(draw_attention(steps(), TOKENS))
    assert [label.get_text() for label in tables["x"].get_yticklabels()] == TOKENS
    for name in ("scores", "pattern"):
        assert [label.get_text() for label in tables[name].get_xticklabels()] == TOKENS


def test_the_drawing_can_be_shown():
    assert "data:image/png" in img(draw_attention(steps(), TOKENS), "A drawing of one head.")


def test_a_missing_step_is_refused():
    given = steps()
    del given["mixed"]
    with pytest.raises(ValueError, match="mixed is missing"):
        draw_attention(given, TOKENS)


@pytest.mark.parametrize("shape", [(3, 2), (2, 4)])
def test_a_step_that_does_not_fit_is_refused(shape):
    with pytest.raises(ValueError, match=f"'k' is a table of {shape[0]} x {shape[1]}"):
        draw_attention({**steps(), "k": torch.ones(shape)}, TOKENS)
