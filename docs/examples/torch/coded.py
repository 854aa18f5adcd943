# SPDX-License-Identifier: BSD-3-Clause
"""A coded sum over processes of torch.distributed (gloo): the server's side and the worker's side.

Rank 0 is the server, rank j + 1 is worker j. Workers count what they have done in the TCPStore of the server, which
looks at the counters: nobody waits for anybody. Parameters carry the number of their iteration, and go to a worker only
when it has taken the last ones: a slow worker skips iterations. Every worker has two threads: one computes, the other
listens, so that it answers at once while a chunk is being computed.
"""
import os
import threading
import time
import traceback

import torch
import torch.distributed as dist

import testudo

STOP, PARAMETERS, REQUEST, PING = range(4)  # what a header [kind, iteration, size] announces
KINDS = {torch.float32: "float", torch.float64: "double"}


class Missing(Exception):
    """The sum cannot be had any more; the text says who is missing."""


class Server:
    """sum(parameters) is the sum over all chunks of what the workers make of these parameters and their chunks."""

    def __init__(self, design, store, length, dtype, patience):
        self.design, self.store, self.patience = design, store, patience
        self.loop = testudo.Server(design, length, KINDS[dtype])
        self.messages = torch.empty(design.workers, design.message_length(length), dtype=dtype)
        self.total = torch.empty(length, dtype=dtype)
        self.present = set(range(design.workers))
        self.sent = [0] * design.workers  # the last iteration whose parameters went to the worker
        self.asked = [0] * design.workers  # how many messages it was asked for
        self.took_part = [0] * design.workers  # in how many iterations its work counted
        self.sending = [[] for _ in range(design.workers)]  # what may still be on its way
        self.iteration, self.probed = 0, time.monotonic()

    def sum(self, parameters):
        self.iteration += 1
        self.parameters = parameters.clone()  # what is still being sent must not change
        complete = False
        while not complete:  # again when a worker was asked and has gone: what it had done is not there
            self.loop.reset()
            self._wait()
            complete = self._collect()
        for j in self.present:
            self.took_part[j] += self.loop.progress.done(j) > 0
        return self.loop.gradient(self.total)

    def stop(self):
        """Ends the workers; those that do not hear it are left alone."""
        for j in list(self.present):
            self._send(j, STOP)
        until = time.monotonic() + 3
        while self.store.add("stopped", 0) < len(self.present) and time.monotonic() < until:
            time.sleep(0.01)

    def _wait(self):
        """Until the counters say that the sum can be decoded."""
        bell, heard = -1, time.monotonic()
        while not self.loop.progress.decodable:
            rung = self.store.add("bell", 0)
            if rung != bell:
                bell, heard = rung, time.monotonic()
                for j in list(self.present):
                    self._offer(j)
                    iteration, done = divmod(self.store.add(f"done/{j}", 0), self.design.chunks + 1)
                    if iteration == self.iteration:
                        self.loop.signal(j, done)
            self._probe()
            if time.monotonic() > heard + self.patience:
                silent = [j for j in self.present if self.loop.progress.done(j) < self.design.steps(j)]
                raise Missing(f"no signal from workers {silent} for {self.patience:g} s")
            time.sleep(0.001)  # signals that come together are read together

    def _collect(self):
        """Takes the messages of all that are to send; False when one of them has gone."""
        requests, whole, until = self.loop.requests(), True, time.monotonic() + self.patience
        for request in requests:
            self.asked[request.worker] += 1
            self._send(request.worker, REQUEST, torch.frombuffer(bytearray(request.pack()), dtype=torch.uint8))
        waiting = {request.worker for request in requests}
        while waiting:
            for j in list(waiting):
                if self.store.add(f"answers/{j}", 0) == self.asked[j]:  # its message is on its way
                    try:
                        dist.recv(self.messages[j], j + 1)
                        self.loop.receive(j, self.messages[j])
                    except RuntimeError:
                        self.present.discard(j)
                elif time.monotonic() > until:
                    self.present.discard(j)
                elif j in self.present:
                    continue
                waiting.discard(j)
                whole = whole and j in self.present
            self._probe()
            time.sleep(0.0002)
        return whole

    def _offer(self, j):
        """The parameters, if the worker has taken those that were sent before."""
        if self.sent[j] < self.iteration and self.store.add(f"taken/{j}", 0) == self.sent[j]:
            self.sent[j] = self.iteration
            self._send(j, PARAMETERS, self.parameters)

    def _probe(self):
        """Once a second: a connection that is closed is noticed by sending, not by waiting; and workers hear that the
        server is there."""
        if time.monotonic() < self.probed + 1:
            return
        self.probed = time.monotonic()
        for j in list(self.present):
            self._send(j, PING)
        best = testudo.Progress(self.design)
        for j in self.present:
            best.mark(j, self.design.steps(j))
        if not best.decodable:
            gone = ", ".join(str(j) for j in range(self.design.workers) if j not in self.present)
            raise Missing(f"missing: worker {gone}; scheme {self.design.scheme} of {self.design.workers} workers cannot"
                          " do without")

    def _send(self, j, kind, payload=None):
        """Begins to send a header and what it announces."""
        try:
            if kind == PARAMETERS:  # what was sent before has arrived: it said so
                for sending in self.sending[j]:
                    sending.wait()
                self.sending[j] = []
            size = 0 if payload is None else payload.numel()
            self.sending[j].append(dist.isend(torch.tensor([kind, self.iteration, size]), j + 1))
            if size:
                self.sending[j].append(dist.isend(payload, j + 1))
        except RuntimeError:  # the connection is closed
            self.present.discard(j)


