"""Build the soft blocks of `meshes/`: `python tools/make_soft_blocks.py [NAME ...] [--out FOLDER]`."""

from __future__ import annotations

import argparse
from pathlib import Path

from simtrainer.anatomy.block_build import BLOCKS, build_block


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="blocks to build; default: all")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parents[1] / "meshes")
    given = parser.parse_args()
    for name in given.names or BLOCKS:
        folder = build_block(name, given.out)
        size = sum(path.stat().st_size for path in folder.iterdir())
        print(f"{folder}: {size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
