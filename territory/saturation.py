"""The key message of the series: fewer machines, and an official share that does not show it."""

from __future__ import annotations

from territory.errors import InvalidInputError
from territory.series import Change, series
from territory.text import NBSP, trimmed


def changes() -> tuple[Change, Change]:
    """Machines, and inhabitants within 15 minutes of one, over the longest span both tell.

    Returns
    -------
    tuple of Change
        Of the number of machines and of the share of inhabitants, between the same years.

    Raises
    ------
    InvalidInputError
        The facts hold no span common to both.
    """
    spans = []
    for machines in series("dab_nombre").segments:
        for reach in series("part_pop_dab_15min").segments:
            common = sorted({p.period for p in machines.points} & {p.period for p in reach.points})
            if len(common) > 1:
                spans.append((machines.change(common[0], common[-1]),
                              reach.change(common[0], common[-1])))
    if not spans:
        msg = "Les distributeurs et la part à 15 minutes n’ont pas deux années communes."
        raise InvalidInputError(msg)
    return max(spans, key=lambda pair: pair[0].last.year - pair[0].first.year)


def sentence() -> str:
    """Say the key message in French: fewer machines, an official share that does not show it."""
    machines, reach = changes()
    down = machines.difference < 0
    count = trimmed(abs(machines.percent), 0)
    still = abs(reach.difference) < 0.5
    moved = (
        f"n’a presque pas bougé ({reach.first.written}{NBSP}% puis {reach.last.written}{NBSP}%)"
        if still else
        f"est passée de {reach.first.written}{NBSP}% à {reach.last.written}{NBSP}%"
    )
    lesson = (
        " : l’indicateur officiel est saturé, et ne peut plus montrer ce qui change à moins de "
        "quinze minutes." if still and down else "."
    )
    return (
        f"De {machines.first.year} à {machines.last.year}, le nombre de distributeurs a "
        f"{'baissé' if down else 'augmenté'} de {count}{NBSP}% (de {machines.first.written} à "
        f"{machines.last.written}), et la part des habitants de 15 ans et plus à quinze minutes au "
        f"plus d’un distributeur {moved}{lesson}"
    )
