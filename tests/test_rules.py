"""Rules of the house that nothing else would notice."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import bot
import handlers.staff
from bot.staff import ALLOWED, Action, Role

ROOT = Path(__file__).parent.parent
CODE = [*ROOT.glob("bot/**/*.py"), *ROOT.glob("handlers/**/*.py")]


def test_bot_is_the_package_and_not_the_script() -> None:
    """Without bot/__init__.py ``import bot`` would find bot.py."""
    assert bot.__file__ is not None
    assert bot.__file__.endswith("bot/__init__.py")


def test_the_doorbell_defines_nothing() -> None:
    """bot.py holds a docstring, one import and the call of main()."""
    tree = ast.parse((ROOT / "bot.py").read_text(encoding="utf-8"))
    kinds = [type(node) for node in tree.body]
    assert kinds == [ast.Expr, ast.ImportFrom, ast.If]


def _named_bare_bot() -> Iterator[tuple[Path, ast.Import]]:
    for path in ROOT.glob("handlers/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import) and any(name.name == "bot" for name in node.names):
                yield path, node


def test_no_handler_file_imports_bare_bot() -> None:
    """Aiogram's ``bot`` argument would shadow it."""
    assert len(list(ROOT.glob("handlers/**/*.py"))) > 10
    assert list(_named_bare_bot()) == []


def test_no_module_is_a_drawer() -> None:
    """A name that says nothing collects everything."""
    drawers = {"utils", "helpers", "common", "base", "services", "repositories"}
    assert len(CODE) > 40
    assert [path for path in CODE if drawers & {path.stem, *path.parent.parts[-1:]}] == []


def test_modules_stay_readable() -> None:
    """About 400 lines; a longer one becomes a folder of the same name."""
    # A migration is written once, by Alembic, and not read like a module.
    modules = [path for path in CODE if path.parent.name != "versions"]
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in modules}
    assert {path: length for path, length in lengths.items() if length > 450} == {}


def test_no_handler_returns_a_method() -> None:
    """A handler that returns a method instead of awaiting it is dropped by ``feed_update``."""
    seen = 0
    for path in ROOT.glob("handlers/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.AsyncFunctionDef):
                seen += 1
                for inner in ast.walk(node):
                    if isinstance(inner, ast.Return) and isinstance(inner.value, ast.Call):
                        called = inner.value.func
                        name = called.attr if isinstance(called, ast.Attribute) else ""
                        assert not name.startswith(("answer", "send_", "edit_", "delete_")), (
                            f"{path}:{inner.lineno}"
                        )
    assert seen > 50


def test_every_staff_door_names_its_action() -> None:
    """A door without an action would be open to whoever finds it."""
    router = handlers.staff.build_staff_router()
    doors = [
        handler
        for part in router.sub_routers
        for observer in (part.message, part.callback_query)
        for handler in observer.handlers
    ]
    assert len(doors) >= 13
    for door in doors:
        assert isinstance(door.flags.get("action"), Action), door.callback
    for part in router.sub_routers:
        for observer in (part.message, part.callback_query):
            locks = [type(lock).__name__ for lock in observer.middleware]
            assert locks == ["StaffLock"]


def test_every_action_is_in_the_table() -> None:
    """Every action says who may, and somebody may."""
    assert set(ALLOWED) == set(Action)
    assert all(ALLOWED.values())
    assert all(Role.ADMIN in roles for roles in ALLOWED.values())


def test_light_verbs_do_not_wait_for_aiogram() -> None:
    """Questions on the command line and the checks must start fast."""
    program = (
        "import sys\n"
        "import bot.app, bot.app.asking, bot.app.content\n"
        "import bot.answering.understanding, bot.evaluation\n"
        "import bot.app.deskwork, bot.casework.verbs\n"
        "assert not [name for name in sys.modules if name.startswith('aiogram')]\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, timeout=60)


def test_no_sentence_hides_inside_an_f_string() -> None:
    """The collector of sentences does not look into f-strings before Python 3.12."""
    spoken, hidden = 0, []
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            calls = [n for n in ast.walk(node) if isinstance(n, ast.Call)]
            words = [c for c in calls if isinstance(c.func, ast.Name) and c.func.id == "_"]
            spoken += len(words) if isinstance(node, ast.Module) else 0
            if words and isinstance(node, ast.JoinedStr):
                hidden.append(f"{path.name}:{node.lineno}")
    assert spoken > 150
    assert hidden == []
