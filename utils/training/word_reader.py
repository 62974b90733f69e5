"""A small GPT that reads sentences word by word: small enough that one run takes seconds.

world = capitals(seed=1)
reader = new_word_reader(world.words, seed=1)
reader.read(world.sentences, passes=1, batch_size=8, rate=0.004, seed=1)
score(reader, world, 8)
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from utils.data.made_up_facts import World
from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.model.narrow_start import start_larger
from utils.seeding import seeded
from utils.training.fine_tuning_batches import Examples
from utils.training.history import History
from utils.training.loop import train
from utils.training.short_training import short_training

CONTEXT = 16  # words


@dataclass(frozen=True)
class WordReader:
    """A model and the words that it knows: a word's id is its place in `words`."""

    model: GPT
    words: tuple[str, ...]

    def encode(self, sentence: str) -> list[int]:
        """The ids of a sentence's words. ValueError for a word that is not known."""
        place = {word: id for id, word in enumerate(self.words)}
        unknown = [word for word in sentence.split() if word not in place]
        if unknown:
            raise ValueError(
                f"{unknown[0]!r:.40} is none of the {len(self.words)} words of this reader; ask "
                "with words that it has read."
            )
        return [place[word] for word in sentence.split()]

    def read(
        self,
        sentences: Sequence[str],
        *,
        passes: float | int,
        batch_size: int,
        rate: float | int,
        seed: int,
        learn_after: str = "",
    ) -> History:
        """Train on the sentences, each so many times, in an order that `seed` says.

        learn_after: a word; only what stands behind it is learned. The empty text: all words.
        """
        examples = [self._example(sentence, learn_after) for sentence in sentences]
        batches = Examples.for_model(self.model, examples, batch_size, seed)
        steps = max(2, round(passes * len(sentences) / batch_size))
        config = short_training(steps, rate, seed)
        return train(self.model, batches, config, progress=False)

    def _example(self, sentence: str, learn_after: str) -> tuple[list[int], list[bool]]:
        words = sentence.split()
        begin = words.index(learn_after) + 1 if learn_after else 0
        return self.encode(sentence), [place >= begin for place in range(len(words))]

    @torch.no_grad()
    def next_words(self, prompts: Iterable[str]) -> Float[Tensor, "prompt word"]:
        """The probability of every word after each prompt; all prompts have as many words."""
        ids = torch.tensor([self.encode(prompt) for prompt in prompts])
        return self.model.next_logits(ids).softmax(dim=-1)

    def answers(self, prompts: Iterable[str]) -> list[str]:
        """The likeliest word after each prompt; all prompts have as many words."""
        return [self.words[id] for id in self.next_words(prompts).argmax(dim=-1).tolist()]

    @torch.no_grad()
    def written(self, prompts: Sequence[str], count: int) -> list[str]:
        """The `count` words that follow each prompt, the likeliest one after the other."""
        ids: Int64[Tensor, "prompt pos"] = torch.tensor([self.encode(one) for one in prompts])
        begin = ids.shape[1]
        for _ in range(count):
            ids = torch.cat([ids, self.model.next_logits(ids).argmax(dim=-1, keepdim=True)], dim=1)
        return [" ".join(self.words[id] for id in row) for row in ids[:, begin:].tolist()]


def new_word_reader(
    words: Sequence[str], seed: int, d_model: int = 64, context: int = CONTEXT
) -> WordReader:
    """An untrained reader of two blocks of Llama's kind, its first weights drawn with `seed`.

    Its matrices start four times as large as GPT-2's, which are made for wider models. The caller's
    random numbers stay as they were.
    """
    config = GPTConfig.llama(
        vocab_size=len(words), context_length=context, n_layer=2, n_head=4, d_model=d_model
    )
    with seeded(seed):
        model = GPT(config)
    start_larger(model)
    return WordReader(model, tuple(words))


class Score(NamedTuple):
    """What a reader answers to a group of questions, as shares of them and as means over them.

    right: the likeliest word is the answer. kind: it is a word of the answer's kind. sure: the
    probability of the likeliest word; of_right: that of the answer.
    """

    right: float
    kind: float
    sure: float
    of_right: float
    asked: int


def score(reader: WordReader, world: World, group: str | int) -> Score:
    """How the reader does on a group of the world's questions, which all have as many words."""
    questions = world.asked(group)
    probabilities = reader.next_words(question.prompt for question in questions)
    sure, likeliest = probabilities.max(dim=-1)
    said = [reader.words[id] for id in likeliest.tolist()]
    answers = torch.tensor([reader.words.index(question.answer) for question in questions])
    kind_of = {word: kind for kind, words in world.kinds.items() for word in words}
    count = len(questions)
    return Score(
        right=sum(word == one.answer for word, one in zip(said, questions, strict=True)) / count,
        kind=sum(
            kind_of.get(word) == kind_of[one.answer]
            for word, one in zip(said, questions, strict=True)
        )
        / count,
        sure=float(sure.mean()),
        of_right=float(probabilities.gather(1, answers[:, None]).mean()),
        asked=count,
    )


def new_sum_reader(seed: int) -> WordReader:
    """An untrained reader of digits and signs."""
    return new_word_reader("+=0123456789", seed)


def read_sums(reader: WordReader, sums: Sequence[str], steps: int, seed: int) -> History:
    """Train a reader on sums as `utils.data.made_up_facts.sum_text` writes them, 64 at a step. Only
    the answers are learned: what is asked cannot be known beforehand.
    """
    passes = steps * 64 / len(sums)
    return reader.read(sums, passes=passes, batch_size=64, rate=0.006, seed=seed, learn_after="=")


def sums_right(reader: WordReader, sums: Sequence[str], last_digits: int = 4) -> float:
    """The share of the sums whose `last_digits` digits the reader writes rightly; it writes four."""
    prompts = [one[: one.index("=") + 1] for one in sums]
    pairs = zip(reader.written(prompts, count=4), sums, strict=True)
    right = [said.split()[-last_digits:] == one.split()[-last_digits:] for said, one in pairs]
    return sum(right) / len(right)
