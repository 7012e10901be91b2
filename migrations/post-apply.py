"""Installs the routines again where they are not those of this release: after an upgrade.

yoyo runs this whenever it has applied something, also what was not the last. A fresh database has
its routines from 9999_procedures.py; there is nothing to do then.
"""

import runpy
from pathlib import Path

from yoyo import step

HERE = Path(__file__).resolve().parent
PLACES = (HERE.parent / "deployment", HERE.parent / "driver" / "deployment")
SOURCES = runpy.run_path(str(next(place for place in PLACES if place.is_dir()) / "sources.py"))

__transactional__ = False  # as in 9999_procedures.py

step(SOURCES["install_after_upgrade"])
