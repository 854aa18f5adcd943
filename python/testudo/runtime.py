# SPDX-License-Identifier: BSD-3-Clause
"""Designs, progress, codecs, and the loop of a server."""

from __future__ import annotations

import array
import ctypes
import os
import sys
from ctypes import byref, c_double, c_int32, c_void_p
from typing import Any, Sequence

from ._library import ArgumentError, RequestFields, calls

_DECODERS = ("exact", "optimal", "one-step", "component")
_TYPECODE = {"float": "f", "double": "d", "bfloat16": "H"}
_KIND = {sign + code: kind for kind, code in _TYPECODE.items()
         for sign in ("", "<" if sys.byteorder == "little" else ">")}
_WANTED = "float32, float64 or bfloat16"


def _zeros(kind: str, count: int) -> array.array:
    made = array.array(_TYPECODE[kind])
    made.frombytes(bytes(count * made.itemsize))
    return made


def _pointer(buffer: Any, writable: bool) -> tuple[int, str, int, Any]:
    """Address, kind ("float", "double", "bfloat16"), how many numbers, and what must stay alive while it is used."""
    try:
        view = memoryview(buffer)
    except TypeError:
        return _pointer_of_others(buffer, writable)
    kind = _KIND.get(view.format)
    if kind is None or view.readonly or not view.c_contiguous:
        return _pointer_of_others(buffer, writable)
    if view.nbytes == 0:
        return 0, kind, 0, view
    held = ctypes.c_char.from_buffer(view)
    return ctypes.addressof(held), kind, view.nbytes // view.itemsize, held


def _pointer_of_others(buffer: Any, writable: bool) -> tuple[int, str, int, Any]:
    """The same of what has no writable buffer of numbers: tensors, read-only arrays; or the reason why not."""
    if hasattr(buffer, "data_ptr"):  # a PyTorch tensor
        kind = {"torch.float32": "float", "torch.float64": "double",
                "torch.bfloat16": "bfloat16"}.get(str(buffer.dtype))
        if kind is None or not buffer.is_contiguous() or buffer.device.type != "cpu":
            raise ArgumentError(f"a tensor must be contiguous, on the CPU, and of {_WANTED}; it is of {buffer.dtype} on"
                                f" {buffer.device}")
        return buffer.data_ptr(), kind, buffer.numel(), buffer
    if hasattr(buffer, "__array_interface__"):  # NumPy: read-only arrays have an address too
        interface = buffer.__array_interface__
        kind = {"<f4": "float", "<f8": "double", "<u2": "bfloat16"}.get(interface["typestr"])
        address, readonly = interface["data"]
        if kind is None or interface.get("strides") is not None or (writable and readonly):
            raise ArgumentError("an array must be contiguous, of float32, float64 or uint16 (the bits of bfloat16)"
                                + (", and writable" if writable else "") + f"; it is of {interface['typestr']}")
        return address, kind, buffer.size, buffer
    view = memoryview(buffer)
    raise ArgumentError("a buffer must be contiguous, writable, and of floats ('f'), doubles ('d') or the bits of"
                        f" bfloat16 ('H'); it has format '{view.format}'")


def _pointers(buffers: Sequence[Any], wanted: int | None) -> tuple[Any, str | None, list[Any]]:
    """An array of addresses (None: NULL), the kind that all have, and what must stay alive."""
    addresses = (c_void_p * max(len(buffers), 1))()
    kind, alive = None, []
    for k, buffer in enumerate(buffers):
        if buffer is None:
            continue
        address, own, count, held = _pointer(buffer, False)
        if kind not in (None, own):
            raise ArgumentError(f"number {k} is of {own}s, those before it of {kind}s")
        if wanted is not None and count != wanted:
            raise ArgumentError(f"number {k} has {count} numbers, wanted are {wanted}")
        kind = own
        addresses[k] = address
        alive.append(held)
    return addresses, kind, alive


class _Handle:
    """An object of the library, which is freed with this one."""

    _free: str
    _handle: c_void_p | None = None
    _calls = calls  # of the library that the handle is of

    def _make(self, create: str, *arguments: Any) -> None:
        handle = c_void_p()
        getattr(self._calls, create)(*arguments, byref(handle))
        self._handle = handle

    def __del__(self) -> None:
        if self._handle:
            getattr(self._calls, self._free)(self._handle)


