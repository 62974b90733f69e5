"""A notebook's kernel in any Python, and a front end for it that can move an explorer's controls."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import KernelManager

CELL_SECONDS = 300
# What a browser knows of each explorer: its picture, for each control its state now and after a
#     small move, and its buttons.
LOOK = """\
def _look():
    import json, ipywidgets

    def move(control):
        if hasattr(control, "step") and hasattr(control, "max"):
            up = control.value + control.step
            return {"value": control.value}, {"value": up if up <= control.max else control.value - control.step}
        if hasattr(control, "options"):
            return {"index": control.index}, {"index": (control.index + 1) % len(control.options)}
        other = not control.value if isinstance(control.value, bool) else control.value + "s"
        return {"value": control.value}, {"value": other}

    boxes = [w for w in ipywidgets.Widget.widgets.values() if "glass-box-explorer" in getattr(w, "_dom_classes", ())]
    def look(box):
        *rows, picture = box.children
        controls = [one for row in rows for one in row.children]
        buttons = [one for one in controls if isinstance(one, ipywidgets.Button)]
        moves = {one.model_id: move(one) for one in controls if one not in buttons}
        return picture.value, moves, [one.model_id for one in buttons]

    print(json.dumps([look(box) for box in boxes]))

_look()
del _look"""


# The picture of an explorer, for each control (by the id of its model) its state and another, and
# the ids of the buttons for which the picture waits.
Seen = tuple[str, dict[str, tuple[dict[str, Any], dict[str, Any]]], list[str]]


class CellError(RuntimeError):
    """A cell raised. The message says which and what."""


class Kernel:
    """A running kernel: cells go in, text comes out."""

    def __init__(self, client: BlockingKernelClient) -> None:
        """`client`: connected and ready."""
        self.client = client

    def execute(self, code: str) -> str:
        """Run a cell; what it printed and showed, as text. CellError if it raises."""
        said: list[str] = []
        reply = self.client.execute_interactive(
            code,
            allow_stdin=False,
            timeout=CELL_SECONDS,
            output_hook=lambda message: said.append(_text(message)),
        )
        if reply["content"]["status"] != "ok":
            first = code.strip().splitlines()[0]
            error = f"{reply['content'].get('ename')}: {reply['content'].get('evalue')}"
            raise CellError(f"the cell that begins with {first!r} ends with {error}")
        return "".join(said)

    def change(self, model_id: str, state: dict[str, Any]) -> None:
        """Tell a widget its new state, as a browser does."""
        self._tell(model_id, {"method": "update", "state": state, "buffer_paths": []})

    def click(self, model_id: str) -> None:
        """Click a button, as a browser does."""
        self._tell(model_id, {"method": "custom", "content": {"event": "click"}})

    def _tell(self, model_id: str, data: dict[str, Any]) -> None:
        message = self.client.session.msg("comm_msg", {"comm_id": model_id, "data": data})
        self.client.shell_channel.send(message)

    def move_all_controls(self) -> int:
        """Move each control of each explorer, with a click where a picture waits for one, and back
        again; how many there are.

        CellError if a picture stays as it is, or shows an error. A sentence on the input is none: a
        text may be wrong after a move, and the learner is told.
        """
        moved = 0
        for number, (_, controls, buttons) in enumerate(self._look()):
            for model_id, (old, new) in controls.items():
                before = self._look()[number][0]
                self.change(model_id, new)
                for button in buttons:
                    self.click(button)
                after = self._look()[number][0]
                if after == before or _is_error(before) or _is_error(after):
                    raise CellError(
                        f"explorer {number + 1}, moved to {new}, shows {after[-300:]!r} after "
                        f"{before[-300:]!r}"
                    )
                self.change(model_id, old)
                moved += 1
        return moved

    def _look(self) -> list[Seen]:
        seen: list[Seen] = json.loads(self.execute(LOOK))
        return seen


def _is_error(picture: str) -> bool:
    return 'aria-label="Error"' in picture


def _text(message: dict[str, Any]) -> str:
    content = message["content"]
    text: str = content.get("text") or content.get("data", {}).get("text/plain", "")
    return text


@contextmanager
def kernel(python: Path, folder: Path, variables: dict[str, str]) -> Iterator[Kernel]:
    """A running kernel of that Python; ended at the end.

    `folder`: where its notebook would lie. `variables`: its whole environment.
    """
    manager = KernelManager(kernel_spec_manager=_Only(str(python)), kernel_name="any")
    manager.start_kernel(env=variables, cwd=str(folder))
    client = manager.blocking_client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=120)
        yield Kernel(client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


class _Only(KernelSpecManager):
    """Knows one kernel, that of `python`."""

    def __init__(self, python: str) -> None:
        super().__init__()
        self.python = python

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """The way to start it; without frozen modules, which its debugger would complain of."""
        start = ["-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=[self.python, *start])
