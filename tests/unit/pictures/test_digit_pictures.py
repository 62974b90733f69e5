"""The figures of digits: each picture is the one that was given, below the words that go with it."""

import pytest
import torch

from utils.pictures.digit_pictures import answer_figure, digit_figure, weight_figure


def pixels(ax):
    return torch.as_tensor(ax.images[0].get_array().data)


def test_digits_stand_below_their_labels_and_empty_places_stay_empty():
    images = torch.rand(15, 784, generator=torch.Generator().manual_seed(1))
    labels = torch.tensor([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9])
    figure, words = digit_figure(images, labels, rows=2)
    assert len(figure.axes) == 24
    for ax, image, label in zip(figure.axes, images, labels, strict=False):
        assert torch.equal(pixels(ax).flatten(), image)
        assert ax.get_title() == str(int(label))
    assert not any(ax.images or ax.get_title() for ax in figure.axes[15:])
    assert words.startswith("15 handwritten digits") and "3 1 4 1 5 9 2" in words


def test_no_more_digits_than_places():
    figure, words = digit_figure(torch.rand(40, 784), torch.arange(40) % 10, rows=1)
    assert len(figure.axes) == 12 and words.startswith("12 handwritten")


@pytest.mark.parametrize(("neurons", "shown", "places"), [(3, 3, 8), (16, 16, 16), (50, 32, 32)])
def test_weights_have_each_a_scale_around_0(neurons, shown, places):
    pictures = torch.randn(neurons, 5, 7, generator=torch.Generator().manual_seed(4))
    pictures *= torch.arange(1, neurons + 1)[:, None, None]
    figure, words = weight_figure(pictures)
    assert len(figure.axes) == places
    assert sum(bool(ax.images) for ax in figure.axes) == shown
    for ax, picture in zip(figure.axes[:shown], pictures, strict=False):
        assert torch.equal(pixels(ax), picture)
        size = float(picture.abs().max())
        assert ax.images[0].get_clim() == pytest.approx((-size, size))
    assert f"weights of {shown} neurons, each a picture of 5 by 7" in words


def test_answers_stand_below_their_pictures():
    pictures = {"a dot": torch.rand(28, 28), "a blot": torch.rand(28, 28)}
    sure, unsure = torch.full((10,), 0.02), torch.full((10,), 0.01)
    sure[4], unsure[7] = 0.8, 0.09
    figure, words = answer_figure(pictures, {"a dot": sure, "a blot": unsure})
    above, below = figure.axes[:2], figure.axes[2:]
    assert [ax.get_title(loc="left") for ax in above] == ["a dot: 4?", "a blot: –"]
    for ax, picture in zip(above, pictures.values(), strict=True):
        assert torch.equal(pixels(ax), picture)
    for ax, outputs in zip(below, (sure, unsure), strict=True):
        assert [bar.get_height() for bar in ax.patches] == pytest.approx(outputs.tolist())
        colors = [bar.get_facecolor() for bar in ax.patches]
        assert colors.count(colors[int(outputs.argmax())]) == 1
    assert "a dot: 4 with 0.80, a blot: 7 with 0.09" in words
