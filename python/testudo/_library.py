# SPDX-License-Identifier: BSD-3-Clause
"""The shared library, its calls, and its errors."""

from __future__ import annotations

import ctypes
import ctypes.util
import glob
import os
from ctypes import POINTER, byref, c_bool, c_char_p, c_double, c_int, c_int32, c_int64, c_size_t, c_void_p


class Error(Exception):
    """What a call of the library answers when it does not succeed; its text is the library's sentence, and `status`
    the number of testudo/status.h (up to 5 and 130 the exit code of the program)."""

    status = 1


class ArgumentError(Error, ValueError):
    """An argument is out of its range, or not supported."""

    status = 2


class InputError(Error, ValueError):
    """A file, or bytes from a wire, are not what they should be."""

    status = 3


class LimitError(Error):
    """Not decided within a limit."""

    status = 4


class ResourceError(Error, OSError):
    """No memory, or a file that cannot be opened."""

    status = 5


class Undecodable(Error):
    """The messages that are there do not determine the gradient: an answer, not a mistake."""

    status = 6


class Interrupted(Error):
    """A long call was asked to stop before there was an answer."""

    status = 130


_KINDS = {kind.status: kind for kind in (ArgumentError, InputError, LimitError, ResourceError, Undecodable,
                                         Interrupted)}


class Sentence(ctypes.Structure):
    """testudo_error of testudo/status.h."""

    _fields_ = [("text", ctypes.c_char * 512)]


class RequestFields(ctypes.Structure):
    """testudo_request of testudo/runtime.h."""

    _fields_ = [("worker", c_int32), ("done", c_int32), ("rows", c_int32), ("chunks", c_int32), ("count", c_size_t),
                ("coefficient", POINTER(c_double))]


def shared_objects(folder: str, name: str) -> list[str]:
    """Files of the library `name` in a folder."""
    return sorted(glob.glob(os.path.join(folder, f"lib{name}.so*")))


def load(name: str, variable: str, folders: list[str]) -> tuple[ctypes.CDLL, str]:
    """The library that the environment names, then those in the folders, then beside the package, then where the
    loader looks; and its path."""
    named = os.environ.get(variable)
    found = ctypes.util.find_library(name)
    candidates = [named] if named else [path for folder in [*folders, os.path.dirname(__file__)]
                                        for path in shared_objects(folder, name)]
    if not named:
        candidates += ([found] if found else []) + [f"lib{name}.so.0"]
    reasons = []
    for path in candidates:
        try:
            return ctypes.CDLL(path), path
        except OSError as reason:
            reasons.append(f"{path}: {reason}")
    raise ImportError(f"lib{name} is not found; set {variable} to its path. Tried: " + "; ".join(reasons))


library, library_path = load("testudo-runtime", "TESTUDO_LIBRARY", [])

