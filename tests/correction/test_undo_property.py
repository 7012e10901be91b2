"""Whatever the table, the values and the options: correct, then roll back, and all is as before."""

from __future__ import annotations

from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sql_support import call, correct, expected_class, history, one, rollback, rows

TICKERS = ["AAPL", "KO", "GLD", "EURUSD", "NONE", "ORPHAN"]
VALUES = [None, "", " ", "STOCK", "ETF", "CRYPTO", "stock", "?"]

KEYS = {
    "bigint": ("n bigint PRIMARY KEY", "n"),
    "uuid": ("n uuid PRIMARY KEY", "n"),
    "text": ("n text PRIMARY KEY", "n"),
    "composite": ("n int, symbol2 text DEFAULT 'x', PRIMARY KEY (symbol2, n)", "(symbol2, n)"),
    "with the symbol": ("n int, PRIMARY KEY (n, symbol)", "n"),
}
KEY_VALUES = {"uuid": "md5(%s::text)::uuid", "text": "'key ' || %s::text"}
PARTITIONS = ["none", "hash", "nested"]

batch_sizes = st.one_of(st.integers(1, 40), st.just(1000), st.just(10_000_000))
symbols = st.none() | st.lists(st.sampled_from(TICKERS), min_size=1, max_size=4, unique=True)
listings = st.lists(
    st.tuples(st.sampled_from(TICKERS[:-1]), st.sampled_from(VALUES)), max_size=4, unique=True
).map(lambda some: [("AAPL", "STOCK"), ("KO", "ETF"), *some])
bars = st.lists(
    st.tuples(st.sampled_from(TICKERS), st.sampled_from(VALUES), st.sampled_from(["", "x" * 900])),
    min_size=20,
    max_size=80,
)
correction_options = st.fixed_dictionaries(
    {
        "batch_size": batch_sizes,
        "adaptive": st.booleans(),
        "validate_after_each_batch": st.booleans(),
        "target_symbols": symbols,
        "max_records_to_process": st.none() | st.integers(1, 30),
    }
)
which = st.sampled_from(
    [
        {},
        {"only_process_null_asset_class": False},
        {"only_process_null_asset_class": False, "overwrite_existing_values": True},
    ]
)
part = st.fixed_dictionaries(
    {
        "batch_size": batch_sizes,
        "adaptive": st.booleans(),
        "target_symbols": symbols,
        "batch_numbers": st.none() | st.lists(st.integers(1, 8), min_size=1, max_size=4),
        "on_conflict": st.sampled_from(["keep", "force", "abort"]),
    }
)


def create(db, schema, key, partitions, has_touch, listed, given_bars):
    """Make the tables of an example in a schema of its own; return the fact table's name."""
    columns, _ = KEYS[key]
    touch = ", updated_at timestamptz" if has_touch else ""
    db.execute(
        f"CREATE SCHEMA {schema}; CREATE TABLE {schema}.symbols (ticker text, class text);"
        f"CREATE TABLE {schema}.bars (symbol text, class text, padding text, {columns}{touch})"
        + (" PARTITION BY HASH (n)" if partitions != "none" else " WITH (fillfactor = 70)")
    )
    if partitions != "none":
        inner = "PARTITION BY RANGE (n)" if partitions == "nested" else ""
        db.execute(
            f"CREATE TABLE {schema}.p0 PARTITION OF {schema}.bars"
            " FOR VALUES WITH (MODULUS 2, REMAINDER 0);"
            f"CREATE TABLE {schema}.p1 PARTITION OF {schema}.bars"
            f" FOR VALUES WITH (MODULUS 2, REMAINDER 1) {inner}"
        )
        if inner:
            db.execute(f"CREATE TABLE {schema}.p1_rest PARTITION OF {schema}.p1 DEFAULT")
    with db.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {schema}.symbols VALUES (%s, %s)", listed)
        number = KEY_VALUES.get(key, "%s::int")
        cursor.executemany(
            f"INSERT INTO {schema}.bars (symbol, class, padding, n) VALUES (%s, %s, %s, {number})",
            [(*bar, index) for index, bar in enumerate(given_bars)],
        )
    return f"{schema}.bars"


def contents(db, table, key):
    columns = KEYS[key][1]
    return {
        k: (symbol, value)
        for k, symbol, value in rows(db, f"SELECT {columns}::text, symbol, class FROM {table}")
    }


def test_undo_restores_every_value(db):
    numbers = count()
    undone = []

    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(
        key=st.sampled_from(sorted(KEYS)),
        partitions=st.sampled_from(PARTITIONS),
        has_touch=st.booleans(),
        listed=listings,
        given_bars=bars,
        options=correction_options,
        asked=which,
        parts=st.lists(part, max_size=3),
        moved=st.booleans(),
    )
    def example(key, partitions, has_touch, listed, given_bars, options, asked, parts, moved):
        target = f"example_{next(numbers)}"
        table = create(db, target, key, partitions, has_touch, listed, given_bars)
        call(
            db,
            "register_target",
            target=target,
            fact_table=table,
            value_column="class",
            dimension_table=f"{target}.symbols",
        )
        before = contents(db, table, key)
        stated = {ticker: [c for t, c in listed if t == ticker] for ticker in TICKERS}
        chosen = options["target_symbols"] or TICKERS
        wanted = {
            k: (symbol, expected_class(value, stated[symbol] if symbol in chosen else [], **asked))
            for k, (symbol, value) in before.items()
        }
        to_change = sum(before[k] != wanted[k] for k in before)

        result = correct(db, target=target, **options, **asked)

        after = contents(db, table, key)
        limit = options["max_records_to_process"]
        assert result.changed == (to_change if limit is None else min(to_change, limit))
        assert result.changed == sum(before[k] != after[k] for k in before)
        assert all(after[k] in (before[k], wanted[k]) for k in before)
        if result.changed == 0:
            assert result.backup_table is None
            return
        assert one(db, f"SELECT count(*) FROM {result.backup_table}") == result.changed

        if moved:
            db.execute(f"UPDATE {table} SET padding = 'moved'")
        restored = 0
        for some in [*parts, {}]:
            if history(db, result.correction_id).status != "rolled_back":
                restored += rollback(db, result.correction_id, **some).changed

        assert contents(db, table, key) == before
        assert restored == result.changed
        assert history(db, result.correction_id).status == "rolled_back"
        undone.append(restored)

    example()
    assert len(undone) >= 10  # it is no test where examples have nothing to undo
