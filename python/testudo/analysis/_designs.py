# SPDX-License-Identifier: GPL-3.0-or-later
"""Designs: read, made from names and sizes, and written."""

from __future__ import annotations

import os
from ctypes import byref, c_bool, c_int64, c_void_p, cast
from typing import Any, Iterable, Union

import numpy

from .._library import ArgumentError, InputError
from ..runtime import Design as RuntimeDesign
from ..runtime import _Handle
from . import _mirror as c
from ._delays import AnyDelay, delay_of
from ._laws import whole
from ._library import calls, copied, library, reals, word_of
from ._watch import Progress, Watch

_MOST = 16777216  # workers and chunks


class Design(RuntimeDesign):
    """A design for analysis, and for everything that a testudo.Design is for. `source` is a path or the file's bytes;
    designs are made by make_design and optimize too."""

    _calls = calls
    _owner: Any = None  # of a design that is lent by a result

    @classmethod
    def _taken(cls, handle: c_void_p, owner: Any = None) -> "Design":
        """A design that the library has made; of an owner it is lent."""
        made = cls.__new__(cls)
        made._handle, made._source, made._owner = handle, None, owner
        return made

    def __del__(self) -> None:
        if self._owner is None:
            super().__del__()

    @property
    def report(self) -> str:
        """What counts unless another report is asked for: "chunk", every finished chunk, or "whole", only workers that
        have finished all of theirs."""
        return c.REPORTS[calls.design_report(self._handle)]

    @property
    def orders(self) -> list[list[int]]:
        """The chunks of every worker, each in its order."""
        return [self.order(worker) for worker in range(self.workers)]

    @property
    def matrix(self) -> numpy.ndarray | None:
        """The encoding matrix of scheme partial, parts x workers; None of other schemes."""
        numbers = calls.design_matrix(self._handle)
        shape = (self.parts, self.workers)
        return copied(numbers, shape[0] * shape[1]).reshape(shape) if numbers else None

    def q_max(self, levels: int | None = None) -> numpy.ndarray:
        """Q_max for l = 1 .. levels (default: the parts): the most chunks that may be processed without completing."""
        levels = self.parts if levels is None else whole(levels, "levels", 1, 1024)
        found = (c_int64 * levels)()
        calls.q_max(self._handle, levels, found)
        return numpy.array(found[:], dtype=numpy.int64)

    def write(self, path: str | os.PathLike[str]) -> None:
        """Writes the design file, aside and then renamed. ResourceError where that is not possible."""
        calls.design_write(self._handle, os.fsencode(path))

    def _counted(self, report: str | None) -> int:
        """The value of a report; ArgumentError where the scheme does not have it."""
        if report is None:
            return calls.design_report(self._handle)
        asked = word_of(c.REPORTS, report, "report")
        if calls.design_report_for(self._handle, asked) != asked:
            raise ArgumentError(f"report {report} does not apply to scheme {self.scheme}: it has {self.report} only")
        return asked


AnyDesign = Union[RuntimeDesign, str, "os.PathLike[str]", bytes]


def design_of(given: AnyDesign) -> Design:
    """A Design as it is; of a path or bytes the design that they are; of a testudo.Design the same file again."""
    if isinstance(given, Design):
        return given
    if not isinstance(given, RuntimeDesign):
        return Design(given)
    again = Design(given._source)
    if again.checksum != given.checksum:
        raise InputError(f"{given._source!r}: the file has changed since the design was read")
    return again


# ---- made from names and sizes ----

_EXACT = ("cyclic", "frc", "regular", "arcs")
_APPROXIMATE = ("bernoulli", "expander", "bibd", "pairwise")
_EXPANDER_TRIES = 8       # as `testudo design` has them
_BALANCE_CHUNKS = 2048    # of more chunks balance is not claimed

class _Held:
    """An assignment of the library, freed at the end of a with."""

    def __init__(self) -> None:
        self._assignment = c.Assignment()

    def __enter__(self) -> c.Assignment:
        return self._assignment

    def __exit__(self, *raised: Any) -> None:
        calls.assignment_free(self._assignment)


