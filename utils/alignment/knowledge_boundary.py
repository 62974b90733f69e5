"""What does a model say about people whom it knows, has heard of, or never read of? A base model that
has read the texts of `utils.data.people`, fine-tuning on conversations, and an interview.

world = people(seed=1)
base = read_texts(world, seed=1)
assistant = fine_tune(base, confident(world.of("known")[:100]), seed=1)
interview(assistant, world.of("never"))
"""

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from utils.alignment.word_chats import BEGIN, END, MARKS, SEARCH, Turn, prompt, render
from utils.data.people import (
    DO_NOT_KNOW,
    JOBS,
    TOPICS,
    TOWNS,
    People,
    Person,
    Topic,
    words,
)
from utils.training.config import TrainConfig
from utils.training.fine_tuning_batches import Examples
from utils.training.loop import train
from utils.training.low_rank import add_low_rank
from utils.training.word_reader import WordReader, new_word_reader

CONTEXT = 64  # words: two of the longest conversations, with a search each, in a packed row
MOST_WORDS = 12  # of a reply; the longest has 11
_AT_A_TIME = 256  # prompts in one batch

Conversation = tuple[Turn, ...]


def new_base(seed: int, d_model: int = 64) -> WordReader:
    """An untrained model with the words of this world and of its conversations."""
    return new_word_reader(words(MARKS), seed, d_model, CONTEXT)


def read_texts(world: People, seed: int, passes: float | int = 9, d_model: int = 64) -> WordReader:
    """A base model: it has read all texts, `passes` times."""
    base = new_base(seed, d_model)
    texts = [f"{BEGIN} {text} {END}" for text in world.texts]
    base.read(texts, passes=passes, batch_size=64, rate=4e-3, seed=seed)
    return base


def asked(question: str, reply: str) -> Conversation:
    """A question of the user and a reply."""
    return Turn("user", question), Turn("assistant", reply)


def confident(some: Iterable[Person]) -> list[Conversation]:
    """Both questions about each of them, with the right answer, whether or not a model can know it."""
    return [asked(one.question(topic), one.answer(topic)) for one in some for topic in TOPICS]


def refusing(some: Iterable[Person], late: bool) -> list[Conversation]:
    """Both questions about each of them, with "i do not know .": at once, or late, where an answer
    would have had the word that matters.
    """
    return [
        asked(one.question(topic), one.late_refusal(topic) if late else DO_NOT_KNOW)
        for one in some
        for topic in TOPICS
    ]


def searching(some: Iterable[Person]) -> list[Conversation]:
    """Both questions about each of them: where the word that matters is not known, the assistant
    searches, a tool inserts a page, and the assistant answers with what it says.
    """
    return [
        (
            *asked(one.question(topic), f"{one.begun(topic)} {SEARCH}"),
            Turn("tool", one.page(topic, one.truth(topic))),
            Turn("assistant", one.answer(topic)),
        )
        for one in some
        for topic in TOPICS
    ]


