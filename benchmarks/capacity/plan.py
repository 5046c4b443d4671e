"""Which rows a run has."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from benchmarks.capacity.jobs import DENSITIES, Job, Noise, Place, Source

SIGMAS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
TIPS = tuple(range(3, 11))
FACES_MM = (30.0, 40.0, 50.0)
COUNTRIES = (6_000_000, 60_000_000)
ACCURACIES_M = (5.0, 10.0, 20.0, 50.0)
RANDOM_COUNT = 60_000
RANDOM_FACE_MM = 50.0
CITY_ACCURACY_M = 20.0
CITY_UNREGISTERED = 0.02
_LARGE = 1_000_000
_PLACED_QUANTA = (0.05, 0.16)
_FACTORS = (0.95, 1.1)


@dataclass(frozen=True)
class Amount:
    """How much is measured.

    Attributes
    ----------
    head, presses, city : int
        Presses of a row of the first table, of any other, and of one with a place.
    heavy_head, heavy : int
        Of a row whose presses have very many candidates: in the first table, in any other.
    sigmas, tips, accuracies_m, countries
        Which values get rows.
    """

    head: int = 10_000
    heavy_head: int = 4_000
    presses: int = 1_500
    city: int = 4_000
    heavy: int = 300
    sigmas: tuple[float, ...] = SIGMAS
    tips: tuple[int, ...] = TIPS
    faces_mm: tuple[float, ...] = FACES_MM
    accuracies_m: tuple[float, ...] = ACCURACIES_M
    countries: tuple[int, ...] = COUNTRIES


QUICK = Amount(
    head=200,
    heavy_head=100,
    presses=60,
    city=60,
    heavy=30,
    sigmas=(0.2, 0.4, 0.8),
    tips=(5, 8),
    faces_mm=(40.0,),
    accuracies_m=(20.0, 50.0),
    countries=(6_000_000,),
)


def source_rows(source: Source, amount: Amount, noise: Noise, scale_error: float, seed: int) -> Iterator[Job]:
    """Yield all rows of a family, or of the user's own patterns."""
    heavy = source.count > _LARGE

    for density in DENSITIES:
        head = Job(
            f"{source.name}/{density}", "head", source, density, amount.heavy_head if heavy else amount.head,
            noise, scale_error=scale_error, seed=seed,
        )  # fmt: skip
        usual = replace(head, presses=amount.presses)
        yield head
        if source.noise_mm not in {0.0, noise.sigma_mm}:
            yield replace(
                head, name=f"{head.name}/made-for", table="made-for", noise=Noise(sigma_mm=source.noise_mm)
            )
        yield replace(
            usual, name=f"{head.name}/shipped", table="shipped", matcher="shipped", unregistered=0.02
        )
        for sigma in amount.sigmas:
            yield replace(
                usual, name=f"{head.name}/sigma-{sigma:g}", table="sigma", noise=Noise(sigma_mm=sigma),
                presses=amount.heavy if heavy and sigma > noise.sigma_mm else amount.presses,
            )  # fmt: skip
        yield from _troubles(usual, amount.heavy if heavy else amount.presses)
        yield from _impostors(usual)
        yield from _city(replace(usual, presses=amount.city, unregistered=CITY_UNREGISTERED), amount)


def random_rows(
    sources: dict[tuple[int, float], Source], amount: Amount, scale_error: float, seed: int
) -> Iterator[Job]:
    """Yield the rows of random patterns: by tips, and by face."""
    for (tips, face), source in sources.items():
        table = "tips" if face == RANDOM_FACE_MM else "face"
        for density in DENSITIES:
            for sigma in (0.2, 0.4, 0.8) if tips == 5 else (0.4,):  # noqa: PLR2004 - what every phone reads
                # Few shapes and much noise: a press has thousands of candidates.
                heavy = tips == 3 or (sigma == SIGMAS[-1] and face < RANDOM_FACE_MM)  # noqa: PLR2004
                if sigma in amount.sigmas:
                    yield Job(
                        f"{source.name}/{density}/sigma-{sigma:g}", table,
                        source, density, amount.heavy if heavy else amount.presses, Noise(sigma_mm=sigma),
                        scale_error=scale_error, seed=seed,
                    )  # fmt: skip


def _troubles(usual: Job, presses: int) -> Iterator[Job]:
    yield replace(usual, name=f"{usual.name}/missing", table="trouble", trouble="missing", presses=presses)
    yield replace(usual, name=f"{usual.name}/ghost", table="trouble", trouble="ghost")
    for quantum in _PLACED_QUANTA:
        yield replace(
            usual, name=f"{usual.name}/placed-{quantum:g}", table="trouble",
            noise=Noise("placed", usual.noise.sigma_mm, quantum),
        )  # fmt: skip


def _impostors(usual: Job) -> Iterator[Job]:
    yield replace(usual, name=f"{usual.name}/random", table="impostor", kind="random")
    yield replace(
        usual, name=f"{usual.name}/random/shipped", table="impostor", kind="random", matcher="shipped",
        unregistered=0.02,
    )  # fmt: skip
    yield replace(usual, name=f"{usual.name}/mirrored", table="impostor", kind="mirrored")
    for factor in _FACTORS:
        yield replace(
            usual, name=f"{usual.name}/scaled-{factor:g}", table="impostor", kind="scaled", factor=factor
        )
    yield replace(usual, name=f"{usual.name}/hands", table="impostor", kind="hands")


def _city(usual: Job, amount: Amount) -> Iterator[Job]:
    for stamps in amount.countries:
        for accuracy in amount.accuracies_m:
            here = replace(
                usual, name=f"{usual.name}/city-{stamps // 1_000_000}M-{accuracy:g}m", table="city",
                place=Place(stamps, accuracy),
            )  # fmt: skip
            yield here
            if accuracy == CITY_ACCURACY_M:
                few = replace(here, presses=min(amount.presses, amount.city))
                yield replace(few, name=f"{here.name}/shipped", table="city-shipped", matcher="shipped")
                for kind in ("random", "elsewhere"):
                    yield replace(few, name=f"{here.name}/{kind}", table="city-impostor", kind=kind)
