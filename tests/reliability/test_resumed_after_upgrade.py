"""Paused under one version, resumed under the next."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from reliability_support import (
    SLOW,
    Connection,
    Undisturbed,
    backup,
    changed,
    correct,
    figures,
    hurry,
    one,
    resume,
    rollback,
    table,
)
from sql_support import wait_until

from mytrader_etl import deployment
from mytrader_etl.deployment.sources import LIBRARY_VERSION

# What an older release leaves behind: its version, and a routine with another body.
OLDER = """
CREATE OR REPLACE FUNCTION etl.version() RETURNS text LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp AS $$ SELECT '0.0.9' $$;
UPDATE etl.installation SET library_version = '0.0.9';
UPDATE etl.installed_routine SET library_version = '0.0.9',
       body_sha256 = CASE routine_name WHEN 'version' THEN 'another' ELSE body_sha256 END,
       source_sha256 = CASE routine_name WHEN 'version' THEN 'another' ELSE source_sha256 END;
"""


@pytest.mark.parametrize("undo", [False, True], ids=["correct", "rollback"])
def test_paused_then_upgraded(
    bars: Connection, dsn: str, corrected: Any, undisturbed: Undisturbed, undo: bool
) -> None:
    correction_id = corrected() if undo else uuid4()
    execution_id = uuid4() if undo else correction_id
    bars.execute(OLDER)
    if undo:
        call = rollback(dsn, correction_id, rollback_id=execution_id, **SLOW)
    else:
        call = correct(dsn, correction_id=correction_id, **SLOW)
    wait_until(lambda: changed(bars, execution_id) > 0)
    bars.execute("SELECT * FROM etl.pause_operation(%s, 'upgrade')", [execution_id])
    assert call.done()["status"] == "paused"
    version = "SELECT library_version FROM etl_execution_history WHERE execution_id = %s"
    assert one(bars, version, execution_id) == "0.0.9"

    deployment.up(dsn)

    assert one(bars, "SELECT etl.version()") == LIBRARY_VERSION != "0.0.9"
    states = bars.execute("SELECT DISTINCT state FROM etl.verify_installation()").fetchall()
    assert states == [("ok",)]
    hurry(bars, execution_id)
    assert resume(dsn, execution_id).done()["status"] == "completed"
    assert figures(bars, execution_id) == (undisturbed.rollback if undo else undisturbed.correction)
    assert backup(bars, correction_id) == undisturbed.backup
    assert table(bars) == (undisturbed.before if undo else undisturbed.corrected)
