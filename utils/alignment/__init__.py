"""Alignment: from a model that continues texts to one that gives the replies people prefer.

Read in this order: `replies` (what is sampled), `logprobs` and fine-tuning, `reward_model`, `kl`,
`advantages`, `policy_losses` (REINFORCE, PPO, GRPO, DPO), `ppo_loop`, `grpo_loop`, `bandit` (where
the optimum is known), `small_rlhf` (the whole way on a small language), `checkers` and `practice`
(rewards that nobody has to guess), `expert_iteration` and `nim`. Apart from this way:
`word_chats` (a chat template to look through), `knowledge_boundary` (who is known to a model, and
what it says about the others), `elo` (ratings from matches, one after the other), `majority_vote`,
`pass_at_k`, `paid_groups`, `policy_token_losses`, `microbatch`, `masked_sums` and `reply_parsing`.
"""

from utils.alignment.advantages import (
    centered_rewards,
    gae,
    group_advantages,
    leave_one_out,
    penalized_rewards,
    whiten,
)
from utils.alignment.bandit import Bandit
from utils.alignment.bradley_terry import fit_scores
from utils.alignment.elo import elo_history, elo_scale, win_chance
from utils.alignment.grpo_loop import GRPOSettings, grpo
from utils.alignment.kl import exact_kl, k1, k2, k3
from utils.alignment.logprobs import (
    mean_over_replies,
    mean_over_tokens,
    reply_entropies,
    sequence_logprobs,
    sft_loss,
    token_entropies,
    token_logprobs,
)
from utils.alignment.masked_sums import masked_normalize, mean_over_constant
from utils.alignment.microbatch import (
    Microbatch,
    PolicyMicrobatch,
    policy_microbatch_step,
    sft_microbatch_step,
)
from utils.alignment.paid_groups import GroupRewards, group_rewards
from utils.alignment.policy_losses import (
    clipped_objective,
    dpo_loss,
    grpo_loss,
    implicit_reward,
    ppo_policy_loss,
    ppo_value_loss,
    reinforce_loss,
)
from utils.alignment.policy_step import PolicyStep, reply_kl
from utils.alignment.policy_token_losses import (
    TokenLosses,
    clipped_losses,
    policy_gradient_losses,
)
from utils.alignment.ppo_loop import PPOSettings, ppo
from utils.alignment.replies import Replies, pack, sample_replies
from utils.alignment.reply_parsing import parse_choice, parse_number
from utils.alignment.reward_model import (
    ScalarGPT,
    bradley_terry_loss,
    ranking_accuracy,
    rewards,
    standardize,
)

__all__ = [
    "Bandit",
    "GRPOSettings",
    "GroupRewards",
    "Microbatch",
    "PPOSettings",
    "PolicyMicrobatch",
    "PolicyStep",
    "Replies",
    "ScalarGPT",
    "TokenLosses",
    "bradley_terry_loss",
    "centered_rewards",
    "clipped_losses",
    "clipped_objective",
    "dpo_loss",
    "elo_history",
    "elo_scale",
    "exact_kl",
    "fit_scores",
    "gae",
    "group_advantages",
    "group_rewards",
    "grpo",
    "grpo_loss",
    "implicit_reward",
    "k1",
    "k2",
    "k3",
    "leave_one_out",
    "masked_normalize",
    "mean_over_constant",
    "mean_over_replies",
    "mean_over_tokens",
    "pack",
    "parse_choice",
    "parse_number",
    "penalized_rewards",
    "policy_gradient_losses",
    "policy_microbatch_step",
    "ppo",
    "ppo_policy_loss",
    "ppo_value_loss",
    "ranking_accuracy",
    "reinforce_loss",
    "reply_entropies",
    "reply_kl",
    "rewards",
    "sample_replies",
    "sequence_logprobs",
    "sft_loss",
    "sft_microbatch_step",
    "standardize",
    "token_entropies",
    "token_logprobs",
    "whiten",
    "win_chance",
]
