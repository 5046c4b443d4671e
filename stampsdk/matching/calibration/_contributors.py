"""Who may count once: presses that share an account or a phone come from one contributor."""

from collections.abc import Iterable

from stampsdk.matching.calibration.observation import Observation


def by_contributor(presses: Iterable[Observation]) -> list[list[Observation]]:
    """Group presses by who made them: the connected parts of the graph of accounts and phones.

    One phone with a hundred accounts is one contributor, and so is one account on a hundred phones.

    Returns
    -------
    list of lists
        The groups, and the presses of each, in an order that does not depend on the order given.
    """
    parent: dict[tuple[str, str], tuple[str, str]] = {}

    def root(name: tuple[str, str]) -> tuple[str, str]:
        parent.setdefault(name, name)
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    ordered = sorted(presses, key=_sorting)
    for press in ordered:
        one, other = root(("customer", press.customer)), root(("device", press.device))
        parent[max(one, other)] = min(one, other)
    groups: dict[tuple[str, str], list[Observation]] = {}
    for press in ordered:
        groups.setdefault(root(("customer", press.customer)), []).append(press)
    return list(groups.values())


def _sorting(press: Observation) -> tuple[object, ...]:
    return (press.customer, press.device, press.stamp_id, press.touches_mm, press.labels, press.tips_mm)
