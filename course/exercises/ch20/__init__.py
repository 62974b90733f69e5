"""Exercises of chapter 20: how likely a reply is, learning from comparisons, the
distance to the reference, PPO, DPO and GRPO."""
