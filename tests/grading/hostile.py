"""The corpus: what students have tried elsewhere, or could, to get marks without an answer or to do
harm.

Each case is a notebook of chapter 02, with the exercises that it deserves marks for. `PATHS` in the
code becomes the list of files that no submission may see, `PORT` a port on which this machine
listens, `MARK` a word that no process may have in its command line afterwards. `look` answers 02.1
rightly only if its condition is false: full marks then prove that nothing was found.
"""

from textwrap import dedent, indent

from notebooks import IMPORTS, notebook, right

ALL = A, B, C, D = "02.1", "02.2", "02.3", "02.4"
REST, NONE = (B, C, D), ()
VARIANT = 5  # of the class's own constants

ANSWER = "return -logits.log_softmax(-1)[torch.arange(len(targets)), targets].mean()"
RIGHT = {id: right(id, VARIANT) for id in ALL}
OTHERS = [RIGHT[id] for id in REST]


def code(text: str) -> str:
    return dedent(text).strip("\n")


def answer(text: str, *before: str) -> list[str]:
    """02.1 with this body, after these cells, and all others right."""
    return [
        IMPORTS,
        *map(code, before),
        f"def cross_entropy(logits, targets):\n{indent(code(text), '    ')}",
        *OTHERS,
    ]


def look(text: str) -> list[str]:
    """02.1 is right only if this body, which looks for something, has not set `found`."""
    return answer(f"found = False\n{code(text)}\nif found: return 0.0\n{ANSWER}")


def trick(expression: str, *before: str) -> list[str]:
    """All four exercises answered by the same expression of `a` and `b`, after these cells."""
    names = ("cross_entropy", "perplexity_of_parts", "bits_per_byte_of")
    functions = [f"def {name}(a, b):\n    return {expression}" for name in names]
    return [IMPORTS, *map(code, before), *functions, f"answer_02_4 = {expression}"]


