"""Explorers: controls that change a picture at once. Each lesson shows the same point as a static
figure beside it.

Only what ipywidgets 7.7 and 8 share is used. A picture is an <img> with alternative text inside an
HTML widget; the controls are redrawn when the reader lets go of them, and an error becomes a
sentence where the picture was. What takes more than a moment waits for a button, says that it is at
work, and can be interrupted.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from html import escape
from typing import Any

import torch
from ipywidgets import HTML, Button, FloatSlider, HBox, Layout, Text, VBox, Widget
from jaxtyping import Float
from torch import Tensor

from utils.model.gpt import GPT
from utils.pictures.figures import bars, img, visible
from utils.pictures.html_panels import panel, show_html, show_still
from utils.text.tokenizer import Tokenizer
from utils.widgets.explorer_frames import frames_html, picture_or_sentence

# ipywidgets' sliders have words beside them, but no name that a screen reader finds: give them one,
# as they appear. And keys that are pressed in a control are for it: JupyterLab would walk through
# the cells with the arrows of a list.
_SCRIPT = """<script>
(() => {
  if (window.glassBoxNames) return;
  const handles = ".noUi-handle, .ui-slider-handle, .widget-readout[contenteditable=true]";
  const name = () => {
    document.querySelectorAll(".widget-slider").forEach(slider => {
      const words = slider.querySelector(".widget-label")?.textContent;
      if (words) slider.querySelectorAll(handles).forEach(handle => handle.setAttribute("aria-label", words));
    });
    document.querySelectorAll(".jupyter-widgets :is(select, input, textarea, .noUi-handle)").forEach(
      control => control.setAttribute("data-lm-suppress-shortcuts", "true"));
  };
  window.glassBoxNames = new MutationObserver(name);
  window.glassBoxNames.observe(document.body, {childList: true, subtree: true});
  name();
})();
</script>"""
_MOST_CHARACTERS = 1000  # of a prompt that is read whenever a control moves
_STATUS = '<div role="status">'
_WIDE = {"description_width": "initial"}  # as wide as its words, so that no label is cut


def explorer(draw: Callable[..., str], height: int, **controls: Widget) -> VBox:
    """Controls above a picture: `draw(**values)` gives its HTML, and is called again whenever a
    value changes.

    `height`: pixels kept for the picture, so that the page does not jump while it is redrawn. With
    GLASSBOX_FRAMES set, as `python -m course site` does, the pictures for a page without a kernel
    are shown as well (utils/widgets/explorer_frames.py).
    """
    picture = HTML(layout=Layout(min_height=f"{height}px"))
    redraw = _redraw(picture, draw, controls)
    for control in controls.values():
        control.observe(redraw, "value")
    redraw()
    return _boxed(draw, height, controls, [*controls.values()], picture)


def explorer_with_button(
    draw: Callable[..., str], height: int, action: str, working: str, **controls: Widget
) -> VBox:
    """An explorer whose picture takes more than a moment: it is drawn once at the start, and then
    only when the reader clicks a button, whatever the controls are set to meanwhile.

    `action`: what the button says. `working`: the sentence that stands in place of the old picture
    until the new one is there. *Interrupt* stops the work, and a sentence says so.
    """
    picture = HTML(layout=Layout(min_height=f"{height}px"))
    redraw = _redraw(picture, draw, controls)
    button = Button(description=action, tooltip=action)

    def work(_clicked: Button) -> None:
        button.disabled = True
        picture.value = _status(working)
        try:
            redraw()
        except KeyboardInterrupt:
            picture.value = _status(f"Stopped. “{action}” begins again.")
            raise
        finally:
            button.disabled = False

    button.on_click(work)
    redraw()
    return _boxed(draw, height, controls, [*controls.values(), button], picture)


def _status(sentence: str) -> str:
    return f"{_STATUS}{panel(escape(sentence), 'note')}</div>"


def _redraw(
    picture: HTML, draw: Callable[..., str], controls: Mapping[str, Widget]
) -> Callable[..., None]:
    """A function that draws anew what the controls say, whatever it is called with."""

    def redraw(_change: Any = None) -> None:
        values = {name: control.value for name, control in controls.items()}
        try:
            picture.value = picture_or_sentence(draw, values)
        except Exception as error:  # shown in the cell: JupyterLab would hide it in its log
            picture.value = panel(
                f"<b>{escape(type(error).__name__)}:</b> {escape(str(error))}", "wrong", "Error"
            )

    return redraw


def _boxed(
    draw: Callable[..., str],
    height: int,
    controls: Mapping[str, Widget],
    row: Sequence[Widget],
    picture: HTML,
) -> VBox:
    """The widgets of `row` above the picture; before it the pictures for a page without a kernel,
    if they are asked for.
    """
    if os.environ.get("GLASSBOX_FRAMES"):
        # the cells below must not see that so much was drawn
        with torch.random.fork_rng(devices=[]):
            # an error ends the cell: nobody can move on from it
            show_html(frames_html(draw, height, controls), "")
    show_html(_SCRIPT, "")
    _keep_last(picture)
    box = VBox([HBox(list(row), layout=Layout(flex_flow="row wrap")), picture])
    return box.add_class("glass-box-explorer")


def _keep_last(picture: HTML) -> None:
    """Keep what the picture shows, now and whenever it is another one, for the time when the kernel
    has ended. That work is going on is not kept: who restarts then wants the picture before it.
    """
    keep = show_still(picture.value)

    def changed(change: Any) -> None:
        if not change.new.startswith(_STATUS):
            keep(change.new)

    picture.observe(changed, "value")


def text_field(value: str, description: str, width: int) -> Text:
    """A field for a text, which counts when the reader leaves it or presses Enter. `width`: in
    pixels, on a page that has them.
    """
    return Text(
        value,
        description=description,
        continuous_update=False,
        layout=Layout(width=f"{width}px", max_width="100%"),
    )


def remembered_logits(model: GPT, tok: Tokenizer) -> Callable[[str], Float[Tensor, " vocab"]]:
    """A function from a prompt to the logits after it; a moved slider asks for the same ones again.

    It raises ValueError for an empty prompt, and for one that would take more than a moment.
    """

    @lru_cache(maxsize=32)
    def last_logits(prompt: str) -> Float[Tensor, " vocab"]:
        if not prompt:
            raise ValueError("the prompt is empty; type at least one character.")
        if len(prompt) > _MOST_CHARACTERS:
            raise ValueError(
                f"the prompt has {len(prompt)} characters; type at most {_MOST_CHARACTERS}."
            )
        ids = torch.tensor([tok.encode(prompt)], device=model.device)
        with torch.inference_mode():
            logits: Tensor = model.next_logits(ids)[0]
        return logits.cpu()

    return last_logits


def next_token_explorer(
    model: GPT, tok: Tokenizer, prompt: str = "The capital of France is", candidates: int = 10
) -> VBox:
    """Type a prompt and move the temperature: the likeliest next tokens as bars."""

    last_logits = remembered_logits(model, tok)

    def draw(prompt: str, temperature: float) -> str:
        return next_token_picture(tok, last_logits(prompt), prompt, temperature, candidates)

    controls = {
        "prompt": text_field(prompt, "Prompt", 420),
        "temperature": FloatSlider(
            1.0,
            min=0.1,
            max=2.5,
            step=0.1,
            description="Temperature",
            continuous_update=False,
            style=_WIDE,
        ),
    }
    return explorer(draw, height=400, **controls)


def next_token_picture(
    tok: Tokenizer,
    logits: Float[Tensor, " vocab"],
    prompt: str,
    temperature: float,
    candidates: int,
) -> str:
    """The likeliest tokens after a prompt, at one temperature, as one <img>."""
    top = (logits.double() / temperature).softmax(dim=-1).topk(candidates)
    pieces = [tok.decode([id]) for id in top.indices.tolist()]
    title = f"…{prompt[-40:]}" if len(prompt) > 40 else prompt
    figure = bars(pieces, top.values, title=f"{title}   (temperature {temperature:.1f})")
    figure.axes[0].set_xlim(0, 1)
    shown = ", ".join(
        f"{visible(piece)} {p:.2f}"
        for piece, p in zip(pieces[:3], top.values.tolist(), strict=False)
    )
    rest = 1 - float(top.values.sum())
    return img(
        figure,
        f"After “{prompt}” at temperature {temperature:.1f} the likeliest tokens are {shown}; "
        f"others {rest:.2f}.",
    )
