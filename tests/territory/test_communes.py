"""The commune table, its units, and finding a commune by what a person types."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from territory import communes as module
from territory.errors import AmbiguousPlaceError, UnknownPlaceError
from territory.schemas import COMMUNES
from tests.territory.french import is_french_sentence


def codes_of(text: str, limit: int = 20) -> list[str]:
    return [c.code_insee for c in module.find(text, limit)]


# --- The table -------------------------------------------------------------------------------


def test_all_communes_and_arrondissements_are_there(communes: pd.DataFrame) -> None:
    assert communes["type"].value_counts().to_dict() == {"COM": 34875, "ARM": 45}
    assert communes.index.is_unique
    COMMUNES.validate(communes)


def test_overseas_is_there(whole_communes: pd.DataFrame) -> None:
    counts = whole_communes["code_departement"].value_counts()
    assert counts[["971", "972", "973", "974", "976"]].tolist() == [32, 34, 22, 24, 17]


@pytest.mark.parametrize(
    ("code", "name", "departement", "region"),
    [
        ("01001", "L'Abergement-Clémenciat", "Ain", "Auvergne-Rhône-Alpes"),
        ("76351", "Le Havre", "Seine-Maritime", "Normandie"),
        ("17300", "La Rochelle", "Charente-Maritime", "Nouvelle-Aquitaine"),
        ("97307", "Matoury", "Guyane", "Guyane"),
        ("97422", "Le Tampon", "La Réunion", "La Réunion"),
        ("2A004", "Ajaccio", "Corse-du-Sud", "Corse"),
        ("94038", "L'Haÿ-les-Roses", "Val-de-Marne", "Île-de-France"),
        ("51410", "Œuilly", "Marne", "Grand Est"),
        ("80829", "Y", "Somme", "Hauts-de-France"),
        ("97414", "Saint-Louis", "La Réunion", "La Réunion"),
        ("85113", "L'Île-d'Yeu", "Vendée", "Pays de la Loire"),
    ],
)
def test_names_are_the_cog_s_article_included(
    code: str, name: str, departement: str, region: str
) -> None:
    commune = module.get(code)
    assert (commune.nom, commune.nom_departement, commune.nom_region) == (name, departement, region)


def test_four_islands_have_no_epci(whole_communes: pd.DataFrame) -> None:
    alone = whole_communes[whole_communes["code_epci"].isna()]
    assert set(alone["nom"]) == {
        "L'Île-d'Yeu", "Île-de-Bréhat", "Ouessant", "Île-de-Sein",
    }
    assert module.get("29155").code_epci is None
    assert module.get("29155").nom_epci is None


def test_populations_are_plausible(whole_communes: pd.DataFrame) -> None:
    # Populations légales 2023, with Mayotte: about 68 million.
    assert whole_communes["population"].sum() == pytest.approx(68.1e6, rel=0.01)
    assert module.get("75056").population == pytest.approx(2.1e6, rel=0.03)
    # Communes that died for France have none, which is zero and not unknown.
    assert module.get("55039").population == 0


def test_arrondissements_add_up_to_their_commune(communes: pd.DataFrame) -> None:
    arms = communes[communes["type"] == "ARM"].groupby("code_parent")
    whole = communes.loc[list(arms.groups)]
    assert (arms["population"].sum() == whole["population"]).all()
    np.testing.assert_allclose(arms["superficie_km2"].sum(), whole["superficie_km2"], rtol=0.01)


def test_areas_are_square_kilometres(whole_communes: pd.DataFrame) -> None:
    assert whole_communes["superficie_km2"].min() > 0
    # Official: 632 734 km² with the five overseas départements (generalised contours: 1.5 %).
    assert whole_communes["superficie_km2"].sum() == pytest.approx(632_734, rel=0.015)
    assert whole_communes.loc["26281", "superficie_km2"] == pytest.approx(33.08, rel=0.03)
    assert whole_communes["superficie_km2"].idxmax() == "97353"  # Maripasoula


def test_reference_points_lie_in_their_contour(
    communes: pd.DataFrame, contours: gpd.GeoSeries
) -> None:
    points = shapely.points(communes["longitude"], communes["latitude"])
    inside = shapely.covers(contours.reindex(communes.index).to_numpy(), points)
    assert communes.index[~inside].tolist() == []


def test_reference_points_say_what_they_are() -> None:
    assert module.get("26281").point_reference == "mairie"
    assert module.get("26281").reference_label == "mairie de Romans-sur-Isère"
    paris = module.get("75056")
    assert paris.reference_label == f"{_words(paris.point_reference)} de Paris"


def _words(point: str) -> str:
    return {"mairie": "mairie", "interieur": "point central"}[point]


def test_romans_is_where_it_is() -> None:
    romans = module.get("26281")
    assert (romans.longitude, romans.latitude) == pytest.approx((5.0515, 45.0445), abs=0.01)
    assert romans.codes_postaux == ("26100",)
    assert romans.label == "Romans-sur-Isère (26, Drôme)"
    assert romans.nom_epci == "Communauté d'agglomération Valence Romans Agglo"


# --- Contours --------------------------------------------------------------------------------


def test_one_valid_contour_each(communes: pd.DataFrame, contours: gpd.GeoSeries) -> None:
    assert set(contours.index) == set(communes.index)
    assert contours.index.is_unique
    assert contours.crs.to_epsg() == 4326
    shapes = contours.to_numpy()
    assert shapely.is_valid(shapes).all()
    assert not shapely.is_empty(shapes).any()


@pytest.mark.parametrize("kind", ["COM", "ARM"])
def test_full_contours_are_a_coverage(
    communes: pd.DataFrame, contours: gpd.GeoSeries, kind: str
) -> None:
    shapes = contours.reindex(communes.index[communes["type"] == kind])
    edges = shapely.coverage_invalid_edges(shapes.to_numpy())
    assert shapes.index[~shapely.is_empty(edges)].tolist() == []


@pytest.mark.parametrize("level", list(module.LEVELS))
def test_simplified_contours_are_a_coverage(level: module.Level) -> None:
    shapes = module.simplified_contours(level)
    edges = shapely.coverage_invalid_edges(shapes.to_numpy())
    assert shapes.index[~shapely.is_empty(edges)].tolist() == []
    assert shapely.is_valid(shapes.to_numpy()).all()
    assert not shapely.is_empty(shapes.to_numpy()).any()


@pytest.mark.parametrize("level", list(module.LEVELS))
def test_each_unit_has_one_simplified_contour(level: module.Level) -> None:
    shapes = module.simplified_contours(level)
    assert shapes.index.is_unique
    assert set(shapes.index) == set(module.units(level).index)


def test_no_ground_of_france_belongs_to_nobody() -> None:
    # Seven pieces (mainland, islands) have no hole but Llívia, which is Spanish, and an inlet.
    from territory.contours import holes
    from territory.geo import area_km2

    found = holes(module.simplified_contours("region").to_numpy())
    real = [h for h in found if area_km2([h])[0] > 0.1]
    assert len(real) == 1
    assert real[0].covers(shapely.Point(1.98, 42.465))


def test_simplified_levels_cover_the_same_ground() -> None:
    totals = [
        shapely.area(module.simplified_contours(level).to_numpy()).sum()
        for level in ("commune", "departement", "region")
    ]
    assert totals == pytest.approx([totals[0]] * 3, rel=1e-9)


# --- Finding ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("romans sur isere", "26281"),
        ("ROMANS-SUR-ISÈRE", "26281"),
        ("  Romans  sur  Isère ", "26281"),
        ("Romans sur is", "26281"),
        ("26281", "26281"),
        ("Romans-sur-Isère (26, Drôme)", "26281"),
        ("2a004", "2A004"),
        ("2A004", "2A004"),
        ("20000", "2A004"),
        ("st etienne", "42218"),
        ("le havre", "76351"),
        ("havre", "76351"),
        ("L’Haÿ-les-Roses", "94038"),
        ("hay les roses", "94038"),
        ("saint denis 974", "97411"),
        ("Saint-Denis (974)", "97411"),
        ("saint-denis 93", "93066"),
        ("Saint-Denis, 93", "93066"),
        ("97400", "97411"),
        ("Œuilly (02)", "02565"),
        ("oeuilly 51", "51410"),
        ("y", "80829"),
        ("eu", "76255"),
        ("Paris", "75056"),
        ("paris", "75056"),
        ("lyon", "69123"),
        ("Marseille", "13055"),
        ("75056", "75056"),
        ("75001", "75101"),
        ("lyon 7e", "69387"),
        ("75112", "75112"),
        ("Paris 12e Arrondissement", "75112"),
    ],
)
def test_resolve(text: str, code: str) -> None:
    assert module.resolve(text).code_insee == code


def test_a_postcode_may_be_the_code_of_another_commune() -> None:
    # 26100 is the postcode of Romans-sur-Isère and the INSEE code of Combovin: both answer.
    assert codes_of("26100") == ["26281", "26100"]
    with pytest.raises(AmbiguousPlaceError) as caught:
        module.resolve("26100")
    message = caught.value.user_message
    assert "Romans-sur-Isère (26, Drôme) 26281" in message
    assert "Combovin (26, Drôme) 26100" in message
    assert is_french_sentence(message)


def test_a_postcode_of_several_communes_lists_them() -> None:
    found = codes_of("26190", 50)
    assert {"26307", "26311"} <= set(found)  # Saint-Jean-en-Royans, Saint-Laurent-en-Royans
    assert len(found) > 5


def test_a_postcode_of_paris_names_an_arrondissement_only() -> None:
    assert codes_of("75012") == ["75112"]
    assert "13055" not in codes_of("13008")
    assert codes_of("75116") == ["75116"]


def test_homonyms_are_told_apart_and_the_largest_comes_first() -> None:
    with pytest.raises(AmbiguousPlaceError) as caught:
        module.resolve("saint denis")
    message = caught.value.user_message
    assert message.index("(974, La Réunion)") < message.index("(11, Aude)")
    assert "(93, Seine-Saint-Denis)" in message
    assert is_french_sentence(message)


def test_many_homonyms_are_counted() -> None:
    every = module.candidates_for("sainte")
    with pytest.raises(AmbiguousPlaceError) as caught:
        module.resolve("sainte")
    assert f"et {len(every) - 8} autres" in caught.value.user_message


def test_homonyms_of_find_are_ranked_by_population() -> None:
    first = module.find("saint-denis", 2)
    assert {c.code_insee for c in first} == {"97411", "93066"}
    populations = [c.population or 0 for c in first]
    assert populations == sorted(populations, reverse=True)


def test_a_whole_name_comes_before_a_beginning() -> None:
    # The whole name wins over a beginning, however populated (Vienne, Vienne-en-Arthies…).
    assert codes_of("eu")[0] == "76255"
    assert codes_of("vienne")[0] == "38544"


def test_find_respects_its_limit() -> None:
    assert len(module.find("saint", 7)) == 7


@pytest.mark.parametrize(
    "text",
    ["", "   ", "'", "-", "(", "(26)", "[", "\\", ".*", "99999", "00000", "qwxzqwxz", "☃", "\x00",
     "\ud800", "a" * 5000, "Atlantide", "Honolulu", "26281; DROP TABLE", "75000"],
)
def test_unknown_places_get_a_french_sentence(text: str) -> None:
    assert module.find(text) == []
    with pytest.raises(UnknownPlaceError) as caught:
        module.resolve(text)
    assert is_french_sentence(caught.value.user_message.replace(text.strip() or "(vide)", "…"))


def test_get_knows_codes_only() -> None:
    with pytest.raises(UnknownPlaceError, match="99999"):
        module.get("99999")
    with pytest.raises(UnknownPlaceError):
        module.get("Paris")


@examples(max_examples=40)
@given(st.data())
def test_every_commune_is_found_by_its_label_and_its_code(data: st.DataObject) -> None:
    table = module.table()
    code = table.index[data.draw(st.integers(0, len(table) - 1))]
    commune = module.get(code)
    assert code in codes_of(commune.label, 200)
    assert code in codes_of(commune.nom.upper(), 400)
    assert code in codes_of(code, 200)
    for postcode in commune.codes_postaux:
        found = codes_of(postcode, 200)
        assert code in found or code in {"75056", "69123", "13055"}


@examples(max_examples=30)
@given(st.text(max_size=30))
def test_no_text_breaks_the_search(text: str) -> None:
    found = module.find(text, 5)
    assert len(found) <= 5
    every = module.candidates_for(text)
    assert bool(every) == bool(found)
    if len(every) == 1:
        assert module.resolve(text) == every[0]
    else:
        with pytest.raises(AmbiguousPlaceError if every else UnknownPlaceError) as caught:
            module.resolve(text)
        assert caught.value.user_message.endswith(".")


# --- Units -----------------------------------------------------------------------------------


def test_units_count() -> None:
    assert {level: len(module.units(level)) for level in module.LEVELS} == {
        "commune": 34875, "epci": 1253, "departement": 101, "region": 18,
    }


def test_units_add_up(whole_communes: pd.DataFrame) -> None:
    for level in ("departement", "region"):
        units = module.units(level)
        assert units["communes"].sum() == 34875
        assert units["population"].sum() == whole_communes["population"].sum()
    assert module.units("epci")["communes"].sum() == 34871


def test_a_unit_says_where_it_lies() -> None:
    drome = module.units("departement").loc["26"]
    assert (drome["nom"], drome["code_region"], drome["communes"]) == ("Drôme", "84", 362)
    assert module.units("region").loc["84", "nom"] == "Auvergne-Rhône-Alpes"
    assert module.units("region")["code_departement"].notna().sum() == 5  # one-département régions
    # An EPCI over several départements lies in none.
    wide = module.units("epci")["code_departement"].isna()
    assert 0 < wide.sum() < 200


# --- Places ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [(5.0515, 45.0445, "26281"), (2.3522, 48.8566, "75056"), (55.4481, -20.8789, "97411"),
     (-52.33, 4.93, "97302"), (1.98, 42.465, None), (-30.0, 45.0, None), (-0.12, 51.5, None)],
)
def test_commune_at(lon: float, lat: float, code: str | None) -> None:
    found = module.at(lon, lat)
    assert (found.code_insee if found else None) == code


def test_touching_an_area(contours: gpd.GeoSeries) -> None:
    romans = contours["26281"]
    touched = module.touching(romans)
    assert {"26281", "26057", "26218"} <= set(touched)  # Bourg-de-Péage, Mours-Saint-Eusèbe
    assert touched == sorted(touched)
    assert module.touching(shapely.Point(-30, 45)) == []
    # Arrondissements are not units of their own.
    assert module.touching(shapely.Point(2.3522, 48.8566)) == ["75056"]


def test_a_place_is_near_its_commune_or_it_is_not() -> None:
    home = module.get("26281")
    codes = pd.Series(["26281", "26281", "26281", "26281", "99999", "75101"], index=range(6, 12))
    longitudes = [home.longitude, home.longitude + 0.08, 55.5, np.nan, home.longitude, 2.336]
    latitudes = [home.latitude, home.latitude + 0.08, -21.0, 45.0, home.latitude, 48.862]
    near = module.near(codes, longitudes, latitudes)
    assert near.tolist() == [True, False, False, False, False, True]


def test_every_reference_point_is_near_its_commune(communes: pd.DataFrame) -> None:
    near = module.near(
        communes.index.to_series(), communes["longitude"], communes["latitude"]
    )
    assert near.all()