class Design(_Handle):
    """A design file, read and checked; never changed, and free to be shared by threads.

    `source` is a path, or the file's bytes. Raises InputError with the place of what is wrong.
    """

    _free = "design_free"

    def __init__(self, source: str | os.PathLike[str] | bytes) -> None:
        self._source = source
        if isinstance(source, bytes):
            self._make("design_parse", source, len(source), b"bytes")
        else:
            self._make("design_read", os.fsencode(source))

    def __repr__(self) -> str:
        return (f"<testudo.Design '{self.name}': {self.scheme}, {self.workers} workers, {self.chunks} chunks,"
                f" {self.parts} parts>")

    @property
    def workers(self) -> int:
        """Number of workers m."""
        return self._calls.design_workers(self._handle)

    @property
    def chunks(self) -> int:
        """Number of data chunks N."""
        return self._calls.design_chunks(self._handle)

    @property
    def parts(self) -> int:
        """Parts l into which the gradient is cut."""
        return self._calls.design_parts(self._handle)

    @property
    def scheme(self) -> str:
        """The scheme's name: "partial", "gradient-code", .."""
        return self._calls.scheme_name(self._calls.design_scheme(self._handle)).decode()

    @property
    def name(self) -> str:
        """The design's name, "" where it has none."""
        return self._calls.design_name(self._handle).decode("utf-8", "replace")

    @property
    def checksum(self) -> int:
        """Of the file; server and workers compare it before they begin."""
        return self._calls.design_checksum(self._handle)

    def order(self, worker: int) -> list[int]:
        """The chunks of a worker, in the order in which it goes through them."""
        self._check_worker(worker)
        return self._calls.design_order(self._handle, worker)[: self._calls.design_load(self._handle, worker)]

    def steps(self, worker: int) -> int:
        """How many steps the worker reports: its chunks, or of scheme block its blocks."""
        self._check_worker(worker)
        return self._calls.design_steps(self._handle, worker)

    def holders(self, chunk: int) -> list[int]:
        """The workers that hold a chunk, ascending."""
        if not 0 <= chunk < self.chunks:
            raise ArgumentError(f"chunk {chunk}; allowed: 0..{self.chunks - 1}")
        return self._calls.design_holders(self._handle, chunk)[: self._calls.design_replication(self._handle, chunk)]

    @property
    def sums(self) -> int:
        """Sums as long as a message that a worker with a `Stream` keeps; 0: it keeps the gradients of its chunks."""
        return self._calls.design_sums(self._handle)

    @property
    def prefix_sums(self) -> int:
        """The same where the server asks for prefixes (`Codec` with `ahead`); 0: they do not decode this design."""
        return self._calls.design_prefix_sums(self._handle)

    def message_length(self, dim: int) -> int:
        """Numbers in a message for a gradient of `dim` numbers: ceil(dim / parts)."""
        return self._calls.message_length(self._handle, dim)

    def _check_worker(self, worker: int) -> None:
        if not 0 <= worker < self.workers:
            raise ArgumentError(f"worker {worker}; allowed: 0..{self.workers - 1}")


class Progress(_Handle):
    """How many steps each worker has done. One caller at a time."""

    _free = "progress_free"

    def __init__(self, design: Design) -> None:
        self.design, self._calls = design, design._calls
        self._make("progress_create", design._handle)

    def reset(self) -> None:
        """A new iteration: nothing done."""
        self._calls.progress_reset(self._handle)

    def mark(self, worker: int, done: int) -> None:
        """The worker has finished its first `done` steps; going back is refused."""
        self._calls.progress_mark(self._handle, worker, done)

    def done(self, worker: int) -> int:
        """Steps that are marked; -1 for a worker that there is not."""
        return self._calls.progress_done(self._handle, worker)

    def cover(self, chunk: int) -> int:
        """How many workers have done the chunk."""
        return self._calls.progress_cover(self._handle, chunk)

    @property
    def decodable(self) -> bool:
        """Can the gradient be decoded exactly from what is marked?"""
        return self._calls.progress_decodable(self._handle)

    @property
    def announced(self) -> int:
        """Scheme nested: the tolerance that is announced; otherwise -1."""
        return self._calls.progress_announced(self._handle)

    @property
    def error(self) -> int:
        """What stopping now would miss, in chunks (or parts of them)."""
        return self._calls.progress_error(self._handle)


