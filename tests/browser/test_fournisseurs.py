"""The list of a perimeter: fetched live, filtered, exported; and a person's own suppliers."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Download, Page, expect

from territory import communes, filieres, geo, settings, supply
from territory.sources import bpe
from tests.browser.conftest import Served
from tests.browser.test_parcours import capture, count, map_ready, opened, workbook
from tests.browser.traffic import Traffic
from tests.doubles.server import Faults
from tests.territory.test_bpe import BULK, given, zipped

pytestmark = pytest.mark.browser

FETCHED_MS = 60_000


class Person:
    """Somebody at the page, whose actions are counted: one field, one choice or one click each."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.actions = 0

    def type(self, field: str, text: str) -> None:
        self.actions += 1
        box = self.page.get_by_role("textbox", name=field)
        box.fill(text)
        box.press("Enter")

    def choose(self, field: str, option: str) -> None:
        self.actions += 1
        self.page.get_by_role("combobox", name=field).fill(option)
        self.page.get_by_role("option", name=option, exact=True).click()

    def click(self, button: str) -> None:
        self.actions += 1
        # By its text: an open list hides the rest of the page from screen readers, not from a
        # mouse.
        self.page.locator("button", has_text=button).first.click()

    def download(self, button: str) -> Download:
        with self.page.expect_download() as download:
            self.click(button)
        return download.value


def settled(page: Page) -> None:
    """Wait until nothing more is being drawn: a press that the page moves under is lost."""
    expect(page.get_by_test_id("stApp")).to_have_attribute(
        "data-test-script-state", "notRunning", timeout=15_000
    )
    page.wait_for_timeout(300)


def rows(download: Download) -> list[dict[str, object]]:
    sheet = workbook(download)["Fournisseurs"]
    head, *body = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in body]


def test_catering_within_30_km_exported_in_four_actions(
    page: Page, served: Served, traffic: Traffic
) -> None:
    opened(page, served.url)
    person = Person(page)
    person.type("Commune", "romans sur isere")
    person.click("Chercher toutes les structures de l’ESS de ce périmètre")
    phrase = page.locator(".perimetre-phrase").first
    expect(phrase).to_contain_text("API Recherche d’entreprises interrogée", timeout=FETCHED_MS)
    settled(page)  # A list that the page draws again closes.
    person.choose("Filière", "Restauration")
    expect(phrase).to_contain_text("filière : restauration", timeout=10_000)
    capture(page, "restauration")
    settled(page)
    found = rows(person.download("Excel (XLSX)"))
    assert person.actions == 4

    world = served.services.world
    home = communes.get("26281")
    expected = set()
    for siret in world.employers(world.codes):
        place = world.establishment(siret)
        at = communes.get(place.commune)
        lon, lat = (float(v) if v else d for v, d in (
            (place.longitude, at.longitude), (place.latitude, at.latitude)))
        near = geo.distance_km(home.longitude, home.latitude, lon, lat) <= 30
        trade = "Agriculture et alimentation" if place.bio else (
            "Ecoconstruction" if place.rge else filieres.presumed(place.naf or ""))
        if trade == "Restauration" and (near or place.commune == "26281"):
            expected.add(siret)
    assert {row["SIRET"] for row in found} == expected
    assert len(expected) > 3
    assert {row["Origine de la filière"] for row in found} == {"presumee_naf"}
    assert all(row["Distance (km)"] <= 30 for row in found)
    assert served.services.refused() == []
    assert served.services.busiest_second() <= 7
    assert traffic.outside == []


def test_a_fetch_is_stopped_kept_and_taken_up_again(page: Page, served: Served) -> None:
    served.services.faults = Faults({"slow": 1.0}, delay_s=0.7)
    opened(page, served.url, "?commune=26281&rayon=40")
    page.get_by_role("button", name="Chercher toutes les structures").click()
    stop = page.get_by_role("button", name="Arrêter")
    expect(stop).to_be_visible(timeout=5_000)
    expect(page.get_by_text("Appels à l’API Recherche d’entreprises")).to_be_visible()
    capture(page, "collecte")
    page.wait_for_timeout(2_000)
    stop.click()
    expect(page.get_by_text("Recherche arrêtée.")).to_be_visible(timeout=15_000)
    capture(page, "collecte-arretee")
    served.services.faults = Faults()
    before = len(served.services.searches())
    page.reload()
    again = page.locator(".st-key-lancer_collecte button")
    expect(again).to_be_visible(timeout=30_000)
    again.click()
    expect(stop).to_be_visible(timeout=5_000)
    expect(stop).to_have_count(0, timeout=FETCHED_MS)
    expect(page.locator(".st-key-lancer_collecte")).to_have_count(0, timeout=5_000)
    phrase = page.locator(".perimetre-phrase").first
    assert len(served.services.searches()) > before
    assert count(page) > 50
    # What was fetched serves the next visit without any request.
    asked = len(served.services.searches())
    page.reload()
    expect(phrase).to_contain_text("API Recherche d’entreprises interrogée", timeout=30_000)
    assert len(served.services.searches()) == asked