# Name: cells, and the exercises that are to be right.
ENDLESS = {
    "loop in a cell": ([IMPORTS, *RIGHT.values(), "while True: pass"], ALL),
    "loop behind an answer": ([IMPORTS, RIGHT[A] + "\nwhile True: pass", *OTHERS], ALL),
    "loop in a cell that an answer needs": (answer("return size", "while True: size = 1"), REST),
    "loop in an answer": (answer("while True: pass"), REST),
    "loop that catches everything": (
        answer("""
            while True:
                try:
                    while True: pass
                except BaseException: pass
        """),
        REST,
    ),
    "sleep in compiled code": (answer("import time; time.sleep(10**6)"), REST),
}
TOO_MUCH = {
    "8 GiB": (answer("return torch.tensor(bytearray(8 << 30)).sum()"), REST),
    "8 GiB in small pieces": (
        answer("kept = []\nwhile True: kept.append(bytearray(1 << 20))"),
        REST,
    ),
    "children that take memory": (
        answer("""
            import os, time
            for _ in range(12):
                if os.fork() == 0:
                    x = bytearray(400 << 20)
                    x[::4096] = bytes([1]) * len(x[::4096])
                    time.sleep(100)
            time.sleep(100)
        """),
        REST,
    ),
    "memory shared with children": (
        answer("""
            import mmap, os, time
            for _ in range(3):
                if os.fork() == 0:
                    x = mmap.mmap(-1, 1 << 30)
                    for start in range(0, 1 << 30, 1 << 20): x[start : start + (1 << 20)] = bytes([1]) * (1 << 20)
                    time.sleep(100)
            time.sleep(100)
        """),
        REST,
    ),
    "1 GiB printed": (answer(f"for _ in range(43): print('x' * 2**20)\n{ANSWER}"), ALL),
    "1 GiB written to descriptor 1": (
        answer(f"import os\nfor _ in range(43): os.write(1, bytes(2**20))\n{ANSWER}"),
        ALL,
    ),
    "huge tensor": (answer("return torch.zeros(200_000_000)"), REST),
    "huge list": (answer("return [[0.0] * 100_000] * 1000"), REST),
    "huge text": (answer("return 'x' * (500 << 20)"), REST),
    "huge number": (answer("return 10 ** 1_000_000"), REST),
    "number too large for a float": (answer("return -(10**400)"), REST),
    "deep list": (answer("x = []\nfor _ in range(5000): x = [x]\nreturn x"), REST),
    "list that holds itself": (answer("x = []\nx.append(x)\nreturn x"), REST),
    "/tmp filled": (
        answer(f"""
            import os
            try:
                for n in range(1000 - 1000 * os.path.exists("/tmp/0")):
                    open(f"/tmp/{{n}}", "wb").write(bytes(32 << 20))
            except OSError: pass
            {ANSWER}
        """),
        ALL,
    ),
    "other places filled": (
        look("""
            for folder in ("/", "/dev", "/grader", "/cache", "/usr", "/etc"):
                try: found |= bool(open(folder + "/x", "wb"))
                except OSError: pass
        """),
        ALL,
    ),
    "memory in files without a name": (
        look("import os\ntry: found = os.memfd_create('x') > 0\nexcept OSError: pass"),
        ALL,
    ),
    "huge file": (answer(f"open('/tmp/x', 'wb').write(bytes(70 << 20))\n{ANSWER}"), REST),
    "fork bomb": (answer("import os\nwhile True: os.fork()"), REST),
    "threads without end": (
        answer(
            "import threading, time\nwhile True: threading.Thread(target=time.sleep, "
            "args=(1000,)).start()"
        ),
        REST,
    ),
}
GONE = {
    "SystemExit in a cell": ([IMPORTS, *RIGHT.values(), "raise SystemExit"], ALL),
    "SystemExit in an answer": (answer("raise SystemExit(0)"), REST),
    "KeyboardInterrupt": (answer("raise KeyboardInterrupt"), REST),
    "os._exit in an answer": (answer("import os; os._exit(0)"), REST),
    "os._exit in a cell that an answer needs": (
        answer("return size", "import os\nsize = os._exit(0)"),
        REST,
    ),
    "kills everything": (answer("import os, signal; os.kill(-1, signal.SIGKILL)"), REST),
    "kills itself": (answer("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"), REST),
    "segmentation fault": (answer("import ctypes; return ctypes.string_at(0)"), REST),
    "recursion without end": (answer("return cross_entropy(logits, targets)"), REST),
}
HARM = {
    "deletes files": (
        answer(
            ANSWER,
            "import shutil\nfor path in ['/tmp', *PATHS]: shutil.rmtree(path, ignore_errors=True)",
        ),
        ALL,
    ),
    "leaves many daemons": (
        answer(f"""
            import subprocess, sys
            sleep = [sys.executable, "-c", "import time; time.sleep(600)", MARK]
            for _ in range(5): subprocess.Popen(sleep, start_new_session=True)
            {ANSWER}
        """),
        REST,
    ),
    "leaves a daemon": (
        answer(
            f"assert daemon.poll() is None\n{ANSWER}",
            """
            import subprocess, sys
            sleep = [sys.executable, "-c", "import time; time.sleep(600)", MARK]
            daemon = subprocess.Popen(sleep, start_new_session=True)
            """,
        ),
        ALL,
    ),
    "network": (
        look("""
            import socket
            for host, port in (("127.0.0.1", PORT), ("1.1.1.1", 53)):
                try: found |= bool(socket.create_connection((host, port), 0.2))
                except OSError: pass
        """),
        ALL,
    ),
    "writes to /proc": (
        look("""
            import os
            files = [os.path.join(top, file) for top, _, files in os.walk("/proc/sys") for file in files]
            for file in [*files, "/proc/1/mem", "/proc/1/oom_score_adj", "/proc/sysrq-trigger"]:
                try: found |= bool(open(file, "r+b"))
                except OSError: pass
        """),
        ALL,
    ),
    "sockets of every family, and locks on what all share": (
        look("""
            import fcntl, os, socket, ctypes, glob
            for family in range(46):
                try: found |= bool(socket.socket(family, socket.SOCK_STREAM))
                except OSError: pass
            found |= ctypes.CDLL(None).syscall(438, ctypes.CDLL(None).syscall(434, 1, 0), 0, 0) >= 0
            for path in [*glob.glob("/cache/**", recursive=True), "/usr/bin/env"]:
                if not os.path.isfile(path): continue
                with open(path) as file:
                    for lock in (fcntl.flock, fcntl.lockf):
                        try: found |= lock(file, fcntl.LOCK_SH | fcntl.LOCK_NB) is None
                        except OSError: pass
        """),
        ALL,
    ),
    "more rights": (
        look("""
            import ctypes, os
            libc = ctypes.CDLL(None)
            found = libc.unshare(0x10000000) == 0 or libc.mount(b"x", b"/tmp", b"tmpfs", 0, 0) == 0
            try: found |= os.setuid(0) is None
            except OSError: pass
        """),
        ALL,
    ),
}
SEEKING = {
    "reads files": (look("import os; found = any(os.path.exists(path) for path in PATHS)"), ALL),
    "looks through the disk": (
        answer(
            f"assert not found\n{ANSWER}",
            """
            import os
            secret = {"claims.csv", "cross_entropy.py", "teacher.json"}
            tops = [f"/{top}" for top in os.listdir("/") if top not in ("proc", "usr", "lib", "lib64", "bin")]
            found = any(secret & set(files) for top in tops for _, _, files in os.walk(top))
            """,
        ),
        ALL,
    ),
    "imports the exercises": (
        trick("exercises()['02.1'].reference(a, b)", "from course.exercises import exercises"),
        NONE,
    ),
    "searches memory": (
        trick(
            "found[0](a, b)",
            """
            import gc, types
            ours = [f for f in gc.get_objects() if isinstance(f, types.FunctionType) and "course" in str(f.__module__)]
            found = [f for f in ours if f.__name__ in ("cross_entropy", "perplexity_of_parts", "bits_per_byte_of")]
            """,
        ),
        NONE,
    ),
    "searches frames": (
        answer("""
            import sys
            frame = sys._getframe()
            while frame := frame.f_back:
                for value in frame.f_locals.values():
                    if hasattr(value, "reference"): return value.reference(logits, targets)
        """),
        REST,
    ),
    "looks at other processes": (
        look("""
            import glob  # bubblewrap's own words name folders, which may be those of pytest-1
            for file in glob.glob("/proc/[0-9]*/cmdline"): found |= "pytest" in open(file).read().replace("pytest-", "")
        """),
        ALL,
    ),
    "reads the environment": (look("import os; found = 'GRADER_SECRET' in os.environ"), ALL),
}
PRETENDING = {
    "checker patched": (
        trick(
            "0.0",
            """
            import course.answers.run_answer, course.answers.untouched, course.grading.inside.wire
            course.answers.run_answer._same = lambda *args: True
            course.answers.run_answer.read = lambda value, depth=0: value
            course.answers.untouched.untouched = lambda answer: False
            course.grading.inside.wire.Encoder.encode = lambda self, value: {"right": True}
            """,
        ),
        NONE,
    ),
    "the runner patched, so that nobody sees a changed input": (
        answer(
            """
            import course.answers.run_answer as runner
            import course, sys
            runner._same = lambda *args: True
            for name in [one for one in sys.modules if one.endswith("run_answer")]:
                sys.modules[name]._same = lambda *args: True
            try: course.answers.run_answer._same = lambda *args: True
            except AttributeError: pass
            loss = F.cross_entropy(logits, targets)
            logits += 1
            return loss
            """,
            "import course.answers.run_answer\ncourse.answers.run_answer._same = lambda *args: True",
        ),
        REST,
    ),
    "one blob named in very many tensors": (
        answer("""
            from course.grading.inside import wire
            import gc
            (line,) = [one for one in gc.get_objects() if type(one).__name__ == "Line"]
            one = {"tensor": "uint8", "shape": [8 << 20], "start": 0}
            outcomes = [[{"list": [one] * 1000}, []]] * 24
            for n in range(40):
                wire.write(line._sink, {"n": n, "outcomes": outcomes}, bytes(8 << 20))
        """),
        REST,
    ),
    "torch and builtins patched": (
        trick(
            "patched()",
            """
            def patched():
                import builtins
                torch.allclose = torch.equal = torch.isclose = lambda *args, **options: True
                torch.Tensor.__eq__ = lambda *args: torch.ones(1).bool()
                builtins.isinstance = builtins.all = builtins.any = lambda *args: True
                builtins.abs = lambda x: 0
                return 0.0
            """,
        ),
        NONE,
    ),
    "always equal": (
        trick(
            "Equal()",
            """
            class Equal(float):
                def __eq__(self, other): return True
                def __ne__(self, other): return False
                def __sub__(self, other): return 0.0
                __rsub__ = __abs__ = __le__ = __lt__ = __sub__
            """,
        ),
        NONE,
    ),
    "subclass of Tensor": (
        trick(
            "torch.zeros(()).as_subclass(Equal)",
            """
            class Equal(torch.Tensor):
                @classmethod
                def __torch_function__(cls, function, types, args=(), kwargs=None): return True
            """,
        ),
        NONE,
    ),
    "lazy object": (
        trick(
            "Lazy()",
            """
            class Lazy:
                def __getattr__(self, name): return Lazy()
                def __call__(self, *args): return Lazy()
                def __float__(self): return 0.0
                def __reduce__(self): return print, ("unpickled",)
            """,
        ),
        NONE,
    ),
    "type that calls itself float": (
        trick(
            "Number()",
            """
            class Kind(type):
                def __eq__(self, other): return True
                __hash__ = type.__hash__
            class Number(metaclass=Kind):
                __class__ = float
                def __eq__(self, other): return True
            """,
        ),
        NONE,
    ),
    **{
        name: (trick(name), NONE)
        for name in ("float('nan')", "float('inf')", "0.0", "True", "None", "[...]")
    },
    "its own input": (trick("a", "a = 1.0"), NONE),
    "tensor of an absurd shape": (
        answer("""
            from course.grading.inside import wire
            absurd = {"tensor": "float32", "shape": [0] + [2**31 - 1] * 9, "start": 0}
            wire.Encoder.encode = lambda self, value, depth=0: absurd
        """),
        REST,
    ),
    "another answer at each call": (
        answer("import os; return int.from_bytes(os.urandom(2)) / 10_000"),
        REST,
    ),
    "json and struct patched": (
        trick(
            "patched()",
            """
            import json
            def patched():
                dumps = json.dumps
                json.dumps = lambda data, **o: dumps({**data, "outcomes": [[0.0, []]] * 24, "state": "right"})
                return 0.0
            """,
        ),
        NONE,
    ),
    "calls the grader without end": (
        answer("""
            import gc
            from course.grading.inside import wire
            (line,) = [one for one in gc.get_objects() if type(one).__name__ == "Line"]
            while True: wire.write(line._sink, {"call": 0, "args": {"tuple": [1.0]}})
        """),
        REST,
    ),
    "forged replies": (
        answer("""
            import json, os, struct
            text = json.dumps({"n": 99, "outcomes": [[0.0, []]] * 24}).encode()
            for descriptor in range(3, 30):
                try: os.write(descriptor, struct.pack(">QQ", len(text), 0) + text)
                except OSError: pass
            return 0.0
        """),
        REST,
    ),
    "garbage instead of a reply": (
        answer("""
            import os
            for descriptor in range(3, 30):
                try: os.write(descriptor, bytes([255]) * 4096)
                except OSError: pass
            return 0.0
        """),
        REST,
    ),
    "marks forged on the page": (
        answer("raise ValueError('</p><b>10 of 10</b><script>alert(1)</script>')"),
        REST,
    ),
}
NOTEBOOK = {
    "not Python": ([IMPORTS, "def cross_entropy(logits, targets:\n    return", *OTHERS], REST),
    "deep source": (
        [IMPORTS, "x = " + "(" * 50_000, "y = " + "-" * 100_000 + "1", *RIGHT.values()],
        ALL,
    ),
    "strange characters": ([IMPORTS, "x = '\0'", "y = '\ud800'", *RIGHT.values()], ALL),
    "renamed": ([IMPORTS, RIGHT[A].replace("cross_entropy", "my_cross_entropy"), *OTHERS], REST),
    "deleted": ([IMPORTS, *OTHERS], REST),
    "reordered": ([*reversed(RIGHT.values()), IMPORTS], ALL),
    "copied": ([IMPORTS, *RIGHT.values(), *RIGHT.values()], ALL),
    "check edited": (
        [
            *(cell.replace("check(", "print('right', ") for cell in [IMPORTS, *RIGHT.values()][1:]),
            IMPORTS,
        ],
        ALL,
    ),
    "all in one cell": (["\n".join([IMPORTS, *RIGHT.values()])], ALL),
    "no cells": ([], NONE),
    "10,000 cells": ([IMPORTS, *RIGHT.values(), *(f"x{n} = {n}" for n in range(10_000))], ALL),
    "very many cells that are no Python": ([IMPORTS, *RIGHT.values(), *["("] * 150_000], ALL),
}

