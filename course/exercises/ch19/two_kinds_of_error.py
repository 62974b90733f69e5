"""Exercise 19.4: two kinds of error of an assistant that can refuse."""

from collections.abc import Iterator

import torch

from course.judging.exercise import exercise


@exercise(
    "19.4",
    minutes=5,
    hints=(
        "Sort the replies first: those to questions whose answer is known, and those to the others. "
        "Each kind of error is a share of one of the two.",
        'Needless: among the known, the share that is "refused". False: among the others, the share '
        'that is "wrong".',
        'of_known = [s for k, s in zip(is_known, said) if k], and of_known.count("refused") / '
        "len(of_known); the same for the others.",
    ),
)
def two_kinds_of_error(is_known: list[bool], said: list[str]) -> tuple[float, float]:
    """Two kinds of error of an assistant that can refuse.

    is_known: for each question, whether the model knows the answer.
    said: for each question what became of the reply: "right", "wrong" or "refused".
        There is at least one question that is known, and one that is not.
    Returns two numbers. Needless refusals: of the questions that are known, the share that was
    refused. False answers: of those that are not known, the share that was answered wrongly.
    (Right by luck is no error.)
    """
    of_known = [reply for known, reply in zip(is_known, said, strict=True) if known]
    of_others = [reply for known, reply in zip(is_known, said, strict=True) if not known]
    return of_known.count("refused") / len(of_known), of_others.count("wrong") / len(of_others)


@two_kinds_of_error.also_right
def _counted_in_a_loop(is_known: list[bool], said: list[str]) -> tuple[float, float]:
    needless = false = known = others = 0
    for knows, reply in zip(is_known, said, strict=True):
        if knows:
            known += 1
            needless += reply == "refused"
        else:
            others += 1
            false += reply == "wrong"
    return needless / known, false / others


@two_kinds_of_error.also_right
def _tensors(is_known: list[bool], said: list[str]) -> tuple[float, float]:
    known = torch.tensor(is_known)
    refused = torch.tensor([reply == "refused" for reply in said]).double()
    wrong = torch.tensor([reply == "wrong" for reply in said]).double()
    return refused[known].mean().item(), wrong[~known].mean().item()


def _share(is_known: list[bool], said: list[str], kind: str, known: bool) -> float:
    some = [reply for knows, reply in zip(is_known, said, strict=True) if knows == known]
    return some.count(kind) / len(some)


@two_kinds_of_error.wrong(
    "A share of what? Of the questions of its own kind. Here both are divided by the number of all "
    "questions, so they fall when the others become more."
)
def _of_all_questions(is_known: list[bool], said: list[str]) -> tuple[float, float]:
    pairs = list(zip(is_known, said, strict=True))
    needless, false = pairs.count((True, "refused")), pairs.count((False, "wrong"))
    return needless / len(said), false / len(said)


@two_kinds_of_error.wrong(
    "Of which questions is a refusal needless? Of those that are known. Here it is the share of all "
    "refusals that were needless."
)
def _of_all_refusals(is_known: list[bool], said: list[str]) -> tuple[float, float]:
    pairs = list(zip(is_known, said, strict=True))
    needless, false = pairs.count((True, "refused")), pairs.count((False, "wrong"))
    return needless / max(1, said.count("refused")), false / max(1, said.count("wrong"))


@two_kinds_of_error.wrong(
    "In which order? Needless refusals first, then false answers. These are the other way round."
)
def _exchanged(is_known: list[bool], said: list[str]) -> tuple[float, float]:
    needless = _share(is_known, said, "refused", known=True)
    return _share(is_known, said, "wrong", known=False), needless


@two_kinds_of_error.wrong(
    "Who is refused needlessly? One whose answer the model knows. Here the refusals of the unknown "
    "are counted, and those are right."
)
def _refusals_of_the_unknown(is_known: list[bool], said: list[str]) -> tuple[float, float]:
    refused = _share(is_known, said, "refused", known=False)
    return refused, _share(is_known, said, "wrong", known=False)


@two_kinds_of_error.wrong(
    "Is every answer about something unknown a false one? One may be right by luck, and it is no "
    "error here. Count the wrong ones."
)
def _luck_counts_as_error(is_known: list[bool], said: list[str]) -> tuple[float, float]:
    needless = _share(is_known, said, "refused", known=True)
    return needless, 1 - _share(is_known, said, "refused", known=False)


@two_kinds_of_error.wrong(
    "Is a wrong answer about something known a needless refusal? It is an error, of a third kind. "
    "Count refusals only."
)
def _all_that_is_not_right(is_known: list[bool], said: list[str]) -> tuple[float, float]:
    needless = 1 - _share(is_known, said, "right", known=True)
    return needless, _share(is_known, said, "wrong", known=False)


@two_kinds_of_error.wrong(
    "Which wrong answers are meant? Those to questions that are not known. Here the wrong ones to all "
    "questions are counted."
)
def _wrong_anywhere(is_known: list[bool], said: list[str]) -> tuple[float, float]:
    needless = _share(is_known, said, "refused", known=True)
    return needless, said.count("wrong") / len(said)


@two_kinds_of_error.wrong("A number of questions, or a share? Divide each by how many there are.")
def _counts(is_known: list[bool], said: list[str]) -> tuple[float, float]:
    pairs = list(zip(is_known, said, strict=True))
    return float(pairs.count((True, "refused"))), float(pairs.count((False, "wrong")))


@two_kinds_of_error.inputs
def _replies(rng: torch.Generator) -> Iterator[tuple[list[bool], list[str]]]:
    yield [True, True, False, False, False], ["right", "refused", "wrong", "refused", "wrong"]
    yield [True, False, False, True, True], ["wrong", "right", "wrong", "refused", "right"]
    yield [False, True, False], ["refused", "right", "wrong"]
    for count in (6, 9, 20, 33, 5, 12, 17, 41):
        known = [True, False, *(torch.rand(count, generator=rng) < 0.6).tolist()]
        drawn = torch.randint(0, 3, (count + 2,), generator=rng).tolist()
        said = [("right", "wrong", "refused")[one] for one in drawn]
        yield known, said
