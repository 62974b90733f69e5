"""The loop: it learns what can be learned, and each of its devices changes the gradient as it
should, or not at all.
"""

import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.testing import assert_close
from training_runs import gradients_of_one_step, run, small_model, uneven_examples, windows

from utils.model.attention import Attention
from utils.model.gpt import Block
from utils.training.batch_loss import mean_loss, next_token_loss
from utils.training.batches import RandomWindows
from utils.training.config import TrainConfig
from utils.training.loop import train
from utils.training.schedule import learning_rate


def copying_text(length: int, seed: int) -> np.ndarray:
    """Each token is the one two places before it with probability 0.76, else one of the other four,
    all alike.
    """
    random = np.random.default_rng(seed)
    tokens = random.integers(5, size=length)
    for place in range(2, length):
        if random.random() < 0.7:
            tokens[place] = tokens[place - 2]
    return tokens


def test_training_reaches_the_entropy_of_the_text():
    """ln 5 for the first prediction of a window, which sees one token only, and 0.884 nats for each
    later one.
    """
    entropy = -0.76 * math.log(0.76) - 4 * 0.06 * math.log(0.06)
    length = 8
    best = (math.log(5) + (length - 1) * entropy) / length
    model = small_model(vocab_size=5, context_length=length, d_model=24)
    held_out = RandomWindows(copying_text(30_000, seed=2), length, batch_size=1000, seed=3)
    config = TrainConfig(steps=300, learning_rate=0.01, warmup_steps=20)
    batches = RandomWindows.for_model(model, copying_text(30_000, seed=1), batch_size=32)
    history = train(
        model, batches, config, evaluate=lambda m: mean_loss(m, [held_out[0]]), progress=False
    )
    assert history.losses[0] == pytest.approx(math.log(5), rel=0.02)
    assert history.evaluations[0] == pytest.approx(math.log(5), rel=0.02)
    # 8,000 tokens: the mean's own error is 0.008. A model that sees only one token back stays at ln
    #     5 = 1.61.
    assert best - 0.03 < history.evaluations[-1] < best + 0.03
    assert history.evaluated_at == [0, 100, 200, 300]


