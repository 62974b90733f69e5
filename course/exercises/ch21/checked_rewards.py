"""Exercise 21.1: a reward that can be checked: is the last number of a reply the right one?"""

import re
from collections.abc import Iterator

import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "21.1",
    minutes=8,
    hints=(
        "One reply at a time: find all numbers in it, take the last one, and turn it into an int "
        "before you compare. What if there is none?",
        r'A number is a minus sign or none, then digits and commas: re.findall(r"-?\d[\d,]*", reply) '
        "gives all of them as texts, and an empty list where there is none.",
        'int(numbers[-1].replace(",", "")) == answer, if the list is not empty. int takes leading '
        "zeros and signs by itself.",
    ),
)
def checked_rewards(replies: list[str], answers: list[int]) -> torch.Tensor:
    """A reward that can be checked: is the last number of a reply the right one?

    What counts is the last whole number of a reply, whatever stands before it, and whatever
    words come after it. It is compared as a number: 007 is 7, and 1,234 is 1234. A minus sign
    right before the digits belongs to it. A reply without a number gets nothing.

    replies: texts. No number in them has a decimal point.
    answers: the right number for each reply.
    Returns 1.0 for each reply that is right, and 0.0 for the others, shape (reply,).
    """
    rewards = []
    for reply, answer in zip(replies, answers, strict=True):
        numbers = re.findall(r"-?\d[\d,]*", reply)
        said = int(numbers[-1].replace(",", "")) if numbers else None
        rewards.append(float(said == answer))
    return torch.tensor(rewards)


@checked_rewards.also_right
def _commas_first(replies: list[str], answers: list[int]) -> Tensor:
    found = [re.search(r".*?(-?\d+)\D*$", reply.replace(",", "")) for reply in replies]
    pairs = zip(found, answers, strict=True)
    return torch.tensor([match is not None and int(match[1]) == a for match, a in pairs]).float()


@checked_rewards.also_right
def _from_the_end(replies: list[str], answers: list[int]) -> Tensor:
    rewards = torch.zeros(len(replies))
    for place, reply in enumerate(replies):
        text = reply.replace(",", "")
        end = len(text)
        while end and not text[end - 1].isdigit():
            end -= 1
        start = end
        while start and text[start - 1].isdigit():
            start -= 1
        if start and text[start - 1] == "-":
            start -= 1
        rewards[place] = 1.0 if end and int(text[start:end]) == answers[place] else 0.0
    return rewards


@checked_rewards.also_right
def _word_by_word(replies: list[str], answers: list[int]) -> Tensor:
    rewards = []
    for reply, answer in zip(replies, answers, strict=True):
        words = [word.strip(".,:;!?").replace(",", "") for word in reply.split()]
        numbers = [int(word) for word in words if word.lstrip("-").isdigit()]
        rewards.append(1.0 if numbers[-1:] == [answer] else 0.0)
    return torch.tensor(rewards)


def _numbers(reply: str) -> list[int]:
    """All numbers of a reply, read as they should be."""
    return [int(found.replace(",", "")) for found in re.findall(r"-?\d[\d,]*", reply)]


@checked_rewards.wrong(
    "Is it enough that the right digits stand somewhere? Then a reply is paid that names them in "
    "passing, or inside of a longer number. Take the last number, and compare numbers."
)
def _contains(replies: list[str], answers: list[int]) -> Tensor:
    pairs = zip(replies, answers, strict=True)
    return torch.tensor([float(str(answer) in reply) for reply, answer in pairs])


@checked_rewards.wrong(
    "May a reply name many numbers, and be paid if one of them is right? It would learn to name them "
    "all. The last one is its answer."
)
def _any_number(replies: list[str], answers: list[int]) -> Tensor:
    pairs = zip(replies, answers, strict=True)
    return torch.tensor([float(answer in _numbers(reply)) for reply, answer in pairs])


@checked_rewards.wrong(
    "Which number is the answer? The last one: what comes first are the numbers of the problem and "
    "the steps. This takes the first."
)
def _first_number(replies: list[str], answers: list[int]) -> Tensor:
    pairs = zip(replies, answers, strict=True)
    return torch.tensor([float(_numbers(reply)[:1] == [answer]) for reply, answer in pairs])


@checked_rewards.wrong(
    "Is 007 another answer than 7? Compared as texts it is, and so is 1,234. Turn what you found "
    "into an int."
)
def _texts_compared(replies: list[str], answers: list[int]) -> Tensor:
    rewards = []
    for reply, answer in zip(replies, answers, strict=True):
        found = [one.rstrip(",") for one in re.findall(r"-?\d[\d,]*", reply)]
        rewards.append(float(found[-1:] == [str(answer)]))
    return torch.tensor(rewards)


