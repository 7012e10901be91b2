"""Tables rewritten in mid-run: rows change their places."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from reliability_support import (
    SLOW,
    Connection,
    Undisturbed,
    assert_books_balance,
    backup,
    changed,
    correct,
    figures,
    hurry,
    one,
    resume,
    rollback,
    status_of,
    table,
)
from sql_support import wait_until

PATIENT: dict[str, Any] = SLOW | {"max_retries": 20}


def test_table_rewritten(bars: Connection, dsn: str, undisturbed: Undisturbed) -> None:
    """VACUUM FULL moves every row, in the correction and in the rollback: none is missed."""
    correction_id, rollback_id = uuid4(), uuid4()
    call = correct(dsn, correction_id=correction_id, **PATIENT)
    wait_until(lambda: changed(bars, correction_id) > 100)
    bars.execute("CLUSTER market_data USING market_data_pkey")
    hurry(bars, correction_id)
    assert call.done()["status"] == "completed"
    assert table(bars) == undisturbed.corrected
    assert backup(bars, correction_id) == undisturbed.backup
    assert_books_balance(bars, correction_id)
    call = rollback(dsn, correction_id, rollback_id=rollback_id, **PATIENT)
    wait_until(lambda: changed(bars, rollback_id) > 100)
    bars.execute("VACUUM FULL market_data")
    hurry(bars, rollback_id)
    assert call.done()["status"] == "completed"
    assert table(bars) == undisturbed.before
    assert figures(bars, rollback_id) == undisturbed.rollback


def test_backup_rewritten(
    bars: Connection, dsn: str, undisturbed: Undisturbed, corrected: Any
) -> None:
    """In mid-rollback: refused with ME007; another rollback then restores every row."""
    correction_id, rollback_id = corrected(), uuid4()
    call = rollback(dsn, correction_id, rollback_id=rollback_id, **PATIENT)
    wait_until(lambda: changed(bars, rollback_id) > 100)
    name = one(bars, "SELECT backup_table FROM etl.list_backups()")
    bars.execute(f"CREATE INDEX by_id ON {name} (id)")
    bars.execute(f"CLUSTER {name} USING by_id")
    assert call.wait().code == "ME007"
    assert figures(bars, rollback_id)["status"] == "failed"
    assert resume(dsn, rollback_id).wait().code == "ME007"
    row = rollback(dsn, correction_id).done()
    assert row["status"] == "completed"
    assert row["changed"] + row["skipped"] == len(undisturbed.backup)
    assert table(bars) == undisturbed.before
    assert status_of(bars, correction_id) == "rolled_back"


def test_partly_restored_then_rewritten(
    bars: Connection, dsn: str, undisturbed: Undisturbed, corrected: Any
) -> None:
    """What an earlier rollback did by symbol is found done, wherever its rows lie now."""
    correction_id = corrected()
    rollback(dsn, correction_id, target_symbols=["AAPL"]).done()
    bars.execute(f"VACUUM FULL {one(bars, 'SELECT backup_table FROM etl.list_backups()')}")
    assert rollback(dsn, correction_id).done()["status"] == "completed"
    assert table(bars) == undisturbed.before
    assert status_of(bars, correction_id) == "rolled_back"


@pytest.mark.parametrize("loss", ["DELETE FROM {} WHERE asset_class = ''", "TRUNCATE {}"])
def test_before_images_missing(
    bars: Connection, dsn: str, undisturbed: Undisturbed, corrected: Any, loss: str
) -> None:
    correction_id = corrected()
    bars.execute(loss.format(one(bars, "SELECT backup_table FROM etl.list_backups()")))
    call = rollback(dsn, correction_id).wait()
    assert call.code == "ME007"
    assert call.error is not None
    assert "before-images" in (call.error.diag.message_detail or "")
    assert table(bars) == undisturbed.corrected
    assert status_of(bars, correction_id) == "completed"
