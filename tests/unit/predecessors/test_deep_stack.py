"""Deep stacks against formulas written out by hand, in numpy and with autograd on bare tensors."""

import itertools

import numpy as np
import pytest
import torch
from torch.nn.functional import cosine_similarity, cross_entropy

from utils.predecessors.deep_stack import RECIPES, DeepStack, Layer, Recipe, read_layers

EXAMPLES, WIDTH, INPUTS, CLASSES, DEPTH = 7, 6, 5, 3, 4
BENDS = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "ReLU": lambda z: np.maximum(z, 0),
}


def data(seed=1):
    rng = torch.Generator().manual_seed(seed)
    x = torch.randn(EXAMPLES, INPUTS, generator=rng, dtype=torch.float64)
    return x, torch.randint(CLASSES, (EXAMPLES,), generator=rng)


def stack(recipe, seed=0):
    torch.manual_seed(seed)
    made = DeepStack(recipe, DEPTH, WIDTH, INPUTS, CLASSES).double()
    for parameter in made.parameters():  # norms with gains and shifts that say something
        torch.nn.init.normal_(parameter, std=0.7)
    return made


def normed(z, norm):
    off = z - z.mean(axis=1, keepdims=True)
    unit = off / np.sqrt((off**2).mean(axis=1, keepdims=True) + 1e-5)
    return unit * norm.weight.detach().numpy() + norm.bias.detach().numpy()


def affine(linear, z):
    return z @ linear.weight.detach().numpy().T + linear.bias.detach().numpy()


def by_hand(made, recipe, x):
    """z after each layer, and the scores."""
    bend, z = BENDS[recipe.activation], affine(made.first, x.numpy())
    states = [z]
    for layer in made.layers:
        read = normed(z, layer.norm) if recipe.norm == "before" else z
        out = affine(layer.linear, bend(read)) + (z if recipe.residual else 0)
        z = normed(out, layer.norm) if recipe.norm == "after" else out
        states.append(z)
    end = normed(z, made.final_norm) if recipe.norm == "before" else z
    return states, affine(made.last, bend(end))


ALL = [
    Recipe(activation, None, residual, norm)
    for activation, residual, norm in itertools.product(
        BENDS, (False, True), ("none", "before", "after")
    )
]


@pytest.mark.parametrize("recipe", ALL, ids=str)
def test_every_wiring_is_the_formula(recipe):
    made, (x, _) = stack(recipe), data()
    states, scores = by_hand(made, recipe, x)
    found = made.states(x)
    assert len(found) == DEPTH + 1
    for ours, theirs in zip(found, states, strict=True):
        np.testing.assert_allclose(ours.detach().numpy(), theirs, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(made(x).detach().numpy(), scores, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("gain", [0.3, 2.0])
def test_the_gain_sets_the_deviation_of_the_first_weights(gain):
    torch.manual_seed(0)
    linear = Layer(Recipe(gain=gain), 300).linear
    assert linear.weight.std().item() == pytest.approx(gain / 300**0.5, rel=0.02)
    assert not linear.bias.any()


@pytest.mark.parametrize("gain", [0.3, 2.0])
def test_an_orthogonal_start_stretches_every_direction_by_the_gain(gain):
    torch.manual_seed(0)
    linear = Layer(Recipe("tanh", gain=gain, orthogonal=True), 30).linear
    stretched = torch.linalg.svdvals(linear.weight.double())
    assert stretched.tolist() == pytest.approx([gain] * 30, rel=1e-5)
    assert not linear.bias.any()


def test_an_orthogonal_start_needs_a_gain():
    with pytest.raises(ValueError, match="an orthogonal start has no gain; give one"):
        Recipe(orthogonal=True)


def test_without_a_gain_the_start_is_that_of_torch():
    torch.manual_seed(3)
    ours = Layer(Recipe(), 300).linear
    torch.manual_seed(3)
    theirs = torch.nn.Linear(300, 300)
    assert torch.equal(ours.weight, theirs.weight) and torch.equal(ours.bias, theirs.bias)


def test_the_gradients_are_the_slopes_of_the_loss():
    recipe = Recipe("tanh", residual=True, norm="before")
    made, (x, labels) = stack(recipe), data()
    reading = read_layers(made, x, labels)
    assert reading.gradients.shape == reading.sizes.shape == reading.alike.shape == (DEPTH,)

    def loss():
        _, scores = by_hand(made, recipe, x)
        return cross_entropy(torch.from_numpy(scores), labels).item()

    for layer, length in zip(made.layers, reading.gradients.tolist(), strict=True):
        slopes, weight = [], layer.linear.weight.data
        for place in np.ndindex(WIDTH, WIDTH):
            before = weight[place].item()
            weight[place] = before + 1e-5
            above = loss()
            weight[place] = before - 1e-5
            slopes.append((above - loss()) / 2e-5)
            weight[place] = before
        assert length == pytest.approx(np.linalg.norm(slopes), rel=1e-5)


def test_sizes_and_likeness_of_what_each_layer_gives():
    recipe = Recipe("ReLU", residual=True)
    made, (x, labels) = stack(recipe), data()
    reading = read_layers(made, x, labels)
    states, _ = by_hand(made, recipe, x)
    for layer, z in enumerate(states[1:]):
        assert reading.sizes[layer].item() == pytest.approx(np.sqrt((z**2).mean()), rel=1e-9)
        pairs = itertools.combinations(torch.from_numpy(z), 2)
        cosines = [cosine_similarity(a, b, dim=0).item() for a, b in pairs]
        assert reading.alike[layer].item() == pytest.approx(np.mean(cosines), rel=1e-9)


def test_reading_leaves_the_gradients_alone_and_works_where_they_are_off():
    made, (x, labels) = stack(Recipe()), data()
    with torch.no_grad():
        read_layers(made, x, labels)
    assert all(parameter.grad is None for parameter in made.parameters())


def test_likeness_of_tiny_states():
    """As far down as float64 goes: a cosine has no size."""
    made, (x, labels) = stack(Recipe("tanh", gain=1)), data()
    torch.nn.init.zeros_(made.first.bias)
    before = read_layers(made, x * 1e-3, labels).alike[0]
    for layer in made.layers:
        torch.nn.init.zeros_(layer.linear.bias)
    near, far = (read_layers(made, x * size, labels).alike for size in (1e-3, 1e-100))
    torch.testing.assert_close(near, far, rtol=1e-4, atol=1e-5)
    assert before.isfinite()


@pytest.mark.parametrize(("name", "value"), [("activation", "relu"), ("norm", "pre")])
def test_a_misspelt_choice_is_named(name, value):
    with pytest.raises(ValueError, match=f"{name} is '{value}'; choose one of "):
        Recipe(**{name: value})


def test_the_recipes_of_the_map_differ_as_their_names_say():
    made = {name: recipe(80) for name, recipe in RECIPES.items()}
    for name, recipe in made.items():
        everything = name == "all three"
        assert recipe.activation == ("tanh" if name.startswith("tanh: ") else "ReLU")
        assert recipe.residual == ("residual" in name or everything)
        assert (recipe.norm != "none") == ("norm" in name or everything)
        assert (recipe.gain is not None) == ("start" in name or everything)
        assert recipe.orthogonal == ("orthogonal" in name)
    small, large = made["residual + small start"].gain, made["residual + start"].gain
    assert large == pytest.approx(small * 80**0.5)
