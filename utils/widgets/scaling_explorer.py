"""The explorer of scaling: a budget moves along the iso-FLOP curves, every size shows what it wrote
for that budget, and a real model shows where Chinchilla's rule would have spent its FLOPs.
"""

from collections.abc import Mapping, Sequence
from html import escape

from ipywidgets import Dropdown, SelectionSlider, VBox

from utils.pictures.figures import img, new_figure
from utils.pictures.scaling_pictures import flops_words, iso_flop_figure, sizes_figure
from utils.scaling.iso_flop import IsoFlop, PublishedSize, SizedRun
from utils.scaling.scaling_laws import optimal_size
from utils.training.published_sizes import PUBLISHED_SIZES
from utils.widgets.explorers import explorer

_LONGEST_TEXT = 160  # characters of each size's text: they are to be compared at a glance


def scaling_explorer(columns: Sequence[IsoFlop], best: Mapping[float, tuple[float, float]]) -> VBox:
    """Stored runs, nothing is trained.

    columns: the budgets and their sizes, with what each size wrote. best: for each budget the
    weights and the loss at the lowest point of its parabola. ValueError if there is no budget, or
    one without a lowest point.
    """
    if not columns or any(column.budget not in best for column in columns):
        raise ValueError(
            f"the explorer takes one budget or more, each with its best size, and got "
            f"{len(columns)} budgets and {len(best)} best sizes; give both from the same runs."
        )
    by_budget = {column.budget: column for column in columns}
    ours = [(best[one.budget][0], one.read_at(best[one.budget][0])) for one in columns]

    def draw(budget: float | int, real: str) -> str:
        column, (size, _), model = by_budget[budget], best[budget], PUBLISHED_SIZES[real]
        figure, (left, right) = new_figure(height=3.6, columns=2)
        _, curves = iso_flop_figure(columns, best, budget, left)
        _, ratios = sizes_figure(ours, list(PUBLISHED_SIZES.values()), real, right)
        picture = img(figure, f"{flops_words(budget)} set apart. {curves} {ratios}")
        said = f'<p style="line-height:1.35">{escape(_of_the_model(model))}</p>'
        return f"{picture}{said}{_texts(column, size)}"

    controls = {
        "budget": SelectionSlider(
            # the slider has no room for more than the number
            options=[(flops_words(one.budget).split()[0], one.budget) for one in columns],
            value=columns[-1].budget,
            description="our FLOPs",
            continuous_update=False,
        ),
        "real": Dropdown(options=list(PUBLISHED_SIZES), value="GPT-3", description="real model"),
    }
    return explorer(draw, height=700, **controls)


def _texts(column: IsoFlop, best: float | int) -> str:
    """A table of the sizes: what each read, its loss, and how its text begins."""
    nearest = min(column.runs, key=lambda run: abs(run.read - column.read_at(best)))
    body = "".join(_row(run, run is nearest) for run in column.runs)
    names = ("weights", "characters read", "nats per character", "wrote, all with the same seed")
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    caption = f"<caption>{escape(flops_words(column.budget))}, spent on each size</caption>"
    look = "line-height:1.35;width:100%"  # JupyterLab's own is that of buttons
    return f'<table style="{look}">{caption}<tr>{head}</tr>{body}</table>'


def _row(run: SizedRun, is_nearest: bool) -> str:
    mark = "<br><b>nearest to the best</b>" if is_nearest else ""
    numbers = (f"{run.weights:,.0f}{mark}", f"{run.read:,.0f}", f"{run.loss:.3f}")
    cells = "".join(f'<td style="vertical-align:top">{number}</td>' for number in numbers)
    lines = " ⏎ ".join(filter(None, run.text[:_LONGEST_TEXT].split("\n")))
    return f'<tr>{cells}<td style="text-align:left">{escape(lines)}</td></tr>'


def _of_the_model(real: PublishedSize) -> str:
    size = optimal_size(real.flops)
    return (
        f"{real.name} read {real.tokens_per_weight:,.3g} tokens for each weight, which took "
        f"{flops_words(real.flops)}. By Chinchilla's rule of 20 these are best spent on "
        f"{size / 1e9:,.3g} billion weights and {20 * size / 1e12:,.2g} trillion tokens."
    )
