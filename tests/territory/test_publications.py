"""What is published, what is not, and what to ask."""

from __future__ import annotations

import pytest

from territory import communes, publications
from territory.publications import PUBLICATIONS, STATES, Publication, known
from territory.sources.depots_credits import OVERSEAS, open_file, read
from tests.territory.french import is_french_sentence


@pytest.mark.parametrize("one", PUBLICATIONS, ids=lambda p: f"{p.subject}, {p.level}")
def test_each_line_says_who_and_asks_in_a_sentence(one: Publication) -> None:
    assert is_french_sentence(one.known)
    assert one.producer
    assert bool(one.request) == (one.state != "publie"), "nothing is asked of what is published"
    assert not one.request or is_french_sentence(one.request)


def test_every_state_is_in_use_and_the_table_has_every_line() -> None:
    assert {p.state for p in PUBLICATIONS} == set(STATES)
    assert len(publications.table()) == len(PUBLICATIONS)
    assert len({(p.subject, p.level) for p in PUBLICATIONS}) == len(PUBLICATIONS)


def test_nothing_imported_shows_partial_figures_and_the_unpublished() -> None:
    found = known()
    assert list(found.index) == list(communes.units("departement").index)
    assert set(found["etat"]) == {"partiel", "non_publie", "outre_mer"}
    assert (found.loc[list(OVERSEAS), "etat"] == "outre_mer").all()
    partial = found[found["etat"] == "partiel"]
    assert "31" in partial.index
    assert partial["detail"].ne("").all()
    assert "52,5\u00a0Md€ de dépôts (juillet 2023)" in found.loc["31", "detail"]
    assert found.loc[found["etat"] != "partiel", "detail"].eq("").all()


def test_an_import_counts_only_where_both_amounts_are_known() -> None:
    content = "Code;Dépôts (M€);Crédits (M€)\n26;1;1\n07;s;1\n31;2;1\n".encode()
    found = known(read(open_file("t.csv", content)))
    assert found.loc[["26", "07", "31"], "etat"].tolist() == ["importe", "non_publie", "importe"]
    assert set(found["etat"]) <= set(publications.KNOWN)


def test_regions_say_nothing_of_departements() -> None:
    regions = read(open_file("t.csv", "Nom;Dépôts (M€);Crédits (M€)\nBretagne;1;1\n".encode()))
    assert "importe" not in set(known(regions)["etat"])
