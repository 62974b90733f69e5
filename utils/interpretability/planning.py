"""Does a token's vector know what comes after the next token? A linear probe reads it off, and is
compared with what the last two tokens alone would tell.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from utils.interpretability.linear_probe import probe_accuracy
from utils.model.gpt import GPT
from utils.model.taps import trace


@torch.no_grad()
def vectors_and_tokens(
    model: GPT, texts: Int64[Tensor, "text pos"], layers: Sequence[int]
) -> dict[str, Float[Tensor, "text pos _"]]:
    """The stream behind each of the layers, by name, and the "last two tokens": the embeddings of
    the token and of the one before it, side by side (zeros before the first).
    """
    streams: dict[str, list[Tensor]] = {f"layer {layer}": [] for layer in layers}
    for row in texts:  # one at a time, so that no more than one text's activations are held
        with trace(model) as t:
            model.hidden(row[None])
        for layer in layers:
            streams[f"layer {layer}"].append(t[f"blocks.{layer}.resid.post"][0].clone())
    embedded = model.embed(texts)
    before = torch.nn.functional.pad(embedded, (0, 0, 1, 0))[:, :-1]
    found = {name: torch.stack(rows) for name, rows in streams.items()}
    return {"last two tokens": torch.cat([embedded, before], dim=-1), **found}


def ahead_accuracy(
    vectors: Float[Tensor, "text pos d"],
    texts: Int64[Tensor, "text pos"],
    ahead: int,
    *,
    most: int = 30,
    test: Sequence[int],
) -> float:
    """How often a linear probe on a token's vector names the token `ahead` places later.

    Only places count at which that is one of the `most` frequent tokens of the texts. The probe is
    fitted to all texts but those in `test`, where it is tried. Each coordinate is scaled to a
    spread of 1 first.
    """
    frequent = texts.flatten().bincount().topk(most).indices
    later = texts[:, ahead:]
    which = (later[:, :, None] == frequent).int()  # (text, pos, one of the frequent)
    counts, labels = which.sum(dim=-1).bool(), which.argmax(dim=-1)
    in_test = torch.zeros(len(texts), 1, dtype=torch.bool)
    in_test[list(test)] = True
    seen = vectors[:, :-ahead]
    fitted, tried = counts & ~in_test, counts & in_test
    mean, spread = seen[fitted].mean(dim=0), seen[fitted].std(dim=0) + 1e-6
    scaled = (seen - mean) / spread
    return probe_accuracy(
        scaled[fitted], labels[fitted], scaled[tried], labels[tried], penalty=1000.0
    )
