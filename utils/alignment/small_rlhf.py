"""The whole way in the small, on the language of `utils.data.toy_language`: pre-training,
fine-tuning on demonstrations, comparisons, a reward model, then PPO, GRPO or DPO. Each stage is seconds
on one CPU core, and depends on its seed alone.
"""

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor, nn

from utils.alignment.grpo_loop import GRPOSettings, grpo
from utils.alignment.logprobs import sequence_logprobs, sft_loss
from utils.alignment.policy_losses import dpo_loss
from utils.alignment.policy_step import PolicyStep
from utils.alignment.ppo_loop import PPOSettings, ppo
from utils.alignment.replies import Replies, pack, sample_replies
from utils.alignment.reward_model import ScalarGPT, bradley_terry_loss, rewards, standardize
from utils.data import toy_language as language
from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.model.narrow_start import start_larger
from utils.seeding import seeded

_Loss = Callable[[Int64[Tensor, " row"]], Float[Tensor, ""]]  # of the examples in these rows
MAX_NEW_TOKENS = 16  # a good reply has 7 to 11
PROMPTS = [language.encode(question) for question in language.QUESTIONS]


def texts(replies: Replies) -> list[str]:
    """The words of each reply, without the end token."""
    return [language.decode(ids) for ids in replies.tokens()]


def questions(replies: Replies) -> list[str]:
    """The words of the prompt before each reply."""
    asked = replies.real & ~replies.reply
    return [
        language.decode(row[of_prompt].tolist())
        for row, of_prompt in zip(replies.ids, asked, strict=True)
    ]


def true_quality(replies: Replies) -> Float[Tensor, " batch"]:
    """What people really think of each reply, by `utils.data.toy_language.quality`."""
    pairs = zip(questions(replies), texts(replies), strict=True)
    return torch.tensor([language.quality(question, text) for question, text in pairs])


def ask(model: GPT, n: int, seed: int) -> Replies:
    """`n` replies to each of the questions in turn: question 0, 1, ..., then 0 again."""
    prompts = [PROMPTS[i % len(PROMPTS)] for i in range(n * len(PROMPTS))]
    generator = torch.Generator().manual_seed(seed)
    return sample_replies(
        model, prompts, end_id=language.END_ID, max_new_tokens=MAX_NEW_TOKENS, generator=generator
    )


def best_rows(scores: Float[Tensor, " reply"], n: int) -> Int64[Tensor, " group_times_question"]:
    """Best of n: which replies of `ask` win, if each n successive ones to the same question compete.

    `scores`: of the replies, in the order of `ask`. Raises ValueError if the replies to a question
    do not fall into groups of n.
    """
    n_questions = len(PROMPTS)
    if n < 1 or not len(scores) or len(scores) % (n * n_questions):
        raise ValueError(
            f"{len(scores)} scores make no groups of {n} for each of {n_questions} questions: "
            f"give the scores of `ask(model, k, seed)` with a k that {n} divides."
        )
    by_group = scores.view(-1, n, n_questions)
    winner = by_group.argmax(dim=1)  # (group, question)
    first_of_group = torch.arange(0, len(scores), n * n_questions)[:, None]
    return (first_of_group + winner * n_questions + torch.arange(n_questions)).flatten()


def new_model(seed: int) -> GPT:
    """An untrained GPT of 27,000 parameters."""
    with seeded(seed):
        model = GPT(
            GPTConfig(
                vocab_size=len(language.WORDS), context_length=24, n_layer=2, n_head=2, d_model=32
            )
        )
    start_larger(model)
    return model


def pretrain(seed: int, steps: int = 300) -> GPT:
    """A base model: it has read chatter, and goes on with any text."""
    model = new_model(seed)
    ids = [[*language.encode(text), language.END_ID] for text in language.chatter(4000, seed)]
    # all but the first word is to be learnt
    batch = pack([text[:1] for text in ids], [text[1:] for text in ids])
    _fit(model, lambda rows: _mean(sft_loss(model, batch[rows])), len(batch), 32, steps, 1e-2, seed)
    return model


def fine_tune(
    base: GPT, seed: int, demonstrations: Sequence[tuple[str, str]] | None = None, steps: int = 40
) -> GPT:
    """A copy that has seen demonstrations and so always replies: the SFT model, PPO's start and its
    reference.

    `demonstrations`: questions with a reply each; 200 about all things if left out.
    """
    model = copy.deepcopy(base)
    pairs = language.demonstrations(200, seed) if demonstrations is None else demonstrations
    batch = pack(
        [language.encode(question) for question, _ in pairs],
        [[*language.encode(reply), language.END_ID] for _, reply in pairs],
    )
    _fit(model, lambda rows: _mean(sft_loss(model, batch[rows])), len(batch), 64, steps, 1e-3, seed)
    return model


def _mean(total: tuple[Tensor, int]) -> Tensor:
    return total[0] / total[1]


@dataclass(frozen=True)
class Comparisons:
    """Pairs of replies to the same question, as a judge ordered them, and the true quality that the
    judge felt.
    """

    chosen: Replies
    rejected: Replies
    chosen_quality: Float[Tensor, " pair"]
    rejected_quality: Float[Tensor, " pair"]

    def __len__(self) -> int:
        return len(self.chosen)


