"""Practice learns what its checker pays for, and nothing where it never pays."""

import copy
from dataclasses import replace
from functools import partial

import pytest
import torch
from torch.testing import assert_close

from utils.alignment.advantages import centered_rewards
from utils.alignment.expert_iteration import ExpertSettings, expert_iteration
from utils.alignment.logprobs import mean_over_tokens
from utils.alignment.masked_sums import mean_over_constant
from utils.alignment.policy_losses import grpo_loss
from utils.alignment.practice import (
    PRACTICE,
    Solutions,
    ask_for,
    draw_problems,
    has_steps,
    marks,
    practise,
    read,
    written,
)
from utils.data.careless_solutions import LAST_DIGITS, Habits
from utils.training.step_writer import decode

SMALL = replace(PRACTICE, n_groups=4, group_size=8, lr=1e-2, max_new_tokens=5)


@pytest.fixture(scope="module")
def start():
    return read(LAST_DIGITS, seed=1, steps=8, size=2)


def pays_fives(problem, reply):
    """A reward that is known: a reply that begins with a 5."""
    return float(reply.startswith("5"))


def run(model, checker, steps=12, settings=SMALL):
    practice = practise(
        model,
        copy.deepcopy(model),
        LAST_DIGITS.draw(2),
        checker,
        steps=steps,
        seed=3,
        settings=settings,
    )
    return list(practice)


def test_only_what_stands_behind_the_question_is_learned():
    batch = Solutions(LAST_DIGITS, 3, Habits(with_steps=0.5), seed=2, batch_size=7)[4]
    assert batch["ids"].shape == batch["learn"].shape and len(batch["ids"]) == 7
    for ids, learn in zip(batch["ids"], batch["learn"], strict=True):
        text = decode(ids.tolist())
        question, _, rest = text.partition("=")
        learned = decode(ids[learn].tolist())
        assert learned == rest[: rest.index(".") + 1] and len(question) == 7


@pytest.mark.parametrize(
    "variant",
    [
        {},
        {"epochs": 3},
        {
            "advantages": centered_rewards,
            "average": partial(mean_over_constant, constant=5),
        },
    ],
)
def test_what_is_paid_becomes_likelier(start, variant):
    model = copy.deepcopy(start)
    steps = run(model, pays_fives, settings=replace(SMALL, **variant))
    begin, end = (torch.cat([s.scores for s in part]).mean() for part in (steps[:3], steps[-3:]))
    assert end > begin + 0.3


@pytest.mark.parametrize("pay", [0.0, 1.0])
def test_where_all_are_paid_alike_no_weight_moves(start, pay):
    model = copy.deepcopy(start)
    run(model, lambda problem, reply: pay, steps=2)
    for after, before in zip(model.parameters(), start.parameters(), strict=True):
        assert torch.equal(after, before)


def test_the_checker_sees_each_reply_with_its_own_problem(start):
    seen = []

    def note(problem, reply):
        seen.append((problem.question, reply))
        return 0.0

    (step,) = run(copy.deepcopy(start), note, steps=1)
    texts = written(step.replies)
    assert [reply for _, reply in seen] == texts
    asked = step.replies.real & ~step.replies.reply
    for (question, _), ids, mask in zip(seen, step.replies.ids, asked, strict=True):
        assert decode(ids[mask].tolist()) == question
    assert len({question for question, _ in seen[:8]}) == 1  # a group has one problem


def test_a_group_keeps_its_mark_and_has_steps_counts_symbols():
    one, two = draw_problems(LAST_DIGITS.draw(3), 2, seed=5)
    found = marks(
        lambda problem, reply: float(reply == problem.answer), [one, two], [one.answer, "x"]
    )
    assert found.tolist() == [1.0, 0.0]
    assert not has_steps(one, "5.") and has_steps(one, "55.") and not has_steps(one, "5")


def test_expert_iteration_keeps_what_is_paid_and_learns_it(start):
    model = copy.deepcopy(start)
    settings = ExpertSettings(n_problems=12, group_size=4, updates=6, lr=0.01, batch_size=16)
    rounds = list(
        expert_iteration(
            model, LAST_DIGITS.draw(2), pays_fives, rounds=4, seed=2, settings=settings
        )
    )
    for one in rounds:
        assert len(one.problems) == len(one.replies) == 48
        assert one.kept == [i for i, reply in enumerate(one.replies) if reply.startswith("5")]
        assert one.right == len(one.kept) / 48
    assert rounds[-1].right > rounds[0].right + 0.3


def test_a_round_without_a_right_reply_teaches_nothing(start):
    model = copy.deepcopy(start)
    never = expert_iteration(
        model, LAST_DIGITS.draw(2), lambda problem, reply: 0.0, rounds=2, seed=1
    )
    assert [one.kept for one in never] == [[], []]
    assert_close(model.state_dict(), start.state_dict(), rtol=0, atol=0)


def test_the_same_seed_asks_the_same(start):
    problems = draw_problems(LAST_DIGITS.draw(2), 6, seed=1)
    assert ask_for(start, problems, 4) == ask_for(start, problems, 4)
    assert ask_for(start, problems, 4) != ask_for(start, problems, 5)


def test_the_average_of_grpo_can_be_another():
    logprobs = torch.tensor([[0.0, -0.5, -1.0], [-0.2, -0.4, 0.0]], requires_grad=True)
    mask = torch.tensor([[True, True, True], [True, False, False]])
    old, advantages = logprobs.detach(), torch.tensor([2.0, -1.0])
    losses = {
        average: grpo_loss(logprobs, old, old, advantages, mask, beta=0.0, average=average)
        for average in (mean_over_tokens, partial(mean_over_constant, constant=5))
    }
    # three tokens of 2 and one of -1: over four tokens; over two replies of "five" tokens
    assert [loss.item() for loss in losses.values()] == pytest.approx([-5 / 4, -5 / 10])
