"""Installs procedures/, records the hashes of routines and migrations, and sets the grants.

It keeps its name in every release, and depends on all other migrations. So an upgrade finds it
applied already, and post-apply.py installs the routines of the new release instead.

Works with plain ``yoyo apply`` too, where the package mytrader_etl need not be installed: the
installer is loaded by its path, and always the one that belongs to this folder.
"""

import runpy
from pathlib import Path

from yoyo import step

HERE = Path(__file__).resolve().parent
PLACES = (HERE.parent / "deployment", HERE.parent / "driver" / "deployment")
SOURCES = runpy.run_path(str(next(place for place in PLACES if place.is_dir()) / "sources.py"))

__depends__ = {migration.id for migration in SOURCES["migrations"]()} - {Path(__file__).stem}

# yoyo would run the step inside a savepoint. etl._register_routine recognises what was installed
# by the id of the transaction, so the installer opens a plain one itself.
__transactional__ = False

step(SOURCES["install"], SOURCES["uninstall"])
