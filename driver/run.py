"""One operation, carried by several sessions and watched from one more.

The sessions work in threads, each in its own CALL; the calling thread watches, so that Ctrl-C
reaches it.  Nothing here decides what is done to the data: a session that is lost, or all of
them, costs the batches they were in, and the operation can go on.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any
from uuid import UUID

import psycopg
from psycopg import Connection
from psycopg.rows import class_row

from mytrader_etl.errors import (
    DatabaseUnavailableError,
    MyTraderEtlError,
    OperationInterruptedError,
    UnknownOperationError,
    translate,
)
from mytrader_etl.options import (
    JoinOperationOptions,
    OperationStatusOptions,
    PauseOperationOptions,
    Routine,
)
from mytrader_etl.results import DONE, LIVE, OperationStatus
from mytrader_etl.statements import bind

logger = logging.getLogger("mytrader_etl")

OpenSession = Callable[[str], Connection[Any]]
"""Opens a session for what it is told: worker or monitor."""

OnProgress = Callable[[OperationStatus], None]
"""Is told where the operation stands, from the thread that started it, about once a second."""

_jitter = random.SystemRandom()

_POLL_SECONDS = 1.0
_FIRST_POLL_SECONDS = 0.05
_HARD_STOP_SECONDS = 10.0
_LONGEST_PAUSE_SECONDS = 15.0


class OperationRun:
    """Starts (or goes on with) an operation and sees it through.

    ``start`` must be a statement that can be repeated: with the id of an unfinished operation it
    goes on with that one.  ``max_retries`` is how often each session may be lost and opened again.
    """

    def __init__(
        self,
        open_session: OpenSession,
        execution_id: UUID,
        start: Routine,
        *,
        sessions: int = 1,
        max_retries: int = 3,
        on_progress: OnProgress | None = None,
    ) -> None:
        self._execution_id = execution_id
        self._on_progress = on_progress
        self._changed = threading.Event()
        self._stopping = threading.Event()
        self._seen: OperationStatus | None = None
        self._monitor = _Monitor(open_session, execution_id)
        join = JoinOperationOptions(execution_id=execution_id)
        self._workers = [
            _Worker(
                open_session,
                execution_id,
                start if number == 0 else join,
                max_retries=max_retries,
                stopping=self._stopping,
                on_end=self._changed.set,
            )
            for number in range(max(sessions, 1))
        ]

    def run(self) -> OperationStatus:
        """Work until the operation has ended or was stopped; returns how it then stands.

        Raises the error that stopped it, and OperationInterruptedError where all sessions were
        lost or Ctrl-C was pressed before the end.
        """
        with closing(self._monitor):
            try:
                self._watch()
            except KeyboardInterrupt:
                self._stop()
            except BaseException:
                self._stop()
                raise
            return self._outcome()

    def _watch(self) -> None:
        first, *others = self._workers
        first.begin()
        pause = _FIRST_POLL_SECONDS
        while self._active():
            self._changed.wait(pause)
            self._changed.clear()
            pause = min(pause * 2, _POLL_SECONDS)
            status = self._monitor.look()
            if status is None:
                continue
            self._seen = status
            if status.status == "running":
                for worker in others:
                    worker.begin()
                others = []
            if self._on_progress is not None:
                self._on_progress(status)

    def _active(self) -> list[_Worker]:
        return [worker for worker in self._workers if worker.active]

    def _stop(self) -> None:
        """Leave at the next batch boundary; when interrupted again, at once."""
        self._stopping.set()
        try:
            logger.warning("stopping at the next batch; press Ctrl-C again to stop at once")
            if not self._monitor.pause():
                raise KeyboardInterrupt
            while self._active():
                self._changed.wait(_POLL_SECONDS)
                self._changed.clear()
        except KeyboardInterrupt:
            for worker in self._active():
                worker.cancel()
            deadline = time.monotonic() + _HARD_STOP_SECONDS
            for worker in self._active():
                worker.join(max(deadline - time.monotonic(), 0))

    def _outcome(self) -> OperationStatus:
        errors = [worker.error for worker in self._workers if worker.error is not None]
        status = self._monitor.look()
        if status is not None and status.status in DONE:
            for error in errors:
                logger.warning("a session ended early: %s", error)
            return status
        if not self._stopping.is_set():
            for error in errors:
                if not isinstance(error, DatabaseUnavailableError):
                    raise error
            if status is not None and status.status not in LIVE:
                return status
        seen = status or self._seen
        if seen is None:
            if errors and not self._stopping.is_set():
                raise errors[0]
            raise OperationInterruptedError("stopped before it began")
        raise OperationInterruptedError(
            f"the {seen.operation} {seen.execution_id} is not finished",
            detail=f"{seen.records_changed} records in {seen.batches_processed} batches "
            f"are committed; it is {seen.status}.",
            hint=f"Go on with: mytrader-etl resume {seen.execution_id}, in psql: "
            f"CALL etl.resume_operation('{seen.execution_id}'). "
            f"Give it up with: mytrader-etl cancel {seen.execution_id}.",
        )


class _Worker(threading.Thread):
    """One session that works on the operation; opens a new one when it is lost."""

    def __init__(
        self,
        open_session: OpenSession,
        execution_id: UUID,
        routine: Routine,
        *,
        max_retries: int,
        stopping: threading.Event,
        on_end: Callable[[], None],
    ) -> None:
        super().__init__(name="mytrader-etl worker", daemon=True)
        self.active = False
        self.error: MyTraderEtlError | None = None
        self._open_session = open_session
        self._execution_id = execution_id
        self._statement = bind(routine)
        self._max_retries = max_retries
        self._stopping = stopping
        self._on_end = on_end
        self._session: Connection[Any] | None = None

    def begin(self) -> None:
        """Start to work; ``active`` until it ends."""
        self.active = True
        self.start()

    def run(self) -> None:
        try:
            for attempt in range(self._max_retries + 1):
                self.error = self._work(again=attempt > 0)
                if not isinstance(self.error, DatabaseUnavailableError):
                    return
                logger.warning("lost a session: %s", self.error)
                if attempt == self._max_retries or self._stopping.wait(_pause_after(attempt)):
                    return
        finally:
            self.active = False
            self._on_end()

    def cancel(self) -> None:
        """Cancel what the session is doing; its current batch is undone."""
        session = self._session
        if session is not None:
            try:
                session.cancel_safe(timeout=_HARD_STOP_SECONDS)
            except psycopg.Error as error:
                logger.warning("could not cancel a session: %s", error)

    def _work(self, *, again: bool) -> MyTraderEtlError | None:
        try:
            with closing(self._open_session("worker")) as self._session:
                if again and _is_over(self._session, self._execution_id):
                    return None
                self._session.execute(self._statement.text, self._statement.values)
                return None
        except psycopg.Error as error:
            return translate(error)
        except MyTraderEtlError as error:
            return error


class _Monitor:
    """A session to watch and to pause from; opens a new one when it is lost."""

    def __init__(self, open_session: OpenSession, execution_id: UUID) -> None:
        self._open_session = open_session
        self._execution_id = execution_id
        self._session: Connection[Any] | None = None

    def look(self) -> OperationStatus | None:
        """How the operation stands; None where it has not begun or can't be seen just now."""
        try:
            with self._asking() as session:
                return _status(session, self._execution_id)
        except psycopg.Error as error:
            logger.debug("cannot see the operation: %s", error)
            return None

    def pause(self) -> bool:
        """Ask all sessions to leave after their batch; False where that could not be asked."""
        statement = bind(PauseOperationOptions(execution_id=self._execution_id, reason="Ctrl-C"))
        try:
            with self._asking() as session:
                session.execute(statement.text, statement.values)
        except psycopg.Error as error:
            logger.debug("cannot pause the operation: %s", error)
            return False
        return True

    def close(self) -> None:
        if self._session is not None:
            self._session.close()

    @contextmanager
    def _asking(self) -> Iterator[Connection[Any]]:
        """Lend the session; one whose statement is interrupted by Ctrl-C is given up.

        psycopg has then asked the server to cancel that statement, and the server may do so late:
        to the next statement of the session.
        """
        if self._session is None or self._session.closed:
            self._session = self._open_session("monitor")
        try:
            yield self._session
        except KeyboardInterrupt:
            self._session.close()
            raise


def _status(session: Connection[Any], execution_id: UUID) -> OperationStatus | None:
    statement = bind(OperationStatusOptions(execution_id=execution_id))
    with session.cursor(row_factory=class_row(OperationStatus)) as cursor:
        try:
            return cursor.execute(statement.text, statement.values).fetchone()
        except psycopg.Error as error:
            if error.sqlstate == UnknownOperationError.code:
                return None
            raise


def _is_over(session: Connection[Any], execution_id: UUID) -> bool:
    status = _status(session, execution_id)
    return status is not None and status.status not in LIVE


def _pause_after(attempt: int) -> float:
    """Return the seconds to wait after a failed attempt: 0.5, 1, 2, ... with jitter, 15 at most."""
    return min(0.5 * 2.0**attempt, _LONGEST_PAUSE_SECONDS) * _jitter.uniform(0.7, 1.0)
