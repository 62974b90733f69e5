"""Type a text and step through the model from station to station, to the next token and on.

Back and Next go through the stations; with the list in focus, so do the arrow keys. Append writes
the likeliest next token behind the text. A new text runs the model once; everything else is drawn
from what that pass has left.
"""

from functools import lru_cache

from ipywidgets import Button, Dropdown, HBox, IntSlider, VBox

from utils.interpretability.forward_path import ForwardPath, forward_path
from utils.model.gpt import GPT
from utils.pictures.path_drawing import HEIGHT, MOST_TOKENS, STATIONS, path_picture
from utils.text.tokenizer import Tokenizer
from utils.widgets.explorers import explorer, text_field

_MOST_CHARACTERS = 300  # more are not even read as tokens
_State = tuple[tuple[int, int], ...]


def path_explorer(
    model: GPT,
    tok: Tokenizer,
    text: str = "The capital of France is",
    station: str = "tokens",
    layer: int = 8,
    head: int = 0,
) -> VBox:
    """The whole way of a text through the model, station by station; it starts with those given.

    Weights that were changed in the meantime are noticed at the next move.
    """

    @lru_cache(maxsize=4)
    def walked(text: str, state: _State) -> ForwardPath:
        return forward_path(model, tok, text)

    def walk(text: str) -> ForwardPath:
        _check(tok, text)
        return walked(text, _state(model))

    def draw(text: str, station: str, layer: int, head: int) -> str:
        return path_picture(walk(text), station, layer, head)

    controls = {
        "text": text_field(text, "text", 420),
        "station": Dropdown(options=list(STATIONS), value=station, description="station"),
        "layer": IntSlider(layer, min=0, max=model.config.n_layer - 1, description="block"),
        "head": IntSlider(head, min=0, max=model.config.n_head - 1, description="head"),
    }
    box = explorer(draw, height=HEIGHT, **controls)

    def step(by: int) -> None:
        names = list(STATIONS)
        at = names.index(controls["station"].value)
        controls["station"].value = names[(at + by) % len(names)]

    def append(_clicked: Button) -> None:
        written = controls["text"].value
        try:
            controls["text"].value = written + walk(written).likeliest[0][0]
        except ValueError:  # the text is wrong, and the picture says how
            return

    back, forth, more = (
        Button(description=words, tooltip=tip)
        for words, tip in (
            ("◀ Back", "the station before"),
            ("Next ▶", "the next station"),
            ("Append", "write the likeliest next token behind the text"),
        )
    )
    back.on_click(lambda _: step(-1))
    forth.on_click(lambda _: step(1))
    more.on_click(append)
    row, picture = box.children
    box.children = (row, HBox([back, forth, more]), picture)
    return box


def _check(tok: Tokenizer, text: str) -> None:
    if not text:
        raise ValueError("the text is empty; type at least one character.")
    if len(text) > _MOST_CHARACTERS:
        raise ValueError(f"the text has {len(text)} characters; type at most {_MOST_CHARACTERS}.")
    count = len(tok.encode(text))
    if count > MOST_TOKENS:
        raise ValueError(
            f"the text has {count} tokens, and the drawing has room for {MOST_TOKENS}; type a shorter one."
        )


def _state(model: GPT) -> _State:
    """What changes when a weight is exchanged, or written into."""
    return tuple((id(p), p._version) for p in model.parameters())
