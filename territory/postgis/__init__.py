"""The store that several replicas share: PostgreSQL with PostGIS, see ``TERRITORY_STORE``.

The same tables as the local folder, with the same rows, types and order, behind the same methods
(:func:`territory.store.of`, :func:`territory.register.of`). psycopg is asked for only
here and only when the setting is there: ``requirements-postgis.txt``.
"""

from __future__ import annotations

from territory.errors import DataError

try:
    import psycopg  # noqa: F401
    import psycopg_pool  # noqa: F401
except ImportError as missing:
    raise DataError(
        "Le réglage TERRITORY_STORE demande la bibliothèque psycopg : pip install -r "
        "requirements-postgis.txt."
    ) from missing