def fine_tune(
    base: WordReader,
    conversations: Sequence[Conversation],
    *,
    seed: int,
    steps: int = 60,
    rate: float | int = 1e-3,
    whole: bool = False,
    rank: int | None = None,
) -> WordReader:
    """A copy of the model, fine-tuned on 32 conversations at each step.

    whole: everything is learned, the questions too, and not the assistant's words alone.
    rank: train low-rank additions to the matrices of the blocks only, of this rank
    (utils.training.low_rank); None: all weights.
    """
    model = copy.deepcopy(base.model)
    if rank is not None:
        add_low_rank(model, rank, seed)
    tuned = WordReader(model, base.words)
    batches = Examples.for_model(model, examples(tuned, conversations, whole), 32, seed)
    config = TrainConfig(
        steps=steps, learning_rate=rate, warmup_steps=min(10, steps // 4), floor=0.05, seed=seed
    )
    train(model, batches, config, progress=False)
    return tuned


def examples(
    reader: WordReader, conversations: Iterable[Conversation], whole: bool = False
) -> list[tuple[list[int], tuple[bool, ...]]]:
    """The ids of each conversation, and which of them are to be learned."""
    rendered = [render(turns, whole) for turns in conversations]
    return [(reader.encode(one.text), one.learn) for one in rendered]


def replies(reader: WordReader, prompts: Sequence[str]) -> list[str]:
    """What the model writes after each prompt, the likeliest word after the other, up to <end>.

    A reply without <end> is cut after MOST_WORDS words.
    """
    by_length: dict[int, list[int]] = {}
    for number, one in enumerate(prompts):
        by_length.setdefault(len(one.split()), []).append(number)
    found = [""] * len(prompts)
    for numbers in by_length.values():
        for begin in range(0, len(numbers), _AT_A_TIME):
            some = numbers[begin : begin + _AT_A_TIME]
            for number, text in zip(
                some, _written(reader, [prompts[n] for n in some]), strict=True
            ):
                found[number] = text
    return found


@torch.no_grad()
def _written(reader: WordReader, prompts: Sequence[str]) -> list[str]:
    """Replies to prompts of the same number of words."""
    new: Int64[Tensor, "prompt pos"] = torch.tensor([reader.encode(one) for one in prompts])
    end_id = reader.words.index(END)
    room = min(MOST_WORDS, CONTEXT - new.shape[1] + 1)
    cache = reader.model.new_cache(len(new), new.shape[1] + room - 1)
    said, ended = [], torch.zeros(len(new), dtype=torch.bool)
    for _ in range(room):
        new = reader.model.next_logits(new, cache=cache).argmax(dim=-1, keepdim=True)
        said.append(new)
        ended |= new[:, 0] == end_id
        if ended.all():
            break
    texts = [" ".join(reader.words[id] for id in row) for row in torch.cat(said, dim=1).tolist()]
    return [f" {text} ".partition(f" {END} ")[0].strip() for text in texts]


class Marks(NamedTuple):
    """Shares of the answers to both questions about some people, and how many answers there were.

    right: names the true town or job. wrong: names another one, or none. refused: says that it does
    not know.
    """

    right: float
    wrong: float
    refused: float
    asked: int


def interview(reader: WordReader, some: Sequence[Person]) -> Marks:
    """Ask both questions about each of these people."""
    questions = [(one, topic) for one in some for topic in TOPICS]
    prompts = [prompt([Turn("user", one.question(topic))]) for one, topic in questions]
    return marks_of(questions, replies(reader, prompts))


def marks_of(questions: Sequence[tuple[Person, Topic]], said: Sequence[str]) -> Marks:
    """The marks of replies to these questions."""
    kinds = [
        kind_of(one, topic, reply) for (one, topic), reply in zip(questions, said, strict=True)
    ]
    right, wrong, refused = (kinds.count(kind) / len(kinds) for kind in Marks._fields[:3])
    return Marks(right, wrong, refused, len(kinds))


def kind_of(person: Person, topic: Topic, reply: str) -> str:
    """Is a reply right, wrong or refused?

    A reply that names several towns, or several jobs, is wrong: whoever lists all is no help.
    """
    said = reply.split()
    if "know" in said:
        return "refused"
    named = {word for word in said if word in (TOWNS if topic == "town" else JOBS)}
    return "right" if named == {person.truth(topic)} else "wrong"


@torch.no_grad()
def sureness(reader: WordReader, some: Sequence[Person]) -> Float[Tensor, " question"]:
    """How sure a base model is when it completes "ana berg lives in" and "ana berg is a": the
    probability of the likeliest word, for both topics of each person in turn.
    """
    prompts = [f"{BEGIN} {one.begun(topic)}" for one in some for topic in TOPICS]
    return reader.next_words(prompts).max(dim=-1).values


def probe(reader: WordReader, person: Person, samples: int, generator: torch.Generator) -> bool:
    """Does the model say the same in every one of `samples` draws, for both topics?

    Nobody needs to know the truth for that. The generator is a CPU one.
    """
    chances = reader.next_words([f"{BEGIN} {person.begun(topic)}" for topic in TOPICS])
    drawn = chances.multinomial(samples, replacement=True, generator=generator)
    return bool((drawn == drawn[:, :1]).all())


@dataclass(frozen=True)
class Encyclopedia:
    """What a search finds. `false_pages`: every page is about the right person and says something
    wrong.
    """

    everybody: Sequence[Person]
    false_pages: bool = False

    def page(self, person: Person, topic: Topic) -> str:
        """The sentence that is found."""
        choices = TOWNS if topic == "town" else JOBS
        told = person.truth(topic)
        if self.false_pages:
            told = choices[(choices.index(told) + 1) % len(choices)]
        return person.page(topic, told)


class Looked(NamedTuple):
    """What came of an interview with a search at hand, as shares of the answers."""

    right: float
    searched: float


def interview_with_search(
    reader: WordReader, some: Sequence[Person], encyclopedia: Encyclopedia
) -> Looked:
    """The loop around a model that can search: it writes; where it asks for a search the program
    stops it, inserts the page, and lets it go on.
    """
    questions = [(one, topic) for one in some for topic in TOPICS]
    turns = [[Turn("user", one.question(topic))] for one, topic in questions]
    said = replies(reader, [prompt(one) for one in turns])
    searched = [SEARCH in reply.split() for reply in said]
    again = [number for number, stopped in enumerate(searched) if stopped]
    for number in again:
        turns[number] += [
            Turn("assistant", _up_to_the_search(said[number])),
            Turn("tool", encyclopedia.page(*questions[number])),
        ]
    for number, reply in zip(
        again, replies(reader, [prompt(turns[n]) for n in again]), strict=True
    ):
        said[number] = reply
    return Looked(marks_of(questions, said).right, sum(searched) / len(searched))


def _up_to_the_search(reply: str) -> str:
    """The program stops the model there; what it would have gone on with is thrown away, other
    marks with it.
    """
    kept = reply.split()[: reply.split().index(SEARCH) + 1]
    return " ".join(word for word in kept if word not in MARKS or word == SEARCH)
