"""A bot gets an Observation and nothing else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import simtrainer.procedures
from simtrainer.core.action import Action
from simtrainer.core.error import UnknownNameError
from simtrainer.procedures.selective_catheterisation.bots.cast import BOTS
from simtrainer.procedures.selective_catheterisation.bots.operator import Operator
from simtrainer.procedures.selective_catheterisation.catalogue import MOST_PUSH
from simtrainer.procedures.selective_catheterisation.exercise import EXERCISE

FOLDER = Path(simtrainer.procedures.__file__).parent
FILES = sorted(FOLDER.glob("*/bots/*.py"))
# The catalogue holds what is written on every table of controls, and no state.
ALLOWED = ("simtrainer.core.action", "simtrainer.procedures.procedure")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_bot_imports_nothing_that_knows_the_truth(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    modules += [name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names]
    own = f"simtrainer.procedures.{path.parent.parent.name}"
    for module in modules:
        if not module.startswith("simtrainer"):
            assert module.split(".")[0] in {"__future__", "collections", "dataclasses", "math", "numpy", "typing"}
        else:
            assert (
                module in ALLOWED
                or module in {f"{own}.observation", f"{own}.catalogue"}
                or module.startswith(f"{own}.bots.")
            ), module


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_bot_opens_no_back_door(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not called & {"eval", "exec", "__import__", "open", "globals", "vars", "setattr"}
    assert not [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr.startswith("__") and node.attr != "__init__"
    ]


@pytest.mark.parametrize("name", sorted(BOTS))
def test_a_bot_of_the_same_seed_is_the_same_bot(name: str) -> None:
    one, two = BOTS[name](3, ""), BOTS[name](3, "")
    assert isinstance(one, Operator)
    assert isinstance(two, Operator)
    assert one.style == two.style


@pytest.mark.parametrize("name", sorted(BOTS))
def test_every_seed_is_another_pair_of_hands_of_its_kind(name: str) -> None:
    hands = [BOTS[name](seed, "") for seed in range(20)]
    styles = [hand.style for hand in hands if isinstance(hand, Operator)]
    assert len({style.fine_push for style in styles}) > 10
    assert max(style.push for style in styles) <= MOST_PUSH
    assert max(style.twist for style in styles) < 1.4 * min(style.twist for style in styles)


def test_what_a_bot_leaves_out_is_a_step_that_it_asks_itself_about() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in FILES)
    for step in EXERCISE.steps_left_out:
        deed, _, where = step.partition("_")
        asked = f'does("{step}")' in source
        cleaned = f'does(f"{deed}_{{where}}")' in source and f'clean("{where}")' in source
        assert asked or cleaned, step
    with pytest.raises(UnknownNameError, match="haemostasi"):
        EXERCISE.bot("expert", 1, "haemostasi")


def test_a_held_control_is_sent_once() -> None:
    bot = BOTS["expert"](1, "")
    assert isinstance(bot, Operator)
    assert bot.hold(wire_push=0.05) == (Action("wire.push", 0.05),)
    assert bot.hold(wire_push=0.05) == ()