class Worker:
    """run() works until the server stops it (True) or is gone (False).

    contribution(iteration, chunk, parameters, row, over) writes into `row` what is to be summed for this chunk. It may
    ask over(), between micro-batches say, and stop when that is true: nobody needs this chunk any more.
    """

    def __init__(self, design, worker, store, length, dtype, contribution):
        self.design, self.worker, self.store, self.contribution = design, worker, store, contribution
        self.order, self.codec = design.order(worker), testudo.Codec(design)
        self.rows = torch.empty(len(self.order), length, dtype=dtype)  # what a worker must keep: one row per chunk
        self.message = torch.empty(design.message_length(length), dtype=dtype)
        self.changed = threading.Condition()
        self.latest = (0, None)  # iteration and parameters; iteration -1: the end

    def run(self):
        computing = threading.Thread(target=self._compute)
        computing.start()
        try:
            self._listen()
            return True
        except RuntimeError:  # the connection to the server is closed
            return False
        finally:
            self._put((-1, None))
            computing.join()

    def _put(self, latest):
        with self.changed:
            self.latest = latest
            self.changed.notify()

    def _count(self, what, more):
        self.store.add(f"{what}/{self.worker}", more)
        self.store.add("bell", 1)  # the server looks at this one number until it changes
        return more

    def _listen(self):
        header, taken = torch.empty(3, dtype=torch.int64), 0
        while True:
            dist.recv(header, 0)
            kind, iteration, size = header.tolist()
            if kind == PARAMETERS:
                parameters = torch.empty(size, dtype=self.rows.dtype)
                dist.recv(parameters, 0)
                self._put((iteration, parameters))
                taken += self._count("taken", iteration - taken)
            elif kind == REQUEST:
                packed = torch.empty(size, dtype=torch.uint8)
                dist.recv(packed, 0)
                request = self.codec.unpack(bytes(packed.tolist()))
                self.codec.encode(request, list(self.rows[:len(request.chunks)]), self.message)
                self._count("answers", 1)
                dist.send(self.message, 0)
            elif kind == STOP:
                self.store.add("stopped", 1)
                return

    def _compute(self):
        counted = iteration = 0

        def over(seconds=0.0):
            with self.changed:
                return self.changed.wait_for(lambda: self.latest[0] != iteration, seconds)

        while over(None):
            iteration, parameters = self.latest
            if iteration < 0:
                return
            for k, chunk in enumerate(self.order):
                try:
                    self.contribution(iteration - 1, chunk, parameters, self.rows[k], over)
                except Exception:  # a worker that cannot compute must not look like one that is slow
                    traceback.print_exc()
                    os._exit(1)
                if over():  # the others have done what is left
                    break
                try:
                    counted += self._count("done", iteration * (self.design.chunks + 1) + k + 1 - counted)
                except RuntimeError:  # the server is gone; the other thread finds out, too
                    return
