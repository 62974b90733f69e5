"""Exercise 06.1: the FLOPs of a GPT's forward pass for one token."""

from collections.abc import Iterator

import numpy as np
import torch

from course.judging.exercise import exercise


@exercise(
    "06.1",
    minutes=8,
    hints=(
        "Which matrices has one layer? Four of d_model x d_model for attention (queries, keys, "
        "values, output), and two between d_model and d_mlp. After the last layer there is the "
        "unembedding, d_model x vocab.",
        "Each weight of a matrix takes 2 FLOPs, a multiplication and an addition. The embedding is "
        "a look-up and takes none.",
        "Attention has two more products in each layer: the token's query with `context` keys, "
        "and the pattern with `context` values. All heads together have d_model numbers, so each "
        "of the two takes 2 * context * d_model FLOPs.",
    ),
)
def forward_flops(n_layer: int, d_model: int, d_mlp: int, vocab: int, context: int) -> int:
    """The FLOPs of a GPT's forward pass for one token of a text.

    Count matrix products only, each multiplication and each addition as one.

    n_layer: the number of layers. Each has attention, with four matrices of
        d_model x d_model, and a feed-forward layer, with one matrix from d_model to
        d_mlp and one back.
    vocab: the number of tokens that the unembedding, after the last layer, scores.
    context: the tokens of the text. The token is compared with all of them, itself
        included, and gathers from all.
    Returns the number of FLOPs, a whole number.
    """
    matrices = 4 * d_model * d_model + 2 * d_model * d_mlp  # of one layer
    attention = 2 * context * d_model  # scores and mixing: two products without weights
    in_layers = n_layer * (matrices + attention)
    return 2 * (in_layers + d_model * vocab)


@forward_flops.also_right
def _layer_by_layer(n_layer: int, d_model: int, d_mlp: int, vocab: int, context: int) -> int:
    total = 0
    for _ in range(n_layer):
        for rows, columns in [(d_model, d_model)] * 4 + [(d_model, d_mlp), (d_mlp, d_model)]:
            total += 2 * rows * columns
        total += 2 * d_model * context + 2 * context * d_model
    return total + 2 * d_model * vocab


@forward_flops.also_right
def _counted_from_shapes(n_layer: int, d_model: int, d_mlp: int, vocab: int, context: int) -> int:
    shapes = {(d_model, 4 * d_model + 2 * d_mlp + 2 * context): n_layer, (d_model, vocab): 1}
    made = ((torch.empty(shape, device="meta").numel(), n) for shape, n in shapes.items())
    return sum(2 * numel * n for numel, n in made)


@forward_flops.also_right
def _as_a_dot_product(n_layer: int, d_model: int, d_mlp: int, vocab: int, context: int) -> int:
    per_d_model = np.dot(
        [4 * n_layer, 2 * n_layer, 2 * n_layer, 1], [d_model, d_mlp, context, vocab]
    )
    return 2 * int(per_d_model) * d_model


@forward_flops.wrong(
    "What is a FLOP? A multiplication is one, and the addition behind it another. This counts the "
    "multiplications alone, as the documents do."
)
def _multiplications_alone(n_layer: int, d_model: int, d_mlp: int, vocab: int, context: int) -> int:
    return forward_flops.reference(n_layer, d_model, d_mlp, vocab, context) // 2


@forward_flops.wrong(
    "Is the embedding a product? A row of it is looked up, which takes no multiplication. This "
    "counts vocab x d_model twice."
)
def _embedding_counted(n_layer: int, d_model: int, d_mlp: int, vocab: int, context: int) -> int:
    right = forward_flops.reference(n_layer, d_model, d_mlp, vocab, context)
    return right + 2 * d_model * vocab


@forward_flops.wrong(
    "What turns the last layer's result into scores for each token? The unembedding, d_model x "
    "vocab: it is missing here."
)
def _unembedding_forgotten(n_layer: int, d_model: int, d_mlp: int, vocab: int, context: int) -> int:
    return forward_flops.reference(n_layer, d_model, d_mlp, 0, context)


