"""Batches are sized by time: a moving average, growing by half at most, shrinking at once."""

from __future__ import annotations

import math
import random
import uuid
from itertools import pairwise
from statistics import median

import pytest
from sql_support import call, correct, in_background, one, rows, select, wait_until

GROWTH = 1.5

NEXT = """
    SELECT t.row_time, etl._next_batch_rows(jsonb_populate_record(NULL::etl.operation_control,
               jsonb_build_object('adaptive', true, 'target_batch_time', %(target)s || ' ms')),
               %(size)s, t.row_time, false)
      FROM etl._row_time(%(average)s, %(size)s, %(size)s::int, %(elapsed)s) AS t (row_time)
"""


def sizes_of(db, row_time, *, first, batches, target=500, noise=0.0):
    """Run the sizing on its own and return the sizes.

    ``row_time`` tells the milliseconds that a row takes, by the number of the batch.
    """
    dice = random.Random(1)
    sizes, average, size = [], None, float(first)
    for number in range(batches):
        sizes.append(size)
        elapsed = row_time(number) * int(size) * (1 + dice.uniform(-noise, noise))
        values = {"target": target, "size": size, "average": average, "elapsed": elapsed}
        average, size = db.execute(NEXT, values).fetchone()
    return sizes


def is_near(duration, target, share=0.2):
    return abs(duration - target) <= share * target


@pytest.mark.parametrize("row_time", [0.02, 0.066, 0.2, 0.5, 4, 100])
def test_the_target_is_met_once_growth_allows_it(calm_market, row_time):
    """After five batches, where 1.5 ** 5 times the first size is enough; else as soon as can be."""
    sizes = sizes_of(calm_market, lambda _: row_time, first=1000, batches=20)

    right = 500 / row_time
    needed = max(0, math.ceil(math.log(0.8 * right / 1000, GROWTH)))
    assert needed <= 5 or row_time < 0.05
    assert all(is_near(size * row_time, 500) for size in sizes[max(needed, right < 1000) :]), sizes
    assert [round(size) for size in sizes[:needed]] == [
        round(1000 * GROWTH**number) for number in range(needed)
    ]


def test_noise_is_averaged_out(calm_market):
    durations = [
        size * 0.1
        for size in sizes_of(calm_market, lambda _: 0.1, first=1000, batches=200, noise=0.15)
    ]
    assert all(is_near(duration, 500) for duration in durations[5:]), durations
    assert is_near(median(durations[5:]), 500, 0.1)


def test_it_shrinks_at_once_and_grows_by_half(calm_market):
    def row_time(number):
        return 1.0 if 10 <= number < 20 else 0.1

    sizes = sizes_of(calm_market, row_time, first=5000, batches=40)

    assert sizes[10] == pytest.approx(5000)
    assert all(size == pytest.approx(500) for size in sizes[11:21])
    assert all(after <= before * GROWTH * 1.001 for before, after in pairwise(sizes))
    assert all(is_near(size, 5000) for size in sizes[28:])


def test_a_short_rest_of_a_piece_does_not_mislead(calm_market):
    """Ten rows that took 5 ms say little about a batch of 5,000."""
    ((row_time,),) = rows(calm_market, "SELECT etl._row_time(0.1, 5000, 10, 5)")
    assert row_time == pytest.approx(0.1, rel=0.01)


@pytest.fixture
def slow_market(market, request):
    """Blank bars, each of which takes 100 microseconds to change; those beyond 32,000 take 500.

    40,000, or as many as the test says.
    """
    bars = getattr(request, "param", 40_000)
    market.execute(
        f"""
        INSERT INTO market_data (id, symbol, timeframe, "timestamp", close)
        SELECT md5('slow' || bar)::uuid, 'AAPL', '1m',
               timestamptz '2025-01-01 00:00+00' + bar * interval '1 minute',
               CASE WHEN bar <= 32000 AND bar % 40 = 0 THEN 0.004
                    WHEN bar > 32000 AND bar % 20 = 0 THEN 0.01 ELSE 0 END
          FROM generate_series(1, {bars}) AS bar;
        CREATE FUNCTION take_time() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_sleep(new.close::float);
            RETURN new;
        END $$;
        CREATE TRIGGER take_time BEFORE UPDATE ON market_data
            FOR EACH ROW WHEN (new.close BETWEEN 0.001 AND 1) EXECUTE FUNCTION take_time();
        ANALYZE market_data;
        """
    )
    return market


