"""Test-time training in miniature: a reader takes a few gradient steps on one sentence, and is asked
afterwards without it.

    trained = after_steps_on(reader, person)
    surprise(trained, person)           # of the town, asked in other words

Sun et al., arXiv:2407.04620, make such steps a part of the network; here they are ordinary training.
"""

import copy
import math
from collections.abc import Sequence
from statistics import fmean, stdev
from typing import NamedTuple

from utils.alignment.word_chats import BEGIN
from utils.data.people import Person
from utils.training.word_reader import WordReader

STEPS, RATE = 8, 1e-3


def surprise(reader: WordReader, person: Person) -> float:
    """-log P, in nats, of the right town after "<name> lives in"."""
    chances = reader.next_words([f"{BEGIN} {person.begun('town')}"])[0]
    return -math.log(float(chances[reader.words.index(person.town)]))


def after_steps_on(reader: WordReader, person: Person) -> WordReader:
    """A copy of the reader after STEPS steps on "in <town> lives <name> ."; the reader itself stays."""
    trained = copy.deepcopy(reader)
    text = f"{BEGIN} in {person.town} lives {person.name} ."
    trained.read([text], passes=STEPS, batch_size=1, rate=RATE, seed=0)
    return trained


class Gain(NamedTuple):
    """How many nats less, as a mean over people, with two standard errors."""

    mean: float
    error: float

    def __str__(self) -> str:
        return f"{self.mean:.2f} ± {self.error:.2f}"


def gains(reader: WordReader, people: Sequence[Person]) -> tuple[Gain, Gain]:
    """How much less surprised readers are at each person's town, in nats, after steps on the person's
    own sentence; and, the control, after steps on somebody else's. ValueError below two people.
    """
    if len(people) < 2:
        raise ValueError(f"{len(people)} people were given; give two or more, for the control.")
    readers = [after_steps_on(reader, person) for person in people]
    others = [readers[-1], *readers[:-1]]
    before = [surprise(reader, person) for person in people]
    after_own, after_other = (list(map(surprise, some, people)) for some in (readers, others))
    return _gain(before, after_own), _gain(before, after_other)


def _gain(before: Sequence[float], after: Sequence[float]) -> Gain:
    fallen = [old - new for old, new in zip(before, after, strict=True)]
    return Gain(fmean(fallen), 2 * stdev(fallen) / math.sqrt(len(fallen)))
