"""Charts of next tokens draw what they are given, and say it in words."""

import pytest

from utils.model.config import GPTConfig
from utils.pictures import next_tokens
from utils.pictures.next_tokens import dart_board, next_token_charts, temperature_charts


@pytest.fixture
def drawn(monkeypatch):
    """The figures that are shown, with their words."""
    shown = []
    monkeypatch.setattr(
        next_tokens, "show", lambda figure, alt, caption="": shown.append((figure, alt, caption))
    )
    return shown


def lengths(ax):
    """The lengths of a chart's bars by their labels."""
    labels = [label.get_text() for label in ax.get_yticklabels()]
    return dict(zip(labels, [bar.get_width() for bar in ax.patches], strict=True))


def test_a_chart_for_each_prompt_and_the_expected_token_stands_out(drawn):
    likeliest = {
        "A long prompt whose beginning is cut off here": {" cat": 0.5, " dog": 0.25},
        "Short": {"x": 0.75, "y": 0.125},
        "Third": {"p": 0.5, "q": 0.375},
    }
    next_token_charts(
        likeliest,
        {prompt: {"Short": "y", "Third": "p"}.get(prompt, " mat") for prompt in likeliest},
    )
    ((figure, alt, _),) = drawn
    first, second, third, empty = figure.axes
    assert lengths(first) == {"␣cat": 0.5, "␣dog": 0.25}
    assert lengths(second) == {"x": 0.75, "y": 0.125}
    assert "the documents: mat" in first.get_title(loc="left") and "…" in first.get_title(
        loc="left"
    )
    colours = [[bar.get_facecolor() for bar in ax.patches] for ax in (first, second, third)]
    assert colours[0][0] == colours[0][1] and colours[1][0] != colours[1][1]
    assert colours[2][0] != colours[2][1] and not empty.axison
    assert "3 bar charts" in alt and "in 1 of them: Third" in alt


def test_the_line_of_a_dart(drawn):
    dart_board({"a": 0.5, "b": 0.375, "c": 0.125}, dart=0.7)
    ((figure, alt, _),) = drawn
    (ax,) = figure.axes
    assert [(bar.get_x(), bar.get_width()) for bar in ax.patches] == [
        (0, 0.5),
        (0.5, 0.375),
        (0.875, 0.125),
    ]
    assert [text.get_text() for text in ax.texts[:3]] == ["a", "b", "c"]
    assert ax.lines[0].get_xdata()[0] == 0.7
    assert "a up to 0.50, b up to 0.88, c up to 1.00. A dart at 0.7." in alt


@pytest.mark.parametrize("rows", [1, 2])
def test_a_row_of_temperatures_for_each_prompt(drawn, rows):
    both = {
        "Once upon a time, there": {0.5: {"x": 0.75, "y": 0.25}, 2.0: {"x": 0.5, "y": 0.375}},
        "toy": {0.5: {"v": 0.875, "w": 0.125}, 2.0: {"v": 0.625, "w": 0.25}},
    }
    charts = dict(list(both.items())[:rows])
    temperature_charts(charts)
    ((figure, alt, caption),) = drawn
    found = [lengths(ax) for ax in figure.axes]
    assert found == [
        chart for by_temperature in charts.values() for chart in by_temperature.values()
    ]
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["T = 0.5", "T = 2.0"] * rows
    assert "gets 0.75 at temperature 0.5, 0.50 at temperature 2.0" in alt
    assert caption.count("Row") == rows


def test_the_way_through_a_model_has_its_sizes_in_order(drawn):
    config = GPTConfig(vocab_size=1234, context_length=9, n_layer=7, n_head=2, d_model=10)
    next_tokens.from_text_to_token("a b c", lambda text: ["a", " b", " c"], config)
    ((figure, alt, _),) = drawn
    (ax,) = figure.axes
    written = [text.get_text() for text in ax.texts]
    stages = ["tokenizer", "embedding", "7 blocks", "dot products", "softmax", "choice"]
    assert [word for word in written if word in stages] == stages
    assert len(ax.patches) == len(stages)
    assert "a | ␣b | ␣c" in written
    assert "3 tokens: 3 vectors of 10 numbers" in written
    assert "3 × 1,234 scores (logits)" in written
    assert "of the last row: 1,234 probabilities, together 1" in alt
