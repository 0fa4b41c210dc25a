"""The directory of structures of insertion: fetched whole or refused, its trades, its join."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from territory import filieres, settings, store
from territory.errors import InvalidInputError, SourceError
from territory.progress import Watch
from territory.schemas import ETABLISSEMENTS
from territory.settings import Settings
from territory.sources import siae
from tests.doubles.marche import TOKEN, DetailError
from tests.doubles.server import Double
from tests.doubles.world import World, luhn_key
from tests.territory.french import is_french_sentence
from tests.territory.real import real_file

DAY = dt.date(2026, 11, 23)
SAID = "Le Marché de l’inclusion, 23 novembre 2026"


def siret(rank: int, establishment: int = 1) -> str:
    base = f"{50_000_000 + rank}"
    base += luhn_key(base) + f"{establishment:04d}"
    return base + luhn_key(base)


def structure(code: str, kind: str = "ACI", *sectors: str, **others: Any) -> dict[str, Any]:
    """One structure as the service answers it."""
    return {"siret": code, "kind": kind, "name": "Structure fictive", "is_active": True,
            "department": "26", "updated_at": "2026-05-01T00:00:00Z",
            "sectors": [{"name": name, "slug": "x-1"} for name in sectors], **others}


@pytest.fixture
def double() -> Iterator[Double]:
    with Double(World({"26281": 1}, networks=0)) as double:
        double.marche.structures = [structure(siret(i)) for i in range(230)]
        yield double


def settings_for(double: Double, **others: str) -> Settings:
    return settings.load({**double.environment, "TERRITORY_MARCHE_INCLUSION_TOKEN": TOKEN,
                          **others})


def test_the_directory_is_read_to_its_end(double: Double) -> None:
    class Counting(Watch):
        last = (0, 0)

        def tell(self, done: int, total: int | None, label: str) -> None:
            if total:
                self.last = (done, total)

    watch = Counting()
    table = siae.fetch(settings_for(double), watch=watch)
    assert set(table["siret"]) == {siret(i) for i in range(230)}
    assert list(table.columns) == list(siae.COLUMNS)
    assert [entry.params["offset"] for entry in double.log] == ["0", "100", "200"]
    assert watch.last == (230, 230)


def test_one_departement_may_be_asked(double: Double) -> None:
    double.marche.structures = [
        structure(siret(0), department="26"), structure(siret(1), department="2A")]
    assert list(siae.fetch(settings_for(double), departement="2A")["siret"]) == [siret(1)]
    assert siae.fetch(settings_for(double), departement="974").empty


@pytest.mark.parametrize("token", ["", "f" * 63, "f" * 63 + "-", "é" * 64, f"{TOKEN} {TOKEN}"])
def test_a_token_of_another_form_is_never_sent(token: str, double: Double) -> None:
    with pytest.raises(InvalidInputError) as caught:
        siae.fetch(settings_for(double, TERRITORY_MARCHE_INCLUSION_TOKEN=token or "\n"))
    assert is_french_sentence(caught.value.user_message)
    assert "TERRITORY_MARCHE_INCLUSION_TOKEN" in caught.value.user_message
    assert not token or token not in caught.value.user_message
    assert double.log == []


def test_a_token_the_service_does_not_know_is_said_without_being_shown(double: Double) -> None:
    wrong = "a" * 64
    with pytest.raises(SourceError) as caught:
        siae.fetch(settings_for(double, TERRITORY_MARCHE_INCLUSION_TOKEN=wrong))
    assert [entry.status for entry in double.log] == [401], "asking again is of no use"
    assert is_french_sentence(caught.value.user_message)
    assert wrong not in caught.value.user_message


@pytest.mark.parametrize("detail", [
    "Token too short. Possible security issue detected.",
    "Token contains invalid characters. Possible security issue detected.",
    "Invalid or expired token",
])
def test_english_refusals_of_a_token_are_said_in_french(
    detail: str, double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise DetailError(detail)

    monkeypatch.setattr(double.marche, "answer", refuse)
    with pytest.raises(SourceError) as caught:
        siae.fetch(settings_for(double))
    assert is_french_sentence(caught.value.user_message)


def test_a_list_that_changes_while_it_is_read_is_refused(
    double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = double.marche.answer
    monkeypatch.setattr(
        double.marche, "answer", lambda *asked: {**answer(*asked), "count": 240}
    )
    with pytest.raises(SourceError) as caught:
        siae.fetch(settings_for(double))
    assert "240" in caught.value.user_message
    assert "230" in caught.value.user_message
    assert is_french_sentence(caught.value.user_message)


@pytest.mark.parametrize("answer", [
    [], {"count": 2}, {"count": "2", "results": []}, {"count": 2, "results": ["A", "B"]},
    {"count": 2, "results": {"0": {}}},
])
def test_an_answer_of_another_form_is_said(
    answer: object, double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(double.marche, "answer", lambda *_: answer)
    with pytest.raises(SourceError, match="changé de forme"):
        siae.fetch(settings_for(double))


def test_a_siret_with_two_kinds_is_one_row() -> None:
    table = siae.read([
        structure(siret(1), "EI", "Traiteur", presta_type=["PREST"], brand="Enseigne fictive"),
        structure(siret(1), "ACI", "Nettoyage  de locaux", "Traiteur",
                  presta_types=["DISP", "BUILD"], updated_at="2026-07-14T08:00:00Z"),
        structure(siret(2), "GEIQ"),
        structure(siret(3), is_active=False),
        structure("", "EI"),
        structure("123", "EI"),
    ]).set_index("siret")
    assert list(table.index) == [siret(1), siret(2)], "closed or without SIRET: left out"
    both = table.loc[siret(1)]
    assert both["type_siae"] == "ACI, EI"
    assert both["siae"] == "oui"
    assert both["secteurs"] == "Nettoyage de locaux ; Traiteur"
    assert both["filiere"] == "Propreté et services ; Restauration"
    assert both["prestations"] == "BUILD, DISP, PREST", "the field bears two names"
    assert both["nom"] == "Enseigne fictive"
    assert both["mis_a_jour_le"] == "2026-07-14"
    assert table.loc[siret(2), "siae"] == "non", "in the directory without being a SIAE"
    assert table.loc[siret(2), "filiere"] == filieres.UNKNOWN


@pytest.mark.parametrize(
    ("sector", "trade"),
    [
        ("Réparation de vélos", "Transports doux"),
        ("Développement d'applications", filieres.UNKNOWN),  # « velo » inside a word
        ("Viticulture", filieres.UNKNOWN),  # « cultur » inside a word
        ("Informations pratiques", filieres.UNKNOWN),
        ("TRAITEUR", "Restauration"),
        ("Secteur fictif sans règle", filieres.UNKNOWN),
        ("", filieres.UNKNOWN),
    ],
)
def test_a_sector_gives_a_trade_by_the_beginning_of_its_words(sector: str, trade: str) -> None:
    assert siae.filiere_of(sector) == trade


def test_real_sectors_all_have_a_trade_close_to_that_of_their_group() -> None:
    sectors = pd.read_csv(real_file("marche_inclusion_secteurs.csv"), dtype=str)
    assert len(sectors) == 154
    sectors["filiere"] = sectors["secteur"].map(siae.filiere_of)
    assert set(sectors.loc[sectors["filiere"] == filieres.UNKNOWN, "secteur"]) == set()
    assert set(sectors["filiere"]) <= set(filieres.names())
    naf = store.read("naf_filieres")
    of_group = naf.groupby("groupe_marche_inclusion")["filiere"].agg(set).to_dict()
    apart = [row.filiere not in of_group[row.groupe] for row in sectors.itertuples()]
    # Groups gather by customer, trades by craft: sewing is no laundry, cutting flowers no décor.
    assert set(sectors.loc[apart, "secteur"]) == {
        "Confection à façon", "Cordonnerie", "Couture, reprisage, retouches",
        "Déconstruction, curage, démolition", "Entretien des jardins",
        "Location et entretien de plantes", "Location/Vente de materiels Industriels & Chantiers",
        "Nettoyage de véhicules", "Ouvrages métalliques", "Petits travaux",
        "Soins et accompagnement", "Sylviculture",
        "Traitements thermiques et traitements de surface",
    }


@pytest.fixture
def places() -> pd.DataFrame:
    """Establishments, with a trade presumed from their activity; none is known to be a SIAE."""
    sirets = [siret(1), siret(1, 2), siret(2), siret(3), siret(4)]
    table = pd.DataFrame("", index=range(5), columns=ETABLISSEMENTS.names)
    return table.assign(
        siret=sirets, siren=[code[:9] for code in sirets], est_siae="inconnu", est_ess="oui",
        filiere="Insertion et emploi", filiere_origine="presumee_naf",
        filiere_source="code NAF rév. 2, table de ce projet", filiere_certitude="faible",
        site_web="https://exemple.invalid/connu",
    )


def test_what_is_declared_takes_the_place_of_what_is_presumed(places: pd.DataFrame) -> None:
    listed = siae.read([
        structure(siret(1), "ACI", "Traiteur", contact_website="https://exemple.invalid/a"),
        structure(siret(1), "GEIQ"),
        structure(siret(2), "EI", "Secteur fictif sans règle"),
        structure(siret(3), "GEIQ", "Traductions"),
    ])
    before = places.copy()
    joined = siae.join(places, listed, DAY)
    pd.testing.assert_frame_equal(places, before)
    presumed = ("Insertion et emploi", "presumee_naf", "code NAF rév. 2, table de ce projet",
                "faible")
    columns = ["filiere", "filiere_origine", "filiere_source", "filiere_certitude"]
    assert list(joined[columns].itertuples(index=False, name=None)) == [
        ("Restauration", "declaree", SAID, ""),
        presumed,  # another establishment of the same unit may sell something else
        presumed,  # a sector without a trade says nothing
        ("Conseil et formation", "declaree", SAID, ""),  # not a SIAE, and declares its trade
        presumed,
    ]
    # The agreement holds for the unit; who is not listed, or no SIAE, stays unknown.
    assert list(joined["est_siae"]) == ["oui", "oui", "oui", "inconnu", "inconnu"]
    assert list(joined["type_siae"]) == ["ACI", "ACI", "EI", "", ""]
    assert list(joined["est_siae_source"]) == [SAID, SAID, SAID, "", ""]
    assert list(joined["activite"]) == [
        "Traiteur", "", "Secteur fictif sans règle", "Traductions", ""]
    assert joined["site_web"].str.endswith("/a").tolist() == [True, False, False, False, False]


def test_an_answer_another_source_gave_is_kept(places: pd.DataFrame) -> None:
    known = places.assign(est_siae="oui", type_siae="ETTI", est_siae_source="une autre source")
    for listed in (siae.read([structure(siret(9), "EI", "Traiteur")]), siae.read([])):
        pd.testing.assert_frame_equal(siae.join(known, listed, DAY), known)


def test_every_structure_of_a_world_is_there_with_all_its_kinds() -> None:
    world = World.small()
    with Double(world) as double:
        table = siae.fetch(settings_for(double))
    kinds = {unit.siren: set(unit.siae.split(", ")) for unit in world.units if unit.siae}
    assert len(kinds) > 3
    assert max(map(len, kinds.values())) > 1
    found = table.set_index("siren")["type_siae"]
    assert {siren: set(text.split(", ")) for siren, text in found.items()} == kinds
