"""Points for scale: as many around each commune as its population says; never shown by the app."""

from __future__ import annotations

import numpy as np
import pandas as pd

from territory import communes, store

#: Standard deviation of a point around its commune, degrees (about 2 km).
SPREAD_DEG = 0.02


def places(count: int, seed: int = 0) -> pd.DataFrame:
    """Draw points: ``code_insee``, ``longitude``, ``latitude`` (degrees, EPSG:4326)."""
    draw = np.random.default_rng(seed)
    base = communes.whole()
    weights = base["population"].astype(float).fillna(0).to_numpy()
    rows = draw.choice(len(base), count, p=weights / weights.sum())
    return pd.DataFrame({
        "code_insee": base.index.to_numpy()[rows],
        "longitude": base["longitude"].to_numpy()[rows] + draw.normal(0, SPREAD_DEG, count),
        "latitude": base["latitude"].to_numpy()[rows] + draw.normal(0, SPREAD_DEG, count),
    })


def structures(count: int) -> pd.DataFrame:
    """The same points with the columns of a list of structures."""
    model = store.read("ess_structures").iloc[np.zeros(count, dtype=int)].reset_index(drop=True)
    return model.assign(id=np.arange(count), **places(count).to_dict("series"))
