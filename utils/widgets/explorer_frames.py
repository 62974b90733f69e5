"""An explorer for a page without a kernel: its pictures, drawn beforehand for some of what its
controls can be set to.

`frames_html` gives native controls, each with a label, and one <template> for each combination. The
script of the page (course/site/static/frames.js) puts the chosen one where the picture is; without
any script the first one stands there.
"""

import itertools
import json
import math
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

from ipywidgets import FloatSlider, IntSlider, SelectionSlider, Widget

from utils.pictures.html_panels import panel

MOST = 72  # pictures of one explorer
_FEWEST = 2  # values of a control that is thinned out: it should still move


class Dial(NamedTuple):
    """A control as the page shows it: what it may be set to, in values and in words, and where it
    starts.
    """

    name: str
    label: str
    values: tuple[Any, ...]
    words: tuple[str, ...]
    start: int
    slides: bool  # a slider, or else a list to choose from

    def kept(self, count: int) -> "Dial":
        """The same dial with `count` of its values, evenly spread; the one where it starts is among
        them.
        """
        places = [round(i * (len(self.values) - 1) / (count - 1)) for i in range(count)]
        nearest = min(range(count), key=lambda i: abs(places[i] - self.start))
        places[nearest] = self.start
        values, words = (tuple(row[i] for i in places) for row in (self.values, self.words))
        return self._replace(values=values, words=words, start=nearest)


def dial(name: str, control: Widget) -> Dial:
    """What an ipywidgets control may be set to.

    A field to type in has nothing but what stands in it.
    """
    label = control.description or name
    if isinstance(control, IntSlider | FloatSlider):
        steps = math.floor((control.max - control.min) / control.step + 1e-9)
        values = tuple(_rounded(control.min + i * control.step, control) for i in range(steps + 1))
        words = tuple(format(value, control.readout_format) for value in values)
        start = min(range(len(values)), key=lambda i: abs(values[i] - control.value))
        return Dial(name, label, values, words, start, True)
    if not hasattr(control, "options"):
        return Dial(name, label, (control.value,), (str(control.value),), 0, False)
    words, values = zip(*_options(control.options), strict=True)
    return Dial(
        name,
        label,
        values,
        words,
        values.index(control.value),
        isinstance(control, SelectionSlider),
    )


def _rounded(value: float | int, control: IntSlider | FloatSlider) -> float | int:
    # 0.1 + 2 * 0.1 is 0.30000000000000004
    return round(value, 10) if isinstance(control, FloatSlider) else value


def _options(options: Any) -> list[tuple[str, Any]]:
    """Words and value of each option. ipywidgets takes a mapping, a list of pairs, or a list of
    plain values.
    """
    pairs = list(options.items() if isinstance(options, Mapping) else options)
    if all(isinstance(one, tuple) and len(one) == 2 for one in pairs):
        return [(str(words), value) for words, value in pairs]
    return [(str(one), one) for one in pairs]


def thinned(dials: Sequence[Dial], most: int = MOST) -> list[Dial]:
    """The dials with at most `most` combinations in all: sliders lose values first, the one that
    has most of them.
    """
    counts = [len(one.values) for one in dials]
    while math.prod(counts) > most:
        longest = max(
            range(len(counts)), key=lambda i: (counts[i] > _FEWEST, dials[i].slides, counts[i])
        )
        if counts[longest] <= _FEWEST:
            raise ValueError(
                f"{len(counts)} controls have more than {most} combinations: show fewer controls."
            )
        counts[longest] -= 1
    return [
        one if count == len(one.values) else one.kept(count)
        for one, count in zip(dials, counts, strict=True)
    ]


def picture_or_sentence(draw: Callable[..., str], values: Mapping[str, Any]) -> str:
    """The picture; or, for a setting that makes no sense, the sentence that `draw` raises as a
    ValueError.
    """
    try:
        return draw(**values)
    except ValueError as error:
        return panel(escape(str(error)), "wrong", "Input")


def frames_html(
    draw: Callable[..., str], height: int, controls: Mapping[str, Widget], most: int = MOST
) -> str:
    """The explorer's controls and pictures as HTML; `draw(**values)` gives each picture. `height`:
    its pixels.

    Only the chosen pictures are in it: a sentence says what is left out, and that a running
    notebook has all.
    """
    whole = [dial(name, control) for name, control in controls.items()]
    dials = thinned(whole, most)
    start = tuple(one.start for one in dials)
    frames = {}
    for places in itertools.product(*(range(len(one.values)) for one in dials)):
        values = {one.name: one.values[i] for one, i in zip(dials, places, strict=True)}
        # nobody chose where it starts: there a sentence would be the explorer's own fault
        frames[places] = draw(**values) if places == start else picture_or_sentence(draw, values)
    templates = "".join(
        f'<template data-at="{",".join(map(str, at))}">{html}</template>'
        for at, html in frames.items()
    )
    picture = f'<div class="glass-box-picture" aria-live="polite" style="--height:{height}">{frames[start]}</div>'
    above = f'<div class="glass-box-controls">{"".join(map(_control, dials))}</div>'
    return f'<div class="glass-box-frames">{above}{picture}<p>{_left_out(whole, dials)}</p>{templates}</div>'


def _control(one: Dial) -> str:
    """One native control with its label.

    A dial with a single value is text: there is nothing to move.
    """
    label = escape(one.label)
    if len(one.values) == 1:
        return f"<p>{label}: “{escape(one.words[0])}”</p>"
    if one.slides:
        words = escape(json.dumps(one.words, ensure_ascii=False))
        shown = escape(one.words[one.start])
        facts = f'min="0" max="{len(one.values) - 1}" value="{one.start}" data-words="{words}" aria-valuetext="{shown}"'
        return f'<label><span>{label}</span> <input type="range" {facts}> <output>{shown}</output></label>'
    options = "".join(
        f"<option{' selected' if i == one.start else ''}>{escape(words)}</option>"
        for i, words in enumerate(one.words)
    )
    return f"<label><span>{label}</span> <select>{options}</select></label>"


def _left_out(whole: Sequence[Dial], dials: Sequence[Dial]) -> str:
    """What the page cannot do, in a sentence."""
    fixed = [one.label for one in whole if len(one.values) == 1]
    fewer = [
        one.label
        for one, before in zip(dials, whole, strict=True)
        if len(one.values) < len(before.values)
    ]
    more = [f"other texts for {', '.join(fixed)}"] if fixed else []
    more += [f"more values for {', '.join(fewer)}"] if fewer else []
    if not more:
        return "Drawn beforehand, one picture for each setting."
    return f"Drawn beforehand. A running notebook has more: {escape('; '.join(more))}."