def test_the_loop_is_the_plain_loop():
    """The same run written out with torch's own parts."""
    settings = dict(
        steps=7, learning_rate=0.02, warmup_steps=2, weight_decay=0.3, clip=0.4, batches_per_step=1
    )
    history, model = run(loss=next_token_loss, **settings)
    peer, config = small_model(), TrainConfig(**settings)
    matrices = [p for name, p in peer.named_parameters() if p.ndim == 2 and "embed" not in name]
    others = [p for name, p in peer.named_parameters() if p.ndim < 2 or "embed" in name]
    groups = [{"params": matrices, "weight_decay": 0.3}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.95))
    for step in range(7):
        ids = windows()[step]["ids"]
        loss = nn.functional.cross_entropy(peer(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(peer.parameters(), 0.4)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, config)
        optimizer.step()
        assert history.losses[step] == pytest.approx(loss.item(), rel=1e-4)
        assert history.gradient_norms[step] == pytest.approx(norm.item(), rel=1e-3)
    assert min(history.gradient_norms) > 0.4  # so each step was clipped
    assert history.learning_rates == [learning_rate(step, config) for step in range(7)]
    assert history.tokens == [24.0] * 7
    for (name, mine), theirs in zip(model.named_parameters(), peer.parameters(), strict=True):
        # softmax does not see it: its gradient is rounding, which AdamW makes large
        if "key.bias" not in name:
            assert_close(mine, theirs, rtol=1e-3, atol=1e-4)


def grown(batches, count):
    """The first `count` batches as one: padded to the longest."""
    parts = [batches[number] for number in range(count)]
    longest = max(part["ids"].shape[1] for part in parts)
    return [
        {
            key: torch.cat([_padded(part[key], longest) for part in parts])
            for key in ("ids", "learn")
        }
    ]


def _padded(rows, longest):
    return nn.functional.pad(rows, (0, longest - rows.shape[1]))


def test_accumulated_gradients_are_those_of_the_large_batch():
    batches = uneven_examples()
    counts = {int(batches[number]["learn"][:, 1:].sum()) for number in range(4)}
    assert len(counts) > 2  # so the mean of the means would be another
    large = gradients_of_one_step(small_model(), grown(batches, 4), batches_per_step=1)
    small = gradients_of_one_step(small_model(), batches, batches_per_step=4)
    for name, gradient in large.items():
        assert_close(
            small[name], gradient, rtol=1e-4, atol=1e-6 * float(large["embed.weight"].abs().max())
        )


def test_recomputed_activations_give_the_same_gradients(monkeypatch):
    """And they are really recomputed: each block runs twice for each batch, and once without."""
    calls = []
    forward = Block.forward
    monkeypatch.setattr(
        Block, "forward", lambda self, *args: (calls.append(1), forward(self, *args))[1]
    )
    settings = dict(steps=3, batches_per_step=1)
    plain, model = run(recompute=False, **settings)
    assert len(calls) == 2 * 3
    again, other = run(recompute=True, **settings)
    assert len(calls) == 2 * 3 + 2 * 2 * 3
    assert again.losses == plain.losses
    assert all(
        torch.equal(a, b) for a, b in zip(model.parameters(), other.parameters(), strict=True)
    )
    assert "forward" not in vars(other.blocks[0])  # it was given back its own
    with pytest.raises(ValueError, match="Linear has no Block in it"):
        run(model=nn.Linear(2, 2), recompute=True)


@pytest.fixture
def with_instructions(monkeypatch):
    """A processor that multiplies every type by instructions of its own, as far as `train` knows;
    without them torch imitates them, and a small model does not mind.
    """
    monkeypatch.setattr("utils.training.loop.multiplies", lambda dtype: True)


@pytest.mark.usefixtures("with_instructions")
@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16"])
def test_products_have_the_precision_that_was_asked_for(precision):
    model, seen = small_model(), []
    for layer in (model.blocks[0].attn.query, model.blocks[1].mlp.down):
        layer.register_forward_hook(
            lambda module, given, out: seen.append((out.dtype, module.weight.dtype))
        )
    history, _ = run(model=model, loss=next_token_loss, precision=precision, steps=20)
    assert set(seen) == {(getattr(torch, precision), torch.float32)}
    exact, _ = run(loss=next_token_loss, steps=20)
    assert history.losses == pytest.approx(exact.losses, rel=0.02)
    assert (history.losses == exact.losses) is (precision == "float32")


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_products_are_in_float32_where_the_processor_lacks_instructions(monkeypatch, precision):
    monkeypatch.setattr("utils.training.loop.multiplies", lambda dtype: dtype == torch.float32)
    model, seen = small_model(), []
    query = model.blocks[0].attn.query
    query.register_forward_hook(lambda module, given, out: seen.append(out.dtype))
    run(model=model, loss=next_token_loss, precision=precision, steps=2)
    assert set(seen) == {torch.float32}


@pytest.mark.usefixtures("with_instructions")
def test_float16_leaves_out_a_step_that_overflows_and_goes_on():
    """The third step's gradient is too large for any scale; the next ones are as usual."""
    seen = []

    def loss(model, batch):
        total, count = next_token_loss(model, batch)
        seen.append([p.detach().clone() for p in model.parameters()])
        return total * (1e30 if len(seen) == 3 else 1.0), count

    history, model = run(loss=loss, precision="float16", steps=6, batches_per_step=1)
    unchanged = [
        all(map(torch.equal, a, b))
        for a, b in zip(seen, [*seen[1:], list(model.parameters())], strict=True)
    ]
    assert unchanged == [False, False, True, False, False, False]
    assert math.isinf(history.gradient_norms[2]) or math.isnan(history.gradient_norms[2])


def test_the_same_seed_gives_the_same_run_and_the_caller_keeps_its_random_numbers():
    torch.manual_seed(99)
    expected = torch.rand(3)
    model = small_model()
    torch.manual_seed(99)
    one, _ = run(model=model, steps=4)
    assert torch.equal(torch.rand(3), expected)
    again, _ = run(steps=4, evaluate=lambda model: torch.rand(()).item(), evaluate_every=1)
    assert one.losses == again.losses
    assert one.losses != run(steps=4, seed=1)[0].losses


def test_the_model_comes_back_in_the_mode_it_had():
    model, modes = small_model().eval(), []
    run(
        model=model,
        steps=2,
        evaluate=lambda m: float(modes.append(m.training) or torch.is_grad_enabled()),
    )
    assert modes == [False, False]
    assert not model.training


def test_frozen_parameters_stay():
    model = small_model()
    model.blocks[0].requires_grad_(False)
    before = {name: p.clone() for name, p in model.named_parameters()}
    run(model=model, steps=3)
    changed = {name for name, p in model.named_parameters() if not torch.equal(p, before[name])}
    assert changed == {name for name in before if not name.startswith("blocks.0.")}


def exploding(at: int, value: float):
    calls = []

    def loss(model, batch):
        calls.append(1)
        total, count = next_token_loss(model, batch)
        return total * (value if len(calls) == at else 1.0), count

    return loss


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_loss_that_is_no_number_stops_the_run(tmp_path, value):
    words = rf"at step 3 the loss is {value}, so training stops\. The checkpoint in .*training\.safetensors is whole"
    with pytest.raises(FloatingPointError, match=words):
        run(tmp_path, loss=exploding(4, value), batches_per_step=1)
    history, model = run(tmp_path, loss=next_token_loss, batches_per_step=1)
    assert history.losses == run(loss=next_token_loss, batches_per_step=1)[0].losses
    assert len(history.losses) == 24
    assert all(p.isfinite().all() for p in model.parameters())


def test_a_gradient_that_is_no_number_stops_the_run():
    def loss(model, batch):
        total, count = next_token_loss(model, batch)
        # its value is 0, its slope is not
        return total + (model.final_norm.weight * 0).abs().sqrt().sum(), count

    with pytest.raises(
        FloatingPointError, match=r"at step 0 the length of the gradient is nan.* no checkpoint"
    ):
        run(loss=loss)


def test_data_that_cannot_be_trained_on_is_refused():
    learn = torch.zeros(2, 4, dtype=torch.bool)
    for batches, words in [
        ([], "2 steps of 1 take 2 batches, but 0 were given"),
        (
            [{"ids": torch.ones(2, 4, dtype=torch.int64), "learn": learn}] * 2,
            "step 0 has no token to learn",
        ),
        (
            [{"ids": torch.ones(2, 8, dtype=torch.int64)}] * 2,
            "the text is 7 tokens long, but this model's context",
        ),
        ([{"ids": torch.full((2, 4), 11)}] * 2, "but this model knows 0 to 10"),
    ]:
        with pytest.raises(ValueError, match=words):
            train(small_model(), batches, TrainConfig(steps=2), progress=False)


def test_the_bar_shows_loss_and_speed_and_can_be_left_out(capsys):
    run(progress=True, steps=3)
    shown = capsys.readouterr().err
    assert "3/3" in shown
    assert "loss=2." in shown
    assert "tokens/s=" in shown
    run(progress=False, steps=3)
    assert capsys.readouterr().err == ""


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16"])
def test_the_same_run_on_a_gpu(tmp_path, precision):
    exact, _ = run(loss=next_token_loss, steps=20)
    history, model = run(
        tmp_path, model=small_model().cuda(), loss=next_token_loss, precision=precision, steps=20
    )
    assert history.losses == pytest.approx(
        exact.losses, rel=1e-3 if precision == "float32" else 0.03
    )
    again, other = run(
        tmp_path, model=small_model(3).cuda(), loss=next_token_loss, precision=precision, steps=20
    )
    assert again.losses == history.losses
    assert all(
        torch.equal(a, b) for a, b in zip(model.parameters(), other.parameters(), strict=True)
    )


def test_attention_is_what_learns_here():
    """The oracle of the entropy test needs the token two places back: without attention nothing is
    learned.
    """
    model = small_model(vocab_size=5, context_length=8, d_model=24)
    for module in model.modules():
        if isinstance(module, Attention):
            module.output.requires_grad_(False).weight.zero_()
    config = TrainConfig(steps=60, learning_rate=0.01)
    history = train(model, RandomWindows(copying_text(30_000, 1), 8, 32), config, progress=False)
    assert history.recent("losses") > 1.55