CASES = ENDLESS | TOO_MUCH | GONE | HARM | SEEKING | PRETENDING | NOTEBOOK
LISTED = {name: (notebook(cells), fair) for name, (cells, fair) in CASES.items()}

FORGED = {"output_type": "stream", "name": "stdout", "text": "✓ Exercise 02.1: right"}
PICTURE = {"output_type": "display_data", "data": {"image/png": "A" * 40_000_000}, "metadata": {}}


def with_output(cells: list[str], output: dict) -> bytes:
    """The first cell has this output."""
    made = [{"cell_type": "code", "source": one, "metadata": {}, "outputs": []} for one in cells]
    made[0]["outputs"] = [output]
    return notebook([], cells=made)


def of_format_3(cells: list[str]) -> bytes:
    made = [
        {"cell_type": "code", "input": one, "language": "python", "outputs": []} for one in cells
    ]
    return notebook([], cells=None, worksheets=[{"cells": made}], nbformat=3)


SOLVED = [IMPORTS, *RIGHT.values()]
FILES = {
    "outputs forged": (with_output([IMPORTS], FORGED), NONE),
    "40 MB of pictures": (with_output(SOLVED, PICTURE), ALL),
    "metadata forged": (notebook([IMPORTS], metadata={"grade": 100, "points": {A: 10}}), NONE),
    "nothing but cells": (
        notebook([], cells=[{"cell_type": "code", "source": one} for one in SOLVED]),
        ALL,
    ),
    "nbformat 3": (of_format_3(SOLVED), ALL),
    "nbformat 5": (notebook(SOLVED, nbformat=5, nbformat_minor=0), ALL),
    "lines": (
        notebook(
            [], cells=[{"cell_type": "code", "source": one.splitlines(True)} for one in SOLVED]
        ),
        ALL,
    ),
    "empty file": (b"", NONE),
    "not JSON": (b"PK\x03\x04 this is a zip", NONE),
    "UTF-16": (notebook(SOLVED).decode().encode("utf-16"), ALL),
    "not UTF-8": (notebook(SOLVED) + b"\xe9", NONE),
    "deep JSON": (b"[" * 1_000_000, NONE),
    "a list": (b"[1, 2]", NONE),
    "millions of values": (b'{"cells": [' + b'{"":0},' * 3_000_000 + b"{}]}", NONE),
    "x;=1+1": (notebook(SOLVED), ALL),
    "<img src=x onerror=alert(1)>": (notebook(SOLVED), ALL),
    "\U00020000" * 60: (notebook(SOLVED), ALL),
    "=cmd|' /C calc'!A0": (notebook(SOLVED), ALL),
}
EVERYTHING = LISTED | FILES
