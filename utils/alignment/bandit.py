"""RLHF with one question and a handful of answers: small enough to know the best policy exactly.

Which policy pi maximises E[r] - beta KL(pi || ref)? The one with pi(a) proportional to ref(a)
exp(r(a) / beta) (Ziegler et al. 2019; derived in Rafailov et al. 2023, appendix A.1). Three ways to
climb there follow: along the exact gradient, by REINFORCE and by PPO; the last two see only the
answers that they sample, as with a language model. At the optimum r(a) - beta log(pi(a) / ref(a))
is the same for every answer, so there even a sampled gradient is 0.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from utils.alignment.advantages import leave_one_out
from utils.alignment.kl import exact_kl
from utils.alignment.policy_losses import clipped_objective, reinforce_loss

Loss = Callable[[Float[Tensor, " answer"]], Float[Tensor, ""]]  # of the policy's log-probabilities


@dataclass(frozen=True)
class Bandit:
    """The reference policy's probabilities (they sum to 1), each answer's reward, and the price of
    leaving `ref`.
    """

    ref: Float[Tensor, " answer"]
    reward: Float[Tensor, " answer"]
    beta: float

    def __post_init__(self) -> None:
        total = float(self.ref.sum())
        if not self.beta > 0 or abs(total - 1) > 1e-4 or float(self.ref.min()) < 0:
            raise ValueError(
                f"beta is {self.beta} and the reference's probabilities sum to {total:.4f}: "
                "give a beta above 0 (without it the optimum is one answer), and probabilities "
                "that sum to 1."
            )

    def optimum(self) -> Float[Tensor, " answer"]:
        """ref exp(r / beta) / Z, by way of logarithms, so that a small beta cannot overflow."""
        return (self.ref.log() + self.reward / self.beta).softmax(dim=0)

    def objective(self, policy: Float[Tensor, " answer"]) -> Float[Tensor, ""]:
        """E[r] - beta KL(policy || ref): the number to be maximised."""
        return (policy * self.reward).sum() - self.beta * exact_kl(policy.log(), self.ref.log())


def climb(
    task: Bandit, *, steps: int = 200, lr: float = 0.1
) -> Float[Tensor, "steps_plus_1 answer"]:
    """The policies on the way up along the exact gradient, from the reference (first row) on."""
    logits = _start(task)
    history = [task.ref]
    optimizer = torch.optim.Adam([logits], lr=lr)
    for _ in range(steps):
        _update(optimizer, logits, lambda log_policy: -task.objective(log_policy.exp()))
        history.append(logits.detach().softmax(dim=0))
    return torch.stack(history)


def reinforce(
    task: Bandit, *, steps: int = 200, lr: float = 0.1, n_answers: int = 64, seed: int = 0
) -> Float[Tensor, "steps_plus_1 answer"]:
    """The same by REINFORCE: `n_answers` are sampled for each step, the others' mean reward is each
    one's baseline.
    """

    def make_loss(answers: Int64[Tensor, " sample"], log_policy: Float[Tensor, " answer"]) -> Loss:
        rewards = _penalized(task, log_policy)[answers]
        baseline = leave_one_out(rewards[None])[0]
        return lambda now: reinforce_loss(now[answers], rewards, baseline)

    return _climb_by_samples(task, make_loss, 1, steps, lr, n_answers, seed)


def ppo(
    task: Bandit,
    *,
    steps: int = 200,
    lr: float = 0.1,
    n_answers: int = 64,
    epochs: int = 4,
    seed: int = 0,
) -> Float[Tensor, "steps_plus_1 answer"]:
    """The same by PPO: each sample is used for `epochs` updates, with the clipped objective."""

    def make_loss(answers: Int64[Tensor, " sample"], log_policy: Float[Tensor, " answer"]) -> Loss:
        rewards = _penalized(task, log_policy)[answers]
        advantages = rewards - leave_one_out(rewards[None])[0]
        return lambda now: (
            -clipped_objective(now[answers], log_policy[answers], advantages, 0.2).mean()
        )

    return _climb_by_samples(task, make_loss, epochs, steps, lr, n_answers, seed)


def _penalized(task: Bandit, log_policy: Float[Tensor, " answer"]) -> Float[Tensor, " answer"]:
    return task.reward - task.beta * (log_policy - task.ref.log())


def _climb_by_samples(
    task: Bandit,
    make_loss: Callable[..., Loss],
    epochs: int,
    steps: int,
    lr: float,
    n_answers: int,
    seed: int,
) -> Float[Tensor, "steps_plus_1 answer"]:
    logits, generator = _start(task), torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam([logits], lr=lr)
    # Samples are noisy; a rate that falls to nothing averages the noise out (Robbins & Monro 1951).
    fall = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.01, total_iters=steps)
    history = [task.ref]
    for _ in range(steps):
        log_policy = logits.detach().log_softmax(dim=0)
        answers = torch.multinomial(
            log_policy.exp(), n_answers, replacement=True, generator=generator
        )
        loss = make_loss(answers, log_policy)
        for _ in range(epochs):
            _update(optimizer, logits, loss)
        fall.step()
        history.append(logits.detach().softmax(dim=0))
    return torch.stack(history)


def _start(task: Bandit) -> Float[Tensor, " answer"]:
    return task.ref.log().clone().requires_grad_()


def _update(optimizer: torch.optim.Optimizer, logits: Float[Tensor, " answer"], loss: Loss) -> None:
    optimizer.zero_grad()
    loss(logits.log_softmax(dim=0)).backward()
    optimizer.step()
