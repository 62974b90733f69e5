"""The explorer of what a KV cache takes: choose a model, a length, how many talk to it, and the
size of a number.
"""

from collections.abc import Callable, Mapping

from ipywidgets import Dropdown, IntSlider, SelectionSlider, VBox

from utils.pictures.decoding_pictures import cache_memory
from utils.pictures.figures import img
from utils.widgets.explorers import explorer

# layers, heads, key/value heads, dimensions of a head, the longest text in tokens
CacheShape = tuple[int, int, int, int, int]
LENGTHS = (512, 2048, 4096, 8192, 32_768, 131_072)


def cache_memory_explorer(
    models: Mapping[str, CacheShape],
    bytes_per_token: Callable[[int, int, int, int], float | int],
    first: str,
) -> VBox:
    """Two bars that follow the controls, with the model's key/value heads and without sharing.

    models: the shape of each. bytes_per_token: from layers, key/value heads, dimensions of a head
    and bytes per number. It begins with the model `first`, and a text that it can read.
    """

    def draw(name: str, tokens: int, people: int, number: int) -> str:
        layers, heads, kv_heads, d_head, longest = models[name]
        shared, unshared = (
            bytes_per_token(layers, n, d_head, number) * tokens * people for n in (kv_heads, heads)
        )
        note = "" if tokens <= longest else f"It can read only {longest:,} tokens."
        talks = "1 conversation" if people == 1 else f"{people} conversations"
        title = f"{name}: {talks} of {tokens:,} tokens"
        return img(*cache_memory(title, shared, unshared, note))

    readable = [length for length in LENGTHS if length <= models[first][-1]]
    controls = {
        "name": Dropdown(options=list(models), value=first, description="model"),
        "tokens": SelectionSlider(
            options=[(f"{length:,}", length) for length in LENGTHS],
            value=readable[-1],
            description="tokens",
        ),
        "people": IntSlider(1, min=1, max=64, description="people"),
        "number": Dropdown(
            options={"32 bits": 4, "16 bits": 2, "8 bits": 1}, value=2, description="numbers of"
        ),
    }
    return explorer(draw, height=210, **controls)
