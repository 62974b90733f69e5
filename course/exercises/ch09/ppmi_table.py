"""Exercise 09.2: from counts of neighbours to PPMI."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "09.2",
    minutes=10,
    hints=(
        "How often would word i and context j meet by chance? Count of i, times count of j, divided "
        "by the count of everything.",
        "counts.sum(dim=1, keepdim=True) * counts.sum(dim=0) / counts.sum() is that table. Take the "
        "logarithm of counts divided by it.",
        "Negative logarithms become 0: clamp(min=0). log(0) is -inf and becomes 0 in the same way, "
        "but a row that is all zeros gives 0 / 0, which does not: use nan_to_num or where.",
    ),
)
def ppmi_table(counts: torch.Tensor) -> torch.Tensor:
    """Positive pointwise mutual information of words and their contexts.

    For each pair: the natural logarithm of how often they met, divided by how often they
    would have met by chance. Where that is negative, or where they never met, 0.

    counts: how often each word (row) met each context (column), whole numbers from 0 up
    as floats, shape (word, context). A row may be all zeros.
    Returns a table of the same shape.
    """
    by_chance = counts.sum(dim=1, keepdim=True) * counts.sum(dim=0) / counts.sum()
    ratio = torch.where(counts > 0, counts / by_chance, 1.0)
    return ratio.log().clamp(min=0)


@ppmi_table.also_right
def _in_logarithms(counts: Tensor) -> Tensor:
    logs = counts.log() + counts.sum().log()
    logs = logs - counts.sum(dim=1).log()[:, None] - counts.sum(dim=0).log()[None]
    return logs.nan_to_num(nan=0.0, neginf=0.0, posinf=0.0).clamp(min=0)


@ppmi_table.also_right
def _cell_by_cell(counts: Tensor) -> Tensor:
    total, rows, columns = counts.sum(), counts.sum(dim=1), counts.sum(dim=0)
    found = torch.zeros_like(counts)
    for i, j in counts.nonzero().tolist():
        found[i, j] = max(0.0, float((counts[i, j] * total / rows[i] / columns[j]).log()))
    return found


@ppmi_table.also_right
def _as_shares(counts: Tensor) -> Tensor:
    p = counts.double() / counts.sum()
    chance = torch.outer(p.sum(dim=1), p.sum(dim=0))
    return torch.log((p / chance).nan_to_num(0.0).clamp(min=1.0)).float()


def _pmi(
    counts: Tensor,
    rows: Callable[[Tensor], Tensor] = lambda c: c.sum(dim=1, keepdim=True),
    columns: Callable[[Tensor], Tensor] = lambda c: c.sum(dim=0),
    total: Callable[[Tensor], Tensor] = lambda c: c.sum(),
    log: Callable[[Tensor], Tensor] = torch.log,
) -> Tensor:
    by_chance = rows(counts) * columns(counts) / total(counts)
    return log(torch.where(counts > 0, counts / by_chance, 1.0))


@ppmi_table.wrong("Can it be negative? Positive PMI is 0 where two met less often than by chance.")
def _negatives_kept(counts: Tensor) -> Tensor:
    return _pmi(counts)


@ppmi_table.wrong(
    "What does a positive number mean? That two met more often than by chance. Here the sign is "
    "turned round, or negative ones are made positive."
)
def _sign_taken_away(counts: Tensor) -> Tensor:
    return _pmi(counts).abs()


@ppmi_table.wrong("Where is the logarithm? This is the ratio itself.")
def _no_logarithm(counts: Tensor) -> Tensor:
    return torch.where(counts > 0, _pmi(counts).exp(), 0.0)


@ppmi_table.wrong("Which logarithm? The natural one, torch.log; this is the one with base 2.")
def _base_two(counts: Tensor) -> Tensor:
    return _pmi(counts, log=torch.log2).clamp(min=0)


@ppmi_table.wrong(
    "Is a frequent context left as it is? What would be met by chance depends on the column, too: "
    "divide by the columns' sums."
)
def _columns_forgotten(counts: Tensor) -> Tensor:
    ratio = counts / counts.sum(dim=1, keepdim=True).clamp(min=1) * counts.shape[1]
    return torch.where(counts > 0, ratio, 1.0).log().clamp(min=0)


@ppmi_table.wrong(
    "Is a frequent word left as it is? What would be met by chance depends on the row, too: divide "
    "by the rows' sums."
)
def _rows_forgotten(counts: Tensor) -> Tensor:
    ratio = counts / counts.sum(dim=0).clamp(min=1) * counts.shape[0]
    return torch.where(counts > 0, ratio, 1.0).log().clamp(min=0)


@ppmi_table.wrong(
    "How many meetings are there in all? The sum of the table, which is what is missing: without "
    "it nearly every logarithm is negative."
)
def _total_forgotten(counts: Tensor) -> Tensor:
    return _pmi(counts, total=lambda c: torch.tensor(1.0)).clamp(min=0)


@ppmi_table.wrong(
    "How many meetings are there in all? The sum of the counts, not the number of cells of the "
    "table."
)
def _cells_for_the_total(counts: Tensor) -> Tensor:
    return _pmi(counts, total=lambda c: torch.tensor(float(c.numel()))).clamp(min=0)


@ppmi_table.wrong(
    "What was counted is logged here, and nothing is compared with chance: log(1 + count) is no PMI."
)
def _logarithm_of_the_counts(counts: Tensor) -> Tensor:
    return counts.log1p()


@ppmi_table.wrong(
    "What is 0 / 0? Here it is no number: look at the row of a word that never met anything."
)
def _empty_row(counts: Tensor) -> Tensor:
    by_chance = counts.sum(dim=1, keepdim=True) * counts.sum(dim=0) / counts.sum()
    return (counts / by_chance).log().clamp(min=0)


@ppmi_table.wrong(
    "Is 1 added to every count? That smooths the table, and was not asked for: pairs that never met "
    "get 0."
)
def _one_added(counts: Tensor) -> Tensor:
    return _pmi(counts + 1).clamp(min=0)


@ppmi_table.inputs
def _tables(rng: torch.Generator) -> Iterator[tuple[Tensor]]:
    yield (torch.tensor([[4.0, 0.0, 2.0], [0.0, 6.0, 1.0]]),)
    yield (torch.tensor([[0.0, 0.0], [3.0, 1.0], [1.0, 5.0]]),)
    for words, contexts, most in (
        (3, 4, 5),
        (5, 2, 50),
        (6, 7, 3),
        (4, 9, 200),
        (8, 3, 1000),
        (7, 5, 20),
        (9, 6, 8),
        (5, 8, 60),
    ):
        rates = most * torch.rand(words, 1, generator=rng) * torch.rand(1, contexts, generator=rng)
        counts = torch.poisson(rates, generator=rng)
        counts[words // 2] = 0.0
        counts[0] = torch.arange(1.0, contexts + 1)
        yield (counts,)
