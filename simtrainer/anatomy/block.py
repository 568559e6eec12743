"""A soft block: a folder with a manifest, an archive of labels and tubes, and materials with their sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from simtrainer.anatomy.block_kind import block_names
from simtrainer.anatomy.generators.soft_block import Tube
from simtrainer.anatomy.manifest import MANIFEST, GeneratorEntry, Number, sha256
from simtrainer.core.error import InputError, UnknownNameError
from simtrainer.core.frame import frozen
from simtrainer.core.resource import resource_path
from simtrainer.core.units import MM

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
TUBES = ("artery", "vein", "nerve")
"""Every block holds these, by name."""


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class BlockFile(_Closed):
    """The archive: arrays `labels` (i, j, k), `line` (n, 3) and each tube's points and radii, lengths in 0.01 mm."""

    file: str
    sha256: str
    unit: Literal["0.01 mm"]
    frame: Literal["RAS"]
    source: str
    licence: str
    structures: tuple[str, ...]


class MaterialEntry(_Closed):
    """What one label is made of, in kPa and kg/m3, and where the numbers come from."""

    label: int
    name: str
    youngs_modulus_kpa: float
    poisson_ratio: float
    density_kg_m3: float
    damping_s: float
    because: str


class BlockManifest(_Closed):
    """All that `manifest.yaml` of a block says."""

    schema_version: Literal[1]
    name: str
    title: str
    kind: Literal["block"]
    origin: Literal["generated"]
    source: str
    licence: str
    origin_mm: tuple[float, float, float]
    spacing_mm: tuple[float, float, float]
    files: tuple[BlockFile, ...]
    materials: tuple[MaterialEntry, ...]
    generator: GeneratorEntry
    numbers: tuple[Number, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """One block, ready for a solver.

    Parameters
    ----------
    labels
        Of each voxel, shape (i, j, k), axes along x, y, z of W; 0 is nothing.
    origin, spacing
        Low corner of voxel (0, 0, 0), and edges of a voxel [m], shape (3,).
    tubes
        Artery, vein and nerve by name, from proximal (+z) on.
    line
        Where the skin is marked for the incision, points [m] in W, shape (n, 3).
    """

    name: str
    title: str
    folder: Path
    labels: I8
    origin: F8
    spacing: F8
    tubes: Mapping[str, Tube]
    line: F8
    manifest: BlockManifest

    @property
    def material(self) -> Mapping[int, MaterialEntry]:
        """Materials by label."""
        return {entry.label: entry for entry in self.manifest.materials}

    def label(self, name: str) -> int:
        """Return the label of the material called `name`."""
        return next(entry.label for entry in self.manifest.materials if entry.name == name)


def load_block(which: str | Path) -> Block:
    """Return the block in a folder, or the built-in block of that name; InputError says what is wrong and where."""
    folder = _folder(which)
    manifest = _manifest(folder)
    arrays = _arrays(folder, manifest)
    hundredth = 0.01 * MM
    tubes = {}
    for name in TUBES:
        points, radii = (arrays[f"{name}_{part}"].astype(np.float64) * hundredth for part in ("points", "radii"))
        tubes[name] = Tube(frozen(points), frozen(radii))
    labels = arrays["labels"].astype(np.int64)
    labels.setflags(write=False)
    block = Block(
        manifest.name, manifest.title, folder, labels, frozen(np.array(manifest.origin_mm) * MM),
        frozen(np.array(manifest.spacing_mm) * MM), tubes, frozen(arrays["line"].astype(np.float64) * hundredth),
        manifest,
    )  # fmt: skip
    check_block(block)
    return block


def check_block(block: Block) -> None:
    """Refuse a block that no exercise can use: InputError with the file, the place and the number."""
    where = str(block.folder)
    if block.labels.ndim != 3 or not block.labels.any():
        raise InputError(f"{where}: labels have shape {block.labels.shape}; three axes and some tissue are needed")
    if not np.all(np.isfinite(block.spacing)) or not np.all(block.spacing > 0.0):
        raise InputError(f"{where}: spacing_mm is {(block.spacing / MM).tolist()}; three numbers above 0 are needed")
    known = block.material
    for label in np.unique(block.labels):
        if label != 0 and int(label) not in known:
            i, j, k = (int(v) for v in np.argwhere(block.labels == label)[0])
            raise InputError(f"{where}: voxel ({i}, {j}, {k}) has label {label}, which has no material")
    for entry in block.manifest.materials:
        _check_material(where, entry)
    low, high = block.origin, block.origin + block.spacing * block.labels.shape
    for name, tube in block.tubes.items():
        _check_tube(f"{where}: {name}", tube, low, high)


def _check_material(where: str, entry: MaterialEntry) -> None:
    given = f"{where}: material '{entry.name}' of label {entry.label}"
    if entry.youngs_modulus_kpa <= 0.0 or entry.density_kg_m3 <= 0.0:
        raise InputError(f"{given}: modulus {entry.youngs_modulus_kpa} kPa, density {entry.density_kg_m3} kg/m3; "
                         "both must be above 0")  # fmt: skip
    if not -1.0 < entry.poisson_ratio < 0.5:
        raise InputError(f"{given}: poisson_ratio is {entry.poisson_ratio}; it must lie between -1 and 0.5")
    if not entry.because.strip():
        raise InputError(f"{given}: because is empty; say where its numbers come from")


def _check_tube(where: str, tube: Tube, low: F8, high: F8) -> None:
    n = len(tube.points)
    if tube.points.shape != (n, 3) or tube.radii.shape != (n,) or n < 3:
        raise InputError(f"{where}: {n} points and {tube.radii.size} radii; three or more of each are needed")
    for k in range(n):
        p, r = tube.points[k], float(tube.radii[k])
        place = "(" + ", ".join(f"{c / MM:.1f}" for c in p) + ") mm"
        if not (np.all(np.isfinite(p)) and np.isfinite(r) and r > 0.0):
            raise InputError(f"{where}: point {k} at {place} has radius {r / MM:.2f} mm; finite and above 0 is needed")
        if np.any((p - r < low)[:2]) or np.any((p + r > high)[:2]):  # along z a tube runs on beyond the block
            raise InputError(f"{where}: point {k} at {place} with radius {r / MM:.2f} mm leaves the block")


def _folder(which: str | Path) -> Path:
    path = Path(which)
    if path.is_dir():
        return path
    names = block_names()
    if str(which) in names:
        return resource_path("meshes") / str(which)
    raise UnknownNameError("soft block", str(which), names)


def _manifest(folder: Path) -> BlockManifest:
    path = folder / MANIFEST
    if not path.is_file():
        raise InputError(f"{folder} is not a soft block: it has no {MANIFEST}")
    try:
        return BlockManifest.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise InputError(f"{path} is not YAML: {str(error).splitlines()[0]}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{path}: {where}: {first['msg']}; a soft block is needed") from error


def _arrays(folder: Path, manifest: BlockManifest) -> dict[str, NDArray[np.generic]]:
    wanted = ("labels", "line", *(f"{name}_{part}" for name in TUBES for part in ("points", "radii")))
    found: dict[str, NDArray[np.generic]] = {}
    for entry in manifest.files:
        path = folder / entry.file
        if Path(entry.file).name != entry.file or not path.is_file():
            raise InputError(f"{folder / MANIFEST}: files: '{entry.file}' is not a file of this folder")
        if sha256(path) != entry.sha256:
            raise InputError(f"{path} is not the file that the manifest lists; restore the file, or build it again")
        with np.load(path, allow_pickle=False) as archive:
            found |= {name: archive[name] for name in archive.files}
    missing = [name for name in wanted if name not in found]
    if missing:
        raise InputError(f"{folder}: the listed files hold no {', '.join(missing)}")
    return found
