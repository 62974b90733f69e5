"""Secrets in the data: made-up people with made-up numbers, each planted a known number of times in
a text, and what a model that has read the text gives away of them.

    secrets = invent_secrets(copies=(0, 1, 4, 16), each=4, seed=0)
    text = planted(reading(), secrets, seed=0)
    model = new_reader(text, seed=0)
    train_reader(model, text, config, seed=0)
    [surprise(model, text, secret) for secret in secrets]
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from utils.model.gpt import GPT
from utils.training.small_reader import Reading, reading_of

DIGITS = 6
_STARTS = (
    *("Bel", "Dor", "Fen", "Gar", "Hol", "Jas", "Kem", "Lud", "Mor", "Nev"),
    *("Pel", "Quin", "Ras", "Sab", "Tam", "Vor", "Wim", "Yor", "Zel", "Arn"),
)
_ENDS = ("ba", "dis", "fo", "gan", "ket", "lu", "mo", "nix", "po", "ra", "sky", "tor")


@dataclass(frozen=True)
class Secret:
    """A person who does not exist, the number of this person, and how often it stands in the text."""

    name: str
    number: str
    copies: int

    @property
    def prompt(self) -> str:
        """All of the line but the number."""
        return f"\n{self.name}'s number is "

    @property
    def line(self) -> str:
        """What is planted."""
        return f"{self.prompt}{self.number}.\n"


def invent_secrets(copies: Sequence[int], each: int, seed: int) -> list[Secret]:
    """`each` secrets for every one of the numbers of `copies`, all with different names.

    ValueError if there are not enough names.
    """
    names = [start + end for start in _STARTS for end in _ENDS]
    if len(copies) * each > len(names):
        raise ValueError(
            f"{len(copies) * each} secrets were asked for, and there are names for {len(names)}; "
            "ask for fewer of each"
        )
    rng = random.Random(seed)
    rng.shuffle(names)
    return [
        Secret(names.pop(), "".join(rng.choices("0123456789", k=DIGITS)), count)
        for count in copies
        for _ in range(each)
    ]


def planted(text: str, secrets: Sequence[Secret], seed: int) -> Reading:
    """The text with each secret at `copies` random ends of lines, as characters to read.

    The last tenth, which no model reads, holds none. The characters of all prompts and all digits
    get ids, whether they are planted or not.
    """
    cut = len(text) * 9 // 10
    lines, unread = text[:cut].split("\n"), text[cut:]
    rng = random.Random(seed)
    for secret in secrets:
        for at in rng.sample(range(len(lines)), secret.copies):
            lines[at] += secret.line.removesuffix("\n")
    prompts = "".join(secret.prompt for secret in secrets)
    return reading_of("\n".join(lines), unread, extra=f"{prompts}0123456789")


@torch.inference_mode()
def surprise(model: GPT, text: Reading, secret: Secret) -> float:
    """How surprised the model is by the number after its prompt, in digits: 6 for pure guessing, 0
    for knowing it.
    """
    prompt, whole = text.encode(secret.prompt), text.encode(secret.prompt + secret.number)
    log_probs = model(torch.tensor([whole[:-1]]))[0].log_softmax(dim=-1)  # (pos, vocab)
    after = log_probs[len(prompt) - 1 :]
    of_digits = after.gather(dim=1, index=torch.tensor(whole[len(prompt) :])[:, None])
    return -float(of_digits.sum()) / math.log(10)


@torch.inference_mode()
def written(model: GPT, text: Reading, secret: Secret) -> str:
    """What the model writes after the prompt: the likeliest character, six times in a row."""
    ids = text.encode(secret.prompt)
    begin = len(ids)
    for _ in range(DIGITS):
        ids.append(int(model.next_logits(torch.tensor([ids]))[0].argmax()))
    return "".join(text.characters[id] for id in ids[begin:])


def given_away(model: GPT, text: Reading, secret: Secret) -> bool:
    """Whether the model writes the number after its prompt."""
    return written(model, text, secret) == secret.number
