"""Reward hacking and its cure, over several seeds: the runs behind the curves of the chapter on
RLHF.

    python benchmarks/rlhf_runs.py
        shows the table of rlhf_stages.csv and the ends of all curves
    python benchmarks/rlhf_runs.py --write
        makes all runs again, 10 minutes of processor time
    python benchmarks/rlhf_runs.py --write --grpo
        makes those of GRPO again, and those of PPO beside it: 3 minutes

Writes into course/runs/: rlhf_runs.csv, a row for every WINDOW steps of each run, means over the
window's replies; rlhf_stages.csv, a row for each seed; rlhf_samples.csv, what some runs wrote;
rlhf_best_of_n.csv, means over the replies that the reward model likes best among n of the SFT
model; rlhf_grpo.csv, as rlhf_runs.csv, for GRPO and for PPO with the same reward models. (The last
two were made on other machines than the rest. So their reward models differ from those in the last
digits and, after 400 steps, in more.)
`learned` is in standard deviations of the reward over the comparisons, `true` in points of
`utils.data.toy_language.quality`, `kl` in nats per reply, `length` in tokens, `again` the words of
a reply that it had said before. The command, versions and machine decide every digit.
"""

import argparse
import copy
import csv
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import torch

from utils.alignment import ScalarGPT, ranking_accuracy, reply_kl, rewards
from utils.alignment.replies import Replies
from utils.alignment.small_rlhf import (
    ask,
    best_rows,
    collect,
    fine_tune,
    pretrain,
    questions,
    run_dpo,
    run_grpo,
    run_ppo,
    texts,
    train_reward_model,
    true_quality,
)

# Language and rates were chosen while looking at the seeds 0 to 5; the stored runs are others, seen
# once.
STORED = Path(__file__).resolve().parents[1] / "course" / "runs"
SEEDS, BETAS, STEPS, WINDOW = range(10, 15), (0.0, 0.03, 0.1, 0.3, 1.0), 150, 5
DPO_BETAS, DPO_STEPS, DPO_EVERY = (0.1, 0.3, 1.0), 150, 15
SAMPLE_STEPS = (0, 20, 50, 100, STEPS - 1)
BESIDE_GRPO, GRPO_STEPS = [("ppo", 0.1), ("grpo", 0.1), ("grpo", 0.3)], 60
N_PAIRS, N_HELD_OUT = 1500, 1000
BEST_OF, POOL = (1, 2, 4, 8, 16, 32, 64), 1280  # POOL: replies to each question


def measure(replies: Replies, learned: torch.Tensor, kl: torch.Tensor) -> dict[str, float]:
    words = [text.split() for text in texts(replies)]
    return {
        "learned": float(learned.mean()),
        "true": float(true_quality(replies).mean()),
        "kl": float(kl.mean()),
        "length": float(replies.reply.sum(dim=1).float().mean()),
        "again": sum(len(text) - len(set(text)) for text in words) / len(words),
    }


