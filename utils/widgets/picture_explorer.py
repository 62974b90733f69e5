"""The explorer of pictures: strokes of a pen become patches, and the small GPT writes a word."""

import re
from html import escape

import torch
from ipywidgets import Checkbox, FloatSlider, VBox
from jaxtyping import Float
from torch import Tensor

from utils.pictures.figures import bars, img
from utils.pictures.html_panels import panel
from utils.pictures.using_pictures import patch_row
from utils.training.picture_writer import PATCHES, SYMBOLS, PictureWriter, shuffled
from utils.widgets.explorers import explorer, text_field
from utils.widgets.pen_strokes import FINE, SIDE, Stroke, centred, ink

SEVEN = "6,6 21,6 12,23"
_MOST_POINTS = 40
_SHUFFLE = torch.randperm(PATCHES, generator=torch.Generator().manual_seed(0)).tolist()
_WIDE = {"description_width": "initial"}


def picture_explorer(writer: PictureWriter, strokes: str = SEVEN) -> VBox:
    """Type the corners of a pen's strokes, choose the pen and the order of the patches: the picture
    as patches, the word that the model writes, and how likely it finds each first letter.
    """

    def draw(strokes: str, pen: float, shuffle: bool) -> str:
        return picture_words(writer, strokes, pen, shuffle)

    return explorer(
        draw,
        height=520,
        strokes=text_field(strokes, "strokes", 420),
        pen=FloatSlider(
            3.0,
            min=1.0,
            max=6.0,
            step=0.5,
            description="pen, in pixels",
            continuous_update=False,
            style=_WIDE,
        ),
        shuffle=Checkbox(False, description="patches in a wrong order"),
    )


def picture_words(writer: PictureWriter, strokes: str, pen: float, shuffle: bool) -> str:
    """The patches of drawn strokes, the word for them, and the first letter's probabilities, as HTML.
    Raises ValueError as `read_strokes` does.
    """
    image = drawn(strokes, pen)
    if shuffle:
        image = shuffled(image, _SHUFFLE)
    word = writer.write(image)[0]
    letters = writer.first_letters(image)[0]
    top = letters.topk(5)
    names = [SYMBOLS[id] for id in top.indices.tolist()]
    chances = bars(names, top.values, title=f"it writes: {word}")
    chances.axes[0].set_xlim(0, 1)
    shown = ", ".join(f"{name} {p:.2f}" for name, p in zip(names, top.values.tolist(), strict=True))
    return (
        panel(f"It writes <b>{escape(word)}</b>.")
        + img(*patch_row(image[0]))
        + img(chances, f"The first letter's probabilities: {shown}.")
    )


def drawn(strokes: str = SEVEN, pen: float = 3.0) -> Float[Tensor, "1 pixel"]:
    """The strokes as a picture such as those that the model has read: 28 by 28, and in the middle."""
    return centred(ink(read_strokes(strokes), pen, FINE)).flatten()[None].float()


def read_strokes(text: str) -> list[Stroke]:
    """Strokes from text: corners "x,y" with spaces between them, x to the right and y down, from 0 to
    28; a semicolon begins a new stroke. ValueError if it is not so.
    """
    strokes: list[Stroke] = []
    for part in text.split(";"):
        corners = re.findall(r"-?\d+(?:\.\d+)?,-?\d+(?:\.\d+)?", part)
        if not corners or " ".join(corners) != " ".join(part.split()):
            raise ValueError(
                f"{part.strip()!r:.40} is no stroke: write corners x,y with spaces between them, such "
                f"as {SEVEN}, and a semicolon between strokes."
            )
        points = [tuple(float(number) for number in corner.split(",")) for corner in corners]
        if any(not 0 <= number <= SIDE for point in points for number in point):
            raise ValueError(f"{part.strip()!r:.40} leaves the paper: stay between 0 and {SIDE}.")
        strokes.append(points)
    if sum(map(len, strokes)) > _MOST_POINTS:
        raise ValueError(f"there are more than {_MOST_POINTS} corners; take fewer.")
    return strokes
