"""Gradient and Hessian of the energy of one step against differences of the energy, for one to three devices."""

import numpy as np
import pytest
from numpy.typing import NDArray

from simtrainer.physics.band import width_of
from simtrainer.physics.rod_newton import assemble
from simtrainer.physics.rod_prepare import bishop
from simtrainer.physics.rod_problem import (
    ALONG,
    AT,
    BEFORE,
    BEHIND,
    BEND,
    CELL,
    COUPLE,
    DEVICE,
    DIRECTOR,
    DRAG,
    EDGE,
    FELT,
    HELD,
    INERTIA,
    LIMIT,
    MASS,
    NODE,
    NORMAL,
    PRESENT,
    RADIUS,
    REACH,
    REST,
    SLIP,
    SPIN,
    STICK,
    STORED,
    STRETCH,
    TURN,
    Grid,
)

Floats = NDArray[np.float64]
NODES = 7


def free_space() -> Grid:
    return np.full((1, 1, 1), -1, dtype=np.int32), np.zeros(1000, dtype=np.float32), np.zeros(3), 1.0


class Case:
    """A rod with random numbers in every column, bent and twisted, and the unknowns that are free."""

    def __init__(self, devices: int, seed: int, *, friction: bool) -> None:
        rng = np.random.default_rng(seed)
        n, self.devices = NODES, devices
        step = np.column_stack([np.full(n, 2.0), np.zeros((n, 2))]) + rng.normal(0.0, 0.5, (n, 3))
        self.x = np.cumsum(step, axis=0)
        self.theta = rng.normal(0.0, 0.7, (n - 1, devices))
        node, device = np.zeros((n, NODE)), np.zeros((n, devices, DEVICE))
        for column in (REACH, CELL, BEND, STRETCH, RADIUS, INERTIA, MASS, DRAG):
            node[:, column] = rng.uniform(0.5, 2.0, n)
        node[:-1, REST] = np.linalg.norm(np.diff(self.x, axis=0), axis=1) * rng.uniform(0.9, 1.1, n - 1)
        node[:, STORED] = rng.uniform(0.0, 1.0, n)
        node[:, AT : AT + 3] = self.x + rng.normal(0.0, 0.3, (n, 3))
        bishop(self.x, np.array([0.1, 1.0, 0.2]), node)
        if friction:
            normal = rng.normal(0.0, 1.0, (n, 3))
            node[:, NORMAL : NORMAL + 3] = normal / np.linalg.norm(normal, axis=1)[:, None]
            node[HELD:, LIMIT], node[:, STICK] = 1e6, rng.uniform(0.5, 2.0, n)
            node[:, SLIP : SLIP + 3], node[:, SPIN : SPIN + 3] = rng.normal(0.0, 0.4, (2, n, 3))
            node[:, BEFORE] = rng.uniform(0.2, 0.8, n)
            node[:, BEHIND] = 1.0 - node[:, BEFORE]
            node[-1, BEFORE], node[-1, BEHIND] = 1.0, 0.0
        device[:, :, COUPLE] = rng.normal(0.0, 1.0, (n, devices))
        device[:, :, TURN] = rng.uniform(0.5, 2.0, (n, devices))
        device[:-1, :, PRESENT] = 1.0
        self.node, self.device = node, device
        self.hub = rng.uniform(0.5, 1.0, (devices, 2))
        self.gravity = np.array([0.3, -0.2, 0.5, 5.0, 0.7])
        self.size = 3 + devices
        held = [3 * 0 + r for i in range(HELD) for r in (i * self.size, i * self.size + 1, i * self.size + 2)]
        last = [(n - 1) * self.size + 3 + d for d in range(devices)]
        self.free = np.array([k for k in range(n * self.size) if k not in held and k not in last])

    def __call__(self, move: Floats) -> tuple[float, Floats, Floats]:
        """Energy, gradient and dense Hessian after `move` of all unknowns; directors are carried from the start."""
        n, width = NODES, width_of(self.devices)
        rows = n * self.size + width
        a, b = np.empty((rows, width)), np.empty(rows)
        moved = move.reshape(n, self.size)
        edge, felt = np.zeros((n, EDGE)), np.zeros((n, FELT + 2 * self.devices))
        scratch = (np.empty((2, 4)), np.empty((3, 3)))
        energy = assemble(
            self.node, self.device, self.hub, free_space(), self.gravity,
            self.x + moved[:, :3], self.theta + moved[:-1, 3:], a, b, edge, felt, scratch,
        )  # fmt: skip
        total = n * self.size
        dense = np.zeros((total, total))
        for c in range(width):
            dense[np.arange(total - c), np.arange(c, total)] = a[: total - c, c]
            dense[np.arange(c, total), np.arange(total - c)] = a[: total - c, c]
        self.edge = edge
        return energy, b[:total], dense


@pytest.mark.parametrize("devices", [1, 2, 3])
@pytest.mark.parametrize("friction", [False, True])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_gradient_is_the_difference_of_the_energy(devices: int, friction: bool, seed: int) -> None:
    case = Case(devices, seed, friction=friction)
    total = NODES * case.size
    _, gradient, _ = case(np.zeros(total))
    h = 1e-6
    for k in case.free:
        unit = np.eye(total)[k]
        assert gradient[k] == pytest.approx((case(h * unit)[0] - case(-h * unit)[0]) / (2.0 * h), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("devices", [1, 2, 3])
@pytest.mark.parametrize("friction", [False, True])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_hessian_is_the_second_difference_of_the_energy(devices: int, friction: bool, seed: int) -> None:
    case = Case(devices, seed, friction=friction)
    total = NODES * case.size
    _, _, hessian = case(np.zeros(total))
    h = 2e-4
    unit = np.eye(total) * h
    worst = 0.0
    for k in case.free:
        for q in case.free[case.free >= k]:
            four = [case(s * unit[k] + t * unit[q])[0] for s, t in ((1, 1), (1, -1), (-1, 1), (-1, -1))]
            worst = max(worst, abs(hessian[k, q] - (four[0] - four[1] - four[2] + four[3]) / (4.0 * h * h)))
    assert worst < 1e-5 * np.abs(hessian).max()


def test_held_nodes_and_absent_twists_have_rows_of_the_identity() -> None:
    case = Case(2, 4, friction=True)
    case.device[3:, 1, PRESENT] = 0.0
    case.node[:, BEFORE], case.node[:, BEHIND] = 0.0, 0.0
    _, gradient, hessian = case(np.zeros(NODES * case.size))
    held = [0, 1, 2, 5, 6, 7] + [5 * j + 4 for j in range(3, NODES)] + [5 * (NODES - 1) + 3]
    for k in held:
        assert gradient[k] == 0.0
        assert np.array_equal(hessian[k], np.eye(len(hessian))[k])


def test_carried_directors_stay_perpendicular_and_of_unit_length() -> None:
    case = Case(1, 5, friction=False)
    case(np.random.default_rng(0).normal(0.0, 0.2, NODES * case.size))
    t, a = case.edge[:-1, ALONG : ALONG + 3], case.edge[:-1, DIRECTOR : DIRECTOR + 3]
    assert np.abs((t * a).sum(axis=1)).max() < 1e-12
    assert np.linalg.norm(a, axis=1) == pytest.approx(1.0, abs=1e-12)
