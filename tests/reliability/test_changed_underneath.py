"""The table, a column, a partition or the backup is changed or dropped in mid-run."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from reliability_support import (
    Call,
    Connection,
    changed,
    correct,
    figures,
    hurry,
    one,
    resume,
    rollback,
    status_of,
)
from sql_support import wait_until

LONG = pytest.mark.torture

SLOW: dict[str, Any] = {
    "batch_size": 50,
    "adaptive": False,
    "pause_between_batches": "300 ms",
}


def stopped(db: Connection, call: Call, execution_id: UUID) -> tuple[str | None, str, str]:
    """Wait for the end; return the code raised, and the status and message that history has."""
    call.wait()
    row = figures(db, execution_id)
    assert row["error_code"] == call.code
    message = one(db, "SELECT error_message FROM etl.correction_status(%s)", execution_id)
    return call.code, row["status"], message


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("DROP TABLE market_data", "the fact table of target market_data was dropped"),
        pytest.param(
            "DROP TABLE symbols",
            "the dimension table of target market_data was dropped",
            marks=LONG,
        ),
        pytest.param(
            "ALTER TABLE symbols RENAME COLUMN asset_class TO class",
            "symbols.asset_class is gone",
            marks=LONG,
        ),
        (
            "ALTER TABLE market_data RENAME COLUMN asset_class TO class",
            "asset_class was character varying(20) and is gone",
        ),
        pytest.param(
            "ALTER TABLE market_data DROP COLUMN asset_class",
            "asset_class was character varying(20) and is gone",
            marks=LONG,
        ),
        pytest.param(
            "ALTER TABLE market_data DROP COLUMN symbol",
            "symbol was character varying(50)",
            marks=LONG,
        ),
        pytest.param(
            "ALTER TABLE market_data DROP COLUMN updated_at", "updated_at was", marks=LONG
        ),
        pytest.param(
            "ALTER TABLE market_data ALTER asset_class TYPE text", "and is text", marks=LONG
        ),
        (
            "ALTER TABLE market_data ALTER asset_class TYPE integer USING length(asset_class)",
            "and is integer",
        ),
    ],
)
@pytest.mark.parametrize("early", [True, False], ids=["before the first row", "in mid-run"])
def test_target_changed(
    bars: Connection, dsn: str, session: Any, change: str, said: str, early: bool
) -> None:
    correction_id = uuid4()
    if early:
        other = session()
        with other.transaction():
            other.execute("LOCK TABLE market_data, symbols")
            call = correct(dsn, correction_id=correction_id, lock_timeout="1 minute", **SLOW)
            wait_until(
                lambda: bars.execute(
                    "SELECT FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'",
                    [call.pid],
                ).fetchall()
            )
            other.execute(change)
    else:
        call = correct(dsn, correction_id=correction_id, **SLOW)
        wait_until(lambda: changed(bars, correction_id) > 0)
        bars.execute(change)
    code, status, message = stopped(bars, call, correction_id)
    assert (code, status) == ("ME008", "failed")
    assert said in message
    assert one(bars, "SELECT count(*) FROM etl.failed_record") == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("DROP TABLE {}", "is missing"),
        ("ALTER TABLE {} DROP COLUMN new_value", "was altered"),
        pytest.param("ALTER TABLE {} DROP COLUMN asset_class", "was altered", marks=LONG),
    ],
)
def test_backup_dropped_or_altered(bars: Connection, dsn: str, change: str, said: str) -> None:
    correction_id = uuid4()
    call = correct(dsn, correction_id=correction_id, **SLOW)
    wait_until(lambda: changed(bars, correction_id) > 0)
    bars.execute(change.format(backup_table(bars, correction_id)))
    code, status, message = stopped(bars, call, correction_id)
    assert (code, status) == ("ME007", "failed")
    assert said in message
    assert resume(dsn, correction_id).wait().code == "ME007"


def backup_table(db: Connection, correction_id: UUID) -> str:
    return one(
        db,
        "SELECT backup_table FROM etl_execution_history WHERE execution_id = %s",
        correction_id,
    )


def test_backup_dropped_during_rollback(bars: Connection, dsn: str, corrected: Any) -> None:
    correction_id, rollback_id = corrected(), uuid4()
    call = rollback(dsn, correction_id, rollback_id=rollback_id, **SLOW)
    wait_until(lambda: changed(bars, rollback_id) > 0)
    bars.execute(f"DROP TABLE {backup_table(bars, correction_id)}")
    code, status, message = stopped(bars, call, rollback_id)
    assert (code, status) == ("ME007", "failed")
    assert "is missing" in message


def test_renamed_table_and_backup_are_followed(bars: Connection, dsn: str) -> None:
    """Names may change: both are known by identity."""
    correction_id = uuid4()
    call = correct(dsn, correction_id=correction_id, **SLOW)
    wait_until(lambda: changed(bars, correction_id) > 0)
    bars.execute(f"ALTER TABLE {backup_table(bars, correction_id)} RENAME TO kept")
    bars.execute("ALTER TABLE market_data RENAME TO bars")
    hurry(bars, correction_id)
    row = call.done()
    assert row["status"] == "completed"
    assert one(bars, "SELECT count(*) FROM kept") == row["changed"]


PARTITIONED = """
ALTER TABLE market_data RENAME TO plain;
CREATE TABLE market_data (LIKE plain INCLUDING DEFAULTS, PRIMARY KEY (id, symbol))
    PARTITION BY LIST (symbol);
CREATE TABLE bars_more PARTITION OF market_data FOR VALUES IN (
    'SPY', 'BTCUSD', 'THYAO', 'EURUSD', 'XAUUSD', 'GLD', 'NOCLASS', 'BLANK', 'STRANGE',
    'ORPHAN1', 'ORPHAN2')
    WITH (fillfactor = 10);
CREATE TABLE bars_stock PARTITION OF market_data FOR VALUES IN ('KO', 'AAPL', 'MSFT')
    WITH (fillfactor = 10);
INSERT INTO market_data SELECT * FROM plain;
DROP TABLE plain;
ANALYZE market_data;
"""


@pytest.mark.parametrize(
    "change",
    [
        "DROP TABLE bars_stock",
        pytest.param("ALTER TABLE market_data DETACH PARTITION bars_stock", marks=LONG),
    ],
)
@pytest.mark.parametrize("held", [False, True], ids=["between batches", "in front of a batch"])
def test_partition_goes(bars: Connection, dsn: str, session: Any, change: str, held: bool) -> None:
    """Its rows are no longer ours: the rest is done, and the books balance."""
    bars.execute(PARTITIONED)
    correction_id = uuid4()
    call = correct(dsn, correction_id=correction_id, **SLOW)
    wait_until(lambda: changed(bars, correction_id) > 0)
    if held:
        other = session()
        with other.transaction():
            other.execute(change)
            wait_until(
                lambda: bars.execute(
                    "SELECT FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'",
                    [call.pid],
                ).fetchall()
            )
    else:
        bars.execute(change)
    hurry(bars, correction_id)
    row = call.done()
    assert row["status"] == "completed"
    left = one(
        bars,
        "SELECT count(*) FROM market_data WHERE coalesce(asset_class, '') = ''"
        " AND symbol IN ('SPY', 'BTCUSD', 'THYAO')",
    )
    assert left == 0
    assert one(bars, f"SELECT count(*) FROM {row['backup_table']}") == row["changed"]
    assert status_of(bars, correction_id) == "completed"
