# SPDX-License-Identifier: BSD-3-Clause
"""One coded iteration on threads, of which the first is slow: python3 short.py design.json"""
import array
import queue
import sys
import threading
import time

import testudo

DIM = 1000
design, signals, messages = testudo.Design(sys.argv[1]), queue.Queue(), queue.Queue()
requests = [queue.Queue() for _ in range(design.workers)]


def work(j):
    codec, done = testudo.Codec(design), {}
    for chunk in design.order(j):
        time.sleep(1.0 if j == 0 else 0.02)
        done[chunk] = array.array("d", [chunk + 1.0] * DIM)  # here a real job computes the gradient of the chunk
        if not requests[j].empty():  # the server has what it needs
            break
        signals.put((j, len(done)))
    request = codec.unpack(requests[j].get())
    messages.put((j, codec.encode(request, [done[chunk] for chunk in request.chunks])))


server, began = testudo.Server(design, DIM), time.monotonic()
for j in range(design.workers):
    threading.Thread(target=work, args=(j,), daemon=True).start()
while not server.signal(*signals.get()):  # True as soon as the sum can be decoded
    pass
for request in server.requests():  # one per worker that is to send; the slow one is not among them
    requests[request.worker].put(request.pack())
while not server.receive(*messages.get()):  # True as soon as all messages are there
    pass
print(f"{server.gradient()[0]:.1f} is the sum of 1..{design.chunks}, after {time.monotonic() - began:.2f} s")
