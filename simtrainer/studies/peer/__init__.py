"""Other people's engines on the task of `task.py`, beside our rod; each file puts its own into `peers`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simtrainer.core.registry import Registry

if TYPE_CHECKING:
    from simtrainer.studies.peer.engine import Peer

peers: Registry[Peer] = Registry("peer", "simtrainer.studies.peer")
