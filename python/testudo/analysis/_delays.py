# SPDX-License-Identifier: GPL-3.0-or-later
"""Delay models of a cluster, by the options of the command line."""

from __future__ import annotations

import ctypes
import json
import os
from typing import Any, Iterable, Union

import numpy

from .._library import ArgumentError
from ..runtime import _Handle
from . import _mirror as c
from ._laws import Law, number, whole
from ._library import calls, reals, text

AnyLaw = Union[str, Law]


class _DelayFile(_Handle):
    _free, _calls = "delay_file_free", calls


class _Replay(_Handle):
    _free, _calls = "replay_free", calls


class Delay:
    """A delay model: how long workers take, in seconds. Never changed once it is made; threads may share it.

    `law` is a LAW of the command line (see Law), a Law, "replay:FILE.csv" (measured iterations, for simulations), or
    "@FILE.json", a delay file as `testudo fit` writes it; the other arguments are the options of the same names, and
    stand above what a delay file says:

    structure      "scaled", "additive" or "mixed:LAW": how a worker's chunk times hang together; without it what the
                   delay file or the trace says, else scaled (`structure_source` says which)
    unit           "chunk" or "share": what a draw of the law is the time of
    startup        law of the time before a worker's first chunk; "none" takes away what a file says, as of the others
    overhead       seconds per chunk, >= 0
    rates          the speed of each worker, > 0; of as many workers as the design has
    classes        consecutive workers that are alike: (workers, rate) or (workers, rate, LAW) of each class
    message        law of the time to send a vector of full length
    signal         seconds for a report of progress and its answer, >= 0
    markov         (p, q, factor): slow states of workers; p, q in (0, 1], factor > 1
    domains        the failure domain of each worker, counted from 0; with domain_factor, the law of the factor that
                   the workers of a domain share
    failed         exactly so many workers never finish; or fail_prob, each with this probability, 0 <= p < 1

    ArgumentError for what is out of range or does not go together, InputError for a broken file.

    >>> Delay("shifted-exp:1,2", structure="additive", rates=[1, 1, 0.5])
    Delay('shifted-exp:1,2', structure='additive', rates=[1.0, 1.0, 0.5])
    """

    def __init__(self, law: AnyLaw | "Delay", *, structure: str | None = None, unit: str | None = None,
                 startup: AnyLaw | None = None, overhead: float | None = None, rates: Iterable[float] | None = None,
                 classes: Iterable[tuple] | None = None, message: AnyLaw | None = None, signal: float | None = None,
                 markov: tuple[float, float, float] | None = None, domains: Iterable[int] | None = None,
                 domain_factor: AnyLaw | None = None, failed: int | None = None,
                 fail_prob: float | None = None) -> None:
        self._model = c.DelayModel()
        self._kept: list[Any] = []         # what the model lends
        self._laws: dict[str, Law] = {}    # those that are not of a file
        self._file_bytes: bytes | None = None
        self._given: dict[str, Any] = {}   # the arguments, for people
        self._structured = False
        self.workers: int | None = None    #: that the lists are for; None: any number
        self._take_source(law)
        self._take_structure(structure)
        self._take_speeds(rates, classes)
        self._take_times(unit, startup, overhead, message, signal, markov)
        self._take_domains(domains, domain_factor)
        self._take_failures(failed, fail_prob)
        calls.delay_check(self._model, self.workers or max(self._model.failed, 1))

    # ---- what is given ----

    def _law(self, member: str, given: AnyLaw) -> None:
        """A law of the model; "none" takes it away."""
        law = None if given == "none" else given if isinstance(given, Law) else Law(given)
        if law is not None:
            self._laws[member] = law
        self._kept.append(law)
        setattr(self._model, member, law._handle if law is not None else None)
        self._given[{"chunk_law": "mixed"}.get(member, member)] = law.text if law is not None else "none"

    def _take_source(self, law: AnyLaw | "Delay") -> None:
        if isinstance(law, Delay):
            self._take_model(law._model, law._structured, law.workers, law)
            self._laws = dict(law._laws)
            self._given, self._source_text = dict(law._given), law._source_text
            self.structure_source = law.structure_source
            return
        self._source_text = law.text if isinstance(law, Law) else law
        self.structure_source: str | None = None  #: who says the structure; None: of a replay
        if isinstance(law, str) and law.startswith("@"):
            file = _DelayFile()
            file._make("delay_file_read", os.fsencode(law[1:]))
            self._take_file(file)
        elif isinstance(law, str) and law.startswith("replay:"):
            replay = _Replay()
            replay._make("replay_read", os.fsencode(law[len("replay:"):]))
            self._kept.append(replay)
            self._model.replay = replay._handle
            self.workers = calls.replay_workers(replay._handle)
        else:
            self._law("law", law)
            del self._given["law"]

    def _take_model(self, model: c.DelayModel, structured: bool, workers: int | None, owner: Any) -> None:
        ctypes.pointer(self._model)[0] = model
        self._kept.append(owner)
        self._structured, self.workers = structured, workers

    def _take_file(self, file: _DelayFile) -> None:
        self._take_model(calls.delay_file_model(file._handle).contents,
                         calls.delay_file_structured(file._handle),
                         calls.delay_file_workers(file._handle) or None, file)

    @classmethod
    def _parse(cls, members: dict[str, Any], name: str) -> "Delay":
        """The model of a delay file's members; `name` is what it is called."""
        made = cls.__new__(cls)
        content = json.dumps({"format": "testudo-delay", "version": 1, **members}).encode()
        file = _DelayFile()
        file._make("delay_file_parse", content, len(content), os.fsencode(name))
        made._model, made._kept, made._laws, made._given = c.DelayModel(), [], {}, {}
        made._source_text, made.structure_source = name, None
        made._take_file(file)
        made._take_structure(None)
        return made

    def _take_structure(self, structure: str | None) -> None:
        model = self._model
        if structure is not None:
            if model.replay:
                raise ArgumentError("structure does not apply to a replay: every chunk has its own measured time")
            word, colon, law = str(structure).partition(":")
            if word not in c.STRUCTURES or (word == "mixed") != bool(colon):
                raise ArgumentError(f"structure: '{structure}'; allowed: scaled, additive, mixed:LAW")
            model.structure = c.STRUCTURES.index(word)
            model.chunk_law = None
            if law:
                self._law("chunk_law", law)
            self._given.pop("mixed", None)
            self._given["structure"] = structure
            self._structured, self.structure_source = True, "command"
        elif model.replay:
            self.structure_source = None
        elif self.structure_source is None:
            found = ctypes.c_int(model.structure)
            if self._structured:
                self.structure_source = "delay file"
            elif calls.law_structure(model.law, ctypes.byref(found)):
                self.structure_source = "trace"
                model.structure = found.value
            else:
                self.structure_source = "not known: scaled assumed"
                model.structure = 0

    def _take_speeds(self, rates: Iterable[float] | None, classes: Iterable[tuple] | None) -> None:
        model = self._model
        if rates is not None and classes is not None:
            raise ArgumentError("rates and classes exclude each other")
        if (rates is not None or classes is not None) and (model.rates or model.classes):
            raise ArgumentError(f"{'rates' if rates is not None else 'classes'}: the model has"
                                f" {'rates' if model.rates else 'classes'} already")
        if rates is not None:
            array = reals(list(rates), "rates")
            self._kept.append(array)
            model.rates = array.ctypes.data_as(ctypes.POINTER(ctypes.c_double))
            model.workers = len(array)
            self._fit_workers(len(array), "rates")
            self._given["rates"] = array.tolist()
        if classes is not None:
            self._take_classes(list(classes))

    def _take_classes(self, classes: list[tuple]) -> None:
        made = (c.WorkerClass * max(len(classes), 1))()
        for k, given in enumerate(classes):
            if not isinstance(given, (tuple, list)) or not 2 <= len(given) <= 3:
                raise ArgumentError(f"classes: {given!r}, but a class is (workers, rate) or (workers, rate, LAW)")
            law = None if len(given) < 3 else given[2] if isinstance(given[2], Law) else Law(given[2])
            self._kept.append(law)
            made[k] = c.WorkerClass(whole(given[0], "workers of a class", 1, 2**31 - 1),
                                    number(given[1], "rate of a class"), law._handle if law is not None else None)
        self._kept.append(made)
        self._model.classes = ctypes.cast(made, ctypes.POINTER(c.WorkerClass))
        self._model.class_count = len(classes)
        self._fit_workers(sum(made[k].workers for k in range(len(classes))), "classes")
        self._given["classes"] = [tuple(given) for given in classes]

    def _take_times(self, unit: str | None, startup: AnyLaw | None, overhead: float | None, message: AnyLaw | None,
                    signal: float | None, markov: tuple[float, float, float] | None) -> None:
        model = self._model
        if unit is not None:
            if unit not in c.UNITS:
                raise ArgumentError(f"unit: '{unit}'; allowed: " + ", ".join(c.UNITS))
            model.unit = c.UNITS.index(unit)
            self._given["unit"] = unit
        for member, law in (("startup", startup), ("message", message)):
            if law is not None:
                self._law(member, law)
        for member, seconds in (("overhead", overhead), ("signal", signal)):
            if seconds is not None:
                self._given[member] = number(seconds, member)
                setattr(model, member, self._given[member])
        if markov is not None:
            if not isinstance(markov, (tuple, list)) or len(markov) != 3:
                raise ArgumentError(f"markov: {markov!r}, but three numbers are wanted: (p, q, factor)")
            model.slow = c.SlowState(*(number(of, "markov") for of in markov))
            self._given["markov"] = tuple(markov)

    def _take_domains(self, domains: Iterable[int] | None, domain_factor: AnyLaw | None) -> None:
        model = self._model
        if domain_factor is not None:
            self._law("domain_factor", domain_factor)
        if domains is not None:
            array = numpy.ascontiguousarray([whole(d, "domains", 0, 2**31 - 2) for d in domains], dtype=numpy.int32)
            self._kept.append(array)
            model.domain = array.ctypes.data_as(ctypes.POINTER(ctypes.c_int32))
            model.domains = int(array.max(initial=-1)) + 1
            self._fit_workers(len(array), "domains")
            self._given["domains"] = array.tolist()
        if bool(model.domain) != bool(model.domain_factor):
            raise ArgumentError("domains and domain_factor go together: who shares a factor, and its law")

    def _take_failures(self, failed: int | None, fail_prob: float | None) -> None:
        model = self._model
        if failed is not None and fail_prob is not None:
            raise ArgumentError("failed and fail_prob exclude each other")
        if failed is None and fail_prob is None:
            return
        model.failed = whole(failed or 0, "failed", 0, 2**31 - 1)
        model.fail_prob = number(fail_prob or 0.0, "fail_prob")
        model.failures = c.FAILURES.index("exactly" if model.failed else "each" if model.fail_prob else "none")
        self._given.update({"failed": failed} if failed is not None else {"fail_prob": fail_prob})

    def _fit_workers(self, workers: int, what: str) -> None:
        if self.workers not in (None, workers):
            raise ArgumentError(f"{what}: for {workers} workers, but the rest of the model is for {self.workers}")
        self.workers = workers

    # ---- what it is ----

    def __repr__(self) -> str:
        given = "".join(f", {name}={value!r}" for name, value in self._given.items() if value is not None)
        return f"Delay({self._source_text!r}{given})"

    @property
    def law(self) -> str | None:
        """The text of the law, a file without its folders; None of a replay."""
        return self._shown(self._model.law)

    @property
    def replay(self) -> str | None:
        """The name of the trace whose iterations are run again; None: there is a law."""
        return text(calls.replay_text(self._model.replay)) if self._model.replay else None

    @property
    def structure(self) -> str | None:
        """"scaled", "additive" or "mixed"; None of a replay."""
        return None if self._model.replay else c.STRUCTURES[self._model.structure]

    @staticmethod
    def _shown(law: int | None) -> str | None:
        return text(calls.law_shown(law)) if law else None

    def terms(self) -> dict[str, Any]:
        """All terms, by the names that they have in results and delay files; None where there are none."""
        model = self._model
        classes = [{"workers": of.workers, "rate": of.rate, "law": self._shown(of.law)}
                   for of in model.classes[:model.class_count]]
        slow = model.slow
        return {
            "law": self.law, "replay": self.replay, "structure": self.structure,
            "mixed": self._shown(model.chunk_law), "unit": c.UNITS[model.unit], "startup": self._shown(model.startup),
            "overhead": model.overhead, "rates": model.rates[:model.workers] if model.rates else None,
            "classes": classes, "message": self._shown(model.message), "signal": model.signal,
            "markov": {"p": slow.begin, "q": slow.end, "factor": slow.factor} if slow.factor > 0.0 else None,
            "domains": model.domain[:self.workers] if model.domain else None,
            "domain_factor": self._shown(model.domain_factor), "failed": model.failed, "fail_prob": model.fail_prob}

    def _for(self, workers: int) -> Any:
        """The model, for a design of so many workers; ArgumentError where it does not go with it."""
        if self.workers is not None and self.workers != workers:
            raise ArgumentError(f"the delay model is for {self.workers} workers, but the design has {workers}")
        calls.delay_check(self._model, workers)
        return ctypes.pointer(self._model)


AnyDelay = Union[str, Law, Delay]


def delay_of(given: AnyDelay) -> Delay:
    """A Delay as it is; of a text or a law the model that has nothing else."""
    return given if isinstance(given, Delay) else Delay(given)
