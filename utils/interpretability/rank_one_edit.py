"""Change one fact in a model by a rank-one change of one matrix (after ROME: Meng et al. 2022,
arXiv:2202.05262).

A feed-forward layer's second matrix W can be read as a memory: it answers a key k (the activations
of its neurons) with a value W k, which is added to the residual stream. The edit gives the
subject's key another value:

1. k: the neurons' activations at the subject's last token, as a mean over a few texts in front of
    the prompt.
2. v: the value that makes the model say the target after the prompt, found by gradient descent.
3. W' = W + (v - W k) k^T / (k^T k). Then W' k = v, a key at a right angle to k keeps its value, and
   no smaller change of W does this.

Meng et al. have C^-1 k in place of the second k, where C is the mean of k k^T over the keys of
other texts: it turns the change away from directions that many keys share. Give `texts` for that,
or call `turned_from_common`. In SmolLM2 it edits no better. In early layers it makes next to no
difference; in later ones, where keys resemble each other more, it spares the neighbours of a fact.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor, nn

from utils.interpretability.facts import read_fact, subject_positions
from utils.interpretability.neurons import neuron_activations
from utils.model.config import check_layer
from utils.model.gpt import GPT
from utils.model.kv_cache import ReadOnceCache
from utils.model.linear import LinearLayer
from utils.model.padding import pad
from utils.model.taps import trace
from utils.text.tokenizer import Tokenizer

# What may stand before the prompt, so that k and v are the subject's and not those of one sentence.
PREFIXES = (
    "",
    "Yes. ",
    "I have read about it. ",
    "The weather is good today. ",
    "Let me tell you something: ",
)


@dataclass
class RankOneEdit:
    """A change of one matrix, W + left right^T. `apply` puts it in, `undo` takes it out; a `with`
    block does both.

    `undo` puts the very numbers back that `apply` found: it is exact to the bit.
    """

    linear: LinearLayer
    name: str  # of the matrix, as in model.named_parameters()
    left: Float[Tensor, " d_model"]  # v - W k
    right: Float[Tensor, " d_mlp"]  # k / (k^T k), or C^-1 k / (k^T C^-1 k): one at k itself
    _before: Tensor | None = field(default=None, repr=False)
    _after: Tensor | None = field(default=None, repr=False)

    @property
    def applied(self) -> bool:
        """Whether the change is in the model now."""
        return self._before is not None

    @property
    def relative_size(self) -> float:
        """The size (Frobenius norm) of the change, as a part of the size of the whole matrix."""
        weight = self.linear.weight if self._before is None else self._before
        return float(self.left.norm() * self.right.norm() / weight.detach().norm())

    @torch.no_grad()
    def apply(self) -> None:
        """Put the change into the model."""
        if self.applied:
            raise RuntimeError(
                f"the edit of {self.name} is in the model already: call undo() first."
            )
        self._before = self.linear.weight.clone()
        self.linear.weight.add_(torch.outer(self.left, self.right).to(self.linear.weight))
        self._after = self.linear.weight.clone()

    @torch.no_grad()
    def undo(self) -> None:
        """Take the change out again."""
        if self._before is None or self._after is None:
            raise RuntimeError(f"the edit of {self.name} is not in the model: call apply() first.")
        if not torch.equal(self.linear.weight, self._after):
            raise RuntimeError(
                f"{self.name} was changed again after this edit: undo the later change first."
            )
        self.linear.weight.copy_(self._before)
        self._before = self._after = None

    def __enter__(self) -> "RankOneEdit":
        self.apply()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.undo()


def edit_fact(
    model: GPT,
    tok: Tokenizer,
    prompt: str,
    subject: str,
    target: str,
    *,
    layer: int = 8,
    steps: int = 20,
    rate: float | int = 0.05,
    decay: float | int = 6.0,
    texts: Sequence[str] = (),
) -> RankOneEdit:
    """The edit after which the model continues `prompt` with `target`. It is not in the model yet:
    see RankOneEdit.

    `layer`: whose matrix is changed. The search for v makes `steps` steps, each about `rate` times
    as long as the residual stream behind the layer. `decay` keeps the change small, and with it the
    harm to other facts: it is the loss, in nats, of a change as long as the residual stream.
    `texts`: for C, see above; some thousand tokens will do. Raises ValueError for a layer that is
        not there, and as `utils.interpretability.facts.read_fact` does.
    """
    _check(model, layer, steps)
    asked = _read(model, tok, prompt, subject, target)
    mlp = model.block(layer).mlp
    with torch.no_grad():
        asked, beginning = _read_beginning(model, asked)
        with trace(model.blocks[layer]) as t:
            model.hidden(asked.ids, asked.real, beginning)
    key = t["mlp.act"][asked.rows, asked.at].mean(dim=0)
    stream = float(t["resid.post"][asked.rows, asked.at].norm(dim=-1).mean())
    change = _find_change(model, mlp, asked, beginning, stream, steps, rate, decay)
    value = t["mlp.out"][0, asked.at[0]] + change  # the first text is the bare prompt
    bias = 0 if mlp.down.bias is None else mlp.down.bias.detach()
    left = value - bias - mlp.down.weight.detach() @ key
    edit = RankOneEdit(mlp.down, f"blocks.{layer}.mlp.down.weight", left, key / (key @ key))
    return turned_from_common(edit, model, tok, texts, layer) if texts else edit


@torch.no_grad()
def turned_from_common(
    edit: RankOneEdit, model: GPT, tok: Tokenizer, texts: Sequence[str], layer: int
) -> RankOneEdit:
    """The same new value for the same key by another change: C^-1 k in place of the second k.

    `edit`: made by `edit_fact` without texts, of `layer`. `texts`: as there. A tenth of C's mean
    diagonal is added to C, as a short text does not fill all directions.
    """
    key = edit.right / edit.right.square().sum()  # right is k / (k^T k)
    keys = torch.cat(
        [activations for _, activations in neuron_activations(model, tok, texts, layer)]
    ).float()
    moment = keys.T @ keys / len(keys)
    moment += 0.1 * moment.diagonal().mean() * torch.eye(len(moment), device=moment.device)
    turned = torch.linalg.solve(moment, key.float())
    return RankOneEdit(edit.linear, edit.name, edit.left, turned / (turned @ key))


def _check(model: GPT, layer: int, steps: int) -> None:
    check_layer(layer, model.config.n_layer)
    if steps < 1:
        raise ValueError(f"steps is {steps}; give 1 or more.")


@dataclass(frozen=True)
class _Asked:
    """The prompt after each prefix, with the target at its end, padded in front to one length."""

    ids: Int64[Tensor, "batch pos"]
    real: Bool[Tensor, "batch pos"]  # False for padding
    at: Int64[Tensor, " batch"]  # the position of the subject's last token
    target: Int64[Tensor, " target"]

    @property
    def rows(self) -> Int64[Tensor, " batch"]:
        return torch.arange(len(self.ids), device=self.ids.device)


def _read(model: GPT, tok: Tokenizer, prompt: str, subject: str, target: str) -> _Asked:
    answer = list(read_fact(tok, prompt, subject, target).answer)
    rows, last = [], []
    # a prefix with the subject in it would make two of it
    for text in (prefix + prompt for prefix in PREFIXES if subject not in prefix):
        rows.append(tok.encode(text) + answer[:-1])  # nothing is asked after the last
        last.append(subject_positions(tok, text, subject)[-1])
    ids, real = pad(rows, "left")
    at = (~real).sum(dim=1) + torch.tensor(last)  # counted from the padding's first column
    device = model.device
    return _Asked(
        ids.to(device), real.to(device), at.to(device), torch.tensor(answer, device=device)
    )


def _read_beginning(model: GPT, asked: _Asked) -> tuple[_Asked, ReadOnceCache]:
    """What is asked from the first subject's last token on, and a cache of all that stands before
    it.

    Nothing before that token can see the change, so the search need not read it again in each step.
    """
    first = int(asked.at.min())
    cache = model.new_cache(len(asked.ids), asked.ids.shape[1])
    if first:
        model.hidden(asked.ids[:, :first], asked.real[:, :first], cache)
    rest = _Asked(asked.ids[:, first:], asked.real[:, first:], asked.at - first, asked.target)
    return rest, ReadOnceCache(cache)


def _find_change(
    model: GPT,
    mlp: nn.Module,
    asked: _Asked,
    beginning: ReadOnceCache,
    stream: float,
    steps: int,
    rate: float | int,
    decay: float | int,
) -> Float[Tensor, " d_model"]:
    """What to add to the layer's output at the subject's last token so that the target follows in
    all texts.
    """
    d_model = model.config.d_model
    change = torch.zeros(d_model, device=asked.ids.device, requires_grad=True)
    # Adam's step is about lr in each direction
    optimizer = torch.optim.Adam([change], lr=rate * stream / d_model**0.5)

    def add(out: Tensor) -> Tensor:
        return out.index_put(
            (asked.rows, asked.at), change.to(out.dtype).expand(len(asked.at), -1), accumulate=True
        )

    for _ in range(steps):
        with torch.enable_grad(), trace(mlp, replace={"out": add}):
            hidden = model.hidden(asked.ids, asked.real, beginning)[:, -len(asked.target) :]
            log_probs = model.unembed(hidden).float().log_softmax(dim=-1)  # (batch, target, vocab)
            wanted = log_probs.gather(-1, asked.target.expand(len(hidden), -1)[..., None]).sum(
                dim=(1, 2)
            )
            loss = decay * change.square().sum() / stream**2 - wanted.mean()
            (change.grad,) = torch.autograd.grad(loss, change)
        optimizer.step()
    return change.detach()
