"""Exercise 12.4: give one key another value, by the smallest change of a matrix."""

import math
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "12.4",
    minutes=15,
    atol=1e-5,  # v - W k may cancel
    hints=(
        "What does W answer to k now, and what is missing from it? W @ k is the old answer, and v "
        "- W @ k has to be added to it: a vector of d_model numbers.",
        "Which matrix gives nothing for an input perpendicular to k? One whose rows are all "
        "multiples of k: the outer product of any vector with k, torch.outer(…, k). Its answer to "
        "k is that vector times k · k.",
        "So divide by k @ k, and the answer to k is the vector itself. Add torch.outer(v - W @ k, "
        "k) / (k @ k) to W, with + and not with +=.",
    ),
)
def edited_matrix(W: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """Give one key another value: the smallest change of a matrix W that makes W' k =
    v.

    For every input perpendicular to k, W' gives what W gives. This is a change of rank
    one, as in ROME (Meng et al. 2022), but without ROME's covariance.

    W: the matrix that is used as W x, shape (d_model, d_mlp).
    k: the key, shape (d_mlp,). It is not 0, and its length may be anything.
    v: the new value, shape (d_model,).
    Returns the new matrix W', shape (d_model, d_mlp). W itself stays as it was.
    """
    missing = v - W @ k  # (d_model,)
    return W + torch.outer(missing, k) / (k @ k)


@edited_matrix.also_right
def _projection_and_new_value(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    along_k = torch.outer(k, k) / k.square().sum()
    return W @ (torch.eye(len(k)) - along_k) + torch.outer(v, k) / k.square().sum()


@edited_matrix.also_right
def _number_by_number_in_float64(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    rows, key = W.tolist(), k.tolist()
    length = math.fsum(a * a for a in key)
    for row, value in zip(rows, v.tolist(), strict=True):
        step = (value - math.fsum(w * a for w, a in zip(row, key, strict=True))) / length
        row[:] = [w + step * a for w, a in zip(row, key, strict=True)]
    return torch.tensor(rows, dtype=torch.float64)


@edited_matrix.also_right
def _library_pseudo_inverse(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return torch.addr(W, v - W.mv(k), torch.linalg.pinv(k[:, None])[0])


@edited_matrix.also_right
def _einsum_and_unit_key(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    unit, length = k / k.norm(), k.norm()
    return W + torch.einsum("d,m->dm", v / length - torch.einsum("dm,m->d", W, unit), unit)


@edited_matrix.also_right
def _copy_changed_in_place(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    new = W.clone()
    new += (v - W @ k)[:, None] * k[None, :] / k.dot(k)
    return new


def _missing(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """What the old answer to k lacks, (d_model,)."""
    return v - W @ k


@edited_matrix.wrong(
    "What does W answer to k already? This adds v on top of it, so that W' k = W k + v. Add only "
    "what is missing: v - W @ k."
)
def _old_answer_left_in(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return W + torch.outer(v, k) / (k @ k)


@edited_matrix.wrong(
    "What is the outer product's answer to k? The vector times k · k: divide by k @ k."
)
def _not_divided(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return W + torch.outer(_missing(W, k, v), k)


@edited_matrix.wrong(
    "By what is it divided? By k @ k, which is the square of k's length. This divides by the "
    "length itself."
)
def _divided_by_the_length(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return W + torch.outer(_missing(W, k, v), k) / k.norm()


@edited_matrix.wrong("Whose length counts? That of the key, k @ k. This divides by v @ v.")
def _divided_by_the_value(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return W + torch.outer(_missing(W, k, v), k) / (v @ v)


@edited_matrix.wrong(
    "By what is it divided? By the sum of the squares of k, k @ k; this takes how many numbers k "
    "has."
)
def _divided_by_the_number_of_neurons(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return W + torch.outer(_missing(W, k, v), k) / len(k)


@edited_matrix.wrong(
    "Why add 1 to k @ k? The key is never 0, so nothing has to be kept from 0, and W' k does not "
    "get as far as v."
)
def _one_added_below(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return W + torch.outer(_missing(W, k, v), k) / (k @ k + 1)


@edited_matrix.wrong(
    "To which input does W' answer v now? To k divided by its length. The old answer and the new "
    "one are those to k itself, as long as it is."
)
def _value_for_the_unit_key(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    unit = k / k.norm()
    return W + torch.outer(_missing(W, unit, v), unit)


@edited_matrix.wrong(
    "Which of the two vectors gives the rows? W has d_model rows and d_mlp columns: torch.outer(v "
    "- W @ k, k). Here the order is turned."
)
def _outer_product_turned(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return W + torch.outer(k, _missing(W, k, v)).reshape(W.shape) / (k @ k)


@edited_matrix.wrong(
    "What becomes of all other inputs? Here W is gone, and an input perpendicular to k gets 0. Add "
    "the change to W."
)
def _everything_replaced(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return torch.outer(v, k) / (k @ k)


@edited_matrix.wrong("The change, or the changed matrix? This is only what has to be added to W.")
def _change_only(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return torch.outer(_missing(W, k, v), k) / (k @ k)


@edited_matrix.wrong(
    "What does W' answer to k? Here 0: the old answer is taken out, and v is not put in."
)
def _new_value_forgotten(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return W - torch.outer(W @ k, k) / (k @ k)


@edited_matrix.wrong(
    "Added or taken away? The answer goes away from v here. What is missing is v - W @ k, and it "
    "is added."
)
def _sign_turned_in_the_edit(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return W - torch.outer(_missing(W, k, v), k) / (k @ k)


@edited_matrix.wrong(
    "Is the old matrix still there? Your function changed its input W. `+=` writes into it, and "
    "whoever wants to undo the edit has nothing left: W + …, or begin with W.clone().",
    changes_input=True,
)
def _matrix_changed(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    W += torch.outer(_missing(W, k, v), k) / (k @ k)
    return W


@edited_matrix.wrong(
    "What about inputs perpendicular to k? W' k is right, but every column is shifted alike, and "
    "that moves them, too. Each column gets as much as k has in its place."
)
def _all_columns_shifted(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return W + _missing(W, k, v)[:, None] / k.sum()


@edited_matrix.wrong(
    "What about inputs perpendicular to k? W' k is right, but one column alone takes the whole "
    "change. Spread it over the columns as k does."
)
def _strongest_neuron_only(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    strongest = k.abs().argmax()
    return W + torch.outer(_missing(W, k, v), F.one_hot(strongest, len(k)) / k[strongest])


@edited_matrix.wrong(
    "Does dividing by each number of k undo the product with k? For k itself it does, but "
    "perpendicular inputs move, and a 0 in k gives infinity. Multiply by k, and divide by k @ k."
)
def _divided_number_by_number(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return W + _missing(W, k, v)[:, None] / k / len(k)


@edited_matrix.wrong(
    "Does each row of W' give its part of v? It does, but each was stretched for that, and the "
    "answers to all other inputs are stretched with it. Add a multiple of k to each row."
)
def _rows_stretched(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return W * (v / (W @ k))[:, None]


@edited_matrix.wrong(
    "Half the way? W' k must be v itself; here it is the mean of the old answer and the new one."
)
def _half_of_the_way(W: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return W + torch.outer(_missing(W, k, v), k) / (2 * k @ k)


@edited_matrix.inputs
def _matrices_keys_and_values(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    # one column only
    yield (
        torch.tensor([[1.0, 2.0], [3.0, 4.0]]),
        torch.tensor([2.0, 0.0]),
        torch.tensor([6.0, 10.0]),
    )
    yield torch.tensor([[1.0, 0.0, 2.0]]), torch.tensor([1.0, 1.0, 2.0]), torch.tensor([8.0])
    for d_model, d_mlp in (
        (2, 2),
        (3, 3),
        (2, 5),
        (4, 3),
        (1, 4),
        (5, 2),
        (4, 4),
        (3, 12),
        (6, 24),
    ):
        for of_key, of_value in ((1.0, 1.0), (0.1, 3.0), (8.0, 20.0)):
            W, k, v = (
                torch.randn(shape, generator=rng)
                for shape in ((d_model, d_mlp), (d_mlp,), (d_model,))
            )
            # no number of k is close to 0
            yield W, (k + 0.5 * k.sign()) * of_key, v * of_value
