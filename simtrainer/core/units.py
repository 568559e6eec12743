"""Conversions between SI and the units that people and files use; nowhere else stands a 1000 or a 60."""

from __future__ import annotations

import math

MM = 1e-3
"""One millimetre [m]."""
CM = 1e-2
"""One centimetre [m]."""
ML = 1e-6
"""One millilitre [m3]."""
MMHG = 133.322387415
"""One millimetre of mercury [Pa]. because: NIST SP 811, appendix B.8"""
MS = 1e-3
"""One millisecond [s]."""
MINUTE = 60.0
"""One minute [s]."""
GPA = 1e9
"""One gigapascal [Pa]."""
INCH = 0.0254
"""One inch [m]. because: international yard and pound agreement, 1959"""
FRENCH = 1e-3 / 3.0
"""One French (Charriere) of diameter [m]. because: ISO 10555-1, 1 Fr = 1/3 mm"""
N_MM2 = 1e-6
"""One newton square millimetre, the field's unit of flexural rigidity [N m2]."""
CGY_CM2 = 1e-6
"""One centigray square centimetre of dose-area product [Gy m2]."""

LENGTH_UNITS: dict[str, float] = {"m": 1.0, "cm": CM, "mm": MM, "in": INCH, "um": 1e-6}
"""Metres in one of each length unit that a file may declare."""


def deg(angle: float) -> float:
    """Return an angle [rad] in degrees."""
    return math.degrees(angle)


def rad(angle_deg: float) -> float:
    """Return an angle [deg] in radians."""
    return math.radians(angle_deg)
