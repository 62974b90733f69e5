"""What one code cell does to the names of its notebook: read from its text, never run.

A cell needs names (`reads`; `later`, inside functions, whatever they are when called), binds them
(`sure`, or `perhaps` where a condition, a loop or a `del` decides) and may change objects in place
(`changes`, or `grows` for a container that only gets or loses an entry). A change of one name may
be a change of another (`shares`), because both are one object or the second holds the first; what a
container holds (`holds`) changes with it unless it only grows. Where a part of something grows
(`parts`: the part and the whole), what the whole holds changes.

An object may be changed by an assignment to one of its attributes or items, by a method, and by a
function that it is given to, unless these are known to be harmless: HARMLESS below. A function that
the notebook defines is read itself. Calling an object changes neither it nor what it is given: a
network's forward pass leaves the network as it is. What a function of the notebook uses may be in
what it gives back. Arithmetic makes new tensors, or new lists of the old. A function that lies in a
container or an attribute is not followed, and neither are `globals()` and `exec`.

Hidden state counts as names too: "set_grad_enabled()" and the like, which every cell reads, and
"random()", which a draw without a generator of its own reads and binds, and a seed binds. Draws
inside a library are not seen.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeGuard

import torch
from IPython.core.inputtransformer2 import TransformerManager
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Methods that change what they are called on, though torch.Tensor has harmless ones of the same
# name.
_CHANGING = {
    "add",
    "sort",
    "backward",
    "register_hook",
    "retain_grad",
    "apply",
    "put",
    "__setitem__",
    "__delitem__",
}
_ALWAYS_THERE = {*dir(builtins), "get_ipython"}
_GROWING = {
    "append",
    "extend",
    "add",
    "insert",
    "update",
    "setdefault",
    "clear",
    "pop",
    "remove",
    "discard",
}
_DISPLAYS = (
    ast.List,
    ast.Tuple,
    ast.Dict,
    ast.Set,
    ast.ListComp,
    ast.DictComp,
    ast.SetComp,
    ast.BinOp,
)
_DRAWING = {name for name in (*dir(Axes), *dir(Figure)) if not name.startswith("_")}
_OF_TENSORS = {name for name in dir(torch.Tensor) if not name.endswith("_")}
_OF_VALUES = {name for kind in (str, bytes, tuple, frozenset, int, float) for name in dir(kind)}
_OF_CONTAINERS = {"items", "keys", "values", "get", "copy", "most_common"}
_OF_COURSE = {
    "encode",
    "decode",
    "pieces",
    "encode_chat",
    "reveal",
    "parameters",
    "named_parameters",
    "state_dict",
}
READING_METHODS = (_OF_TENSORS | _OF_VALUES | _OF_CONTAINERS | _OF_COURSE) - _CHANGING
# Modules whose functions leave what they are given as it is, but for those that end in _ and those
# in CHANGERS.
HARMLESS = (
    *(
        "torch",
        "math",
        "itertools",
        "functools",
        "collections",
        "copy",
        "time",
        "random",
        "textwrap",
        "dataclasses",
    ),
    *("contextlib", "ipywidgets", "course", "sys", "statistics", "re", "json", "numpy"),
    *(
        "utils.pictures.figures",
        "utils.generation.decoding",
        "utils.stream",
        "utils.load",
        "utils.model.taps",
        "utils.GPT",
        "utils.GPTConfig",
    ),
    *(
        "utils.training.losses",
        "utils.interpretability.facts",
        "utils.generation.sampling",
        "utils.generation.beams",
        "utils.pictures.heat_maps",
        "utils.pictures.computation_graph",
    ),
    *(
        "utils.interpretability.attention_patterns",
        "utils.pictures.bertviz_views",
        "utils.widgets.explorers",
        "utils.interpretability.neurons",
        "utils.quantization.rounding",
    ),
    *(
        "utils.interpretability.causal_tracing",
        "utils.data",
        "utils.widgets.pen_strokes",
        "utils.widgets.digit_pad",
        "utils.widgets.shannon_game",
        "utils.model.rotary",
        "utils.model.kv_cache",
    ),
)
CHANGERS = {
    "shuffle",
    "heappush",
    "heappop",
    "setattr",
    "delattr",
    "next",
    "exec",
    "eval",
    "vars",
    "globals",
}
# What gives back something new, which no name holds yet.
_NEW_BY_FUNCTION = {
    "len",
    "sum",
    "print",
    "int",
    "float",
    "str",
    "bool",
    "abs",
    "round",
    "range",
    "repr",
    "format",
}
_NEW_BY_FUNCTION |= {"isinstance", "generate", "answer_probability", "next_token_losses"}
_NEW_BY_METHOD = {
    "item",
    "tolist",
    "mean",
    "sum",
    "std",
    "norm",
    "numel",
    "argmax",
    "argmin",
    "clone",
    "deepcopy",
}
_NEW_BY_METHOD |= {
    "allclose",
    "isclose",
    "perf_counter",
    "manual_seed",
    "encode",
    "decode",
    "for_model",
    "generate",
}
STATE = ("set_grad_enabled", "set_default_dtype", "set_num_threads")
SEEDS = {"manual_seed", "seed"}
DRAWS = {
    "rand",
    "randn",
    "randint",
    "randperm",
    "multinomial",
    "rand_like",
    "randn_like",
    "normal",
    "bernoulli",
}
DRAWS |= {
    "random",
    "shuffle",
    "sample",
    "choice",
    "choices",
    "uniform",
    "gauss",
    "normal_",
    "uniform_",
    "dropout",
}
DRAWS |= {"Linear", "Embedding", "Conv2d", "GRU", "TransformerEncoderLayer", "GPT"}
RANDOM = "random()"


@dataclass
class CellNames:
    """The names of one cell or of one function's body; see the module's text."""

    reads: set[str] = field(default_factory=set)
    later: set[str] = field(default_factory=set)
    sure: set[str] = field(default_factory=set)
    perhaps: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    grows: set[str] = field(default_factory=set)
    shares: set[tuple[str, str]] = field(default_factory=set)
    holds: set[tuple[str, str]] = field(default_factory=set)
    parts: set[tuple[str, str]] = field(default_factory=set)
    # a function -> what calling it may change
    functions: dict[str, set[str]] = field(default_factory=dict)

    @property
    def binds(self) -> set[str]:
        """Every name that the cell may bind or delete."""
        return self.sure | self.perhaps

    def changed(self) -> set[str]:
        """Every name whose object may be another one afterwards."""
        grown = related(self.grows, self.shares)
        wholes = {whole for part, whole in self.parts if part in grown}
        return grown | related(self.changes | wholes, self.shares | self.holds)

    @property
    def mentions(self) -> set[str]:
        """Every name of the notebook that the cell reads, at once or when a function of it is
        called.
        """
        return self.reads | self.later


def _defaults(node: ast.FunctionDef | ast.Lambda) -> list[ast.expr]:
    """What the parameters are where nothing is given for them."""
    return [one for one in (*node.args.defaults, *node.args.kw_defaults) if one is not None]


@dataclass(frozen=True)
class Function:
    """A function, when it is called: what it needs and changes from outside, and if its arguments
    stay as they are.
    """

    mentions: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    harmless: bool = True


def cell_names(source: str, imported: dict[str, str], functions: dict[str, Function]) -> CellNames:
    """The names of a cell. IPython's magics are understood. SyntaxError where the cell is no
    Python.

    imported: what the cells above brought in, name -> dotted address. The cell's own imports are
        added to it.
    functions: those that the cells above define. Added to as well.
    """
    reader = _Reader(imported, functions)
    for statement in ast.parse(TransformerManager().transform_cell(source)).body:
        reader.visit(statement)
    found = reader.found
    found.reads |= {f"{name}()" for name in STATE}
    return found


def related(names: Iterable[str], pairs: Iterable[tuple[str, str]]) -> set[str]:
    """These names and all that the pairs (from, to) lead to from them."""
    beside: dict[str, set[str]] = {}
    for one, other in pairs:
        beside.setdefault(one, set()).add(other)
    found, todo = set(names), list(names)
    while todo:
        new = beside.get(todo.pop(), set()) - found
        found |= new
        todo += new
    return found


class _Reader(ast.NodeVisitor):
    """Walks through statements in the order in which they run, and notes what they do to names."""

    def __init__(self, imported: dict[str, str], functions: dict[str, Function]) -> None:
        self.found = CellNames()
        self.imported, self.functions = imported, functions
        self.certain = True  # false inside a branch or a loop
        self.hidden: list[set[str]] = []  # the targets of comprehensions around

    # --- names ---------------------------------------------------------------------------------------------------

    def visit_Name(self, node: ast.Name) -> None:
        if any(node.id in names for names in self.hidden):
            return
        if isinstance(node.ctx, ast.Load):
            self.read(node.id)
        else:
            self.bind(node.id, surely=isinstance(node.ctx, ast.Store))

    def read(self, name: str) -> None:
        if name not in self.found.sure and name not in _ALWAYS_THERE:
            self.found.reads.add(name)

    def bind(self, name: str, surely: bool = True) -> None:
        (self.found.sure if surely and self.certain else self.found.perhaps).add(name)

    @contextmanager
    def perhaps(self) -> Iterator[None]:
        """What is bound here is certain for what stands here too, and not for what comes after."""
        sure, certain = set(self.found.sure), self.certain
        self.certain = True
        yield
        self.found.perhaps |= self.found.sure - sure
        self.found.sure, self.certain = sure, certain

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            self.imported[name] = alias.name if alias.asname else name
            self.bind(name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            self.imported[alias.asname or alias.name] = f"{node.module}.{alias.name}"
            self.bind(alias.asname or alias.name)

    # --- statements ----------------------------------------------------------------------------------------------

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self.assign(target, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)
            self.assign(node.target, node.value)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        with self.perhaps():
            self.assign(node.target, node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.visit(node.value)
        name = root(node.target)
        if name:
            self.read(name)
        if self.is_object(name):
            self.found.changes.add(name)
        self.visit(node.target)

    def assign(self, target: ast.expr, value: ast.expr, loop: bool = False) -> None:
        """Bind the names of a target; an assignment to an attribute or an item changes the object
        instead.

        loop: the target gets one part of the value after the other.
        """
        held = self.holders(value) | self.used(value)
        alias = self.functions.get(value.id) if isinstance(value, ast.Name) else None
        changes = set().union(
            *(self.body(one).changes for one in ast.walk(value) if isinstance(one, ast.Lambda))
        )
        for part in ast.walk(target):
            if not isinstance(getattr(part, "ctx", None), ast.Store):
                continue
            if isinstance(part, ast.Attribute | ast.Subscript):
                self.change(part)
                self.keep(root(part), held)
            elif isinstance(part, ast.Name):
                self.imported.pop(part.id, None)
                self.functions.pop(part.id, None)
                self.keep(part.id, held)
                if not isinstance(value, _DISPLAYS) or part is not target:
                    self.found.shares |= {(part.id, name) for name in held}
                if not isinstance(value, (ast.Name, *_DISPLAYS)) or part is not target or loop:
                    self.found.parts |= {(part.id, name) for name in held}
                if changes:  # perhaps those of an object that it holds as a default
                    self.found.functions[part.id] = changes | {part.id}
                if alias is not None and part is target:
                    self.functions[part.id] = alias
                    self.found.functions[part.id] = alias.changes
        self.visit(target)

    def keep(self, holder: str | None, held: set[str]) -> None:
        """Note that the objects of `held` are from now on in the one called `holder`."""
        if self.is_object(holder):
            self.found.shares |= {(name, holder) for name in held}
            self.found.holds |= {(holder, name) for name in held}

    def holders(self, *values: ast.expr) -> set[str]:
        """The names of the notebook whose objects these values may be, hold, or be a part of."""
        return {name for name in self.names(*values) if self.is_object(name)}

    def used(self, *values: ast.expr) -> set[str]:
        """The names of the notebook that the functions in these values use, lambdas too."""
        names = set().union(
            *(self.functions[one].mentions for one in self.names(*values) if one in self.functions)
        )
        lambdas = [
            one for value in values for one in ast.walk(value) if isinstance(one, ast.Lambda)
        ]
        names |= set().union(*(self.body(one).mentions for one in lambdas))
        return {name for name in names if self.is_object(name)}

    def names(self, *values: ast.expr) -> set[str]:
        return set().union(*map(holders, values))

    def is_object(self, name: str | None) -> TypeGuard[str]:
        """Whether a name of the notebook may be an object that can change: no module and no
        function is.
        """
        known = name in self.imported or name in self.functions or name in _ALWAYS_THERE
        return name is not None and not known and not any(name in names for names in self.hidden)

    def change(self, node: ast.expr) -> None:
        """Note that the object is changed from which this expression starts; its entries only,
        where it is x[0].
        """
        name = root(node)
        grows = isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name)
        if self.is_object(name):
            (self.found.grows if grows else self.found.changes).add(name)

    def visit_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            self.visit(target) if isinstance(target, ast.Name) else self.change(target)
            self.found.sure -= {target.id} if isinstance(target, ast.Name) else set()

    def visit_For(self, node: ast.For) -> None:
        self.visit(node.iter)
        with self.perhaps():
            self.assign(node.target, node.iter, loop=True)
            self.all(node.body)
        with self.perhaps():
            self.all(node.orelse)

    def visit_If(self, node: ast.If | ast.While) -> None:
        self.visit(node.test)
        for branch in (node.body, node.orelse):
            with self.perhaps():
                self.all(branch)

    visit_While = visit_If

    def visit_With(self, node: ast.With) -> None:
        for item in node.items:
            self.visit(item.context_expr)
            if item.optional_vars:
                self.assign(item.optional_vars, item.context_expr)
        with self.perhaps():  # a context may swallow an error
            self.all(node.body)

    def visit_Try(self, node: ast.Try) -> None:
        for part in (
            node.body,
            *(handler.body for handler in node.handlers),
            node.orelse,
            node.finalbody,
        ):
            with self.perhaps():
                self.all(part)
        for handler in node.handlers:
            self.visit(handler.type) if handler.type else None
            self.bind(handler.name, surely=False) if handler.name else None

    def all(self, nodes: Iterable[ast.AST]) -> None:
        for node in nodes:
            self.visit(node)

    # --- functions -----------------------------------------------------------------------------------------------

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.all(node.decorator_list)
        self.visit(node.args)
        self.visit(node.returns) if node.returns else None
        inside = self.body(node)
        self.found.later |= inside.mentions
        self.found.functions[node.name] = inside.changes
        self.bind(node.name)
        own = {one.arg for one in ast.walk(node.args) if isinstance(one, ast.arg)}
        self.functions[node.name] = Function(
            inside.mentions, inside.changes, not inside.changed & own
        )
        self.imported.pop(node.name, None)
        # A default stays the object that it was, whatever its name stands for later.
        defaults = self.holders(*_defaults(node))
        self.found.shares |= {(name, node.name) for name in defaults}
        self.found.holds |= {(node.name, name) for name in defaults}
        if defaults and inside.changed & own:
            self.found.functions[node.name] = inside.changes | {node.name}

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.visit(node.args)
        inside = self.body(node)
        self.found.later |= inside.mentions
        self.found.changes |= inside.changes

    def visit_arg(self, node: ast.arg) -> None:
        self.visit(node.annotation) if node.annotation else None

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.all([*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)])
        inside = self.nested(node.body)
        own = inside.binds
        self.found.reads |= inside.reads - own - self.found.sure
        self.found.later |= inside.later  # a method does not see the names of its class
        changes = inside.changes.union(*inside.functions.values()) - own
        self.found.functions[node.name] = changes
        self.functions[node.name] = Function(
            inside.later, changes
        )  # an instance holds what it is given, and does not change it
        self.imported.pop(node.name, None)
        held = {one for pair in inside.shares for one in pair} - own
        if held or own - inside.functions.keys():  # something besides methods that can be changed
            del self.functions[node.name]
            self.keep(node.name, held)
        self.bind(node.name)

    def body(self, node: ast.FunctionDef | ast.Lambda) -> _Body:
        """What a function does to names that are not its own when it is called."""
        inside = self.nested([ast.Expr(node.body)] if isinstance(node, ast.Lambda) else node.body)
        free = {
            name
            for one in ast.walk(node)
            if isinstance(one, ast.Global | ast.Nonlocal)
            for name in one.names
        }
        parameters = {one.arg for one in ast.walk(node.args) if isinstance(one, ast.arg)}
        own = (inside.binds | parameters) - free
        inside.changes |= set().union(*(inside.functions[name] for name in inside.functions))
        self.found.perhaps |= inside.binds & free
        changed = inside.changed()
        if changed & parameters:  # among them may be an object that stands as a default
            changed |= {name for name in self.holders(*_defaults(node)) if name not in own}
        return _Body(inside.mentions - own, (changed | inside.binds & free) - own, changed)

    def nested(self, statements: Sequence[ast.stmt]) -> CellNames:
        reader = _Reader(dict(self.imported), dict(self.functions))
        reader.all(statements)
        return reader.found

    # --- expressions ---------------------------------------------------------------------------------------------

    def comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
    ) -> None:
        self.visit(node.generators[0].iter)
        own = {
            part.id
            for one in node.generators
            for part in ast.walk(one.target)
            if isinstance(part, ast.Name)
        }
        self.hidden.append(own)
        for number, one in enumerate(node.generators):
            self.visit(one.iter) if number else None
            self.all(one.ifs)
        self.all([node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt])
        self.hidden.pop()

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = comprehension

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        name, where = called(node), address(node.func, self.imported)
        values = [*node.args, *(keyword.value for keyword in node.keywords)]
        self.hidden_state(node, name, where is not None)
        if isinstance(node.func, ast.Attribute) and where is None and name not in READING_METHODS:
            if name not in _GROWING:
                self.change(node.func)
            elif self.is_object(receiver := root(node.func)):
                (
                    self.found.grows
                    if isinstance(node.func.value, ast.Name)
                    else self.found.changes
                ).add(receiver)
            if name not in _DRAWING:
                self.keep(root(node.func), self.holders(*values))
        if isinstance(node.func, ast.Name) and name in self.functions:
            for holder in self.functions[name].changes:
                self.keep(holder, self.holders(*values))
                self.found.shares |= {(holder, name) for name in self.holders(*values)}
        if not self.is_harmless(node, name, where):
            self.found.changes |= self.holders(*values)

    def is_harmless(self, node: ast.Call, name: str, where: str | None) -> bool:
        """Whether this call leaves its arguments as they are."""
        if where is not None:
            known = any(f"{where}.".startswith(f"{one}.") for one in HARMLESS)
            return known and name not in CHANGERS and not name.endswith("_")
        if isinstance(node.func, ast.Attribute):  # x.copy_(y) changes x, which is noted, and not y
            return name in READING_METHODS | _DRAWING | _GROWING or name.endswith("_")
        return name not in CHANGERS and self.functions.get(name, Function()).harmless

    def hidden_state(self, node: ast.Call, name: str, of_module: bool) -> None:
        """Seeds, draws and settings."""
        if name in STATE and of_module:
            self.bind(f"{name}()")
        elif name in SEEDS and of_module:
            self.bind(RANDOM)
        elif (
            name in DRAWS
            and (of_module or name.endswith("_"))
            and "generator" not in {one.arg for one in node.keywords}
        ):
            self.read(RANDOM)
            self.bind(RANDOM, surely=False)


@dataclass(frozen=True)
class _Body:
    """A function, when it is called: what it needs and changes from outside, and everything that it
    changes.
    """

    mentions: set[str]
    changes: set[str]
    changed: set[str]


def called(node: ast.Call) -> str:
    """The last name of what is called; empty if it has none."""
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def root(node: ast.expr) -> str | None:
    """The name from which attributes, items and calls start: x in x.a[0].f(); None if there is
    none.
    """
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def address(node: ast.expr, imported: dict[str, str]) -> str | None:
    """The dotted address of something that an import brought in: "torch.nn.Linear"; None for all
    else.
    """
    names = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if not (isinstance(node, ast.Name) and node.id in imported):
        return None
    return ".".join([imported[node.id], *reversed(names)])


def holders(node: ast.expr) -> set[str]:
    """The names whose objects the value of an expression may be, hold, or be a part of."""
    if isinstance(node, ast.Name):
        return {node.id}
    if isinstance(node, ast.Compare | ast.UnaryOp | ast.JoinedStr | ast.Constant):
        return set()  # something new
    if isinstance(node, ast.Lambda):  # what it uses is noted as such
        return set().union(*map(holders, _defaults(node)))
    if isinstance(node, ast.Call):
        new = _NEW_BY_METHOD if isinstance(node.func, ast.Attribute) else _NEW_BY_FUNCTION
        if called(node) in new:
            return set()
    own = {
        part.id
        for one in getattr(node, "generators", ())
        for part in ast.walk(one.target)
        if isinstance(part, ast.Name)
    }
    return set().union(*map(holders, _parts(node))) - own


def _parts(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions directly below one, without those that only say which part is taken."""
    if isinstance(node, ast.Subscript):
        yield node.value
        return
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield child
        elif isinstance(child, ast.keyword):
            yield child.value
        elif isinstance(child, ast.comprehension):
            yield child.iter
