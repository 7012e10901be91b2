"""Batches are sized by time: a moving average, growing by half at most, shrinking at once.

What is decided from times is fed with times. Where operations are run, nothing depends on how fast
they are: a row that sleeps takes so long at least, and etl.operation_batch has what a size follows
from.
"""

from __future__ import annotations

import math
import random
import uuid
from itertools import pairwise
from statistics import median

import pytest
from sql_support import call, correct, in_background, one, rows, select, wait_until

GROWTH = 1.5
PAUSED = {"pause_between_batches": "1 hour"}
"""After its first batch an operation waits until it is told to go on."""
GO_ON = {"pause_between_batches": "0"}

CONTROL = """
    jsonb_populate_record(NULL::etl.operation_control, jsonb_build_object(
        'adaptive', true, 'target_batch_time', %(target)s || ' ms'))
"""
NEXT = f"""
    SELECT t.row_time,
           etl._next_batch_rows({CONTROL}, %(size)s, %(done)s, t.row_time, %(in_the_way)s)
      FROM etl._row_time(%(average)s, %(size)s, %(rows)s::int, %(elapsed)s) AS t (row_time)
"""


def following(db, size, average, elapsed, *, done=None, target=500.0, in_the_way=False):
    """Return what follows from a batch: the time that a row takes, and the size of the next.

    ``done`` is the number of its rows where it was cut short of its size.
    """
    done = size if done is None else done
    values = {"target": target, "size": size, "average": average, "elapsed": elapsed}
    values |= {"done": done, "rows": int(done), "in_the_way": in_the_way}
    return db.execute(NEXT, values).fetchone()


def sizes_of(db, row_time, *, first, batches, target=500, noise=0.0):
    """Run the sizing on its own and return the sizes.

    ``row_time`` tells the milliseconds that a row takes, by the number of the batch.
    """
    dice = random.Random(1)
    sizes, average, size = [], None, float(first)
    for number in range(batches):
        sizes.append(size)
        elapsed = row_time(number) * int(size) * (1 + dice.uniform(-noise, noise))
        average, size = following(db, size, average, elapsed, target=target)
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


@pytest.mark.parametrize(
    ("done", "expected"), [(1000, 1500), (900, 1350), (660, 1000), (10, 1000)], ids=str
)
def test_a_batch_that_was_cut_short_is_no_reason_for_a_much_larger_one(calm_market, done, expected):
    """It grows by half of what was done, not of what was meant to be."""
    _, size = following(calm_market, 1000.0, 0.01, 0.01 * done, done=float(done))
    assert size == expected


@pytest.mark.parametrize(
    ("size", "row_time", "expected"),
    [
        (1000.0, 0.1, 500),
        (150.0, 0.1, 100),  # what takes 10 ms
        (80.0, 0.1, 80),
        (1000.0, 2.0, 250),  # what takes the target time
    ],
    ids=str,
)
def test_who_is_in_the_way_makes_smaller_batches(calm_market, size, row_time, expected):
    _, found = following(calm_market, size, row_time, row_time * size, in_the_way=True)
    assert found == pytest.approx(expected)


@pytest.fixture
def slow_market(market, request):
    """12,000 blank bars, each of which takes 100 microseconds to change at least.

    A test may name a sleep, in seconds, before the first of all.
    """
    stall = getattr(request, "param", 0)
    market.execute(
        f"""
        INSERT INTO market_data (id, symbol, timeframe, "timestamp", close)
        SELECT md5('slow' || bar)::uuid, 'AAPL', '1m',
               timestamptz '2025-01-01 00:00+00' + bar * interval '1 minute',
               CASE WHEN bar % 40 = 0 THEN 0.004 ELSE 0 END
          FROM generate_series(1, 12000) AS bar;
        CREATE SEQUENCE updates;
        CREATE FUNCTION take_time() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_sleep(CASE WHEN nextval('public.updates') = 1 THEN {stall}
                                  WHEN new.close < 1 THEN new.close::float ELSE 0 END);
            RETURN new;
        END $$;
        CREATE TRIGGER take_time BEFORE UPDATE ON market_data
            FOR EACH ROW WHEN (new.close BETWEEN 0.001 AND 1 OR {stall} > 0)
            EXECUTE FUNCTION take_time();
        ANALYZE market_data;
        """
    )
    return market


