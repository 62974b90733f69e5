"""Small models whose weights are set by hand, so that the truth about them is known."""

import torch
from scripted import Pieces

from utils.model.config import GPTConfig
from utils.model.gpt import GPT

WORDS = [" The", " red", " tower", " house", " is", " in", " Paris", " Oslo", " Rome", " It", " ."]
TOKENS = WORDS + [chr(code) for code in range(32, 127)]  # any English text can be spelled
PARIS, OSLO, ROME = (WORDS.index(word) for word in (" Paris", " Oslo", " Rome"))
TOWER, HOUSE = WORDS.index(" tower"), WORDS.index(" house")


def word_tokenizer() -> Pieces:
    return Pieces([token.encode() for token in TOKENS])


def _zero(model):
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.fill_(1.0 if "norm" in name else 0.0)
    return model.eval()


def fact_model(gain: float = 5.0, bias: bool = False) -> GPT:
    """Three layers. Neuron 0 of layer 1 knows that the tower is in Paris, neuron 1 that the house
    is in Oslo.

    The stream has three parts: the token, the memory that layer 1 writes, and the answer, to which
    the one head of layer 2 copies the mean memory of all tokens. The unembedding reads the last
    two.
    """
    words = len(TOKENS)
    sizes = dict(
        vocab_size=words, context_length=64, n_layer=3, n_head=1, d_model=3 * words, d_mlp=7
    )
    model = _zero(
        GPT(GPTConfig.llama(**sizes, activation="relu", tie_embedding=False, mlp_bias=bias))
    )
    token, memory, answer = (torch.arange(words) + words * part for part in range(3))
    with torch.no_grad():
        model.embed.weight[:, token] = torch.eye(words)
        mlp, attn = model.blocks[1].mlp, model.blocks[2].attn
        scale = (3 * words) ** -0.5  # the norm makes a 1 alone in its vector this much larger
        mlp.up.weight[0, token[TOWER]] = mlp.up.weight[1, token[HOUSE]] = scale
        mlp.down.weight[memory[PARIS], 0] = mlp.down.weight[memory[OSLO], 1] = gain
        attn.value.weight[memory, memory] = 1.0
        attn.output.weight[answer, memory] = gain
        model.unembed.weight[torch.arange(words), memory] = model.unembed.weight[
            torch.arange(words), answer
        ] = 2.0
    return model


def copying_model(words: int = 12) -> GPT:
    """Two layers of two heads: 0.0 looks at the token before, 0.1 at equal tokens, 1.0 is an
    induction head, 1.1 looks
    at all alike. The stream has three parts: the token, the position, and the token before (written
        by 0.0)."""
    sizes = dict(
        vocab_size=words,
        context_length=words,
        n_layer=2,
        n_head=2,
        d_model=3 * words,
        d_head=words,
        d_mlp=1,
    )
    model = _zero(
        GPT(
            GPTConfig(**sizes, norm="rmsnorm", attn_bias=False, mlp_bias=False, tie_embedding=False)
        )
    )
    one, sharp = torch.eye(words), 12.0
    token, place, before = (slice(words * part, words * (part + 1)) for part in range(3))
    first, second = slice(0, words), slice(words, 2 * words)  # the heads
    with torch.no_grad():
        model.embed.weight[:, token] = model.position_embed.weight[:, place] = one
        looks, copies = model.blocks[0].attn, model.blocks[1].attn
        looks.query.weight[first, place] = sharp * one.roll(-1, dims=0)  # at i, ask for i - 1
        looks.key.weight[first, place] = looks.value.weight[first, token] = one
        looks.output.weight[before, first] = one
        looks.query.weight[second, token] = sharp * one
        looks.key.weight[second, token] = one
        copies.query.weight[first, token] = sharp * one
        copies.key.weight[first, before] = one
    return model
