# SPDX-License-Identifier: BSD-3-Clause
"""Gradient codes inside a training job.

Server and workers load the same design file. Workers go through their chunks in their order and report each step; as
soon as the server's progress is decodable it asks every worker for one message, and decodes them into the sum of all
chunk gradients. `Server` is that loop; `Progress` and `Codec` are its parts, as in the C header testudo/runtime.h.

Gradients and messages are any contiguous buffers of floats, doubles or bfloat16 in this machine's memory:
`array.array`, NumPy arrays, PyTorch tensors on the CPU, memoryviews; bfloat16 is torch.bfloat16, or unsigned 16-bit
numbers that are its bits. They are used where they lie, never copied. Calls release the GIL.

>>> import array, testudo
>>> design = testudo.Design(testudo.example_design())
>>> design.workers, design.chunks, design.scheme
(3, 3, 'partial')
>>> server = testudo.Server(design, dim=2)
>>> gradient = {chunk: array.array("d", [chunk + 1.0, 10.0]) for chunk in range(design.chunks)}
>>> worker = testudo.Codec(design)
>>> for j in (0, 2):                              # worker 1 is slow: nobody waits for it
...     for done in range(1, design.steps(j) + 1):
...         if server.signal(j, done):
...             break
>>> for request in server.requests():
...     answer = worker.unpack(request.pack())    # what came over the wire
...     held = [gradient[chunk] for chunk in answer.chunks]
...     complete = server.receive(request.worker, worker.encode(answer, held))
>>> list(server.gradient())
[6.0, 30.0]
"""

from ._library import (ArgumentError, Error, InputError, Interrupted, LimitError, ResourceError, Undecodable,
                       library_path, version)
from .runtime import Codec, Design, Progress, Request, Server, Stream, example_design

__all__ = ["ArgumentError", "Codec", "Design", "Error", "InputError", "Interrupted", "LimitError", "Progress",
           "Request", "ResourceError", "Server", "Stream", "Undecodable", "example_design", "library_path", "version"]
__version__ = "0.1.0"
