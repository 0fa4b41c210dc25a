"""The sourcing note: every number is the table's, hostile texts stay texts, the PDF is tagged."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from pathlib import Path

import pandas as pd
import pytest

from layers.export.note_pdf import map_svg, note_pdf
from territory import charter, communes, directory, echelle, sensibilite, settings, sourcing
from territory.directory import Result
from territory.errors import InvalidInputError
from territory.perimeter import Perimeter
from territory.sourcing import Note
from territory.suppliers import FAMILIES, Criteria
from tests.territory.french import is_french_sentence

DAY = dt.date(2026, 11, 28)


def searched(code: str = "26281", radius: float = 30, **asked: object) -> Result:
    perimeter = Perimeter.around_commune(communes.get(code), radius)
    return directory.search(perimeter, Criteria(**asked), directory.extract())  # type: ignore[arg-type]


def noted(result: Result) -> Note:
    home = result.perimeter.discs[0].home_code
    assert home is not None
    index = result.directory.index
    return sourcing.write(
        result, charter.assess(result.found, charter.default()),
        echelle.climb(communes.get(home), echelle.Need(result.criteria, 3), index),
        sensibilite.measure(result.perimeter, result.criteria, index), DAY,
    )


def test_every_number_is_that_of_the_table() -> None:
    result = searched()
    note, found = noted(result), result.found
    said = " ".join(note.found)
    assert f"{len(found)}\u00a0structures trouvées" in said
    for family, count in found["famille_ess"].value_counts().items():
        assert f"{FAMILIES[family]} : {count}" in said
    assert f"connues comme telles : {(found['est_siae'] == 'oui').sum()}." in said
    assert len(note.suppliers) + note.more == len(found)
    assert note.suppliers["nom"].tolist() == found["nom"].head(sourcing.LISTED).tolist()
    unknown = " ".join(note.unknown)
    reach = (found["dessert_le_centre"] == "inconnu").sum()
    assert f"livraison inconnue : {reach}\u00a0structures" in unknown
    marks = charter.assess(found, charter.default()).marks
    near = marks[marks["axe"] == "proximite"]
    row = note.criteria.set_index("axe").loc["Proximité"]
    assert row["connus"] == f"{near['note'].notna().sum()} sur {len(near)}"
    assert row["atteints"] == str((near["note"] == 1).sum())


def test_every_sentence_is_french_and_the_law_is_recalled() -> None:
    note = noted(searched(filieres=("Restauration",)))
    for sentence in (*note.need, *note.unknown, *note.context, *note.sources, sourcing.LEGAL):
        assert is_french_sentence(sentence), sentence
    assert "n’est pas un critère d’attribution" in note.markdown()


def test_nothing_found_is_said() -> None:
    result = searched("48095", 1)
    assert result.found.empty
    note = noted(result)
    assert note.found == ("Aucune structure n’a été trouvée.",)
    assert "Rien à montrer." in note.markdown()
    assert note_pdf(note, result.perimeter, result.found).startswith(b"%PDF")


def hostile() -> Result:
    result = searched(radius=10)
    found = result.found.copy()
    found.loc[found.index[0], "nom"] = "#eval(\"1\") *x* | [a](http://x.invalid) <img src=x> $a$"
    return dataclasses.replace(result, merged=found)


def test_a_hostile_name_stays_a_name() -> None:
    result = hostile()
    text = noted(result).markdown()
    row = next(line for line in text.splitlines() if "eval" in line)
    assert "<img" not in row.replace("\\<img", "")
    assert len(re.findall(r"(?<!\\)\|", row)) == 6
    assert "\\[a\\](http" in row
    assert note_pdf(noted(result), result.perimeter, result.found).startswith(b"%PDF")


def test_the_pdf_is_tagged_and_in_french() -> None:
    result = searched(radius=10)
    content = note_pdf(noted(result), result.perimeter, result.found)
    assert b"/StructTreeRoot" in content
    assert b"/Marked true" in content
    assert re.search(rb"/Lang ?\(fr", content)
    assert b"pdfuaid" in content


@pytest.mark.parametrize("code", ["26281", "97411", "97302", "97608", "2A004"])
def test_the_map_holds_the_perimeter_and_a_point_a_place(code: str) -> None:
    result = searched(code, 30)
    drawn = map_svg(result.perimeter, result.found)
    assert drawn.count("<circle") == int(result.found["longitude"].notna().sum())
    numbers = [float(x) for pair in re.findall(r'd="M([^Z]+)Z" fill="#0b4f5c"', drawn)
               for point in pair.split() for x in point.split(",")]
    assert len(numbers) > 100
    xs, ys = pd.Series(numbers[::2]), pd.Series(numbers[1::2])
    assert xs.between(0, 900).all()
    assert ys.between(0, 520).all()
    # A disc is drawn round: the projection is the territory's own.
    assert (xs.max() - xs.min()) / (ys.max() - ys.min()) == pytest.approx(1, abs=0.01)


def test_the_note_of_a_search_looks_closer_and_farther_by_itself(tmp_path: Path) -> None:
    current = settings.load({"TERRITORY_DATA_DIR": str(tmp_path)})
    result = searched()
    note = sourcing.of(result, charter.default(), (), 3, DAY, current)
    assert note.markdown() == noted(result).markdown()
    two = result.perimeter.union(Perimeter.around_commune(communes.get("26198"), 10))
    composed = directory.search(two, result.criteria, directory.extract())
    alone = sourcing.of(composed, charter.default(), (), 3, DAY, current)
    # A ladder starts from the first centre, as the page's does; two radii have no edge to move.
    code = echelle.origin(two)
    assert code is not None
    ladder = echelle.climb(
        communes.get(code), echelle.Need(result.criteria, 3), composed.directory.index
    )
    assert alone.context == (ladder.sentence(),)
    assert note_pdf(alone, two, composed.found).startswith(b"%PDF")
    with pytest.raises(InvalidInputError):
        sourcing.of(result, charter.default(), (), 0, DAY, current)