def make_design(*, scheme: str = "partial", workers: int | None = None, chunks: int | None = None,
                granularity: int | None = None, replication: int | None = None, assignment: Any = None,
                order: Any = None, parts: int = 1, stragglers: int | None = None, wait: int | None = None,
                tolerances: Iterable[int] | None = None, sizes: Iterable[int] | None = None,
                construction: str | None = None, rates: Iterable[float] | None = None, seed: int = 1,
                name: str | None = None, delay: AnyDelay | None = None, progress: Progress = None) -> Design:
    """A design from the options of `testudo design`, with its defaults; the same words, sizes and seed give the same
    orders and the same code.

    scheme         "uncoded", "ignore-stragglers" (wait), "gradient-code" (stragglers; with parts > 1 it becomes
                   "gradient-code-parts"), "nested" (tolerances), "partial", "block" (tolerances, sizes)
    workers        number of workers; with chunks or granularity (chunks per worker's share), default: as many chunks
    replication    copies of every chunk; gradient codes have stragglers + parts
    assignment     "cyclic", "frc", "regular", "arcs" (rates), for approximate codes "bernoulli", "expander", "bibd",
                   "pairwise"; or a table of 0 and 1, a row per worker
    order          "natural", "matching", "random", "rotated", "xor"; for chunks finer than workers "steal", "back",
                   "stealxor", "backxor", "mirror", "staircase", "draft", "twins:" before one of them (parts > 1); or a
                   list of chunks for every worker. Default: that of `testudo design`
    delay          the model that order "draft" goes by; without it exponential times
    construction   of gradient codes "cyclic", "cyclic-mds" or "frc"

    ArgumentError for what is out of range or does not go together.

    >>> make_design(workers=4, replication=2).orders
    [[0, 1], [1, 2], [2, 3], [3, 0]]
    """
    request = _Request(scheme, workers, chunks, granularity, replication, assignment, order, parts, stragglers, wait,
                       tolerances, sizes, construction, rates, seed, name, delay)
    with _Held() as held, Watch(progress) as watch:
        request.assign(held, watch)
        request.put_in_order(held, watch)
        made = request.create(held)
        calls.design_set_provenance(made._handle, request.command().encode(), request.seed)
        calls.design_claim_family(made._handle, request.claims())
    return made


class _DraftLaw(_Handle):
    _free, _calls = "draft_law_free", calls


