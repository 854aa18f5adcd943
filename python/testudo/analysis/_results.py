# SPDX-License-Identifier: GPL-3.0-or-later
"""What results have in common: data frames and pictures, where the packages for them are installed."""

from __future__ import annotations

import dataclasses
import importlib
import math
from typing import Any


def need(package: str, use: str) -> Any:
    """The module, or an ImportError that says what needs it."""
    try:
        return importlib.import_module(package)
    except ImportError as reason:
        root = package.split(".")[0]
        raise ImportError(f"{use} needs the package {root}, which is not installed (Debian: python3-{root}): {reason}"
                          ) from None


class Result:
    """A result: its values are attributes, `columns` are its table."""

    def columns(self) -> dict[str, Any]:
        """The table by the names of its columns, arrays or lists of one length."""
        raise NotImplementedError

    def to_frame(self) -> Any:
        """The table as a pandas.DataFrame. ImportError without pandas."""
        return need("pandas", "to_frame()").DataFrame(self.columns())


def axes(given: Any, xlabel: str, ylabel: str) -> Any:
    """The Axes to draw on: those given, or new ones."""
    pyplot = need("matplotlib.pyplot", "plot()")
    drawn = pyplot.subplots(constrained_layout=True)[1] if given is None else given
    drawn.set_xlabel(xlabel)
    drawn.set_ylabel(ylabel)
    return drawn


def taken(kind: Any, fields: Any, /, **more: Any) -> Any:
    """A dataclass from the members of a structure that are called as its own; texts are decoded."""
    values = dict(more)
    for member in dataclasses.fields(kind):
        if member.name not in values:
            value = getattr(fields, member.name)
            values[member.name] = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return kind(**values)


def shown(number: float) -> str:
    """A number for people."""
    return "unknown" if math.isnan(number) else f"{number:.6g}"