def test_a_service_that_is_down_is_said_and_nothing_is_lost(page: Page, served: Served) -> None:
    served.services.faults.dead_from = 1
    opened(page, served.url, "?commune=26281&rayon=30")
    expect(page.locator(".perimetre-compte")).to_contain_text("structures", timeout=30_000)
    before = count(page)
    page.get_by_role("button", name="Chercher toutes les structures").click()
    said = page.get_by_role("alert").filter(has_text="ne répond pas comme prévu")
    expect(said).to_be_visible(timeout=FETCHED_MS)
    capture(page, "service-en-panne")
    assert count(page) == before


OWN = """Nom;SIRET;Adresse;CP;Ville;Latitude;Longitude;Filière;Portée
<img src=x onerror=alert(1)> fictif;;12 rue fictive;26100;Romans-sur-Isère;;;Restauration;30 km
Élan fictif;;;;;45,05;5,06;Numérique;France
Perdu en mer;;;;;48,0;-12,0;;
Sans lieu;;;;;;;Numérique;
"""


@pytest.mark.parametrize("width", [1300, 360])
def test_a_person_s_own_suppliers_join_the_search(
    browser_context_of, served: Served, traffic: Traffic, tmp_path: Path, width: int
) -> None:
    page = browser_context_of(width, 900).new_page()
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    opened(page, served.url, "?commune=26281&rayon=10")
    map_ready(page)
    before = count(page)
    file = tmp_path / "mes-fournisseurs.csv"
    file.write_text(OWN, encoding="utf-8")
    page.get_by_text("Mes fournisseurs (fichier)").click()
    panel = page.locator(".st-key-volet_fichier")
    panel.locator("input[type=file]").set_input_files(file)
    expect(panel).to_contain_text("4 lignes, 9 colonnes reconnues", timeout=10_000)
    settled(page)
    ask = panel.get_by_role("checkbox", name="Demander 1 adresse à la Géoplateforme")
    panel.get_by_text("Demander 1 adresse à la Géoplateforme").click()
    expect(ask).to_be_checked()
    capture(page, f"import-colonnes-{width}")
    panel.get_by_role("button", name="Placer sur la carte").click()
    expect(page.locator(".perimetre-compte")).to_contain_text(f"{before + 2}", timeout=15_000)
    expect(panel).to_contain_text("2 lignes gardées, 0 corrigée, 2 refusées")
    panel.scroll_into_view_if_needed()
    capture(page, f"import-rapport-{width}")
    assert [entry.path for entry in served.services.log] == ["/geo/geocodage/search/csv"]
    assert page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    ), "nothing overflows sideways"

    # The map knows them, this session only.
    shown = page.evaluate(
        "document.querySelector('.perimetre-carte').carte.content.structures.own.nom"
        ".filter((nom) => nom.includes('fictif'))"
    )
    assert shown == ["<img src=x onerror=alert(1)> fictif", "Élan fictif"]
    other = page.context.new_page()
    opened(other, served.url, "?commune=26281&rayon=10")
    expect(other.locator(".perimetre-compte")).to_contain_text("structure", timeout=30_000)
    assert count(other) == before
    other.close()

    with page.expect_download() as download:
        page.get_by_role("button", name="Excel (XLSX)").click()
    names = [row["Nom"] for row in rows(download.value)]
    assert "Élan fictif" in names

    # Taken away, then put back.
    panel.get_by_role("button", name="Retirer ce fichier").click()
    expect(page.get_by_text("Rétablir le fichier retiré")).to_be_attached(timeout=10_000)
    assert count(page) == before
    panel.get_by_role("button", name="Rétablir le fichier retiré").click()
    expect(page.locator(".perimetre-compte")).to_contain_text(f"{before + 2}", timeout=10_000)
    assert traffic.outside == []


def test_access_to_counters_is_read_beside_fragility_once_it_is_fetched(
    page: Page, served: Served, tmp_path: Path
) -> None:
    opened(page, served.url, "?commune=26281&rayon=20")
    expect(page.get_by_text("aucune table de guichets n’est récupérée")).to_be_visible(
        timeout=30_000
    )
    current = settings.load({"TERRITORY_DATA_DIR": str(tmp_path / "donnees")})
    supply.keep(bpe.fetch(current, file=given(tmp_path, zipped(BULK))), current)
    page.reload()
    tab = page.get_by_role("tab", name="Indicateur par commune")
    tab.click(timeout=30_000)
    expect(page.get_by_text("Temps estimé : distance à vol d’oiseau × 1,3")).to_be_visible(
        timeout=20_000
    )
    expect(page.get_by_text("Insee, base permanente des équipements 2024")).to_be_visible()
    expect(page.get_by_text("aucune table de guichets n’est récupérée")).to_have_count(0)
    capture(page, "guichets")
