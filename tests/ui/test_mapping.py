"""What the map is told of a list: its key, its mask, where it may count."""

from __future__ import annotations

import base64
import dataclasses

import numpy as np
import pandas as pd
import pytest

from territory import communes, suppliers
from territory.directory import NATIONAL, Directory
from territory.perimeter import Perimeter
from territory.provenance import TableVersion
from territory.suppliers import Criteria, SupplierIndex
from ui import mapping
from ui.carte import Structures
from ui.carte.annuaires import published

HOME = communes.get("26281")
AROUND = Perimeter.around_commune(HOME, 30)
DIGEST = "0123456789abcdef"


def listed(name: str = NATIONAL, kind: str = "france", **changes: object) -> Directory:
    table = suppliers.embedded().table.head(40).copy()
    table["siret"] = [f"{rank:014d}" for rank in range(40)]
    made = Directory(
        kind, SupplierIndex(table), ("sirene",), f"{kind}-{DIGEST}",
        tables=(TableVersion(name, "", ""),),
    )
    return dataclasses.replace(made, **changes)


def told(
    directory: Directory, criteria: Criteria | None = None, own: pd.DataFrame | None = None
) -> Structures:
    return mapping._structures(AROUND, criteria or Criteria(), directory, own)


def shown(mask: str, rows: int) -> list[bool]:
    bits = np.frombuffer(base64.b64decode(mask), dtype=np.uint8)
    return np.unpackbits(bits, count=rows, bitorder="little").astype(bool).tolist()


def test_the_whole_national_list_is_published_and_counted_everywhere() -> None:
    directory = listed()
    structures = told(directory)
    assert structures.annuaire == f"france-{DIGEST}"
    assert published(structures.annuaire) is directory.index.table
    assert structures.couverture is None
    assert structures.masque is None
    data = structures.to_data()
    assert data["url"].endswith(f"/annuaires/france-{DIGEST}.bin")
    assert data["lignes"].endswith(f"/annuaires/france-{DIGEST}/{{lignes}}.json")


@pytest.mark.parametrize(
    ("directory", "radius"),
    [
        (listed(f"{NATIONAL}_26"), 30),
        (listed("ess", "perimetre"), 30),
        (listed("ess", "perimetre", missing=("26281",)), 0),
    ],
)
def test_a_partial_list_is_counted_where_it_is_whole(directory: Directory, radius: float) -> None:
    assert told(directory).couverture == (HOME.longitude, HOME.latitude, radius)


def test_own_rows_hide_those_of_the_list_as_the_search_does() -> None:
    directory = listed()
    own = directory.index.table.iloc[[3, 5]].copy()
    own["siret"] = ["00000000000007", ""]
    structures = told(directory, own=own)
    assert structures.ajouts is not None
    assert structures.masque is not None
    assert structures.ajouts["nom"] == own["nom"].to_list()
    assert shown(structures.masque, 42) == [rank != 7 for rank in range(42)]
    assert told(directory, own=own.assign(siret="")).masque is None
    kept = Criteria(familles=("association",))
    masked = told(directory, kept, own).masque
    assert masked is not None
    expected = np.concatenate([kept.mask(directory.index.table), kept.mask(own)])
    expected[7] = False
    assert shown(masked, 42) == expected.tolist()