@forward_flops.wrong(
    "Which products have no weights? The query with the keys, and the pattern with the values. "
    "Here the context changes nothing."
)
def _attention_forgotten(n_layer: int, d_model: int, d_mlp: int, vocab: int, context: int) -> int:
    return forward_flops.reference(n_layer, d_model, d_mlp, vocab, 0)


@forward_flops.wrong(
    "How many products does attention have without weights? Two: scores, and the mixing of the "
    "values. This counts one of them."
)
def _scores_alone(n_layer: int, d_model: int, d_mlp: int, vocab: int, context: int) -> int:
    right = forward_flops.reference(n_layer, d_model, d_mlp, vocab, context)
    return right - 2 * n_layer * context * d_model


@forward_flops.wrong(
    "For one token or for the text? This compares every token with every other: context * context. "
    "One token is compared with `context` others."
)
def _square_of_the_context(n_layer: int, d_model: int, d_mlp: int, vocab: int, context: int) -> int:
    return forward_flops.reference(n_layer, d_model, d_mlp, vocab, context**2)


@forward_flops.wrong(
    "For one token or for the text? This is for all `context` tokens together. Do not multiply by "
    "context at the end."
)
def _whole_text(n_layer: int, d_model: int, d_mlp: int, vocab: int, context: int) -> int:
    return context * forward_flops.reference(n_layer, d_model, d_mlp, vocab, context)


@forward_flops.wrong(
    "How many matrices has attention? Four: queries, keys, values, and the output that brings the "
    "heads together. This counts three."
)
def _output_matrix_forgotten(
    n_layer: int, d_model: int, d_mlp: int, vocab: int, context: int
) -> int:
    right = forward_flops.reference(n_layer, d_model, d_mlp, vocab, context)
    return right - 2 * n_layer * d_model**2


@forward_flops.wrong(
    "How many matrices has the feed-forward layer? Two: up to d_mlp, and down again. This counts "
    "one."
)
def _way_down_forgotten(n_layer: int, d_model: int, d_mlp: int, vocab: int, context: int) -> int:
    right = forward_flops.reference(n_layer, d_model, d_mlp, vocab, context)
    return right - 2 * n_layer * d_model * d_mlp


@forward_flops.wrong(
    "Is the feed-forward layer always four times as wide? Read its width from d_mlp; it need not "
    "be 4 * d_model."
)
def _always_four_times(n_layer: int, d_model: int, d_mlp: int, vocab: int, context: int) -> int:
    return forward_flops.reference(n_layer, d_model, 4 * d_model, vocab, context)


@forward_flops.wrong(
    "How often is the unembedding used? Once, after the last layer. Here each layer has one."
)
def _unembedding_in_each_layer(
    n_layer: int, d_model: int, d_mlp: int, vocab: int, context: int
) -> int:
    return n_layer * forward_flops.reference(1, d_model, d_mlp, vocab, context)


@forward_flops.wrong("How many layers are there? n_layer of them. This counts a single one.")
def _one_layer(n_layer: int, d_model: int, d_mlp: int, vocab: int, context: int) -> int:
    return forward_flops.reference(1, d_model, d_mlp, vocab, context)


@forward_flops.wrong(
    "Forward or both? This is the whole step, three times the forward pass. The task asks for the "
    "forward pass."
)
def _backward_too(n_layer: int, d_model: int, d_mlp: int, vocab: int, context: int) -> int:
    return 3 * forward_flops.reference(n_layer, d_model, d_mlp, vocab, context)


@forward_flops.inputs
def _sizes(rng: torch.Generator) -> Iterator[tuple[int, int, int, int, int]]:
    yield 1, 3, 5, 7, 2
    yield 2, 4, 10, 9, 3
    yield 12, 768, 3072, 50_257, 1024  # the smallest GPT-2
    for _ in range(12):
        n_layer, d_model, d_mlp, vocab, context = (
            int(torch.randint(2, most, (1,), generator=rng)) for most in (50, 90, 300, 999, 200)
        )
        yield n_layer, d_model, d_mlp, vocab, context
