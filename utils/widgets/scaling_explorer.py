"""The explorer of scaling: a budget moves along the iso-FLOP curves, a size writes its text, and a
real model shows how far it is from twenty tokens for each weight.
"""

from collections.abc import Mapping, Sequence
from html import escape

from ipywidgets import Dropdown, SelectionSlider, VBox

from utils.pictures.figures import img, new_figure
from utils.pictures.scaling_pictures import iso_flop_figure, sizes_figure
from utils.training.iso_flop import PUBLISHED_SIZES, IsoFlop, SizedRun
from utils.training.scaling_laws import optimal_size
from utils.widgets.explorers import explorer

_SIZES = {"smallest": 0, "second": 1, "third": 2, "fourth": 3, "largest": 4}


def scaling_explorer(columns: Sequence[IsoFlop], best: Mapping[float, tuple[float, float]]) -> VBox:
    """Stored runs, nothing is trained.

    columns: the budgets, five sizes each, with what each size wrote. best: for each budget the
    weights and the loss at the lowest point of its parabola.
    """
    by_budget = {column.budget: column for column in columns}
    ours = [(best[column.budget][0], _read_at_best(column, best)) for column in columns]

    def draw(budget: float, size: int, real: str) -> str:
        run = by_budget[budget].runs[size]
        figure, (left, right) = new_figure(height=3.6, columns=2)
        _, curves = iso_flop_figure(columns, best, budget, left)
        left.plot([run.weights], [run.loss], "o", markersize=12, fillstyle="none", color="black")
        sizes_figure(ours, list(PUBLISHED_SIZES.values()), real, right)
        said = _of_the_run(budget, run, best[budget][0])
        picture = img(figure, f"{said} {_of_the_model(real)} {curves}")
        text = f'<pre style="white-space:pre-wrap;margin:4px 0">{escape(run.text)}</pre>'
        return f"{picture}<p>{escape(said)} It wrote:</p>{text}<p>{escape(_of_the_model(real))}</p>"

    controls = {
        "budget": SelectionSlider(
            options=[
                (f"{column.budget:.2g}".replace("e+", "e"), column.budget) for column in columns
            ],
            value=columns[-1].budget,
            description="FLOPs",
            continuous_update=False,
        ),
        "size": Dropdown(options=_SIZES, value=2, description="size"),
        "real": Dropdown(options=list(PUBLISHED_SIZES), value="GPT-3", description="real model"),
    }
    return explorer(draw, height=620, **controls)


def _read_at_best(column: IsoFlop, best: Mapping[float, tuple[float, float]]) -> float:
    """The characters of the size that is nearest to the best one."""
    wanted = best[column.budget][0]
    return min(column.runs, key=lambda run: abs(run.weights / wanted - 1)).read


def _of_the_run(budget: float, run: SizedRun, best: float) -> str:
    return (
        f"{run.weights:,.0f} weights read {run.read:,.0f} characters for "
        f"{f'{budget:.2g}'.replace('e+', 'e')} FLOPs and came to {run.loss:.3f} nats per character; "
        f"the best size for this budget is near {best:,.0f}."
    )


def _of_the_model(name: str) -> str:
    real = PUBLISHED_SIZES[name]
    size = optimal_size(real.flops)
    return (
        f"{name}: {real.tokens_per_weight:.3g} tokens for each weight, "
        f"{f'{real.flops:.2g}'.replace('e+', 'e')} FLOPs. By Chinchilla's rule of 20 this budget "
        f"is best spent on {size / 1e9:,.3g} billion weights and {20 * size / 1e12:,.2g} trillion tokens."
    )
