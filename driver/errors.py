"""What can go wrong, as exceptions.

The database raises its own error codes (class ``ME``), each with a message, a DETAIL (numbers and
ids) and a HINT (the next command to give).  :func:`translate` is the one place that turns an
error of psycopg into an exception of this module, by its SQLSTATE and never by its text.
"""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar

import psycopg


class ExitCode(IntEnum):
    """How the command line ends."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    BUSY = 3
    RESUMABLE = 4
    INCOMPLETE = 5
    SCHEMA_MISMATCH = 6
    UNHEALTHY = 7


class MyTraderEtlError(Exception):
    """Base of every error that this package raises on purpose.

    ``message`` says what happened, ``detail`` with which numbers and ids, ``hint`` what to do
    next; ``sqlstate`` is PostgreSQL's code, ``None`` where the error is not the server's.
    """

    code: ClassVar[str | None] = None
    exit_code: ClassVar[ExitCode] = ExitCode.FAILED

    def __init__(
        self,
        message: str,
        *,
        sqlstate: str | None = None,
        detail: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.sqlstate = sqlstate or self.code
        self.detail = detail
        self.hint = hint


class OperationRunningError(MyTraderEtlError):
    """Another operation holds the target."""

    code = "ME001"
    exit_code = ExitCode.BUSY


class UnknownOperationError(MyTraderEtlError):
    """There is no operation with this id."""

    code = "ME002"
    exit_code = ExitCode.USAGE


class InvalidOptionError(MyTraderEtlError):
    """An option has a value that is not allowed, or contradicts another option."""

    code = "ME003"
    exit_code = ExitCode.USAGE


class TargetError(MyTraderEtlError):
    """The target is not registered, or its table is no longer as it was registered."""

    code = "ME004"


class NotReversibleError(MyTraderEtlError):
    """The operation cannot be rolled back: nothing changed, already rolled back, or no backup."""

    code = "ME005"


class ConflictError(MyTraderEtlError):
    """A rollback with ``on_conflict = abort`` met rows changed since; nothing was restored."""

    code = "ME006"


class BackupError(MyTraderEtlError):
    """The backup table is missing or was altered."""

    code = "ME007"


class PreflightError(MyTraderEtlError):
    """The database or this session is not fit for the operation, which did not start."""

    code = "ME008"


class ErrorRateError(MyTraderEtlError):
    """Stopped: more records failed than ``max_error_rate`` allows.  Can be resumed."""

    code = "ME009"
    exit_code = ExitCode.RESUMABLE


class SchemaMismatchError(MyTraderEtlError):
    """This library and the installed schema ``etl`` are of different versions."""

    code = "ME010"
    exit_code = ExitCode.SCHEMA_MISMATCH


class OperationTimedOutError(MyTraderEtlError):
    """Stopped: the operation's ``timeout`` has passed.  Can be resumed."""

    code = "ME011"
    exit_code = ExitCode.RESUMABLE


class OperationCancelledError(MyTraderEtlError):
    """Stopped: somebody cancelled the operation.  Can be resumed."""

    code = "ME012"
    exit_code = ExitCode.RESUMABLE


class NotInstalledError(MyTraderEtlError):
    """The database has no schema ``etl``, or one that is not this project's."""

    exit_code = ExitCode.SCHEMA_MISMATCH


class MissingRightsError(MyTraderEtlError):
    """The role of this session may not do what was asked."""


class DatabaseUnavailableError(MyTraderEtlError):
    """The database cannot be reached, or the connection to it was lost."""


class OperationInterruptedError(MyTraderEtlError):
    """No session of ours works on the operation any more, and it is not finished.

    What was committed stays; the operation can be resumed.
    """

    exit_code = ExitCode.RESUMABLE


OPERATION_ERRORS: tuple[type[MyTraderEtlError], ...] = (
    OperationRunningError,
    UnknownOperationError,
    InvalidOptionError,
    TargetError,
    NotReversibleError,
    ConflictError,
    BackupError,
    PreflightError,
    ErrorRateError,
    SchemaMismatchError,
    OperationTimedOutError,
    OperationCancelledError,
)
"""The errors that have a code of their own, in the order of their codes."""

_BY_SQLSTATE: dict[str | None, type[MyTraderEtlError]] = {
    **{error.code: error for error in OPERATION_ERRORS},
    "22003": InvalidOptionError,  # numeric value out of range
    "22007": InvalidOptionError,  # invalid datetime format
    "22008": InvalidOptionError,  # datetime field overflow
    "22P02": InvalidOptionError,  # invalid text representation
    "42501": MissingRightsError,
    "57P01": DatabaseUnavailableError,  # admin shutdown, or this backend was terminated
    "57P02": DatabaseUnavailableError,  # crash shutdown
    "57P03": DatabaseUnavailableError,  # cannot connect now
}

_HINTS: dict[type[MyTraderEtlError], str] = {
    MissingRightsError: "Connect as a role that is a member of etl_reader (to look), "
    "etl_operator (to run and undo) or etl_admin (targets, backups).",
    DatabaseUnavailableError: "Check that the server runs, and --dsn, MYTRADER_ETL_DSN "
    "or libpq's PGHOST, PGPORT, PGDATABASE and PGSERVICE.",
}


def translate(error: psycopg.Error) -> MyTraderEtlError:
    """Return the exception of this module that stands for ``error``, with all it says."""
    kind = _BY_SQLSTATE.get(error.sqlstate)
    if kind is None:
        kind = _kind_without_code(error)
    said = error.diag
    return kind(
        said.message_primary or str(error).strip() or type(error).__name__,
        sqlstate=error.sqlstate,
        detail=said.message_detail,
        hint=said.message_hint or _HINTS.get(kind),
    )


def _kind_without_code(error: psycopg.Error) -> type[MyTraderEtlError]:
    if error.sqlstate is None and isinstance(error, psycopg.OperationalError):
        return DatabaseUnavailableError
    if error.sqlstate is None and isinstance(error, psycopg.DataError):
        return InvalidOptionError
    if (error.sqlstate or "").startswith("08"):
        return DatabaseUnavailableError
    return MyTraderEtlError
