"""Linear attenuation of what lies in the beam, at one effective energy of 60 keV.

A 75 to 80 kV beam with added copper, hardened by the patient, has a mean energy near 55 to 60 keV; one energy stands
for it. Mass attenuation coefficients: NIST Standard Reference Database 126 (Hubbell & Seltzer, July 2004), tables 3
and 4, 60 keV.
"""

from __future__ import annotations

_CM2_PER_G = 0.1
"""One cm2/g [m2/kg]."""


def linear(mass_attenuation_cm2_g: float, density: float) -> float:
    """Return linear attenuation [1/m] from a mass attenuation coefficient and a density [kg/m3]."""
    return mass_attenuation_cm2_g * _CM2_PER_G * density


IODINE = 7.579 * _CM2_PER_G
"""Attenuation per iodine concentration [1/m per kg/m3]. because: NIST SRD 126, Z = 53, 60 keV, 7.579 cm2/g"""
SOFT_TISSUE = linear(0.2048, 1060.0)
"""Soft tissue [1/m]. because: NIST SRD 126, ICRU-44 soft tissue, 0.2048 cm2/g, 1.06 g/cm3"""
CORTICAL_BONE = linear(0.3148, 1920.0)
"""Cortical bone [1/m]. because: NIST SRD 126, ICRU-44 cortical bone, 0.3148 cm2/g, 1.92 g/cm3"""
SPONGY_BONE = linear(0.2048 + 0.3 * (0.3148 - 0.2048), 1180.0)
"""A vertebral body with its thin shell [1/m]. because: density 1.18 g/cm3 of ICRU-46 spongiosa; coefficient between
soft tissue and cortical bone by the mineral share of 0.3, a design value"""
INFLATED_LUNG = linear(0.2053, 260.0)
"""Inflated lung [1/m]. because: NIST SRD 126, ICRU-44 lung, 0.2053 cm2/g; inflated density 0.26 g/cm3 of ICRU-46"""
STEEL = linear(1.205, 7900.0)
"""Stainless steel as iron [1/m]. because: NIST SRD 126, Z = 26, 60 keV, 1.205 cm2/g; 304 steel 7.9 g/cm3"""
TUNGSTEN = linear(3.713, 19300.0)
"""Tungsten [1/m]. because: NIST SRD 126, Z = 74, 60 keV, 3.713 cm2/g; 19.3 g/cm3"""
PLATINUM_COIL = TUNGSTEN
"""A platinum-tungsten tip coil taken as tungsten [1/m]; at these thicknesses both are black."""
CATHETER_WALL = 330.0
"""Braided polymer wall loaded with barium sulphate [1/m]. because: design value; a 5F wall of 0.35 mm then absorbs
about a fifth of the beam on its two edges, visibly fainter than a steel wire"""
WIRE_CORE = 0.7 * STEEL
"""A coil-covered steel wire, 0.7 of it metal [1/m]. because: packing of round coil turns about a tapered core, design
value"""
HYDROPHILIC_WIRE = linear(0.75 * 1.205 + 0.25 * 3.713, 0.45 * 7900.0)
"""A nitinol core in a tungsten-loaded polyurethane jacket [1/m]. because: design value between steel and polymer"""


def against_tissue(attenuation: float) -> float:
    """Return the attenuation [1/m] of a body that displaces soft tissue; negative for lung."""
    return attenuation - SOFT_TISSUE
