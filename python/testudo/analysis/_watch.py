# SPDX-License-Identifier: GPL-3.0-or-later
"""Long calls: what they report, and how they are stopped."""

from __future__ import annotations

import signal
import threading
import time
from ctypes import pointer
from typing import Any, Callable, Optional

from . import _mirror as c

#: Called with the part that is done, 0 to 1, or None where it is not known; False stops the call.
Progress = Optional[Callable[[Optional[float]], Any]]

_SELDOM = 0.05  # seconds between two reports


class Watch:
    """Around a long call of the library: its monitor, Ctrl-C, a limit of time, and a progress callback.

    Ctrl-C is noticed at the next step of the library, and KeyboardInterrupt is raised when the call has come back.
    A signal handler can only be set in the main thread; calls from other threads are stopped by `progress` alone.
    """

    def __init__(self, progress: Progress = None, time_limit: float | None = None) -> None:
        self._progress = progress
        self._end = None if time_limit is None else time.monotonic() + time_limit
        self._reported = -1.0
        self._signal: tuple[int, Any] | None = None
        self._before: Any = None
        self._raised: BaseException | None = None
        self.stopped = False  # by the limit, or by the callback
        self._step = c.MonitorStep(self._on_step)
        self._search_step = c.SearchStep(lambda context, fraction, best, bound: self._on_step(context, fraction))
        self._monitor = c.Monitor(self._step, None)
        self._search_monitor = c.SearchMonitor(self._search_step, None)

    @property
    def monitor(self) -> Any:
        """testudo_monitor, for a structure's member."""
        return pointer(self._monitor)

    @property
    def search_monitor(self) -> Any:
        """testudo_search_monitor."""
        return pointer(self._search_monitor)

    def _on_step(self, context: int | None, fraction: float) -> bool:
        if self._signal is not None or self._raised is not None or self.stopped:
            return False
        now = time.monotonic()
        if self._end is not None and now >= self._end:
            self.stopped = True
        elif self._progress is not None and now - self._reported >= _SELDOM:
            self._reported = now
            try:
                self.stopped = self._progress(fraction if fraction >= 0.0 else None) is False
            except BaseException as raised:  # of the caller's own callback, KeyboardInterrupt too: raised at the end
                self._raised = raised
        return not self.stopped and self._raised is None

    def _on_signal(self, number: int, frame: Any) -> None:
        self._signal = (number, frame)

    def __enter__(self) -> "Watch":
        if threading.current_thread() is threading.main_thread():
            before = signal.getsignal(signal.SIGINT)
            if callable(before):  # not ignored, nor left to the system
                self._before = before
                signal.signal(signal.SIGINT, self._on_signal)
        return self

    def __exit__(self, kind: Any, value: Any, trace: Any) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
        if self._signal is not None:
            self._before(*self._signal)  # Python's own raises KeyboardInterrupt
        if self._raised is not None:
            raise self._raised