def batches(db, correction_id):
    """Return (rows, whether it could be as large as wanted) of the batches, in order.

    The last two of a chunk share what is left of it.
    """
    return rows(
        db,
        """
        SELECT b.rows_expected,
               lead(b.chunk_number, 2) OVER (ORDER BY b.batch_number) = b.chunk_number
          FROM etl.operation_batch b
         WHERE b.execution_id = %s AND b.pass = 1
         ORDER BY b.batch_number
        """,
        correction_id,
    )


@pytest.mark.parametrize("slow_market", [0, 0.5], ids=["", "first stalls"], indirect=True)
def test_no_batch_is_more_than_half_larger_than_any_before(slow_market):
    """In whole blocks, and whatever the machine does meanwhile."""
    result = correct(slow_market, batch_size=200, target_batch_time="120 ms")

    assert result.changed == 12030
    block = one(slow_market, "SELECT etl._rows_per_block('market_data')")
    sizes = [size for size, _ in batches(slow_market, result.correction_id)]
    assert len(sizes) > 5
    assert sizes[0] <= 200
    highest = sizes[0]
    for size in sizes[1:]:
        assert size <= highest * GROWTH + block
        highest = max(highest, size)


def test_the_sizes_follow_from_what_the_batches_took(slow_market):
    """Worked out again from the times that are listed, by the rules that are tested above."""
    target, size = 120.0, 200.0
    result = correct(slow_market, batch_size=200, target_batch_time="120 ms")
    block = one(slow_market, "SELECT etl._rows_per_block('market_data')")
    found = rows(
        slow_market,
        "SELECT b.first_item, b.end_item, k.end_item, b.rows_expected, b.changed,"
        "       extract(epoch FROM b.duration)::float * 1000"
        "  FROM etl.operation_batch b"
        "  JOIN etl.operation_chunk k USING (execution_id, pass, chunk_number)"
        " WHERE b.execution_id = %s AND b.pass = 1 ORDER BY b.batch_number",
        result.correction_id,
    )
    row_time = change_time = None
    exact = 0
    for first, end, end_of_piece, expected, changed, took in found:
        left, blocks = end_of_piece - first, max(1, round(size / block))
        if blocks < left < 2 * blocks:
            blocks = (left + 1) // 2
        blocks = min(left, blocks)
        if change_time is None or blocks * block <= 2 * target / change_time:
            assert end - first == blocks, (found, first)
            exact += 1
        else:  # cut to what may be changed in that time
            assert end - first <= blocks, (found, first)
        done = min(size, expected * (1 + 0.5 / (end - first)))
        values = {"average": row_time, "size": size, "rows": expected, "elapsed": took}
        values |= {"done": done, "target": target, "in_the_way": False}
        row_time, size = slow_market.execute(NEXT, values).fetchone()
        if change_time is None or changed >= expected / 2:
            change_time = one(
                slow_market,
                "SELECT etl._row_time(%s, %s, %s, %s)",
                change_time,
                changed,
                changed,
                took,
            )
    assert exact > len(found) / 2


def test_a_fixed_size_stays(slow_market):
    options = {"batch_size": 1000, "adaptive": False, "target_batch_time": "20 ms"}
    result = correct(slow_market, **options)
    block = one(slow_market, "SELECT etl._rows_per_block('market_data')")
    sizes = [size for size, in_reach in batches(slow_market, result.correction_id) if in_reach]
    assert len(sizes) > 5
    assert all(abs(size - 1000) <= block / 2 for size in sizes)


def most_changed(db, correction_id, condition="true"):
    """Return the rows that were changed in the batch that changed most."""
    return one(
        db,
        "SELECT max(b.changed) FROM etl.operation_batch b"
        f" WHERE b.execution_id = %s AND {condition}",
        correction_id,
    )


MOST = 1.5 * 100 / 0.1 * 1.1
"""Half as many again as 100 ms allow for, of rows that take 0.1 ms or more: one in 40 sleeps."""