class _Request:
    """What make_design is asked for, checked."""

    def __init__(self, scheme: str, workers: Any, chunks: Any, granularity: Any, replication: Any, assignment: Any,
                 order: Any, parts: Any, stragglers: Any, wait: Any, tolerances: Any, sizes: Any, construction: Any,
                 rates: Any, seed: Any, name: Any, delay: Any) -> None:
        self.given = {key: value for key, value in locals().items() if key != "self" and value is not None}
        if scheme not in c.SCHEMES or scheme == "gradient-code-parts":
            raise ArgumentError(f"scheme: '{scheme}'; allowed: " + ", ".join(c.SCHEMES[:-1]))
        self.scheme, self.construction, self.order, self.rates = scheme, construction, order, rates
        self.delay = None if delay is None else delay_of(delay)
        self.parts, self.seed = whole(parts, "parts", 1, 1024), whole(seed, "seed", 0)
        self.tolerances = None if tolerances is None else [whole(s, "tolerances", 0, _MOST) for s in tolerances]
        self.sizes = None if sizes is None else [whole(n, "sizes", 0, 2**31 - 1) for n in sizes]
        self._check_scheme(stragglers, wait)
        self._take_assignment(assignment)
        self._take_sizes(workers, chunks, granularity, replication)
        self.name = self._default_name() if name is None else name

    def _check_scheme(self, stragglers: Any, wait: Any) -> None:
        coded = self.scheme == "gradient-code"
        wanted = {"stragglers": (stragglers, coded), "wait": (wait, self.scheme == "ignore-stragglers"),
                  "tolerances": (self.tolerances, self.scheme in ("nested", "block")),
                  "sizes": (self.sizes, self.scheme == "block")}
        for option, (value, needed) in wanted.items():
            if needed and value is None:
                raise ArgumentError(f"{option} is missing: scheme {self.scheme} needs it")
            if value is not None and not needed:
                raise ArgumentError(f"{option} does not apply to scheme {self.scheme}")
        if self.parts > 1 and not (coded or self.scheme == "partial"):
            raise ArgumentError(f"parts does not apply to scheme {self.scheme}")
        if self.construction is not None and (not coded or self.parts > 1):
            raise ArgumentError("construction applies to scheme gradient-code of one part only")
        if self.sizes is not None and len(self.sizes) != len(self.tolerances):
            raise ArgumentError(f"sizes: {len(self.sizes)} given, but there are {len(self.tolerances)} tolerances")
        self.stragglers = whole(stragglers or 0, "stragglers", 0, _MOST)
        self.wait = whole(wait or 0, "wait", 1 if wait is not None else 0, _MOST)

    def _take_assignment(self, assignment: Any) -> None:
        self.table: numpy.ndarray | None = None
        if assignment is not None and not isinstance(assignment, str):
            try:
                self.table = numpy.asarray(assignment, dtype=numpy.float64)
            except (TypeError, ValueError):
                self.table = None
            if self.table is None or self.table.ndim != 2:
                raise ArgumentError("assignment: a table of 0 and 1 is wanted, a row per worker and a column per chunk")
            assignment = "matrix"
        elif assignment is not None and assignment not in (*_EXACT, *_APPROXIMATE):
            raise ArgumentError(f"assignment: '{assignment}'; allowed: " + ", ".join(_EXACT + _APPROXIMATE)
                                + ", or a table")
        if assignment in _APPROXIMATE and self.scheme != "partial":
            raise ArgumentError(f"assignment {assignment} is for scheme partial, not for {self.scheme}")
        single = self.scheme in ("uncoded", "ignore-stragglers")
        preset = "frc" if self.construction == "frc" else "uncoded" if single else "cyclic"
        self.assignment = assignment or preset
        if self.construction not in (None, "cyclic", "cyclic-mds", "frc"):
            raise ArgumentError(f"construction: '{self.construction}'; allowed: cyclic, cyclic-mds, frc")
        if self.construction and self.assignment != ("frc" if self.construction == "frc" else "cyclic"):
            raise ArgumentError(f"construction {self.construction} does not go with assignment {self.assignment}")
        if (self.assignment == "arcs") != (self.rates is not None):
            raise ArgumentError("rates go with assignment arcs: the speed of every worker")

    def _take_sizes(self, workers: Any, chunks: Any, granularity: Any, replication: Any) -> None:
        if self.table is not None:
            if any(value is not None for value in (workers, chunks, granularity, replication)):
                raise ArgumentError("workers, chunks, granularity and replication do not apply to a table, which says"
                                    " them")
            self.workers, self.chunks = self.table.shape
            self.replication = 0
            return
        if workers is None:
            raise ArgumentError("workers is missing: a design needs it")
        if chunks is not None and granularity is not None:
            raise ArgumentError("granularity and chunks exclude each other: chunks are workers times granularity")
        self.workers = whole(workers, "workers", 1, _MOST)
        self.chunks = whole(chunks if chunks is not None else self.workers * whole(granularity or 1, "granularity", 1,
                                                                                   _MOST), "chunks", 1, _MOST)
        built = {"gradient-code": self.stragglers + self.parts,
                 "nested": max(self.tolerances or [0], default=0) + 1,
                 "block": max((s for s, n in zip(self.tolerances or [], self.sizes or []) if n > 0), default=0) + 1}
        copies = built.get(self.scheme, 1 if self.assignment == "uncoded" else None)
        if copies is None and replication is None:
            raise ArgumentError(f"replication is missing: assignment {self.assignment} needs it")
        self.replication = copies if replication is None else whole(replication, "replication", 1, _MOST)
        if copies is not None and self.replication != copies:
            raise ArgumentError(f"replication: {self.replication}, but this scheme has {copies} copies of every chunk")

    def _default_name(self) -> str:
        copies = f"-r{self.replication}" if self.replication > 1 else ""
        return f"{self.scheme}-{self.assignment}-{self.workers}x{self.chunks}{copies}"

    def command(self) -> str:
        """What made the design, for its file; tables are not in it."""
        plain = {key: value if isinstance(value, (str, int, float)) else "..." for key, value in self.given.items()
                 if not (key == "parts" and value == 1)}
        return "make_design(" + ", ".join(f"{key}={value!r}" for key, value in plain.items()) + ")"

    # ---- making ----

    def claims(self) -> int:
        """What the family claims beside what every design does."""
        if self.assignment not in _APPROXIMATE:
            return c.CLAIMS.index("nothing-more")
        balanced = self.assignment == "pairwise" and self.chunks <= _BALANCE_CHUNKS
        return c.CLAIMS.index("balance" if balanced else "spectrum")

    def assign(self, held: c.Assignment, watch: Watch) -> None:
        m, n, d = self.workers, self.chunks, self.replication
        if self.table is not None:
            self._assign_table(held)
        elif self.assignment == "cyclic":
            calls.assignment_ring(m, n, d, held)
        elif self.assignment == "frc":
            calls.assignment_frc(m, n, d, held)
        elif self.assignment == "regular":
            calls.assignment_regular(m, n, d, self.seed, held)
        elif self.assignment == "bernoulli":
            calls.assignment_bernoulli(m, n, d, self.parts, self.seed, held)
        elif self.assignment == "expander":
            calls.assignment_expander(m, n, d, self.seed, _EXPANDER_TRIES, watch.monitor, held)
        elif self.assignment == "bibd":
            calls.assignment_bibd(m, n, d, held)
        elif self.assignment == "pairwise":
            copies = numpy.full(n, d, numpy.int32)
            calls.assignment_pairwise(m, n, copies.ctypes.data, self.seed, watch.monitor, held, byref(c_bool()))
        elif self.assignment == "arcs":
            rates, loads = reals(list(self.rates), "rates"), numpy.empty(m, numpy.int32)
            if len(rates) != m:
                raise ArgumentError(f"rates: {len(rates)} given, but there are {m} workers")
            calls.loads_for_rates(m, n, d, rates.ctypes.data, loads.ctypes.data, byref(c.Makespan()))
            calls.assignment_arcs(m, n, loads.ctypes.data, held)
        else:
            calls.assignment_uncoded(m, n, held)

    def _assign_table(self, held: c.Assignment) -> None:
        text = "\n".join(" ".join(f"{entry:.17g}" for entry in row) for row in self.table.tolist())
        matrix = c.Matrix()
        content = text.encode()
        calls.matrix_parse(content, len(content), b"assignment", None, byref(matrix))
        held.workers, held.chunks = matrix.assignment.workers, matrix.assignment.chunks
        held.row, held.chunk = matrix.assignment.row, matrix.assignment.chunk

    def _preset_order(self) -> str:
        """That of `testudo design`."""
        on_circle = self.assignment in ("cyclic", "frc")
        finer = self.chunks > self.workers and self.chunks % self.workers == 0
        if not (on_circle and finer and self.replication >= 2 and self.scheme == "partial"):
            return "natural" if on_circle or self.assignment == "uncoded" else "matching"
        if self.parts == 1:
            return "draft"
        if self.replication % self.parts == 0:
            return "twins:draft"
        power = self.assignment == "frc" and self.replication & (self.replication - 1) == 0
        return "backxor" if power else "back"

    def put_in_order(self, held: c.Assignment, watch: Watch) -> None:
        order = self._preset_order() if self.order is None else self.order
        if not isinstance(order, str):
            lines = "\n".join(" ".join(str(whole(chunk, "order", 0, _MOST)) for chunk in row) for row in order)
            content = (lines + "\n").encode()
            calls.orders_parse(content, len(content), b"order", held)
        elif order == "natural":
            if self.table is not None:
                calls.order_natural(held)
        elif order == "matching":
            calls.order_matching(held, watch.monitor)
        elif order == "random":
            calls.order_random(held, self.seed)
        elif order in ("rotated", "xor"):
            (calls.order_rotated if order == "rotated" else calls.order_xor)(held)
        else:
            self._order_by_blocks(order, held, watch)
        if self.delay is not None and not (isinstance(order, str) and order.split(":")[-1] == "draft"):
            raise ArgumentError("delay applies to order draft only")

    def _order_by_blocks(self, order: str, held: c.Assignment, watch: Watch) -> None:
        twins, _, base = order.rpartition(":")
        slots = c.SlotOrder(name=order.encode())
        if twins not in ("", "twins") or not calls.slot_order_take(byref(slots), base.encode()):
            raise ArgumentError(f"order: '{order}'; allowed: natural, matching, random, rotated, xor, and for chunks"
                                " finer than workers steal, back, stealxor, backxor, mirror, staircase, draft, with"
                                " twins: before it for parts; or a list of chunks per worker")
        if twins and self.parts < 2:
            raise ArgumentError(f"order: '{order}', but with one part no two workers need to do the same")
        slots.twins = self.parts if twins else 0
        if self.delay is None:
            calls.order_by_slots(held, byref(slots))
            return
        if base != "draft":
            raise ArgumentError("delay applies to order draft only")
        law = _DraftLaw()
        with _Held() as plain:  # the time that is looked at is found in the order without a law
            self.assign(plain, watch)
            calls.order_by_slots(plain, byref(slots))
            law._make("draft_law_create", plain, self.parts, self.delay._for(self.workers), 0.0, watch.monitor)
        slots.undone = cast(library.testudo_draft_law_undone, c_void_p)
        slots.context = law._handle
        calls.order_by_slots(held, byref(slots))

    def create(self, held: c.Assignment) -> Design:
        handle, name = c_void_p(), self.name.encode()
        kind = c.SCHEMES.index(self.scheme)
        if self.scheme == "ignore-stragglers":
            calls.design_create_waiting(held, self.wait, name, byref(handle))
        elif self.scheme == "gradient-code" and self.parts > 1:
            calls.design_create_gradient_code_parts(held, self.stragglers, self.parts, self.seed, name, byref(handle))
        elif self.construction == "cyclic-mds":
            calls.design_create_cyclic_mds(held, self.stragglers, name, byref(handle))
        elif self.scheme == "gradient-code":
            calls.design_create_gradient_code(held, self.stragglers, self.seed, name, byref(handle))
        elif self.scheme in ("nested", "block"):
            self._create_levels(name, handle)
        else:
            calls.design_create(kind, held, self.parts, self.seed, name, byref(handle))
        return Design._taken(handle)

    def _create_levels(self, name: bytes, handle: c_void_p) -> None:
        if self.assignment != "cyclic" or self.chunks != self.workers or self.order not in (None, "natural"):
            raise ArgumentError(f"scheme {self.scheme} needs as many chunks as workers, the cyclic assignment and the"
                                " natural order")
        tolerances = numpy.array(self.tolerances, dtype=numpy.int32)
        if self.scheme == "nested":
            calls.design_create_nested(self.workers, tolerances.ctypes.data, len(tolerances), self.seed, name,
                                       byref(handle))
        else:
            sizes = numpy.array(self.sizes, dtype=numpy.int64)
            calls.design_create_block(self.workers, tolerances.ctypes.data, sizes.ctypes.data, len(tolerances),
                                      self.seed, name, byref(handle))
