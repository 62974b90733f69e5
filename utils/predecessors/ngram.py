"""A language model that only counts: which byte follows the last n - 1 bytes?

A context that was never read tells nothing, one that was read a few times tells little. So every
answer is mixed with the answer for the context without its first byte, and so on down to no context
at all, and to all 256 bytes alike:

    P(b | h) = (c(h b) + T(h) P(b | h')) / (c(h) + T(h))        P(b | nothing known) = 1/256

c(h b): how often byte b followed the context h, c(h): how often any byte did, T(h): how many
different ones did, h': h without its first byte. T(h) stands for the chance of something new: a
context that went on in many ways will soon go on in another one.

Witten and Bell, "The Zero-Frequency Problem" (1991), method C; the formula as in Chen and Goodman,
"An Empirical Study of Smoothing Techniques for Language Modeling" (1998).
"""

import math
from collections import Counter

from utils.text.pre_tokenization import require_text

BYTES = 256


class NGram:
    """Bytes and what followed them. n = 1 looks at no context, n = 2 at the last byte, and so on."""

    def __init__(self, n: int):
        if n < 1:
            raise ValueError(f"n is {n}; an n-gram has at least one byte, so give 1 or more.")
        self.n = n
        self._forget()

    def _forget(self) -> None:
        self._count: Counter[bytes] = Counter()  # c(h b), by h and b together
        self._total: Counter[bytes] = Counter()  # c(h)
        self._kinds: Counter[bytes] = Counter()  # T(h)

    def fit(self, text: str) -> "NGram":
        """Count all n-grams of `text`, and the shorter ones.

        What was counted before is forgotten.
        """
        data = _utf8(text)
        self._forget()
        for length in range(1, self.n + 1):
            self._count.update(data[i : i + length] for i in range(len(data) - length + 1))
        for gram, count in self._count.items():
            self._total[gram[:-1]] += count
            self._kinds[gram[:-1]] += 1
        return self

    def byte_probability(self, byte: int, context: bytes) -> float:
        """P(byte | context) by the formula, from no context at all up to the last n - 1 bytes of
        it.

        Every byte has a chance above 0, and the chances of all 256 add up to 1. Before `fit` each
        has 1/256.
        """
        probability = 1 / BYTES
        for length in range(min(self.n - 1, len(context)) + 1):
            known = context[len(context) - length :]
            if total := self._total[known]:
                kinds = self._kinds[known]
                probability = (self._count[known + bytes([byte])] + kinds * probability) / (
                    total + kinds
                )
        return probability

    def probability(self, next: str, context: str) -> float:
        """P(next | context).

        A `next` of several bytes has the product of their chances, each after the one before.
        """
        return math.prod(self._probabilities(_utf8(next), context.encode("utf-8")))

    def bits_per_byte(self, text: str) -> float:
        """The mean of -log2 P(byte | the bytes before it) over all bytes of `text`.

        It is 8 before `fit`.
        """
        probabilities = self._probabilities(_utf8(text))
        return -sum(map(math.log2, probabilities)) / len(probabilities)

    def _probabilities(self, data: bytes, context: bytes = b"") -> list[float]:
        whole = context + data
        places = range(len(context), len(whole))
        return [
            self.byte_probability(whole[at], whole[max(0, at - self.n + 1) : at]) for at in places
        ]


def _utf8(text: str) -> bytes:
    require_text(text)
    if not text:
        raise ValueError(
            "the text is empty, and holds nothing to count: give at least one character."
        )
    return text.encode("utf-8")
