"""The explorer of a training: a slider over its steps, in which the induction heads are born."""

import torch
from ipywidgets import Dropdown, SelectionSlider, VBox

from utils.interpretability.attention_patterns import patterns
from utils.pictures.emergence_pictures import birth_figure
from utils.pictures.figures import img
from utils.predecessors.induction_birth import Birth
from utils.widgets.explorers import explorer

_LETTERS = "abcdefgh"


def birth_explorer(births: dict[str, Birth]) -> VBox:
    """Move through trainings that have been made: `births` by name. A slider has the share of the
    steps that are done; the nets are looked at as they were then, on a text of eight letters that
    comes twice.

    ValueError if there is no training.
    """
    if not births:
        raise ValueError("no training was given: the explorer takes one at least, with its name.")
    tokens = [*_LETTERS, *_LETTERS]
    ids = torch.arange(len(_LETTERS)).repeat(2)

    def draw(net: str, at: int) -> str:
        birth = births[net]
        place = min(at, len(birth.readings) - 1)
        reading, last = birth.readings[place], birth.readings[-1]
        maps = patterns(birth.nets[place], ids)
        deepest = len(maps) - 1
        # the heads that are best in the end, so that the same two are seen at every step
        note, find = int(last.previous[0].argmax()), int(last.induction[deepest].argmax())
        figure, alt = birth_figure(
            [one.step for one in birth.readings],
            [one.second for one in birth.readings],
            {
                "previous token, layer 0": [float(r.previous[0].max()) for r in birth.readings],
                f"induction, layer {deepest}": [
                    float(r.induction[deepest].max()) for r in birth.readings
                ],
            },
            {
                f"head 0.{note}": maps[0, note],
                f"head {deepest}.{find}": maps[deepest, find],
            },
            place,
            tokens,
        )
        said = f"<p>{reading.right:.0%} of the second copy right after {reading.step} steps.</p>"
        return img(figure, f"{net}. {alt}") + said

    steps = [one.step for one in max(births.values(), key=lambda b: len(b.readings)).readings]
    return explorer(
        draw,
        height=600,
        net=Dropdown(options=list(births), value=next(iter(births)), description="net"),
        at=SelectionSlider(
            options=[(str(step), place) for place, step in enumerate(steps)],
            value=0,
            description="steps",
            continuous_update=False,
        ),
    )