class Request:
    """The server's answer to a worker: which chunks to combine, by what coefficients."""

    def __init__(self, fields: RequestFields, design: Design) -> None:
        self._calls = design._calls
        self.worker: int = fields.worker
        self.done: int = fields.done
        self.rows: int = fields.rows
        #: The chunks whose gradients `encode` takes, in this order; none: nothing is to be sent.
        self.chunks: list[int] = design.order(fields.worker)[: fields.chunks]
        #: rows x chunks numbers, row after row. A copy: it outlives the codec's next request.
        self.coefficients = (c_double * max(fields.count, 1))()
        if fields.count > 0:
            ctypes.memmove(self.coefficients, fields.coefficient, fields.count * ctypes.sizeof(c_double))
        self._count = fields.count

    def _fields(self) -> RequestFields:
        return RequestFields(self.worker, self.done, self.rows, len(self.chunks), self._count, self.coefficients)

    def pack(self) -> bytes:
        """Bytes for a wire, the same on every machine."""
        fields = self._fields()
        packed = ctypes.create_string_buffer(self._calls.request_bytes(byref(fields)))
        self._calls.request_pack(byref(fields), packed)
        return packed.raw


def _range(first: int, count: int | None, length: int) -> tuple[int, int]:
    """The range, checked: without a count up to the last number of a message."""
    if not 0 <= first <= length or not 0 <= (length - first if count is None else count) <= length - first:
        raise ArgumentError(f"{count} numbers from number {first} on, but the message has {length}")
    return first, length - first if count is None else count


