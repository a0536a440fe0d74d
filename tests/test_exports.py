"""What `import leanfeed` offers, and what it costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import leanfeed

PACKAGE = Path(leanfeed.__file__).parent


def test_every_public_name_exists() -> None:
    for name in leanfeed.__all__:
        assert getattr(leanfeed, name) is not None
    assert dir(leanfeed) == leanfeed.__all__
    assert leanfeed.lean.read_file
    with pytest.raises(AttributeError):
        leanfeed.nothing  # noqa: B018


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse((PACKAGE / "__init__.pyi").read_text(encoding="utf-8"))
    imported = {
        alias.asname
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module != "leanfeed"
        for alias in node.names
    }
    assert imported == set(leanfeed.__all__) - {"__version__"}


def test_every_module_says_what_it_is_for() -> None:
    for path in PACKAGE.rglob("*.py"):
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path


def test_import_loads_nothing_else() -> None:
    code = "import sys; had = {*sys.modules}; import leanfeed; print(*sys.modules.keys() - had)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in out.stdout.split()}
    assert loaded <= {"__future__", "importlib", "warnings", "leanfeed"}
    assert "leanfeed.values" not in out.stdout.split()


#: From the ground up: a module imports only what stands before it.
LAYERS = [
    {
        "clock",
        "deflate",
        "entry_points",
        "errors",
        "flight",
        "kernel",
        "processes",
        "scarcity",
        "secret",
        "stamps",
        "stopping",
    },
    {"addresses", "checks", "values", "bars", "dates", "html", "links", "redaction"},
    {"options"},
    {"wording", "lean", "refresh"},
    {"frames", "plan_text", "report_text", "request"},
    {"plan_json"},
    {"plans", "report"},
    {"events", "ledger", "recording"},
    {"interfaces", "observe", "soundness"},
    {"tally"},
    {"notebook"},
    {"hookspecs", "contract"},
    {"background", "choices", "claims", "config", "default_plugins", "logs", "outcome", "watch"},
    {"chain", "registry", "writable"},
    {"configured"},
    {"doctor", "filling", "inventory", "loading", "overview", "revisions", "volume", "workspace"},
    {"run"},
    {"pipeline"},
    {"applying", "audits", "backtest", "bench", "testing"},
    {"aio", "coverages"},
    {"__init__", "cli", "pytest_plugin"},
    {"__main__"},
]


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """Everything a module imports at run time, functions included."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_imports_go_one_way() -> None:
    height = {name: level for level, names in enumerate(LAYERS) for name in names}
    rooms = {room(path) for path in PACKAGE.rglob("*.py")}
    assert rooms == set(height)
    for path in PACKAGE.rglob("*.py"):
        for name in imports(path):
            parts = name.split(".")
            if parts[0] == "leanfeed" and len(parts) > 1 and parts[1] in height:
                above, below = room(path), parts[1]
                assert above == below or height[above] > height[below], (above, name)


@pytest.mark.parametrize(
    ("library", "rooms"),
    [
        ("pluggy", {"hookspecs", "registry"}),
        ("click", {"cli"}),
        ("rich", {"cli"}),
        ("urllib3", set()),
    ],
)
def test_each_library_has_its_rooms(library: str, rooms: set[str]) -> None:
    users = {
        room(path)
        for path in PACKAGE.rglob("*.py")
        if any(name.split(".")[0] == library for name in imports(path))
    }
    assert users == rooms


def test_the_core_knows_no_plugin_package() -> None:
    for path in PACKAGE.rglob("*.py"):
        assert not any(name.startswith("leanfeed_") for name in imports(path)), path
