# SPDX-License-Identifier: GPL-3.0-or-later
"""How a trace is read, by the options of `testudo fit`."""

from __future__ import annotations

import ctypes
import os
from typing import Any

from .._library import ArgumentError
from . import _mirror as c
from ._library import word_of

_OPTIONS = ("separator", "decimal_comma", "time_unit", "column", "sum", "events")


def trace_options(reading: dict[str, Any] | None) -> Any:
    """testudo_trace_options from a dict; None: all by the file itself."""
    if reading is None:
        return None
    for option in reading:
        word_of(_OPTIONS, option, "reading")
    made = c.TraceOptions()
    separator = reading.get("separator")
    if separator is not None:
        if separator not in (",", ";", "\t", " "):
            raise ArgumentError(f"separator: {separator!r}; allowed: ',', ';', '\\t', ' '")
        made.separator = separator.encode()
    made.decimal_comma = bool(reading.get("decimal_comma", False))
    made.unit = word_of(c.TIME_UNITS, reading.get("time_unit", "own"), "time_unit")
    for column, name in reading.get("column", {}).items():
        made.column[word_of(c.COLUMNS, column, "column")] = str(name).encode()
    for member in ("sum", "events"):
        if reading.get(member) is not None:
            setattr(made, member, str(reading[member]).encode())
    return ctypes.pointer(made)


def trace_path(trace: str | os.PathLike[str]) -> bytes:
    """Of a file; "-" would be standard input, which is the program's own affair."""
    if not isinstance(trace, (str, os.PathLike)):
        raise ArgumentError(f"a trace is the path of a file, not {type(trace).__name__}")
    return os.fsencode(trace)
