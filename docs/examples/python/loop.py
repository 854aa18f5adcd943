# SPDX-License-Identifier: BSD-3-Clause
"""One coded iteration on processes, of which the first is slow: python3 loop.py design.json (scheme partial)."""
import array
import multiprocessing
import sys
import time
from multiprocessing.connection import wait

import testudo

DIM = 1000


def gradient_of(chunk):  # what a real job computes from the data of a chunk
    return array.array("d", [(chunk + 1) * 0.001 * (k + 1) for k in range(DIM)])


def work(path, j, pipe):
    design, done = testudo.Design(path), {}
    for step, chunk in enumerate(design.order(j), 1):
        time.sleep(1.0 if j == 0 else 0.02)
        done[chunk] = gradient_of(chunk)
        if pipe.poll():  # the server has what it needs
            break
        pipe.send(step)
    codec, packed = testudo.Codec(design), pipe.recv()
    request = codec.unpack(packed)
    if request.chunks:
        pipe.send(codec.encode(request, [done[chunk] for chunk in request.chunks]))


def main(path):
    design, began = testudo.Design(path), time.monotonic()
    server, worker_of = testudo.Server(design, DIM), {}
    for j in range(design.workers):
        here, there = multiprocessing.Pipe()
        multiprocessing.Process(target=work, args=(path, j, there), daemon=True).start()
        worker_of[here] = j
    while not server.progress.decodable:
        for pipe in wait(list(worker_of)):
            server.signal(worker_of[pipe], pipe.recv())
    asked = {request.worker: request for request in server.requests()}
    for pipe, j in worker_of.items():
        pipe.send((asked[j] if j in asked else server.codec.request(server.progress, j)).pack())
    for pipe, j in worker_of.items():
        while j in asked:
            message = pipe.recv()
            if not isinstance(message, int):  # a signal that crossed the request
                server.receive(j, message)
                break
    found, seconds = server.gradient(), time.monotonic() - began
    wanted = [sum((i + 1) * 0.001 * (k + 1) for i in range(design.chunks)) for k in range(DIM)]
    away = max(abs(a - b) / abs(b) for a, b in zip(found, wanted))
    print(f"the sum over {design.chunks} chunks, off by {away:.0e} at most, after {seconds:.1f} s;"
          f" asked were workers {sorted(asked)}")
    return 0 if away < 1e-8 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
