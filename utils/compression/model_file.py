"""A file that a language model writes and reads: each token takes the bits that the model was
surprised by.

    file = compressed(model, tok, "Once upon a time".encode())
    decompressed(model, tok, file) == "Once upon a time".encode()

The reader asks the model for the same probabilities as the writer did, token by token, and so both
must get the same ones to the last bit: with the same model, program, machine and number of threads
they do. See `token_counts` for what happens else.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from utils.compression.arithmetic_coder import Counts, Decoder, Encoder
from utils.model.gpt import GPT
from utils.text.tokenizer import Tokenizer

TOTAL = 1 << 24  # what the counts of all tokens add up to, about


def token_counts(logits: Float[Tensor, " vocab"], total: int = TOTAL) -> Counts:
    """Probabilities as whole numbers that add up to nearly `total`: the coder counts, and does not
    round. Each token gets at least 1, or it could never be written.

    Rounding forgives most differences in the last bits of a logit, and not all: one that lies at
    the edge of two counts falls on either side. ValueError if `total` leaves no room for a 1 each.
    """
    spare = total - len(logits)
    if spare < 1:
        raise ValueError(
            f"{len(logits)} tokens cannot share {total} counts; give a total above that."
        )
    shares = logits.detach().cpu().double().softmax(dim=-1) * spare
    counts: Counts = shares.floor().long().numpy() + 1
    return counts


@torch.inference_mode()
def stepwise_logits(
    model: GPT, ids: Iterator[int], count: int
) -> Iterator[Float[Tensor, " vocab"]]:
    """The logits after each of the first `count` ids, fed in one by one.

    ValueError if there are more than the model's context holds.
    """
    cache = model.new_cache(batch=1, max_pos=count)
    for id in islice(ids, count):
        yield model.next_logits(torch.tensor([[id]], device=model.device), cache=cache)[0]


def token_ids(tok: Tokenizer, data: bytes) -> list[int] | None:
    """The tokens that spell these bytes; None where no row of tokens does: for bytes that are no
    UTF-8, and for some that the vocabulary lacks.
    """
    try:
        ids = tok.encode(data.decode("utf-8"))
    except UnicodeDecodeError:
        return None
    return ids if b"".join(map(tok.token_bytes, ids)) == data else None


def compressed(model: GPT, tok: Tokenizer, data: bytes) -> bytes:
    """The file for `data`: how many tokens there are, and then what the coder writes of them.

    A file of 0 tokens holds the data as they were, for data that are no text, and where coding
    would not make them shorter. ValueError for a text longer than the model's context.
    """
    ids = token_ids(tok, data)
    if not ids:
        return _number(0) + data
    file = _number(len(ids)) + coded(
        stepwise_logits(model, iter([_mark(tok), *ids]), len(ids)), ids
    )
    return file if len(file) <= len(data) else _number(0) + data


def decompressed(model: GPT, tok: Tokenizer, file: bytes) -> bytes:
    """What `compressed` made the file of. A file that is damaged, or from another model or machine,
    gives other text. ValueError for an empty file.
    """
    count, begin = _read_number(file)
    if count == 0:
        return file[begin:]
    ids = decoded(model, _mark(tok), file[begin:], count)
    return b"".join(map(tok.token_bytes, ids))


def coded(all_logits: Iterable[Float[Tensor, " vocab"]], ids: Sequence[int]) -> bytes:
    """The bytes for these ids; before each of them, the model said `logits`."""
    encoder = Encoder()
    for logits, id in zip(all_logits, ids, strict=False):
        encoder.put(id, token_counts(logits))
    return encoder.finish()


def decoded(model: GPT, mark: int, data: bytes, count: int) -> list[int]:
    """The `count` ids that `coded` made the bytes of, if the model says the same once more."""
    decoder = Decoder(data)
    read = [mark]
    # the iterator over `read` finds what is appended before it asks for the next one
    for logits in stepwise_logits(model, iter(read), count):
        read.append(decoder.get(token_counts(logits)))
    return read[1:]


def _number(number: int) -> bytes:
    """A whole number in as few bytes as it needs, seven bits in each; the highest bit says that more
    follow.
    """
    low, rest = number & 127, number >> 7
    return bytes([low | 128]) + _number(rest) if rest else bytes([low])


def _read_number(file: bytes) -> tuple[int, int]:
    """The number with which the file begins, and where it ends."""
    number = 0
    for place, byte in enumerate(file):
        number |= (byte & 127) << (7 * place)
        if byte < 128:
            return number, place + 1
    raise ValueError(f"the file has {len(file)} bytes, and ends within its first number.")


def _mark(tok: Tokenizer) -> int:
    mark = tok.special.get("<|endoftext|>", tok.eos_id)
    if mark is None:
        raise ValueError("this tokenizer has no mark for the end of a text: take another model.")
    return mark


@torch.inference_mode()
def token_bits(model: GPT, tok: Tokenizer, text: str) -> tuple[list[str], Float[Tensor, " pos"]]:
    """Each token of a text and the bits that the model takes for it: -log2 P, in one pass, with the
    mark of the training before the text.

    Raises ValueError for an empty text and one longer than the model's context.
    """
    ids = tok.encode(text)
    if not ids:
        raise ValueError("the text is empty; give at least one character.")
    read: Int64[Tensor, "1 pos"] = torch.tensor([[_mark(tok), *ids[:-1]]], device=model.device)
    log_probs = model(read)[0].log_softmax(dim=-1)
    losses = -log_probs.gather(1, torch.tensor(ids, device=model.device)[:, None])[:, 0]
    return tok.pieces(text), losses.cpu() / float(np.log(2))