def batches(db, correction_id):
    """Return (milliseconds, rows, whether the target was in reach) of the batches, in order.

    Out of reach are the last two of a piece, which share what is left of it.
    """
    return rows(
        db,
        """
        SELECT extract(epoch FROM b.duration)::float * 1000, b.rows_expected,
               lead(b.chunk_number, 2) OVER (ORDER BY b.batch_number) = b.chunk_number
          FROM etl.operation_batch b
         WHERE b.execution_id = %s AND b.pass = 1
         ORDER BY b.batch_number
        """,
        correction_id,
    )


def test_batches_of_a_slow_table_take_the_target_time(slow_market):
    result = correct(slow_market, batch_size=200, target_batch_time="120 ms")

    assert result.changed == 40030
    found = batches(slow_market, result.correction_id)
    steady = [(time, size) for time, size, in_reach in found[5:] if in_reach]
    assert len(steady) > 10
    # Batches are whole blocks: half of one takes 23 ms where rows are slowest.
    assert is_near(median(time for time, _ in steady), 120, 0.4), found
    block = one(slow_market, "SELECT etl._rows_per_block('market_data')")
    sizes = [size for _, size, _ in found]
    assert sizes[0] <= 200
    highest = float(sizes[0])
    for size in sizes[1:]:
        assert size <= highest * GROWTH + block
        highest = max(highest, size)
    assert max(sizes[-4:]) < max(sizes) / 2, "the slow fifth is done in smaller batches"


@pytest.mark.parametrize("slow_market", [12_000], indirect=True)
def test_a_fixed_size_stays(slow_market):
    options = {"batch_size": 1000, "adaptive": False, "target_batch_time": "20 ms"}
    result = correct(slow_market, **options)
    block = one(slow_market, "SELECT etl._rows_per_block('market_data')")
    sizes = [size for _, size, in_reach in batches(slow_market, result.correction_id) if in_reach]
    assert len(sizes) > 5
    assert all(abs(size - 1000) <= block / 2 for size in sizes)


def longest(db, correction_id, condition="true"):
    """Return the milliseconds that the longest batch took."""
    return one(
        db,
        "SELECT max(extract(epoch FROM b.duration))::float * 1000 FROM etl.operation_batch b"
        f" WHERE b.execution_id = %s AND b.changed > 0 AND {condition}",
        correction_id,
    )


@pytest.mark.parametrize("slow_market", [12_000], indirect=True)
def test_a_sweep_that_meets_many_rows_does_them_in_batches_too(slow_market, session):
    """They were written behind the cursor; a sweep reads in much larger batches."""
    identity = uuid.uuid4()
    options = {"batch_size": 500, "target_batch_time": "100 ms"}
    with in_background(correct, session(), correction_id=identity, **options) as future:
        wait_until(lambda: len(batches(slow_market, identity)) >= 2)
        slow_market.execute(
            "INSERT INTO market_data (symbol, timeframe, timestamp, close) SELECT 'AAPL', '1h',"
            " now() + bar * interval '1 h', CASE WHEN bar % 40 = 0 THEN 0.004 ELSE 0 END"
            "   FROM generate_series(1, 15000) AS bar"
        )
    assert (future.result().status, future.result().changed) == ("completed", 27030)
    assert one(
        slow_market,
        "SELECT sum(changed) FROM etl.operation_batch WHERE execution_id = %s AND pass > 1",
        identity,
    ) == pytest.approx(15000, abs=500)
    assert longest(slow_market, identity, "b.pass > 1") < 400


