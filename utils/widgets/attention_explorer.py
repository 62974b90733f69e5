"""Type a sentence, choose a layer and a head, and see where its tokens look."""

from collections.abc import Sequence
from functools import lru_cache

import torch
from ipywidgets import IntSlider, VBox
from jaxtyping import Float
from torch import Tensor

from utils.interpretability.attention_patterns import patterns
from utils.model.gpt import GPT
from utils.pictures.figures import img
from utils.pictures.heat_maps import MOST_COLUMNS, attention_map
from utils.text.tokenizer import Tokenizer
from utils.widgets.explorers import explorer, text_field


def attention_explorer(
    model: GPT, tok: Tokenizer, sentence: str, layer: int = 0, head: int = 0
) -> VBox:
    """The attention map of any head on any sentence of 2 to 32 tokens; it starts with those given."""

    @lru_cache(maxsize=8)  # moving a slider asks for the same sentence again
    def all_heads(text: str) -> Float[Tensor, "layer head query key"]:
        return patterns(model, torch.tensor(tok.encode(text), device=model.device))

    def draw(sentence: str, layer: int, head: int) -> str:
        count = len(tok.encode(sentence))
        if not 2 <= count <= MOST_COLUMNS:
            raise ValueError(
                f"the sentence has {count} tokens; type one of 2 to {MOST_COLUMNS} tokens."
            )
        return head_picture(all_heads(sentence)[layer, head], tok.pieces(sentence), layer, head)

    controls = {
        "sentence": text_field(sentence, "sentence", 520),
        "layer": IntSlider(layer, min=0, max=model.config.n_layer - 1, description="layer"),
        "head": IntSlider(head, min=0, max=model.config.n_head - 1, description="head"),
    }
    return explorer(draw, height=480, **controls)


def head_picture(
    pattern: Float[Tensor, "query key"], pieces: Sequence[str], layer: int, head: int
) -> str:
    """One head's attention map as one <img>, with its two main facts in words."""
    resting = pattern[1:, 0].mean()
    strongest = pattern.tril(-1)[:, 1:].max()
    figure = attention_map(pattern, pieces, title=f"layer {layer}, head {head}")
    return img(
        figure,
        f"Attention of layer {layer}, head {head} on “{''.join(pieces)}”. To the first token: "
        f"{resting:.2f} on average; largest weight on another earlier token: {strongest:.2f}.",
    )