class Codec(_Handle):
    """Makes requests, encodes, decodes. One caller at a time; server and worker have one each.

    `decoder` is "exact" (the scheme's own) or, for scheme partial of one part, "optimal", "one-step", "component".
    `straggle_prob` makes the codec of stochastic and compressed gradient codes instead; `ahead` one that asks each
    worker for the first so many chunks of its order, so that a worker keeps a few sums (testudo/stream.h): scheme
    partial of one part, orders round a circle, or mirrored pairs, whose workers may add `ahead` >= 1 chunks beyond
    those that the server has marked.
    """

    _free = "codec_free"

    def __init__(self, design: Design, decoder: str = "exact", straggle_prob: float | None = None,
                 ahead: int | None = None) -> None:
        self.design, self._calls = design, design._calls
        if decoder not in _DECODERS:
            raise ArgumentError(f"decoder '{decoder}'; allowed: " + ", ".join(_DECODERS))
        if (decoder != "exact") + (straggle_prob is not None) + (ahead is not None) > 1:
            raise ArgumentError("one of decoder, straggle_prob and ahead: they are three ways to decode")
        if straggle_prob is not None:
            self._make("codec_create_stochastic", design._handle, straggle_prob)
        elif ahead is not None:
            self._make("codec_create_prefix", design._handle, ahead)
        else:
            self._make("codec_create", design._handle, _DECODERS.index(decoder))

    def request(self, progress: Progress, worker: int) -> Request:
        """What is asked of the worker under this progress."""
        fields = RequestFields()
        self._calls.request_make(self._handle, progress._handle, worker, byref(fields))
        return Request(fields, self.design)

    def unpack(self, packed: bytes) -> Request:
        """The request whose bytes these are; InputError where they are none of this design."""
        fields = RequestFields()
        self._calls.request_unpack(self._handle, packed, len(packed), byref(fields))
        return Request(fields, self.design)

    def encode(self, request: Request, gradients: Sequence[Any], message: Any = None, *, first: int = 0,
               count: int | None = None) -> Any:
        """The message of a worker: gradients[k] is that of request.chunks[k]. Without `message` a new array.array.

        With `first` and `count` only its numbers first .. first + count - 1 (without `count` up to the last) are
        written: threads, each with a codec of its own, can share a message and a request."""
        if len(gradients) != len(request.chunks) or not gradients:
            raise ArgumentError(f"{len(gradients)} gradients for a request of {len(request.chunks)} chunks")
        dim = _pointer(gradients[0], False)[2]
        addresses, kind, alive = _pointers(gradients, dim)
        if message is None:
            message = _zeros(kind, self.design.message_length(dim))
        address, own, length, held = _pointer(message, True)
        wanted = self.design.message_length(dim)
        if own != kind or length != wanted:
            raise ArgumentError(f"the message has {length} {own}s, wanted are {wanted} {kind}s")
        part = _range(first, count, length)
        fields = request._fields()
        getattr(self._calls, "encode_range_" + kind)(self._handle, byref(fields), addresses, dim, *part, address)
        del alive, held
        return message

    def decode(self, progress: Progress, messages: Sequence[Any], gradient: Any, approximate: bool = False, *,
               first: int = 0, count: int | None = None) -> Any:
        """The gradient from messages[0..m-1], None where there is none, into `gradient`. Raises Undecodable, unless
        `approximate`: then it is the best estimate that there is.

        With `first` and `count` only what numbers first .. first + count - 1 of the messages say is written: threads,
        each with a codec of its own, can share a gradient. Not with `approximate`."""
        if len(messages) != self.design.workers:
            raise ArgumentError(f"{len(messages)} messages, wanted is one for each of {self.design.workers} workers")
        address, kind, dim, held = _pointer(gradient, True)
        length = self.design.message_length(dim)
        addresses, own, alive = _pointers(messages, length)
        if own not in (None, kind):
            raise ArgumentError(f"messages are of {own}s, the gradient of {kind}s")
        part = _range(first, count, length)
        if approximate and part != (0, length):
            raise ArgumentError("an approximate gradient is decoded as a whole, without first and count")
        if approximate:
            getattr(self._calls, "decode_approximate_" + kind)(self._handle, progress._handle, addresses, dim, address)
        else:
            getattr(self._calls, "decode_range_" + kind)(self._handle, progress._handle, addresses, dim, *part, address)
        del alive, held
        return gradient

    @property
    def sums(self) -> int:
        """Sums that a worker with a `Stream` keeps; 0: there are none, it keeps the gradients of its chunks."""
        return self._calls.stream_sums(self._handle)

    def ahead(self, worker: int) -> int:
        """Chunks that the worker may add to its stream beyond those that the server has marked; 0: any number."""
        return self._calls.codec_ahead(self._handle, worker)

    def family(self, worker: int) -> list[int]:
        """With `ahead`: the workers that share chunks with this one, directly or through others, and itself."""
        count = c_int32()
        members = self._calls.codec_family(self._handle, worker, byref(count))
        return members[: count.value] if members else []

    def settled(self, progress: Progress, worker: int) -> bool:
        """With `ahead`: is all done that this worker shares, directly or through others? Then it can be asked."""
        return self._calls.codec_settled(self._handle, progress._handle, worker)

    def error(self, progress: Progress) -> float:
        """The error of stopping now, in coefficients."""
        found = c_double()
        self._calls.decode_error(self._handle, progress._handle, byref(found))
        return found.value

    def weights(self, progress: Progress, part: int = 0) -> list[float]:
        """What decode multiplies the messages with, for a part (scheme block: a block)."""
        found = (c_double * self.design.workers)()
        self._calls.decode_weights(self._handle, progress._handle, part, found)
        return list(found)

    def amplification(self, progress: Progress) -> float:
        """How much the code may magnify rounding under this progress."""
        found = c_double()
        self._calls.amplification(self._handle, progress._handle, byref(found), None)
        return found.value


class Stream(_Handle):
    """The message of a worker, summed as gradients come: it keeps `codec.sums` sums, of floats or doubles, in place of
    its chunks' gradients. bfloat16 goes into sums of floats. ArgumentError where `codec.sums` is 0."""

    _free = "stream_free"

    def __init__(self, codec: Codec, worker: int, dim: int, kind: str = "double") -> None:
        self.design, self._calls, self.dim, self.kind = codec.design, codec._calls, dim, kind
        if kind not in ("float", "double"):
            raise ArgumentError(f"kind '{kind}'; allowed: float, double")
        self._make("stream_create_" + kind, codec._handle, worker, dim)

    def begin(self) -> None:
        """A new iteration: nothing added."""
        self._calls.stream_begin(self._handle)

    def add(self, k: int, piece: Any, first: int = 0) -> None:
        """Adds numbers first, first + 1, .. of the gradient of the worker's k-th chunk (from 0); each once."""
        address, kind, count, held = _pointer(piece, False)
        if count == 0:
            return
        getattr(self._calls, "stream_add_" + kind)(self._handle, k, address, first, count)
        del held

    def message(self, request: Request, message: Any = None) -> Any:
        """What the request asks for; without `message` a new array.array."""
        if message is None:
            message = _zeros(self.kind, self.design.message_length(self.dim))
        address, kind, count, held = _pointer(message, True)
        if count != self.design.message_length(self.dim):
            raise ArgumentError(f"the message has {count} numbers, wanted are {self.design.message_length(self.dim)}")
        getattr(self._calls, "stream_message_" + kind)(self._handle, byref(request._fields()), address)
        del held
        return message