@checked_rewards.wrong(
    "Where is the sign? A minus right before the digits belongs to the number: with digits alone, "
    "-5 and 5 are the same."
)
def _sign_lost(replies: list[str], answers: list[int]) -> Tensor:
    rewards = []
    for reply, answer in zip(replies, answers, strict=True):
        found = re.findall(r"\d[\d,]*", reply)
        rewards.append(float(bool(found) and int(found[-1].replace(",", "")) == answer))
    return torch.tensor(rewards)


@checked_rewards.wrong(
    "Does a comma end a number? In 1,234 it only groups the digits. Here the last group is taken for "
    "the whole."
)
def _cut_at_commas(replies: list[str], answers: list[int]) -> Tensor:
    rewards = []
    for reply, answer in zip(replies, answers, strict=True):
        found = re.findall(r"-?\d+", reply)
        rewards.append(float(bool(found) and int(found[-1]) == answer))
    return torch.tensor(rewards)


@checked_rewards.wrong(
    "What does a reply without a number get? Nothing. Here it counts as if it had said 0, and whoever "
    "stays silent is paid wherever 0 is right."
)
def _silence_is_zero(replies: list[str], answers: list[int]) -> Tensor:
    pairs = zip(replies, answers, strict=True)
    return torch.tensor([float((_numbers(reply) or [0])[-1] == answer) for reply, answer in pairs])


@checked_rewards.wrong(
    "Must the number be the last word? A full stop or a word may follow it, and the reply is still "
    "right. Look for the last number, not at the end."
)
def _at_the_very_end(replies: list[str], answers: list[int]) -> Tensor:
    rewards = []
    for reply, answer in zip(replies, answers, strict=True):
        found = re.search(r"-?\d[\d,]*$", reply)
        rewards.append(float(found is not None and _numbers(found[0]) == [answer]))
    return torch.tensor(rewards)


@checked_rewards.wrong(
    "Is only a bare number a reply? What stands around it does not matter. Here the whole reply has "
    "to be the number."
)
def _whole_reply(replies: list[str], answers: list[int]) -> Tensor:
    rewards = []
    for reply, answer in zip(replies, answers, strict=True):
        bare = re.fullmatch(r"-?\d[\d,]*", reply)
        rewards.append(float(bare is not None and _numbers(reply) == [answer]))
    return torch.tensor(rewards)


@checked_rewards.wrong(
    "Who gets the reward? Those that are right. Here it is those that are wrong."
)
def _turned_round(replies: list[str], answers: list[int]) -> Tensor:
    return 1 - checked_rewards.reference(replies, answers)


def _written(kind: int, right: int, other: int) -> tuple[str, int]:
    """A reply of one of several kinds, and the right answer."""
    replies = [
        (f"The answer is {right}.", right),
        (f"{other} + {right - other} = {right}", right),
        (f"It is {right}; no, it must be {other}", right),
        (f"I count {other}, then {right} apples in all", right),
        (f"{right:,}", right),
        (f"So the sum is {right % 90:05d}.", right % 90),
        ("I cannot tell.", 0),
        (f"= {right}{other}", right),
        (f"It falls to -{other}.", -other),
        (f"It falls to -{other}", other),
        (f"That makes {right},{100 + other}", 100 + other),
        (f"{other}", right),
        (f"{right}", right),
        (f"Not {other:,} but {right:,}, I think", right),
        ("", other),
        ("None are left", 0),
    ]
    return replies[kind]


KINDS = 16


@checked_rewards.inputs
def _replies_and_answers(rng: torch.Generator) -> Iterator[tuple[list[str], list[int]]]:
    yield ["The answer is 7.", "3 + 4 = 8", "7 apples", "no idea"], [7, 7, 7, 7]
    yield ["007", "1,234 in all", "it is -5", "first 6, then 9"], [7, 1234, 5, 6]
    for size in (7, 8, 9, 10, 11, 12, 9, 8, 10, 12):
        kinds = torch.randperm(KINDS, generator=rng)[:size].tolist()
        right = torch.randint(100, 9_000, (size,), generator=rng).tolist()
        other = torch.randint(10, 90, (size,), generator=rng).tolist()
        rows = [_written(*row) for row in zip(kinds, right, other, strict=True)]
        yield [reply for reply, _ in rows], [answer for _, answer in rows]
