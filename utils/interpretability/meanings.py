"""When does a word part into its meanings? Its vector after every block, in sentences that tell which
meaning is meant.
"""

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from utils.model.gpt import GPT
from utils.model.padding import pad
from utils.model.taps import trace
from utils.text.tokenizer import Tokenizer


@torch.no_grad()
def last_vectors(
    model: GPT, tok: Tokenizer, sentences: Sequence[str], back: int = 1
) -> Float[Tensor, "layer sentence d_model"]:
    """The vector of the last token of each sentence: as it enters the first block (layer 0), and
    after each block (layer 1 and on).

    `back`: 2 for the last token but one, and so on. ValueError if a sentence is shorter than that.
    """
    rows = [tok.encode(sentence) for sentence in sentences]
    if not 1 <= back <= min(map(len, rows)):
        raise ValueError(
            f"back is {back}, and the shortest sentence has {min(map(len, rows))} tokens: give 1 "
            f"for the last token of each."
        )
    ids, real = pad(rows, "left")  # so that all end in the last column
    with trace(model) as t:
        model(ids.to(model.device), real.to(model.device))
    names = ["embed"] + [f"blocks.{layer}.resid.post" for layer in range(model.config.n_layer)]
    return torch.stack([t[name][:, -back] for name in names])


def cosines_within_and_across(
    vectors: Float[Tensor, "sentence d_model"], meanings: Sequence[str]
) -> tuple[float, float]:
    """The mean cosine of two sentences with the same meaning, and of two with different ones.

    The mean of all the vectors is taken away first, and it is taken of means: every meaning counts
    alike. Where all vectors are equal, both are 0. Raises ValueError where there are not two
    meanings with two sentences each.
    """
    counts = [list(meanings).count(one) for one in set(meanings)]
    if len(counts) < 2 or min(counts) < 2 or len(meanings) != len(vectors):
        raise ValueError(
            f"{len(vectors)} vectors and the meanings {list(meanings)} were given: give one "
            f"meaning for each, and two sentences or more of each of two meanings or more."
        )
    centred = vectors - _mean_of_means(vectors, meanings)
    # equal vectors leave rounding errors, which must not be blown up to length 1
    small = 1e-5 * vectors.norm(dim=1, keepdim=True)
    centred = torch.where(centred.norm(dim=1, keepdim=True) > small, centred, 0.0)
    cosines = F.normalize(centred, dim=1) @ F.normalize(centred, dim=1).T
    same = torch.tensor([[one == other for other in meanings] for one in meanings])
    pairs = ~torch.eye(len(meanings), dtype=torch.bool)
    return float(cosines[same & pairs].mean()), float(cosines[~same].mean())


def _mean_of_means(
    vectors: Float[Tensor, "sentence d_model"], meanings: Sequence[str]
) -> Float[Tensor, " d_model"]:
    rows = [
        vectors[[place for place, one in enumerate(meanings) if one == meaning]].mean(dim=0)
        for meaning in sorted(set(meanings))
    ]
    return torch.stack(rows).mean(dim=0)


def gaps(
    model: GPT, tok: Tokenizer, senses: Mapping[str, Sequence[str]], back: int = 1
) -> list[float]:
    """How far the meanings are apart, layer by layer: the mean cosine within a meaning less that
    across.

    senses: the sentences of each meaning; all end in the same word. 0 means that the vectors do not
    know the meaning. The highest is 2 for two meanings and 1.5 for three.
    """
    sentences = [sentence for own in senses.values() for sentence in own]
    meanings = [meaning for meaning, own in senses.items() for _ in own]
    vectors = last_vectors(model, tok, sentences, back)
    found = [cosines_within_and_across(rows, meanings) for rows in vectors]
    return [within - across for within, across in found]
