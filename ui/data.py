"""What the pages take from the layers, computed once and shared by all sessions."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import mapclassify
import numpy as np
import pandas as pd

from territory import indicators
from territory.text import number

_COL=("#ffffcc","#a1dab4","#41b6c4","#2c7fb8","#253494")

@dataclass(frozen=True)
class Cls:
    breaks: tuple
    colours: tuple
    labels: tuple


@functools.cache
def classification(indicator_id: str, level: str = "commune") -> Cls:
    i = indicators.get(indicator_id)
    v = indicators.values(indicator_id, level).dropna()
    v0 = v[v > 0] if (v == 0).mean() > .5 else v
    b = sorted({round(float(x), i.decimals) for x in mapclassify.Quantiles(v0, 5).bins[:-1]})
    lo = [float(v.min()), *b]; hi = [*b, float(v.max())]
    labels = tuple(f"{number(a,i.decimals)} à {number(c,i.decimals)} {i.unit}" for a, c in zip(lo, hi, strict=True))
    return Cls(tuple(b), _COL[:len(b)+1], labels)


def classify(indicator_id: str, level: str, values: pd.Series) -> np.ndarray:
    c = classification(indicator_id, level)
    out = np.searchsorted(np.array(c.breaks), values.to_numpy(float), side="left")
    return np.where(values.isna(), -1, out)