def collect(model: GPT, n: int, seed: int) -> Comparisons:
    """`n` comparisons of two replies of the model each, by a judge who is not always of the same
    mind.
    """
    generator = torch.Generator().manual_seed(seed)
    asked = [PROMPTS[i] for i in torch.randint(len(PROMPTS), (n,), generator=generator).tolist()]
    both = sample_replies(
        model,
        asked + asked,
        end_id=language.END_ID,
        max_new_tokens=MAX_NEW_TOKENS,
        generator=generator,
    )
    quality = true_quality(both)
    chance = torch.tensor([language.preference(a, b) for a, b in quality.view(2, n).T.tolist()])
    return order(both, quality, torch.rand(n, generator=generator) < chance)


def order(
    both: Replies, quality: Float[Tensor, " twice"], first_wins: Bool[Tensor, " pair"]
) -> Comparisons:
    """Comparisons from 2n replies, of which i and n + i answer the same question, and who won each."""
    n = len(first_wins)
    first, second = torch.arange(n), torch.arange(n, 2 * n)
    chosen, rejected = (
        torch.where(first_wins, first, second),
        torch.where(first_wins, second, first),
    )
    return Comparisons(both[chosen], both[rejected], quality[chosen], quality[rejected])


def train_reward_model(sft: GPT, pairs: Comparisons, seed: int, steps: int = 400) -> ScalarGPT:
    """A reward model that starts as the SFT model.

    Its rewards have mean 0 and standard deviation 1 over the pairs.
    """
    with seeded(seed):  # for the head
        model = ScalarGPT(sft)

    def loss(rows: Int64[Tensor, " row"]) -> Float[Tensor, ""]:
        # one pass is cheaper than two
        both = rewards(model, _join(pairs.chosen[rows], pairs.rejected[rows]))
        return bradley_terry_loss(*both.chunk(2))

    _fit(model, loss, len(pairs), 32, steps, 5e-3, seed)
    standardize(model, _join(pairs.chosen, pairs.rejected))
    return model


def _join(a: Replies, b: Replies) -> Replies:
    return Replies(
        torch.cat([a.ids, b.ids]), torch.cat([a.real, b.real]), torch.cat([a.reply, b.reply])
    )


def run_ppo(
    policy: GPT, sft: GPT, reward_model: ScalarGPT, *, beta: float, steps: int, seed: int
) -> Iterator[PolicyStep]:
    """`ppo` with this language's questions; trains `policy` (start from a deep copy of the SFT
    model).
    """
    settings = PPOSettings(beta=beta, max_new_tokens=MAX_NEW_TOKENS)
    return ppo(
        policy, sft, reward_model, PROMPTS, settings, end_id=language.END_ID, steps=steps, seed=seed
    )


def run_grpo(
    policy: GPT, sft: GPT, reward_model: ScalarGPT, *, beta: float, steps: int, seed: int
) -> Iterator[PolicyStep]:
    """`grpo` with this language's questions; trains `policy` (start from a deep copy of the SFT
    model).

    A step writes as many replies as one of `run_ppo`.
    """
    settings = GRPOSettings(beta=beta, max_new_tokens=MAX_NEW_TOKENS)
    return grpo(
        policy, sft, reward_model, PROMPTS, settings, end_id=language.END_ID, steps=steps, seed=seed
    )


@dataclass(frozen=True)
class DPOStep:
    """The loss before an update, and by how much the log-probabilities of its replies have risen
    above the reference's.

    `chosen` and `rejected`: mean of log pi - log ref over the step's pairs, in nats per reply.
    """

    loss: float
    chosen: float
    rejected: float


def run_dpo(
    policy: GPT,
    sft: GPT,
    pairs: Comparisons,
    *,
    beta: float,
    steps: int,
    seed: int,
    lr: float = 3e-4,
) -> Iterator[DPOStep]:
    """Train `policy` in place on the comparisons by DPO: no reward model, no sampling."""
    with torch.no_grad():
        ref = [sequence_logprobs(sft, side) for side in (pairs.chosen, pairs.rejected)]
    latest: list[DPOStep] = []

    def loss(rows: Int64[Tensor, " row"]) -> Float[Tensor, ""]:
        now = sequence_logprobs(policy, _join(pairs.chosen[rows], pairs.rejected[rows])).chunk(2)
        value = dpo_loss(now[0], now[1], ref[0][rows], ref[1][rows], beta)
        risen = [
            float((new.detach() - old[rows]).mean()) for new, old in zip(now, ref, strict=True)
        ]
        latest[:] = [DPOStep(value.item(), *risen)]
        return value

    for _ in _descend(policy, loss, len(pairs), 32, steps, lr, seed):
        yield latest[0]


def _fit(
    model: nn.Module, loss: _Loss, n: int, batch: int, steps: int, lr: float, seed: int
) -> None:
    for _ in _descend(model, loss, n, batch, steps, lr, seed):
        pass


def _descend(
    model: nn.Module, loss: _Loss, n: int, batch: int, steps: int, lr: float, seed: int
) -> Iterator[None]:
    """Lower `loss(rows)` over random batches of the rows 0 to n - 1.

    Warm-up of 20 steps, then a linear fall.
    """
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=lr, betas=(0.9, 0.98), weight_decay=0.01, fused=True
    )
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = lr * min(1, (step + 1) / 20) * max(0.05, 1 - step / steps)
        optimizer.zero_grad()
        loss(torch.randint(n, (batch,), generator=generator)).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        yield
