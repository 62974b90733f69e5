"""Does a head do a job? Its job is a link: from one word of a sentence it should look at another."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from utils.data.head_roles import Link
from utils.interpretability.attention_patterns import patterns
from utils.model.gpt import GPT
from utils.text.tokenizer import Tokenizer


def attention_between(
    model: GPT, tok: Tokenizer, text: str, query: str, keys: Sequence[str]
) -> Float[Tensor, "key layer head"]:
    """The attention that the last `query` in a text gives to the first of each of the `keys`.

    All are words of one token. Raises ValueError for a word that is not there.
    """
    words = [piece.strip() for piece in tok.pieces(text)]
    for word in (query, *keys):
        if word not in words:
            raise ValueError(f"{word!r} is no token of {text!r}; its tokens are {words}.")
    last = len(words) - 1 - words[::-1].index(query)
    row = patterns(model, torch.tensor(tok.encode(text), device=model.device))[:, :, last]
    return torch.stack([row[:, :, words.index(key)] for key in keys])


def share_passed(
    model: GPT, tok: Tokenizer, links: Sequence[Link], least: float = 0.3
) -> Float[Tensor, "layer head"]:
    """The share of the links that each head passes: its last word gives the wanted word more than
    `least`, and more than the other one. Raises ValueError for a word that is not there.
    """
    passed = []
    for link in links:
        last = tok.pieces(link.text)[-1].strip()
        rows = attention_between(model, tok, link.text, last, (link.wanted, link.other))
        passed.append((rows[0] > least) & (rows[0] > rows[1]))
    return torch.stack(passed).float().mean(dim=0)