_NUMBERS = POINTER(c_void_p)  # of messages or gradients: an array of addresses
RUNTIME_CALLS = {
    # name: (what it answers, what it takes); of those that answer "status" the last argument is the sentence
    "version": (c_char_p, []),
    "scheme_name": (c_char_p, [c_int]),
    "design_read": ("status", [c_char_p, POINTER(c_void_p)]),
    "design_parse": ("status", [c_char_p, c_size_t, c_char_p, POINTER(c_void_p)]),
    "design_free": (None, [c_void_p]),
    "design_chunks": (c_int32, [c_void_p]),
    "design_workers": (c_int32, [c_void_p]),
    "design_parts": (c_int32, [c_void_p]),
    "design_scheme": (c_int, [c_void_p]),
    "design_name": (c_char_p, [c_void_p]),
    "design_checksum": (ctypes.c_uint64, [c_void_p]),
    "design_load": (c_int32, [c_void_p, c_int32]),
    "design_steps": (c_int32, [c_void_p, c_int32]),
    "design_order": (POINTER(c_int32), [c_void_p, c_int32]),
    "design_replication": (c_int32, [c_void_p, c_int32]),
    "design_holders": (POINTER(c_int32), [c_void_p, c_int32]),
    "design_sums": (c_int32, [c_void_p]),
    "design_prefix_sums": (c_int32, [c_void_p]),
    "progress_create": ("status", [c_void_p, POINTER(c_void_p)]),
    "progress_free": (None, [c_void_p]),
    "progress_reset": (None, [c_void_p]),
    "progress_mark": ("status", [c_void_p, c_int32, c_int32]),
    "progress_done": (c_int32, [c_void_p, c_int32]),
    "progress_cover": (c_int32, [c_void_p, c_int32]),
    "progress_decodable": (c_bool, [c_void_p]),
    "progress_announced": (c_int32, [c_void_p]),
    "progress_error": (c_int64, [c_void_p]),
    "codec_create": ("status", [c_void_p, c_int, POINTER(c_void_p)]),
    "codec_create_stochastic": ("status", [c_void_p, c_double, POINTER(c_void_p)]),
    "codec_create_prefix": ("status", [c_void_p, c_int32, POINTER(c_void_p)]),
    "codec_ahead": (c_int32, [c_void_p, c_int32]),
    "codec_family": (POINTER(c_int32), [c_void_p, c_int32, POINTER(c_int32)]),
    "codec_settled": (c_bool, [c_void_p, c_void_p, c_int32]),
    "codec_free": (None, [c_void_p]),
    "message_length": (c_size_t, [c_void_p, c_size_t]),
    "request_make": ("status", [c_void_p, c_void_p, c_int32, POINTER(RequestFields)]),
    "request_bytes": (c_size_t, [POINTER(RequestFields)]),
    "request_bytes_most": (c_size_t, [c_void_p]),
    "request_pack": (None, [POINTER(RequestFields), c_void_p]),
    "request_unpack": ("status", [c_void_p, c_char_p, c_size_t, POINTER(RequestFields)]),
    "decode_error": ("status", [c_void_p, c_void_p, POINTER(c_double)]),
    "decode_weights": ("status", [c_void_p, c_void_p, c_int32, POINTER(c_double)]),
    "amplification": ("status", [c_void_p, c_void_p, POINTER(c_double), POINTER(c_double)]),
    "stream_sums": (c_int32, [c_void_p]),
    "stream_create_double": ("status", [c_void_p, c_int32, c_size_t, POINTER(c_void_p)]),
    "stream_create_float": ("status", [c_void_p, c_int32, c_size_t, POINTER(c_void_p)]),
    "stream_free": (None, [c_void_p]),
    "stream_begin": (None, [c_void_p]),
}
for _kind in ("double", "float", "bfloat16"):
    RUNTIME_CALLS |= {
        "encode_range_" + _kind: ("status", [c_void_p, POINTER(RequestFields), _NUMBERS, c_size_t, c_size_t, c_size_t,
                                             c_void_p]),
        "decode_range_" + _kind: ("status", [c_void_p, c_void_p, _NUMBERS, c_size_t, c_size_t, c_size_t, c_void_p]),
        "decode_approximate_" + _kind: ("status", [c_void_p, c_void_p, _NUMBERS, c_size_t, c_void_p]),
        "stream_add_" + _kind: ("status", [c_void_p, c_int32, c_void_p, c_size_t, c_size_t]),
        "stream_message_" + _kind: ("status", [c_void_p, POINTER(RequestFields), c_void_p]),
    }


class _Int32(c_int32):
    """A number that ctypes would cut to 32 bits."""

    @classmethod
    def from_param(cls, number):
        if not -0x80000000 <= number < 0x80000000:
            raise OverflowError(f"{number} is beyond the numbers of 32 bits")
        return c_int32(number)


def _checked(function):
    def call(*arguments):
        sentence = Sentence()
        try:
            status = function(*arguments, byref(sentence))
        except ctypes.ArgumentError as reason:  # "argument 2: OverflowError: 4294967297 is .."
            raise ArgumentError(str(reason).split(": ", 2)[-1]) from None
        if status != 0:
            raise _KINDS.get(status, Error)(sentence.text.decode("utf-8", "replace"))

    return call


class Calls:
    """The calls of a library by their names without testudo_; those with a status raise."""

    def __init__(self, library: ctypes.CDLL, table: dict) -> None:
        for name, (answer, takes) in table.items():
            function = getattr(library, "testudo_" + name)
            checked = answer == "status"
            function.restype = c_int if checked else answer
            takes = [_Int32 if kind is c_int32 else kind for kind in takes]
            function.argtypes = takes + ([POINTER(Sentence)] if checked else [])
            setattr(self, name, _checked(function) if checked else function)


calls = Calls(library, RUNTIME_CALLS)


def version() -> str:
    """Of the library that is loaded, "major.minor.patch"."""
    return calls.version().decode()
