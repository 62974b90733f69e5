"""Choose a head on the map of all heads: where it looks in a text of one's own, its scores, what it
promotes, and how the text goes on without it.
"""

from collections.abc import Mapping
from functools import lru_cache
from html import escape

import torch
from ipywidgets import IntSlider, VBox
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import cross_entropy

from utils.generation.decoding import generate
from utils.interpretability.logit_difference import demoted_by_head, promoted_by_head
from utils.interpretability.silencing import losses_without_heads, without_heads
from utils.model.gpt import GPT
from utils.model.taps import trace
from utils.pictures.figures import img, visible
from utils.pictures.head_pictures import head_maps
from utils.pictures.heat_maps import MOST_COLUMNS, attention_map
from utils.pictures.html_panels import panel
from utils.text.tokenizer import Tokenizer
from utils.widgets.explorers import explorer_with_button, text_field

_MOST_CHARACTERS = 400  # more are not even read as tokens
_NEW_TOKENS = 10


def head_explorer(
    model: GPT,
    tok: Tokenizer,
    card: Mapping[str, Float[Tensor, "layer head"]],
    text: str,
    layer: int = 0,
    head: int = 0,
) -> VBox:
    """Type a text of 2 to 32 tokens, choose a layer and a head, and click: the map of all heads with
    this one marked, its attention, its scores of `card`, the tokens that it raises and lowers
    most at the last position, and how the text goes on with and without it.

    `card`: a map for each kind of head, from 0 to 1.
    """

    def goes_on(text: str) -> str:
        return str(generate(model, tok, text, max_new_tokens=_NEW_TOKENS, temperature=0))

    @lru_cache(maxsize=8)
    def read(text: str) -> tuple[trace, float, str]:
        ids = _checked(tok, text)
        with trace(model) as t, torch.no_grad():
            logits = model(torch.tensor([ids], device=model.device))[0]
        loss = cross_entropy(logits[:-1], torch.tensor(ids[1:], device=model.device))
        return t, float(loss), goes_on(text)

    def draw(text: str, layer: int, head: int) -> str:
        t, loss, whole = read(text)
        ids = torch.tensor(tok.encode(text), device=model.device)
        lost = float(losses_without_heads(model, ids, layers=[layer])[0, head]) - loss
        with without_heads(model, [(layer, head)]):
            without = goes_on(text)
        promoted = promoted_by_head(model, tok, t, layer, head)
        demoted = demoted_by_head(model, tok, t, layer, head)
        facts = _facts(card, layer, head, (promoted, demoted), lost, (whole, without))
        pattern = t[f"blocks.{layer}.attn.pattern"][0, head]
        return facts + _pictures(card, tok.pieces(text), pattern, layer, head)

    controls = {
        "text": text_field(text, "text", 520),
        "layer": IntSlider(layer, min=0, max=model.config.n_layer - 1, description="layer"),
        "head": IntSlider(head, min=0, max=model.config.n_head - 1, description="head"),
    }
    return explorer_with_button(
        draw,
        height=760,
        action="Show this head",
        working="Reading the text with and without this head. This takes a moment.",
        **controls,
    )


def _checked(tok: Tokenizer, text: str) -> list[int]:
    """The tokens of a text that the explorer can show."""
    if len(text) > _MOST_CHARACTERS:
        raise ValueError(
            f"the text has {len(text)} characters; type one of at most {_MOST_CHARACTERS} "
            f"characters and {MOST_COLUMNS} tokens."
        )
    ids = tok.encode(text)
    if not 2 <= len(ids) <= MOST_COLUMNS:
        raise ValueError(f"the text has {len(ids)} tokens; type one of 2 to {MOST_COLUMNS} tokens.")
    return ids


def _facts(
    card: Mapping[str, Tensor],
    layer: int,
    head: int,
    moved: tuple[list[tuple[str, float]], list[tuple[str, float]]],
    lost: float,
    continuations: tuple[str, str],
) -> str:
    """What is known of the head, in words."""
    scores = ", ".join(f"{name} {float(map_[layer, head]):.2f}" for name, map_ in card.items())
    raised, lowered = map(_tokens, moved)
    whole, without = (escape("".join(map(visible, text))) for text in continuations)
    same = " (the same)" if whole == without else ""
    return panel(
        f"<b>Layer {layer}, head {head}.</b> Scores: {scores}.<br>"
        f"At the last token it raises most: {raised}.<br>"
        f"It lowers most: {lowered}.<br>"
        f"The loss on this text without it: {lost:+.3f} nats per token.<br>"
        f"The text goes on: “{whole}”<br>Without this head: “{without}”{same}",
        "note",
    )


def _tokens(moved: list[tuple[str, float]]) -> str:
    """Tokens and by how much their logits move, as HTML."""
    return ", ".join(f"“{escape(visible(piece))}” {value:+.1f}" for piece, value in moved)


def _pictures(
    card: Mapping[str, Tensor],
    pieces: list[str],
    pattern: Float[Tensor, "query key"],
    layer: int,
    head: int,
) -> str:
    """The map of the kind in which this head is best, with a frame around it, and its attention."""
    kind = max(card, key=lambda name: float(card[name][layer, head]))
    score = float(card[kind][layer, head])
    marked = [(layer, head)]
    where = head_maps({f"all heads: {kind}": card[kind]}, value="score", marked=marked)
    text = "".join(pieces)
    return img(
        where,
        f"Map of all heads by their score “{kind}”; layer {layer}, head {head} has a frame, and "
        f"{score:.2f}.",
    ) + img(
        attention_map(pattern, pieces, title=f"layer {layer}, head {head}"),
        f"Attention of layer {layer}, head {head} on “{text}”. To the first token: "
        f"{pattern[1:, 0].mean():.2f} on average.",
    )
