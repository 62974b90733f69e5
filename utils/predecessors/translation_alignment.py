"""Where a translator looks for each character that it writes, and whether that is where the
character comes from.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from utils.data.dates import ISO_LENGTH, WrittenDate
from utils.model.taps import trace
from utils.predecessors.encoder_decoder import EncoderDecoder
from utils.predecessors.seq2seq import Seq2Seq
from utils.predecessors.translation import encode_sources, encode_targets

Pattern = Float[Tensor, "date pos source"]


@torch.no_grad()
def cross_patterns(
    model: EncoderDecoder, texts: Sequence[str], written: Sequence[str], layer: int = -1
) -> Pattern:
    """How much each character of the ISO dates `written` looks at each one of the texts: the mean
    over the heads of one cross-attention, that of the last block unless a layer is given.
    """
    source, real = encode_sources(texts)
    target = encode_targets(written)
    with trace(model) as seen:
        model(source, real, target[:, :-1])
    number = range(len(model.decoder.blocks))[layer]
    pattern: Pattern = seen[f"decoder.blocks.{number}.cross.pattern"].mean(dim=1)
    return pattern


@torch.no_grad()
def look_back_patterns(model: Seq2Seq, texts: Sequence[str], written: Sequence[str]) -> Pattern:
    """The same of a recurrent translator. ValueError if it has no attention."""
    source, real = encode_sources(texts)
    _, pattern = model.write(source, real, encode_targets(written)[:, :-1])
    if pattern is None:
        raise ValueError(
            "this translator writes from one vector and looks at nothing; give one that looks back."
        )
    return pattern


def weight_on_sources(patterns: Pattern, dates: Sequence[WrittenDate]) -> Float[Tensor, "date pos"]:
    """The share of each character's attention that lies on the places which decide it; NaN for the
    dashes, which nothing decides.
    """
    shares = torch.full((len(dates), ISO_LENGTH), torch.nan)
    for row, (pattern, written) in enumerate(zip(patterns, dates, strict=True)):
        for pos, places in enumerate(written.sources):
            if places:
                shares[row, pos] = pattern[pos, sorted(places)].sum()
    return shares


def peaks_on_sources(patterns: Pattern, dates: Sequence[WrittenDate]) -> Float[Tensor, "date pos"]:
    """1 where the place that gets most is one of those which decide the character, else 0; NaN for
    the dashes.
    """
    peaks = torch.nn.functional.one_hot(patterns.argmax(dim=-1), patterns.shape[-1]).float()
    return weight_on_sources(peaks, dates)


def exchanged_within_formats(dates: Sequence[WrittenDate]) -> list[WrittenDate]:
    """A control: each date gets the next one of its own format, the last one the first."""
    following: list[WrittenDate] = list(dates)
    for name in {written.format for written in dates}:
        places = [at for at, written in enumerate(dates) if written.format == name]
        for at, other in zip(places, places[1:] + places[:1], strict=True):
            following[at] = dates[other]
    return following
