"""Size bands as intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from territory import effectifs, ess


def test_bands_follow_each_other_and_agree_with_their_words() -> None:
    low, high = map(list, zip(*effectifs.BANDS.values(), strict=True))
    assert [a + 1 for a in high[:-1]] == low[1:]
    assert set(ess.SIZE_LABELS) - set(effectifs.BANDS) == {"NN"}
    for code, (least, _) in effectifs.BANDS.items():
        if least:
            assert ess.SIZE_LABELS[code].replace(" ", "").startswith(f"{least:.0f}")


@pytest.mark.parametrize(
    ("code", "threshold", "answer"),
    [("12", 20, "oui"), ("12", 50, "non"), ("12", 30, "inconnu"), ("53", 20_000, "inconnu"),
     ("53", 10_000, "oui"), ("00", 1, "non"), ("NN", 1, "inconnu"), ("", 1, "inconnu"),
     ("40 travailleurs", 10, "inconnu")],
)
def test_a_band_answers_only_what_it_says(code: str, threshold: int, answer: str) -> None:
    assert effectifs.at_least(pd.Series([code]), threshold)[0] == answer


def test_unknown_is_no_number() -> None:
    low, high = effectifs.intervals(pd.Series(["", "03"]))
    assert np.isnan(low[0])
    assert np.isnan(high[0])
    assert (low[1], high[1]) == (6, 9)
    assert effectifs.intervals(pd.Series([], dtype=str))[0].shape == (0,)
