#!/usr/bin/env python3
"""Lists the licence of every locked package, and fails where one is GPL (LGPL as a separate library is allowed).

Reads the metadata of what is installed: `.venv/bin/python tools/licences.py`.
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

LOCK = Path(__file__).resolve().parents[1] / "requirements.lock"
_FORBIDDEN = re.compile(r"(?<![A-Za-z])(A?GPL(?!\w)|GNU (Affero )?General Public License)", re.IGNORECASE)
_VERSIONED = re.compile(r"(?<![A-Za-z])A?GPLv?-?\d", re.IGNORECASE)


def locked(text: str) -> list[str]:
    """Return the names that a lock pins for this system."""
    lines = re.findall(r"^([A-Za-z0-9._-]+)==[^;\\\n]*(;[^\\\n]*)?", text, re.MULTILINE)
    return [name for name, marker in lines if "win32" not in marker or sys.platform == "win32"]


def licence(found: Distribution) -> str:
    """Return what a distribution says about its licence: SPDX expression, else classifiers, else the old field."""
    expression = found.metadata["License-Expression"]
    if expression:
        return str(expression)
    classifiers = [line for line in found.metadata.get_all("Classifier") or [] if line.startswith("License ::")]
    names = [line.rpartition(" :: ")[2] for line in classifiers if line != "License :: OSI Approved"]
    old = str(found.metadata["License"] or "").strip().partition("\n")[0]
    return "; ".join(names) or old or "not stated"


def is_forbidden(stated: str) -> bool:
    """Tell whether a licence is GPL or AGPL with no permissive alternative beside it."""
    choices = re.split(r"\s+OR\s+", stated)
    return all(_FORBIDDEN.search(choice) or _VERSIONED.search(choice) for choice in choices)


def main() -> int:
    """Print the list; 1 where a package is GPL, states no licence, or is not installed."""
    bad = []
    for name in locked(LOCK.read_text(encoding="utf-8")):
        try:
            stated = licence(distribution(name))
        except PackageNotFoundError:
            stated = "not installed"
        wrong = stated in {"not stated", "not installed"} or is_forbidden(stated)
        print(f"{'!!' if wrong else '  '} {name:<28} {stated}")
        bad += [name] if wrong else []
    print(f"\nNot allowed or unknown: {', '.join(bad)}" if bad else "\nNo GPL among them.")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
