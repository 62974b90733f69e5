"""Exercise 19.5: who is known to a model, by asking it several times."""

from collections import Counter
from collections.abc import Iterator

import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "19.5",
    minutes=6,
    hints=(
        "One question at a time. Which answer came most often, and how often? Is that answer the "
        "true one?",
        "Counter(answers).most_common(1)[0] is a pair: the answer, and how often it came. But do you "
        "need it? How often did the truth come?",
        "answers.count(truth) / len(answers) >= least",
    ),
)
def knows_for_sure(samples: list[list[str]], truths: list[str], least: float) -> torch.Tensor:
    """Which questions a model can answer, by asking it several times.

    A right answer may be luck, and a single wrong one bad luck. So each question is asked several
    times, and the model is said to know the answer if the truth came in at least the share `least`
    of the samples.

    samples: for each question the answers that the model drew, one or more; not always equally
        many. Capitals and spaces around an answer do not matter: " Oslo" is "oslo".
    truths: for each question the right answer, in small letters and without spaces around it.
    least: from 0 (not included) to 1.
    Returns True for each question whose answer the model is to be taught, and False where it is to
    be taught to refuse: a tensor of shape (question,).
    """
    known = []
    for answers, truth in zip(samples, truths, strict=True):
        same = [answer.strip().lower() == truth for answer in answers]
        known.append(sum(same) >= least * len(same))
    return torch.tensor(known)


@knows_for_sure.also_right
def _counted(samples: list[list[str]], truths: list[str], least: float) -> Tensor:
    counts = [Counter(answer.lower().strip() for answer in answers) for answers in samples]
    return torch.tensor(
        [count[truth] / count.total() >= least for count, truth in zip(counts, truths, strict=True)]
    )


@knows_for_sure.also_right
def _tensors(samples: list[list[str]], truths: list[str], least: float) -> Tensor:
    known = []
    for answers, truth in zip(samples, truths, strict=True):
        same = torch.tensor([answer.strip().casefold() == truth for answer in answers])
        known.append(bool(same.double().mean() >= least))
    return torch.tensor(known)


def _same(answers: list[str], truth: str) -> list[bool]:
    return [answer.strip().lower() == truth for answer in answers]


@knows_for_sure.wrong(
    "Is one sample enough? Whoever guesses among two is right half of the time. Here only the first "
    "answer counts."
)
def _first_sample(samples: list[list[str]], truths: list[str], least: float) -> Tensor:
    return torch.tensor([_same(one, truth)[0] for one, truth in zip(samples, truths, strict=True)])


@knows_for_sure.wrong(
    "Is it enough that the truth came once? Among many guesses it will, by luck. Compare the share "
    "with `least`."
)
def _truth_came_once(samples: list[list[str]], truths: list[str], least: float) -> Tensor:
    return torch.tensor(
        [any(_same(one, truth)) for one, truth in zip(samples, truths, strict=True)]
    )


@knows_for_sure.wrong(
    "Does it know what it says always? It may be wrong always. Here the commonest answer counts, "
    "whether or not it is the truth."
)
def _consistent_only(samples: list[list[str]], truths: list[str], least: float) -> Tensor:
    known = []
    for answers in samples:
        counts = Counter(answer.strip().lower() for answer in answers)
        known.append(max(counts.values()) >= least * len(answers))
    return torch.tensor(known)


@knows_for_sure.wrong(
    "How often is often enough? At least the share `least`. Here the truth need only be the commonest "
    "answer."
)
def _commonest_is_true(samples: list[list[str]], truths: list[str], least: float) -> Tensor:
    known = []
    for answers, truth in zip(samples, truths, strict=True):
        counts = Counter(answer.strip().lower() for answer in answers)
        known.append(counts[truth] == max(counts.values()))
    return torch.tensor(known)


@knows_for_sure.wrong(
    "At least, or more than? A share that is exactly `least` is enough. With least = 1 nothing could "
    "ever be more."
)
def _more_than(samples: list[list[str]], truths: list[str], least: float) -> Tensor:
    return torch.tensor(
        [
            sum(_same(one, truth)) > least * len(one)
            for one, truth in zip(samples, truths, strict=True)
        ]
    )


@knows_for_sure.wrong(
    'Is " Oslo" another answer than "oslo"? Not here: take off the spaces around it, and write it in '
    "small letters, before you compare."
)
def _compared_as_written(samples: list[list[str]], truths: list[str], least: float) -> Tensor:
    return torch.tensor(
        [one.count(truth) >= least * len(one) for one, truth in zip(samples, truths, strict=True)]
    )


@knows_for_sure.wrong(
    "What does True mean? That the model knows it. Here True stands for those that it is to refuse."
)
def _turned_round(samples: list[list[str]], truths: list[str], least: float) -> Tensor:
    return torch.tensor(
        [
            sum(_same(one, truth)) < least * len(one)
            for one, truth in zip(samples, truths, strict=True)
        ]
    )


@knows_for_sure.wrong(
    "How many samples has a question? Not always equally many. Here the number of the first "
    "question's samples is used for all."
)
def _samples_of_the_first(samples: list[list[str]], truths: list[str], least: float) -> Tensor:
    return torch.tensor(
        [
            sum(_same(one, truth)) >= least * len(samples[0])
            for one, truth in zip(samples, truths, strict=True)
        ]
    )


@knows_for_sure.inputs
def _asked(rng: torch.Generator) -> Iterator[tuple[list[list[str]], list[str], float]]:
    yield [["oslo", "oslo", "rome", "oslo"], ["rome", "bern"]], ["oslo", "bern"], 0.75
    yield [["rome"] * 5, [" Rome", "rome ", "ROME"], ["lima"]], ["lima", "rome", "lima"], 1.0
    yield [["oslo", "rome"], ["bern", "oslo", "bern", "lima", "bern"]], ["oslo", "bern"], 0.5
    yield [["a", "b", "c", "a"], ["b"], ["c", "b"]], ["a", "b", "b"], 0.6
    towns = ["oslo", "Rome", " bern", "lima"]
    for questions, least in (
        (7, 0.5),
        (8, 0.75),
        (12, 0.6),
        (12, 0.3),
        (9, 0.5),
        (15, 0.4),
        (11, 0.25),
        (20, 0.5),
    ):
        samples, truths = [], []
        for number in range(questions):
            count = 1 + number % 5
            pick = torch.randint(0, 2 + number % 3, (count,), generator=rng).tolist()
            samples.append([towns[one] for one in pick])
            truths.append(towns[number % 3].strip().lower())
        yield samples, truths, least
