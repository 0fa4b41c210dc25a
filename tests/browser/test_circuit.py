"""The page « Circuit court » in a real Chromium: charter, ladder, edge, group."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from territory import communes, dossier
from territory.cli import main
from territory.perimeter import Perimeter
from tests.browser.test_fournisseurs import settled
from tests.browser.test_parcours import capture, workbook
from tests.browser.traffic import Traffic
from ui.lien import pack

pytestmark = pytest.mark.browser

FIRST_ANSWER_MS = 45_000
#: A disc and a commune, without another.
COMPOSED = (
    Perimeter.around_commune(communes.get("26281"), 12.5) | Perimeter.of_units("26362")
) - Perimeter.of_units("26235")


def opened(page: Page, application: str, query: str = "?commune=26281&rayon=30") -> None:
    page.goto(f"{application}/circuit{query}")
    expect(page.get_by_role("tab", name=re.compile("Charte"))).to_be_visible(
        timeout=FIRST_ANSWER_MS
    )
    settled(page)


def marked(page: Page) -> list[dict[str, object]]:
    # The run that the last gesture asks for may not have begun yet, and replaces the buttons.
    page.wait_for_timeout(500)
    settled(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Excel (XLSX), avec les notes").click()
    head, *body = workbook(download.value).worksheets[0].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in body]


def test_the_fields_follow_from_one_page_to_the_other(
    page: Page, application: str, traffic: Traffic
) -> None:
    page.goto(f"{application}/?commune=26281&rayon=12.4&presumees=non")
    expect(page.locator(".perimetre-compte")).to_contain_text("structures",
                                                              timeout=FIRST_ANSWER_MS)
    for name in ("Circuit court", "Explorer", "Circuit court"):
        page.get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        settled(page)
        expect(page.get_by_role("textbox", name="Commune")).to_have_value(
            "Romans-sur-Isère (26, Drôme)", timeout=15_000
        )
        expect(page.get_by_role("textbox", name="Rayon (km)")).to_have_value("12,4")
        kept = page.get_by_role("switch", name=re.compile("Garder les filières"))
        expect(kept).not_to_be_checked()
    assert traffic.outside == []


def test_an_evidence_entered_by_hand_marks_one_supplier_and_leaves_with_the_file(
    page: Page, application: str
) -> None:
    opened(page, application)
    before = marked(page)
    page.get_by_text("Saisir une preuve").click()
    form = page.get_by_test_id("stForm")
    who = form.get_by_role("combobox", name="Fournisseur")
    who.click()
    who.press_sequentially("Groupe Arch", delay=30)
    page.get_by_role("option", name=re.compile("Groupe Archer")).click()
    what = form.get_by_role("combobox", name="Critère")
    what.click()
    what.press_sequentially("intermédiaire", delay=30)
    page.get_by_role("option").first.click()
    form.get_by_role("textbox", name=re.compile("Preuve")).fill("=1+1 rapport lu")
    form.get_by_role("textbox", name=re.compile("Signée")).fill("acheteuse de la commune")
    form.get_by_role("button", name="Ajouter cette preuve").click()
    expect(page.get_by_text("1 saisie")).to_be_visible(timeout=15_000)
    settled(page)
    capture(page, "circuit-preuve")
    after = marked(page)
    changed = [new["Nom"] for old, new in zip(before, after, strict=True) if old != new]
    assert changed == ["Groupe Archer"]
    said = next(row for row in after if row["Nom"] == "Groupe Archer")["Pourquoi"]
    assert "acheteuse de la commune" in str(said)
    page.get_by_role("button", name="Retirer la dernière").click()
    settled(page)
    assert marked(page) == before


def test_a_charter_of_one_s_own_is_read_and_a_wrong_one_is_refused(
    page: Page, application: str, tmp_path: Path
) -> None:
    opened(page, application)
    page.get_by_text("Charte : Circuit court").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Cette charte (JSON), à adapter").click()
    content = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    drop = page.get_by_test_id("stFileUploader").filter(has_text="Ouvrir la charte")
    uploader = drop.locator("input[type=file]")
    wrong = tmp_path / "fausse.json"
    wrong.write_text('{"format": "charte", "version": 1}', encoding="utf-8")
    uploader.set_input_files(wrong)
    expect(page.get_by_role("alert").filter(has_text="charte")).to_be_visible(timeout=15_000)
    content["nom"] = "Charte d’essai"
    own = tmp_path / "la-notre.json"
    own.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    uploader.set_input_files(own)
    expect(page.get_by_text("Charte : Charte d’essai")).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="Revenir à la charte du site").click()
    expect(page.get_by_text("Charte : Circuit court")).to_be_visible(timeout=15_000)


def test_the_ladder_the_edge_and_the_group_answer_in_a_sentence(
    page: Page, application: str
) -> None:
    opened(page, application)
    page.get_by_role("tab", name="Échelle").click()
    expect(page.get_by_text(re.compile("La commune suffit avec"))).to_be_visible(timeout=10_000)
    field = page.get_by_role("spinbutton", name="Fournisseurs cherchés")
    field.fill("40")
    field.press("Enter")
    expect(page.get_by_text(re.compile("ne suffisent pas"))).to_be_visible(timeout=15_000)
    capture(page, "circuit-echelle")
    page.get_by_role("tab", name="Bord du rayon").click()
    expect(page.get_by_text(re.compile("avec 10.% de rayon en plus"))).to_be_visible(
        timeout=10_000
    )
    page.get_by_role("tab", name="Groupement").click()
    box = page.get_by_role("combobox", name="Filières à couvrir ensemble")
    for trade in ("Restauration", "Numérique"):
        box.fill(trade)
        page.get_by_role("option", name=trade, exact=True).click()
    page.keyboard.press("Escape")
    expect(page.get_by_text(re.compile("couvre les 2.filières"))).to_be_visible(timeout=15_000)
    capture(page, "circuit-groupement")


def test_who_delivers_from_elsewhere_is_told_or_why_nobody_is(
    page: Page, application: str, tmp_path: Path
) -> None:
    opened(page, application)
    page.get_by_role("tab", name="Portée").click()
    expect(page.get_by_text("Aucun fournisseur connu hors du périmètre")).to_be_visible(
        timeout=10_000
    )
    expect(page.get_by_role("status").filter(has_text="Portée de livraison")).to_be_visible()
    own = tmp_path / "mes-fournisseurs.csv"
    own.write_text("nom;commune;code_insee;portee\nTraiteur;Lyon;69123;France\n"
                   "Atelier;Grenoble;38185;150 km\nLoin;Lille;59350;50 km\n", encoding="utf-8")
    page.get_by_role("link", name="Explorer").click()
    page.get_by_text("Mes fournisseurs (fichier)").click()
    page.locator("input[type=file]").last.set_input_files(own)
    page.get_by_role("button", name="Placer sur la carte").click()
    expect(page.get_by_text("3 lignes gardées")).to_be_visible(timeout=30_000)
    page.get_by_role("link", name="Circuit court").click()
    settled(page)
    page.get_by_role("tab", name="Portée").click()
    expect(page.get_by_text(re.compile("2.fournisseurs disent livrer ici"))).to_be_visible(
        timeout=15_000
    )
    capture(page, "circuit-portee")


def write(page: Page, row: int, column: int, text: str) -> None:
    """Type in a cell of the need, drawn on a canvas: columns are a commune, a trade, a quantity."""
    settled(page)
    grid = page.locator("[data-testid=stDataFrame]:visible").first
    box = grid.bounding_box()
    assert box is not None
    across = (0.2, 0.5, 0.85)[column - 1]
    # Within the grid, wherever it is when the press comes: a page still being drawn moves it.
    grid.click(position={"x": across * box["width"], "y": 35 * (row + 1.5)})
    # What screen readers are told of the canvas.
    cell = grid.locator(f"#glide-cell-{column}-{row}")
    expect(cell).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    editor = page.locator("#portal").locator("input, textarea").first
    expect(editor).to_be_focused()
    page.keyboard.type(text, delay=30)
    # The grid takes what it has redrawn: a key of the same instant, which no hand presses, ends
    # the cell before its text.
    page.wait_for_timeout(300)
    page.keyboard.press("Enter")
    expect(editor).to_be_hidden()
    expect(cell).to_contain_text(text)
    page.wait_for_timeout(500)
    settled(page)


def test_a_need_typed_in_the_page_has_the_lots_of_the_command(
    page: Page, application: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    opened(page, application)
    page.get_by_role("tab", name="Lots").click()
    expect(page.get_by_text("Donnez au moins une ligne")).to_be_visible(timeout=10_000)
    commune, trade, quantity = 1, 2, 3
    write(page, 0, trade, "Agriculture")
    write(page, 0, quantity, "1200")
    page.get_by_role("button", name=re.compile("(Add row|Ajouter une ligne).*Le besoin")).click()
    page.wait_for_timeout(500)
    settled(page)
    write(page, 1, commune, "Valence (26)")
    write(page, 1, trade, "Restauration")
    field = page.get_by_role("spinbutton", name="Fournisseurs par lot")
    field.fill("1")
    field.press("Enter")
    expect(page.get_by_text(re.compile("chacun a au moins 1.fournisseur capable"))).to_be_visible(
        timeout=15_000
    )
    # Nothing is lost on another page.
    page.get_by_role("link", name="Mode d’emploi").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=15_000)
    settled(page)
    page.get_by_role("link", name="Circuit court").click()
    page.get_by_role("tab", name="Lots").click()
    expect(page.get_by_text(re.compile("chacun a au moins 1.fournisseur capable"))).to_be_visible(
        timeout=15_000
    )
    page.wait_for_timeout(500)
    settled(page)
    capture(page, "circuit-lots")
    with page.expect_download() as download:
        page.get_by_role("button", name="Excel (XLSX), ligne à ligne").click()
    head, *body = workbook(download.value).worksheets[0].iter_rows(values_only=True)

    file = tmp_path / "besoins.csv"
    file.write_text("lieu,filiere,quantite\n26281,Agriculture et alimentation,1200\n"
                    "26362,Restauration,\n", encoding="utf-8")
    monkeypatch.setenv("TERRITORY_DATA_DIR", str(tmp_path / "donnees"))
    argv = ["lots", "--fichier", str(file), "--par-lot", "1", "--format"]
    assert main([*argv, "json"]) == 0
    told = json.loads(capsys.readouterr().out)["lignes"]
    assert [list(row) for row in body] == [list(row.values()) for row in told]
    assert list(head)[:2] == ["Lot", "Lieu"]

    page.get_by_text("Ouvrir ou vider le besoin").click()
    uploader = page.get_by_test_id("stFileUploader").filter(has_text="Fichier du besoin")
    wrong = tmp_path / "faux.csv"
    wrong.write_text("lieu,filiere\n99999,Restauration\n", encoding="utf-8")
    uploader.locator("input[type=file]").set_input_files(wrong)
    expect(page.get_by_role("alert").filter(has_text="code Insee")).to_be_visible(timeout=15_000)
    expect(page.get_by_text(re.compile("chacun a au moins 1.fournisseur capable"))).to_be_visible()
    uploader.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text("est dans le tableau")).to_be_visible(timeout=15_000)


def test_a_search_kept_in_the_browser_has_the_same_digest_on_the_command_line(
    page: Page, application: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    opened(page, application, f"?perimetre={pack(COMPOSED)}&famille=association")
    page.get_by_text("Garder cette recherche dans un dossier").click()
    note = page.get_by_role("textbox", name="Note (facultative)")
    note.fill("Restauration scolaire")
    note.press("Control+Enter")
    # The run that the typing asks for may not have begun yet.
    page.wait_for_timeout(500)
    settled(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Dossier (JSON)").click()
    file = tmp_path / "dossier.json"
    download.value.save_as(file)
    kept = dossier.read(file.read_bytes())
    assert kept.note == "Restauration scolaire"
    assert kept.criteria.familles == ("association",)
    page.get_by_text("Note de sourcing, pour le dossier d’achat").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Note (PDF)").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
    with page.expect_download() as download:
        page.get_by_role("button", name="Note (Markdown)").click()
    note_text = Path(download.value.path()).read_text(encoding="utf-8")
    assert f"{len(kept.suppliers)}\u00a0structures" in note_text
    monkeypatch.setenv("TERRITORY_DATA_DIR", str(tmp_path / "donnees"))
    assert main(["dossier", str(file), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["empreinte_aujourdhui"] == kept.digest

    opened(page, application, "?commune=75056&rayon=10")
    page.get_by_text("Ouvrir un dossier gardé").click()
    page.locator("input[type=file]").first.set_input_files(file)
    expect(page.get_by_text("même résultat aujourd’hui")).to_be_visible(timeout=20_000)
    expect(page.get_by_role("textbox", name="Rayon (km)")).to_have_value("12,5")
    capture(page, "circuit-dossier")
    wrong = tmp_path / "faux.json"
    wrong.write_text('{"format": "autre"}', encoding="utf-8")
    page.locator("input[type=file]").first.set_input_files(wrong)
    expect(page.get_by_role("alert").filter(has_text="n’est pas un dossier")).to_be_visible(
        timeout=15_000
    )
