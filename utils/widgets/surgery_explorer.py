"""Skip, swap, repeat or reverse blocks of a model, and see its loss and how it goes on with a text."""

from collections.abc import Sequence
from functools import lru_cache

import torch
from ipywidgets import Dropdown, IntSlider, VBox

from utils.generation.decoding import generate
from utils.interpretability.block_surgery import (
    OPERATIONS,
    read_texts,
    rearranged,
    text_losses,
)
from utils.model.gpt import GPT
from utils.pictures.surgery_pictures import order_picture
from utils.text.tokenizer import Tokenizer
from utils.widgets.explorers import explorer_with_button, text_field

_MOST_CHARACTERS, _MOST_TOKENS = 400, 64
_NEW_TOKENS = 14


def surgery_explorer(
    model: GPT, tok: Tokenizer, texts: Sequence[str], prompt: str = "The capital of France is"
) -> VBox:
    """Choose what to do with which blocks, and click: the order of the blocks, the loss on each of
    the `texts` before and after, and both continuations of a prompt.

    The model stays as it is.
    """
    ids, real = read_texts(tok, texts)

    @torch.inference_mode()
    def losses(other: GPT) -> list[float]:
        found: list[float] = text_losses(other(ids.to(other.device)).cpu(), ids, real).tolist()
        return found

    @lru_cache(maxsize=32)
    def operated(operation: str, first: int, last: int, prompt: str) -> tuple[list[float], str]:
        other = rearranged(model, OPERATIONS[operation](model.config.n_layer, first, last))
        return losses(other), _continuation(other, tok, prompt)

    @lru_cache(maxsize=8)
    def whole(prompt: str) -> tuple[list[float], str]:
        return losses(model), _continuation(model, tok, prompt)

    def draw(operation: str, first: int, last: int, prompt: str) -> str:
        _check(tok, prompt)
        first, last = sorted((first, last))
        order = OPERATIONS[operation](model.config.n_layer, first, last)
        return order_picture(
            order,
            model.config.n_layer,
            {first, last} if operation == "swap" else range(first, last + 1),
            f"{operation} {first} to {last}" if last > first else f"{operation} {first}",
            whole(prompt),
            operated(operation, first, last, prompt),
            prompt,
        )

    most = model.config.n_layer - 1
    return explorer_with_button(
        draw,
        height=430,
        action="Operate",
        working="Running the changed model. This takes a second or two; Interrupt stops it.",
        operation=Dropdown(options=list(OPERATIONS), description="do"),
        first=IntSlider(min(12, most), min=0, max=most, description="from block"),
        last=IntSlider(min(13, most), min=0, max=most, description="to block"),
        prompt=text_field(prompt, "prompt", 420),
    )


def _continuation(model: GPT, tok: Tokenizer, prompt: str) -> str:
    text = generate(model, tok, prompt, max_new_tokens=_NEW_TOKENS, temperature=0)
    return text if isinstance(text, str) else text[0]


def _check(tok: Tokenizer, prompt: str) -> None:
    if not prompt.strip():
        raise ValueError("the prompt is empty; type a few words.")
    if len(prompt) > _MOST_CHARACTERS:
        raise ValueError(
            f"the prompt has {len(prompt)} characters; type at most {_MOST_CHARACTERS}."
        )
    count = len(tok.encode(prompt))
    if count > _MOST_TOKENS:
        raise ValueError(f"the prompt has {count} tokens; type at most {_MOST_TOKENS}.")
