"""What drawings are tested with: small families on each kind of face, and a screen to press stamps on."""

import io
import xml.etree.ElementTree as ET
from functools import cache

import numpy as np
import trimesh
from scipy.cluster.hierarchy import fclusterdata

from stampsdk.codebook import generate, parse_family

SVG = "{http://www.w3.org/2000/svg}"
_FACES = {
    "round": 'shape = "round"\nwidth_mm = 45.0',
    "square": 'shape = "square"\nwidth_mm = 38.0\ncorner_mm = 2.0',
    # no symmetry at all, so that a mirrored outline would not hold its tips
    "custom": 'shape = "custom"\noutline = [[-22, -16], [22, -16], [26, 0], [18, 18], [-18, 18], [-25, 4]]',
}
# So far apart that a codebook of a hundred patterns or more is made in seconds.
_DISTANCES_MM = {"round": 7.0, "square": 7.0, "custom": 9.0}
_GAUGE = "[[-10528, 0], [8379, -3290], [6466, 8262], [-2495, -8657], [-1822, 3684]]"


def family_text(face):
    return f"""
[family]
name = "{face}"
tips = 5
scale = "known"
noise_mm = 0.4
count = 100
seed = 1
[face]
{_FACES[face]}
[tip]
diameter_mm = 5.0
spacing_mm = 11.0
edge_mm = 2.5
[code]
distance_mm = {_DISTANCES_MM[face]}
stretch = 1.04
widest = 0.6
gauge_um = {_GAUGE}
"""


@cache
def book(face):
    """Generate the codebook of a family, once."""
    return generate(parse_family(family_text(face)))


def root_of(svg):
    return ET.fromstring(svg)  # noqa: S314 - our own


def circles(svg, group):
    """Centres as they are drawn, and radii, by id."""
    found = root_of(svg).find(f"{SVG}g[@id='{group}']").iter(f"{SVG}circle")
    return {
        circle.get("id"): (float(circle.get("cx")), float(circle.get("cy")), float(circle.get("r")))
        for circle in found
    }


def outline(svg):
    """Corners of the first outline, as drawn."""
    path = root_of(svg).find(f"{SVG}g[@id='cut']/{SVG}path[@class='outline']").get("d")
    numbers = path.replace("M", " ").replace("L", " ").replace("Z", " ").split()
    return np.array(numbers, np.float64).reshape(-1, 2)


def read_stl(data):
    return trimesh.load_mesh(io.BytesIO(data), file_type="stl")


def tips_of_solid(mesh):
    """Places of the tips' flat ends, the highest faces: x, y as the solid has them, y up."""
    top = mesh.bounds[1, 2]
    high = np.isclose(mesh.triangles[:, :, 2], top).all(axis=1)
    corners = np.unique(mesh.triangles[high][:, :, :2].reshape(-1, 2), axis=0)
    return np.array([(end.min(axis=0) + end.max(axis=0)) / 2 for end in _clusters(corners, 3.0)])


def holes_of_solid(mesh):
    """Middles and diameters of the holes that open at the back of a plate, which is not engraved."""
    corners = np.unique(mesh.vertices[np.isclose(mesh.vertices[:, 2], mesh.bounds[0, 2])][:, :2], axis=0)
    rims = [rim for rim in _clusters(corners, 0.4) if len(rim) > 50 and np.ptp(rim, axis=0).max() < 6]
    middles = np.array([(rim.min(axis=0) + rim.max(axis=0)) / 2 for rim in rims])
    return middles, np.array([np.ptp(rim, axis=0).max() for rim in rims])


def _clusters(corners, apart):
    which = fclusterdata(corners, t=apart, criterion="distance", method="single")
    return [corners[which == one] for one in np.unique(which)]


def pressed_drawing(places, rng):
    """Touches of a stamp drawn from below, y down: put on a screen, it is turned over about its y axis."""
    places = np.asarray(places)
    return _somewhere(np.stack([-places[:, 0], places[:, 1]], axis=1), rng)


def pressed_solid(places, rng):
    """Touches of a solid whose tips point up, y up: turned over about its x axis, y points down.

    A point (x, y, z) turned over so comes to (x, -y, -z) with y up; the screen's y is the opposite, hence y.
    """
    return _somewhere(np.asarray(places), rng)


def _somewhere(touches, rng):
    """Touches in another order, place and angle."""
    angle = rng.uniform(0, 2 * np.pi)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return rng.permutation(touches @ turn.T + rng.uniform(-60, 60, 2))
