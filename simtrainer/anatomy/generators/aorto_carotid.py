"""Arteries from the right groin to both carotids: femoral, iliac, aorta, arch of type I to III or bovine, neck."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simtrainer.anatomy.generators import GeneratedPatient, generators
from simtrainer.anatomy.generators.abdomen import abdominal
from simtrainer.anatomy.generators.arch import ArchType, origins
from simtrainer.anatomy.generators.growth import Growth
from simtrainer.anatomy.generators.neck import supra_aortic
from simtrainer.anatomy.generators.numbers import Ledger, Sex
from simtrainer.anatomy.generators.trunk import Trunk, trunk
from simtrainer.anatomy.skeleton.figure import figure
from simtrainer.anatomy.skeleton.level import spine
from simtrainer.core.error import InputError, UnknownNameError
from simtrainer.core.stream import Streams

TABLE = Path(__file__).with_suffix(".yaml")


@dataclass(frozen=True, slots=True)
class AortoCarotid:
    """Parameters of one patient.

    Parameters
    ----------
    sex, age_years
        Whose published numbers are taken.
    arch
        Type of the aortic arch.
    iliac_tortuosity
        Length of the right common and external iliac artery over the straight distance, 1.1 to 1.6.
    seed
        Individual variation: directions and phases of bends, a few per cent in diameters.
    """

    sex: Sex
    age_years: float
    arch: ArchType
    iliac_tortuosity: float
    seed: int

    def __post_init__(self) -> None:
        """Refuse what no patient of this kind has."""
        if not 18.0 <= self.age_years <= 95.0:
            raise InputError(f"age_years {self.age_years:g} is out of range; allowed are 18 to 95")
        if not 1.1 <= self.iliac_tortuosity <= 1.6:
            raise InputError(f"iliac_tortuosity {self.iliac_tortuosity:g} is out of range; allowed are 1.1 to 1.6")


def from_mapping(given: Mapping[str, str | float]) -> AortoCarotid:
    """Return the parameters that a manifest names; InputError for an unknown, missing or wrong one."""
    known = ("sex", "age_years", "arch", "iliac_tortuosity", "seed")
    for name in given:
        if name not in known:
            raise UnknownNameError("parameter of aorto_carotid", name, known)
    missing = [name for name in known if name not in given]
    if missing:
        raise InputError(f"aorto_carotid needs {', '.join(missing)}")
    try:
        age, tortuosity, seed = float(given["age_years"]), float(given["iliac_tortuosity"]), int(given["seed"])
    except ValueError as error:
        raise InputError(f"aorto_carotid: {error}") from error
    for kind, value in ((Sex, given["sex"]), (ArchType, given["arch"])):
        if value not in set(kind):
            raise UnknownNameError("choice of aorto_carotid", str(value), [str(item) for item in kind])
    return AortoCarotid(Sex(str(given["sex"])), age, ArchType(str(given["arch"])), tortuosity, seed)


@generators.add("aorto_carotid")
def aorto_carotid(parameters: Mapping[str, str | float]) -> GeneratedPatient:
    """Return the patient of these parameters (see `AortoCarotid`)."""
    return build(from_mapping(parameters))


def build(chosen: AortoCarotid) -> GeneratedPatient:
    """Return vessels and body of one patient; a pure function of its parameters."""
    numbers = Ledger(TABLE, chosen.sex, chosen.age_years)
    back = spine(numbers("stature"))
    luck = Streams(chosen.seed).at("aorto_carotid", 0)
    size = 1.0 + 0.03 * float(np.clip(luck.standard_normal(), -2.0, 2.0))
    way = trunk(numbers, back, chosen.iliac_tortuosity, luck.uniform(0.0, 2.0 * np.pi, 2), size)
    great = origins(numbers, way, chosen.arch)
    growth = Growth()
    growth.trunk(way.points, way.radii, _cuts(way, great.brachiocephalic, great.left_subclavian))
    supra_aortic(growth, numbers, way, great, chosen.arch)
    abdominal(growth, numbers, back)
    numbers("iliac_tortuosity_young")
    return GeneratedPatient(growth.tree(), figure(back), numbers.used, "left_common_carotid")


def _cuts(way: Trunk, brachiocephalic: int, subclavian: int) -> list[tuple[str, int]]:
    """Return the vessels of the trunk with their last point: the arch reaches 1 cm beyond its outer branches."""
    return [
        ("right_common_femoral", way.ligament),
        ("right_external_iliac", way.iliac_fork),
        ("right_common_iliac", way.aortic_fork),
        ("abdominal_aorta", way.hiatus),
        ("descending_aorta", subclavian - 7),
        ("aortic_arch", brachiocephalic + 5),
        ("ascending_aorta", way.valve),
    ]