def test_rows_to_change_after_many_that_are_right_do_not_make_a_long_batch(market):
    market.execute(
        "CREATE TABLE narrow (id int PRIMARY KEY, symbol text, asset_class text);"
        "INSERT INTO narrow SELECT n, 'AAPL', CASE WHEN n <= 7000 THEN 'STOCK' END"
        "  FROM generate_series(1, 14000) n;"
        "CREATE FUNCTION take_time() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN PERFORM pg_sleep(0.004); RETURN new; END $$;"
        "CREATE TRIGGER take_time BEFORE UPDATE ON narrow"
        " FOR EACH ROW WHEN (new.id % 40 = 0) EXECUTE FUNCTION take_time();"
        "ANALYZE narrow"
    )
    call(
        market,
        "register_target",
        target="narrow",
        fact_table="narrow",
        dimension_table="symbols",
    )
    result = correct(market, target="narrow", target_batch_time="100 ms")
    assert (result.status, result.changed) == ("completed", 7000)
    assert longest(market, result.correction_id) < 300


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({"target_batch_time": "2 s", "batch_size": 6000}, {"target_batch_time": "100 ms"}),
        ({"batch_size": 6000, "adaptive": False}, {"batch_size": 800}),
        ({"batch_size": 6000, "target_batch_time": "2 s"}, {"batch_size": 800, "adaptive": False}),
        ({"target_batch_time": "1 s", "batch_size": 6000}, {"max_duty_cycle": 10}),
    ],
    ids=str,
)
def test_what_is_tuned_counts_for_the_very_next_batch(slow_market, session, first, then):
    identity = uuid.uuid4()
    with in_background(correct, session(), correction_id=identity, **first) as future:
        wait_until(lambda: len(batches(slow_market, identity)) >= 2)
        select(slow_market, "tune_operation", execution_id=identity, **then)
        tuned_at = one(slow_market, "SELECT clock_timestamp()")
        wait_until(lambda: later(slow_market, identity, tuned_at))
        before, after = later(slow_market, identity, tuned_at)[0]
        select(slow_market, "tune_operation", execution_id=identity, lift=["max_duty_cycle"])
        select(slow_market, "tune_operation", execution_id=identity, adaptive=True)
        assert future.result(timeout=60).status == "completed"
    assert before > 2500
    assert after < before / 2


def later(db, correction_id, moment):
    """Return the sizes of the first batch that began after a moment, and of the largest before."""
    return db.execute(
        "SELECT (SELECT max(b.rows_expected) FROM etl.operation_batch b"
        "         WHERE b.execution_id = n.execution_id AND b.started_at <= %(moment)s),"
        "       n.rows_expected"
        "  FROM etl.operation_batch n"
        " WHERE n.execution_id = %(id)s AND n.started_at > %(moment)s ORDER BY n.batch_number",
        {"moment": moment, "id": correction_id},
    ).fetchall()


@pytest.mark.parametrize("slow_market", [25_000], indirect=True)
def test_who_joins_begins_with_the_size_that_was_found(slow_market, session):
    identity = uuid.uuid4()
    options = {"batch_size": 100, "target_batch_time": "80 ms"}
    with in_background(correct, session(), correction_id=identity, **options) as future:
        wait_until(lambda: len(batches(slow_market, identity)) >= 9)
        call(slow_market, "join_correction", correction_id=identity)
        future.result(timeout=60)

    first_of_joiner, before = rows(
        slow_market,
        "SELECT (SELECT rows_expected FROM etl.operation_batch WHERE worker_number = 2"
        "         ORDER BY batch_number LIMIT 1),"
        " (SELECT max(rows_expected) FROM etl.operation_batch WHERE batch_number <= 9)",
    )[0]
    assert first_of_joiner >= before / 2
    assert first_of_joiner > 300


@pytest.mark.parametrize("slow_market", [12_000], indirect=True)
def test_pieces_are_done_in_their_order(slow_market):
    """The measurement ends with the last piece; the correction begins with the first."""
    identity = correct(slow_market).correction_id
    chunks = [
        chunk
        for (chunk,) in rows(
            slow_market,
            "SELECT chunk_number FROM etl.operation_batch WHERE execution_id = %s AND pass = 1"
            " ORDER BY batch_number",
            identity,
        )
    ]
    assert chunks[0] == 1 < chunks[-1]
    assert chunks == sorted(chunks)
    assert select(slow_market, "correction_status", correction_id=identity)[0].status == "completed"
