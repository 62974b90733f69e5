"""Models whose next-token logits a test writes down itself, and a tokenizer whose pieces it writes
down.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F

from utils.model.config import GPTConfig
from utils.model.gpt import GPT


class Bigram(GPT):
    """Row i of a table holds the logits after token i, whatever came before.

    Remembers the shapes that it read.
    """

    def __init__(self, table: torch.Tensor, context_length: int = 256):
        vocab = len(table)
        sizes = {
            "n_layer": 1,
            "n_head": 1,
            "d_model": vocab,
            "vocab_size": vocab,
            "context_length": context_length,
        }
        super().__init__(GPTConfig(tie_embedding=False, **sizes))
        self.unembed.weight.data = table.T.contiguous()
        self.reads: list[tuple[int, ...]] = []

    def hidden(self, ids, real=None, cache=None):
        self.reads.append(tuple(ids.shape))
        if cache is not None:
            cache.reserve(*ids.shape, real)
            cache.advance(ids.shape[1])
        return F.one_hot(ids, self.config.vocab_size).float()


class Pieces:
    """A tokenizer: token i stands for the bytes pieces[i].

    Text is encoded by the longest piece that fits.
    """

    def __init__(self, pieces: Sequence[bytes], stop_ids: Sequence[int] = ()):
        self.table, self.vocab_size = list(pieces), len(pieces)
        self.stop_ids = frozenset(stop_ids)
        self.special = {pieces[i].decode(): i for i in stop_ids}
        self.eos_id = min(stop_ids, default=None)

    def encode(self, text: str, allow_special: bool = False) -> list[int]:
        ids, data = [], text.encode()
        while data:
            fits = [i for i, piece in enumerate(self.table) if piece and data.startswith(piece)]
            ids.append(max(fits, key=lambda i: len(self.table[i])))
            data = data[len(self.table[ids[-1]]) :]
        return ids

    def decode(self, ids: Sequence[int]) -> str:
        return b"".join(self.table[i] for i in ids).decode("utf-8", errors="replace")

    def token_bytes(self, id: int) -> bytes:
        return self.table[id]

    def pieces(self, text: str) -> list[str]:
        return [self.decode([i]) for i in self.encode(text)]

    def encode_chat(self, messages: Sequence[Mapping[str, str]]) -> list[int]:
        return self.encode("".join(message["content"] for message in messages))


def script(pieces: Sequence[bytes], **config) -> tuple[Bigram, Pieces]:
    """A model that, from the prompt [0] on, says exactly `pieces` and then the stop token."""
    tok = Pieces([b"", *pieces, b"<stop>"], stop_ids=[len(pieces) + 1])
    table = torch.zeros(tok.vocab_size, tok.vocab_size)
    for before, after in pairwise(range(tok.vocab_size)):
        table[before, after] = 60.0  # everything else together has a probability below 1e-20
    return Bigram(table, **config), tok


def letters(count: int, stop_ids: Sequence[int] = ()) -> Pieces:
    """A tokenizer of `count` single letters: a, b, c, …"""
    return Pieces([chr(97 + i).encode() for i in range(count)], stop_ids)


def random_gpt(kind: str, vocab: int, context_length: int = 32, seed: int = 2) -> GPT:
    """A small random model, "gpt2" or "llama", with weights large enough that its choices vary with
    the text.
    """
    torch.manual_seed(seed)
    sizes = {
        "vocab_size": vocab,
        "context_length": context_length,
        "n_layer": 2,
        "n_head": 4,
        "d_model": 24,
    }
    model = GPT(
        GPTConfig(**sizes) if kind == "gpt2" else GPTConfig.llama(n_kv_head=2, **sizes)
    ).eval()
    for parameter in model.parameters():
        parameter.data.mul_(7)
    return model