def test_a_sweep_that_meets_many_rows_does_them_in_batches_too(slow_market, session):
    """They were written behind the cursor; a sweep reads in much larger batches."""
    identity = uuid.uuid4()
    options = {"batch_size": 500, "target_batch_time": "100 ms"} | PAUSED
    with in_background(correct, session(), correction_id=identity, **options) as future:
        wait_until(lambda: len(batches(slow_market, identity)) >= 1)
        slow_market.execute(
            "INSERT INTO market_data (symbol, timeframe, timestamp, close) SELECT 'AAPL', '1h',"
            " now() + bar * interval '1 h', CASE WHEN bar % 40 = 0 THEN 0.004 ELSE 0 END"
            "   FROM generate_series(1, 15000) AS bar"
        )
        select(slow_market, "tune_operation", execution_id=identity, **GO_ON)
    assert (future.result().status, future.result().changed) == ("completed", 27030)
    assert one(
        slow_market,
        "SELECT sum(changed) FROM etl.operation_batch WHERE execution_id = %s AND pass > 1",
        identity,
    ) == pytest.approx(15000, abs=500)
    assert most_changed(slow_market, identity, "b.pass > 1") <= MOST


def test_rows_to_change_after_many_that_are_right_do_not_make_a_long_batch(market):
    """One in 30 sleeps: MOST is twice what 100 ms allow for, and batches end with a block."""
    market.execute(
        "CREATE TABLE narrow (id int PRIMARY KEY, symbol text, asset_class text);"
        "INSERT INTO narrow SELECT n, 'AAPL', CASE WHEN n <= 7000 THEN 'STOCK' END"
        "  FROM generate_series(1, 14000) n;"
        "CREATE FUNCTION take_time() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN PERFORM pg_sleep(0.004); RETURN new; END $$;"
        "CREATE TRIGGER take_time BEFORE UPDATE ON narrow"
        " FOR EACH ROW WHEN (new.id % 30 = 0) EXECUTE FUNCTION take_time();"
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
    assert most_changed(market, result.correction_id) <= MOST


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({"target_batch_time": "10 s", "batch_size": 6000}, {"target_batch_time": "100 ms"}),
        ({"batch_size": 6000, "adaptive": False}, {"batch_size": 800}),
        ({"batch_size": 6000, "target_batch_time": "10 s"}, {"batch_size": 800, "adaptive": False}),
        ({"target_batch_time": "1 s", "batch_size": 6000}, {"max_duty_cycle": 10}),
    ],
    ids=str,
)
def test_what_is_tuned_counts_for_the_very_next_batch(slow_market, session, first, then):
    identity = uuid.uuid4()
    with in_background(correct, session(), correction_id=identity, **first, **PAUSED) as future:
        wait_until(lambda: len(batches(slow_market, identity)) >= 1)
        select(slow_market, "tune_operation", execution_id=identity, **then | GO_ON)
        wait_until(lambda: len(batches(slow_market, identity)) >= 2)
        (before, _), (after, _) = batches(slow_market, identity)[:2]
        select(slow_market, "tune_operation", execution_id=identity, lift=["max_duty_cycle"])
        select(slow_market, "tune_operation", execution_id=identity, adaptive=True)
        assert future.result(timeout=60).status == "completed"
    assert before > 2500
    assert after < before / 2


def test_who_joins_begins_with_the_size_that_was_found(slow_market, session):
    identity = uuid.uuid4()
    options = {"batch_size": 100, "target_batch_time": "80 ms"} | PAUSED
    with in_background(correct, session(), correction_id=identity, **options) as future:
        wait_until(lambda: len(batches(slow_market, identity)) >= 1)
        slow_market.execute(
            "UPDATE etl.operation_worker SET batch_rows = 800, row_time = 0.1, change_time = 0.1"
        )
        with in_background(call, session(), "join_correction", correction_id=identity) as joined:
            wait_until(lambda: len(batches(slow_market, identity)) >= 2)
            select(slow_market, "tune_operation", execution_id=identity, **GO_ON)
        assert future.result() == joined.result()

    block = one(slow_market, "SELECT etl._rows_per_block('market_data')")
    ((first_of_joiner, before),) = rows(
        slow_market,
        "SELECT (SELECT rows_expected FROM etl.operation_batch WHERE worker_number = 2"
        "         ORDER BY batch_number LIMIT 1),"
        " (SELECT rows_expected FROM etl.operation_batch ORDER BY batch_number LIMIT 1)",
    )
    assert before <= 100 + block / 2
    assert abs(first_of_joiner - 800) <= block / 2


def test_pieces_are_done_in_their_order(slow_market):
    """The measurement ends with the last chunk; the correction begins with the first."""
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
