# SPDX-License-Identifier: BSD-3-Clause
"""The shared library, its calls, and its errors."""

from __future__ import annotations

import ctypes
import ctypes.util
import glob
import os
from ctypes import POINTER, byref, c_bool, c_char_p, c_double, c_int, c_int32, c_int64, c_size_t, c_void_p


class Error(Exception):
    """What a call of the library answers when it does not succeed; its text is the library's sentence."""


class ArgumentError(Error, ValueError):
    """An argument is out of its range, or not supported."""


class InputError(Error, ValueError):
    """A file, or bytes from a wire, are not what they should be."""


class LimitError(Error):
    """Not decided within a limit."""


class ResourceError(Error, OSError):
    """No memory, or a file that cannot be opened."""


class Undecodable(Error):
    """The messages that are there do not determine the gradient: an answer, not a mistake."""


_KINDS = {2: ArgumentError, 3: InputError, 4: LimitError, 5: ResourceError, 6: Undecodable}


class _Sentence(ctypes.Structure):
    _fields_ = [("text", ctypes.c_char * 512)]


class RequestFields(ctypes.Structure):
    """testudo_request of testudo/runtime.h."""

    _fields_ = [("worker", c_int32), ("done", c_int32), ("rows", c_int32), ("chunks", c_int32), ("count", c_size_t),
                ("coefficient", POINTER(c_double))]


def _candidates() -> list[str]:
    """TESTUDO_LIBRARY, then beside the package, then where the loader looks."""
    named = os.environ.get("TESTUDO_LIBRARY")
    if named:
        return [named]
    here = sorted(glob.glob(os.path.join(os.path.dirname(__file__), "libtestudo-runtime.so*")))
    found = ctypes.util.find_library("testudo-runtime")
    return here + ([found] if found else []) + ["libtestudo-runtime.so.0"]


def _load() -> tuple[ctypes.CDLL, str]:
    reasons = []
    for path in _candidates():
        try:
            return ctypes.CDLL(path), path
        except OSError as reason:
            reasons.append(f"{path}: {reason}")
    raise ImportError("libtestudo-runtime is not found; set TESTUDO_LIBRARY to its path. Tried: " + "; ".join(reasons))


library, library_path = _load()

_NUMBERS = POINTER(c_void_p)  # of messages or gradients: an array of addresses
_CALLS = {
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
    "codec_free": (None, [c_void_p]),
    "message_length": (c_size_t, [c_void_p, c_size_t]),
    "request_make": ("status", [c_void_p, c_void_p, c_int32, POINTER(RequestFields)]),
    "request_bytes": (c_size_t, [POINTER(RequestFields)]),
    "request_bytes_most": (c_size_t, [c_void_p]),
    "request_pack": (None, [POINTER(RequestFields), c_void_p]),
    "request_unpack": ("status", [c_void_p, c_char_p, c_size_t, POINTER(RequestFields)]),
    "encode_double": ("status", [c_void_p, POINTER(RequestFields), _NUMBERS, c_size_t, c_void_p]),
    "encode_float": ("status", [c_void_p, POINTER(RequestFields), _NUMBERS, c_size_t, c_void_p]),
    "decode_double": ("status", [c_void_p, c_void_p, _NUMBERS, c_size_t, c_void_p]),
    "decode_float": ("status", [c_void_p, c_void_p, _NUMBERS, c_size_t, c_void_p]),
    "decode_approximate_double": ("status", [c_void_p, c_void_p, _NUMBERS, c_size_t, c_void_p]),
    "decode_approximate_float": ("status", [c_void_p, c_void_p, _NUMBERS, c_size_t, c_void_p]),
    "decode_error": ("status", [c_void_p, c_void_p, POINTER(c_double)]),
    "decode_weights": ("status", [c_void_p, c_void_p, c_int32, POINTER(c_double)]),
    "amplification": ("status", [c_void_p, c_void_p, POINTER(c_double), POINTER(c_double)]),
}


def _checked(function):
    def call(*arguments):
        sentence = _Sentence()
        status = function(*arguments, byref(sentence))
        if status != 0:
            raise _KINDS.get(status, Error)(sentence.text.decode("utf-8", "replace"))

    return call


class _Calls:
    """The calls by their names without testudo_; those with a status raise."""

    def __init__(self) -> None:
        for name, (answer, takes) in _CALLS.items():
            function = getattr(library, "testudo_" + name)
            checked = answer == "status"
            function.restype = c_int if checked else answer
            function.argtypes = takes + ([POINTER(_Sentence)] if checked else [])
            setattr(self, name, _checked(function) if checked else function)


calls = _Calls()


def version() -> str:
    """Of the library that is loaded, "major.minor.patch"."""
    return calls.version().decode()