def samples(replies: Replies, learned: torch.Tensor, n: int = 3) -> list[dict]:
    some, scores = replies[:n], learned[:n].tolist()
    columns = {
        "question": questions(some),
        "reply": texts(some),
        "learned": scores,
        "true": true_quality(some).tolist(),
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def mean(rows: list[dict[str, float]]) -> dict[str, float]:
    return {name: sum(row[name] for row in rows) / len(rows) for name in rows[0]}


def policy_run(
    method: str, sft, reward_model: ScalarGPT, beta: float, seed: int, n_steps: int = STEPS
) -> tuple[list[dict], list[dict]]:
    """A run of "ppo" or "grpo": a row for every WINDOW steps, and what it wrote at SAMPLE_STEPS."""
    run = {"ppo": run_ppo, "grpo": run_grpo}[method]
    label = {"method": method, "beta": beta, "seed": seed}
    curve, written, window = [], [], []
    policy = copy.deepcopy(sft)
    for step, sampled in enumerate(
        run(policy, sft, reward_model, beta=beta, steps=n_steps, seed=seed)
    ):
        window.append(measure(sampled.replies, sampled.scores, sampled.kl))
        if step in SAMPLE_STEPS:
            written += [
                label | {"step": step} | row for row in samples(sampled.replies, sampled.scores)
            ]
        if len(window) == WINDOW:
            curve.append(label | {"step": step + 1} | mean(window))
            window = []
    return curve, written


@torch.no_grad()
def look(policy, sft, reward_model: ScalarGPT, seed: int) -> tuple[dict[str, float], list[dict]]:
    replies = ask(policy, 50, seed)
    learned = rewards(reward_model, replies)
    return measure(replies, learned, reply_kl(policy, sft, replies)), samples(replies, learned)


def dpo_run(
    sft, reward_model: ScalarGPT, pairs, beta: float, seed: int
) -> tuple[list[dict], list[dict]]:
    label = {"method": "dpo", "beta": beta, "seed": seed}
    policy, curve = copy.deepcopy(sft), []
    for step, now in enumerate(run_dpo(policy, sft, pairs, beta=beta, steps=DPO_STEPS, seed=seed)):
        if (step + 1) % DPO_EVERY == 0:
            found, written = look(policy, sft, reward_model, seed)
            dpo = {"loss": now.loss, "chosen": now.chosen, "rejected": now.rejected}
            curve.append(label | {"step": step + 1} | found | dpo)
    return curve, [label | {"step": DPO_STEPS} | row for row in written]


@torch.no_grad()
def best_of_n(sft, reward_model: ScalarGPT, seed: int) -> list[dict]:
    pool = ask(sft, POOL, seed)
    learned, true = rewards(reward_model, pool), true_quality(pool)
    rows = {n: best_rows(learned, n) for n in BEST_OF}
    return [
        {"seed": seed, "n": n, "learned": float(learned[of].mean()), "true": float(true[of].mean())}
        for n, of in rows.items()
    ]


def stages(seed: int):
    base = pretrain(seed)
    sft = fine_tune(base, seed)
    pairs, held_out = collect(sft, N_PAIRS, seed), collect(sft, N_HELD_OUT, seed + 1000)
    return base, sft, pairs, held_out, train_reward_model(sft, pairs, seed)


@torch.no_grad()
def stage_row(seed: int, base, sft, held_out, reward_model) -> dict:
    chosen, rejected = (
        rewards(reward_model, side) for side in (held_out.chosen, held_out.rejected)
    )
    margin = (chosen - rejected) * (held_out.chosen_quality - held_out.rejected_quality).sign()
    return {
        "seed": seed,
        "base_true": float(true_quality(ask(base, 100, seed)).mean()),
        "sft_true": float(true_quality(ask(sft, 100, seed)).mean()),
        "agrees_with_judge": ranking_accuracy(chosen, rejected),
        "best_possible": ranking_accuracy(held_out.chosen_quality, held_out.rejected_quality),
        "agrees_with_truth": float((margin[margin != 0] > 0).float().mean()),
    }


def one_seed(seed: int) -> tuple[list[dict], list[dict], list[dict], list[dict]]:
    torch.set_num_threads(1)
    base, sft, pairs, held_out, reward_model = stages(seed)
    parts = [policy_run("ppo", sft, reward_model, beta, seed) for beta in BETAS]
    parts += [dpo_run(sft, reward_model, pairs, beta, seed) for beta in DPO_BETAS]
    found, written = look(sft, sft, reward_model, seed)
    label = {"method": "sft", "beta": 0.0, "seed": seed, "step": 0}
    parts.append(([label | found], [label | row for row in written]))
    curves, texts_written = ([row for part in parts for row in part[i]] for i in (0, 1))
    row = stage_row(seed, base, sft, held_out, reward_model)
    return curves, [row], texts_written, best_of_n(sft, reward_model, seed)


def grpo_seed(seed: int) -> list[dict]:
    """GRPO, and PPO with the same SFT and reward model beside it."""
    torch.set_num_threads(1)
    _, sft, _, _, reward_model = stages(seed)
    found, _ = look(sft, sft, reward_model, seed)
    rows = [{"method": "sft", "beta": 0.0, "seed": seed, "step": 0} | found]
    for method, beta in BESIDE_GRPO:
        curve, _ = policy_run(method, sft, reward_model, beta, seed, GRPO_STEPS)
        rows += curve
    return rows


FILES = ("rlhf_runs.csv", "rlhf_stages.csv", "rlhf_samples.csv", "rlhf_best_of_n.csv")
GRPO_FILE = "rlhf_grpo.csv"


def write(rows: list[dict], path: Path) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, names, restval="", lineterminator="\n")
        table.writeheader()
        table.writerows(
            {k: f"{v:.4g}" if isinstance(v, float) else v for k, v in row.items()} for row in rows
        )


def read(name: str) -> list[dict[str, str]]:
    with (STORED / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def show() -> None:
    for row in read("rlhf_stages.csv"):
        print("  ".join(f"{name} {value}" for name, value in row.items()))
    for name in ("rlhf_runs.csv", GRPO_FILE):
        if (STORED / name).exists():  # --grpo makes one of the two alone
            print(name)
            show_ends(read(name))


def show_ends(rows: list[dict[str, str]]) -> None:
    ends = {(row["method"], row["beta"], row["seed"]): row for row in rows}
    for (method, beta, seed), row in ends.items():
        numbers = "  ".join(
            f"{name} {row[name]:>6}" for name in ("learned", "true", "kl", "length", "again")
        )
        print(f"{method} beta {beta:>4} seed {seed}  {numbers}")


def make(jobs: int, folder: Path, grpo_alone: bool) -> None:
    """Make the runs and write them into the folder, `jobs` seeds at a time."""
    with ProcessPoolExecutor(jobs) as pool:
        if not grpo_alone:
            found = list(pool.map(one_seed, SEEDS))
            for name, tables in zip(FILES, zip(*found, strict=True), strict=True):
                write([row for table in tables for row in table], folder / name)
        rows = [row for table in pool.map(grpo_seed, SEEDS) for row in table]
        write(rows, folder / GRPO_FILE)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument(
        "--write", action="store_true", help="make the runs again and write the files"
    )
    options.add_argument("--grpo", action="store_true", help="with --write: those of GRPO alone")
    options.add_argument("--jobs", type=int, default=2, help="how many seeds to run at a time")
    options.add_argument("--folder", type=Path, default=STORED, help="where the files go")
    chosen = options.parse_args()
    if chosen.write:
        make(chosen.jobs, chosen.folder, chosen.grpo)
    show()


if __name__ == "__main__":
    main()
