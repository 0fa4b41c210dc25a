"""Addresses to points by the Géoplateforme, in bulk: a CSV goes, the same CSV comes back filled."""

from __future__ import annotations

import csv
import io
from typing import Final

import pandas as pd

from territory import geo
from territory.errors import SourceError, StoppedError
from territory.progress import Quiet, Watch
from territory.settings import Settings
from territory.sources._http import Client

#: Rows sent at once: few, so that progress shows and a failure loses little.
CHUNK: Final = 500
#: Columns sent.
ASKED: Final = ("adresse", "code_postal", "commune", "code_insee")
_FIELDS: Final = ("longitude", "latitude", "result_score", "result_type", "result_citycode")


def locate(
    addresses: pd.DataFrame, settings: Settings, watch: Watch | None = None
) -> tuple[pd.DataFrame, str]:
    """Ask where addresses are.

    Parameters
    ----------
    addresses
        Columns of :data:`ASKED`, texts; shape (n, 4).
    settings
        Address of the service.
    watch
        Told of the rows done; may stop the work.

    Returns
    -------
    located, failure
        Same index, the rows that were asked: ``longitude``, ``latitude``, ``score`` (NaN where
        nothing was found), ``type`` and ``code_insee`` (empty); and what cut the work, in French,
        empty when nothing did. What came before is kept.
    """
    watch = watch or Watch()
    service = Client("le géocodage de la Géoplateforme", settings.geoplateforme_url,
                     offline=settings.offline, per_second=5, timeout_s=120, watch=Quiet(watch))
    parts: list[pd.DataFrame] = []
    failure = ""
    for start in range(0, len(addresses), CHUNK):
        watch.tell(start, len(addresses), "Géocodage des adresses")
        try:
            parts.append(_ask(service, addresses.iloc[start : start + CHUNK]))
        except (SourceError, StoppedError) as error:
            failure = error.user_message
            break
    done = sum(map(len, parts))
    watch.tell(done, len(addresses), "Géocodage des adresses")
    return (pd.concat(parts) if parts else _nothing(addresses.iloc[:0])), failure


def _ask(service: Client, addresses: pd.DataFrame) -> pd.DataFrame:
    sent = addresses.reset_index(drop=True)
    sent.insert(0, "rang", [str(rank) for rank in range(len(sent))])
    # Line breaks and quotes are the csv module's business; so is what they become.
    content = sent.to_csv(index=False, quoting=csv.QUOTE_MINIMAL).encode()
    fields = [("columns", name) for name in ASKED[:3]]
    answer = service.post_file(
        "/geocodage/search/csv", "adresses.csv", content, [*fields, ("citycode", "code_insee")]
    )
    located = _nothing(addresses)
    try:
        rows = list(csv.DictReader(io.StringIO(answer.decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error) as error:
        msg = "Le géocodage de la Géoplateforme a répondu par un fichier illisible."
        raise SourceError(msg) from error
    if len(rows) != len(sent) or any(name not in rows[0] for name in ("rang", *_FIELDS)):
        msg = "Le géocodage de la Géoplateforme a changé de forme : sa réponse n’est pas lisible."
        raise SourceError(msg)
    for row in rows:
        try:
            rank = int(row["rang"])
            lon, lat = float(row["longitude"]), float(row["latitude"])
            score = float(row["result_score"])
        except (TypeError, ValueError):
            continue
        if 0 <= rank < len(located) and geo.territory_at(lon, lat) is not None:
            located.iloc[rank] = [lon, lat, score, row["result_type"], row["result_citycode"]]
    return located


def _nothing(addresses: pd.DataFrame) -> pd.DataFrame:
    empty = float("nan")
    return pd.DataFrame(
        {"longitude": empty, "latitude": empty, "score": empty, "type": "", "code_insee": ""},
        index=addresses.index,
    )