class Server:
    """The server's side of an iteration: signals in, requests out, messages in, the gradient out. `decoder` and `ahead`
    as for `Codec`."""

    def __init__(self, design: Design, dim: int, kind: str = "double", decoder: str = "exact",
                 ahead: int | None = None) -> None:
        if kind not in _TYPECODE:
            raise ArgumentError(f"kind '{kind}'; allowed: " + ", ".join(_TYPECODE))
        self.design, self.dim, self.kind = design, dim, kind
        self.progress, self.codec = Progress(design), Codec(design, decoder, ahead=ahead)
        self._prefixes = ahead is not None
        self.reset()

    def reset(self) -> None:
        """A new iteration."""
        self.progress.reset()
        self._messages: list[Any] = [None] * self.design.workers
        self._wanted: set[int] = set()  # a message is to come from them
        self._asked: set[int] = set()
        self._fresh: set[int] = set()  # marked since `early` was called

    def signal(self, worker: int, done: int) -> bool:
        """A worker has finished `done` steps; True as soon as the gradient can be decoded. Signals that come when it
        can, that say less than one before, or that come from workers that have been asked, are late and change
        nothing. With `ahead` steps are marked one at a time, up to what settles the worker."""
        first = self.progress.done(worker) + 1
        for step in range(first if self._prefixes else max(first, done), done + 1):
            if self.progress.decodable or worker in self._asked:
                break
            if self._prefixes and self.codec.settled(self.progress, worker):
                break
            self.progress.mark(worker, step)
            self._fresh.add(worker)
        return self.progress.decodable

    def early(self) -> list[Request]:
        """With `ahead`: for workers that are settled and have not been asked; they can stop. To be called after every
        signal, for what a mirrored pair keeps apart is limited."""
        settled = [worker for worker in self._fresh if self._prefixes and worker not in self._asked
                   and self.codec.settled(self.progress, worker)]
        self._fresh.clear()
        workers = {other for worker in settled for other in self.codec.family(worker)}
        return self._ask(sorted(workers - self._asked))

    def requests(self) -> list[Request]:
        """One for every worker that is to send, but for those of `early`; the progress is fixed from now on."""
        return self._ask([worker for worker in range(self.design.workers)
                          if not (self._prefixes and worker in self._asked)])

    def _ask(self, workers: list[int]) -> list[Request]:
        made = [self.codec.request(self.progress, worker) for worker in workers]
        made = [request for request in made if request.chunks]
        self._asked.update(workers)
        self._wanted.update(request.worker for request in made)
        return made

    def receive(self, worker: int, message: Any) -> bool:
        """The message of a worker; True when all that were asked for are there."""
        if worker not in self._wanted:
            raise ArgumentError(f"worker {worker} was not asked for a message")
        self._messages[worker] = message
        return all(self._messages[other] is not None for other in self._wanted)

    def gradient(self, into: Any = None, approximate: bool = False) -> Any:
        """The sum of all chunk gradients; without `into` a new array.array."""
        if into is None:
            into = _zeros(self.kind, self.dim)
        return self.codec.decode(self.progress, self._messages, into, approximate)


def example_design() -> bytes:
    """A design file, as bytes: three workers, three chunks, two copies of each, scheme partial."""
    return _EXAMPLE


_EXAMPLE = (
    b'{"format":"testudo-design","version":1,"name":"example","scheme":"partial","chunks":3,"workers":3,"p'
    b'arts":1,"order":[[0,1],[1,2],[2,0]],"code":{"kind":"partial","matrix":[[0.88201194886104806,0.299394'
    b'51886126855,0.73501107973897062]]},"provenance":{"tool":"testudo","version":"0.1.0","command":"testu'
    b'do design --workers 3 --replication 2 --name example","seed":1},"claims":[{"metric":"q_max","level":'
    b'1,"value":3},{"metric":"row_sum_max","level":1,"value":3},{"metric":"max_overlap","value":1}],"check'
    b'sum":"b6f2899497582461"}'
    b"\n"
)
