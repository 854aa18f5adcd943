# SPDX-License-Identifier: BSD-3-Clause
"""What is trained, to be replaced by your own: data, a network, what a chunk contributes, and plain SGD to compare."""
import copy

import torch
from torch.nn.functional import cross_entropy


class Task:
    """Classification of generated points, the same in every process.

    Iteration t takes the next `batch` rows of the data. Chunk i of N is the i-th N-th part of these rows.
    """

    def __init__(self, dim, hidden, batch, rate, local_steps, seed, double, classes=10, rows=7680):
        torch.set_num_threads(1)  # the processes share the cores; and sums come in one order
        torch.set_default_dtype(torch.float64 if double else torch.float32)
        torch.manual_seed(seed)
        self.batch, self.rate, self.local_steps = batch, rate, local_steps
        centres = torch.randn(classes, dim)
        self.y = torch.randint(classes, (rows,))
        self.x = centres[self.y] + 3.0 * torch.randn(rows, dim)
        self.network = torch.nn.Sequential(torch.nn.Linear(dim, hidden), torch.nn.ReLU(),
                                           torch.nn.Linear(hidden, classes))
        self.start = torch.nn.utils.parameters_to_vector(self.network.parameters()).detach()
        self.count = self.start.numel()  # of parameters
        self.length = 1 + self.count  # of what a chunk contributes: its loss is one more coordinate
        self.scratch = torch.empty(self.count)

    def rows(self, t, chunk=0, chunks=1):
        """Inputs and labels of a chunk in iteration t; of one chunk in all: the whole batch."""
        size = self.batch // chunks
        at = (t * self.batch + chunk * size) % len(self.x)
        take = torch.arange(at, at + size) % len(self.x)
        return self.x[take], self.y[take]

    def point(self, parameters, gradient):
        """The network's parameters are `parameters` from now on, and backward() adds to `gradient`; both are vectors,
        and nothing is copied."""
        at = 0
        for p in self.network.parameters():
            p.data = parameters[at:at + p.numel()].view_as(p)
            p.grad = gradient[at:at + p.numel()].view_as(p)
            at += p.numel()

    def contribution(self, iteration, chunk, chunks, parameters, row):
        """What is summed over all chunks, into `row`: the loss of the chunk's rows and its gradient, or, with local
        steps, its loss and how far it goes by `local_steps` steps of its own."""
        row.zero_()
        if self.local_steps == 1:
            self.point(parameters, row[1:])
            x, y = self.rows(iteration, chunk, chunks)
            loss = cross_entropy(self.network(x), y, reduction="sum")
            loss.backward()
            row[0] = loss.item()
            return
        own = row[1:].copy_(parameters)
        self.point(own, self.scratch)
        for step in range(self.local_steps):
            self.scratch.zero_()
            x, y = self.rows(iteration * self.local_steps + step, chunk, chunks)
            loss = cross_entropy(self.network(x), y)
            loss.backward()
            own.add_(self.scratch, alpha=-self.rate)
            if step == 0:
                row[0] = loss.item() * len(y)
        own.sub_(parameters)

    def step(self, parameters, total, chunks):
        """What the server does with the sum over all chunks; the loss of the batch."""
        if self.local_steps == 1:
            parameters.add_(total[1:], alpha=-self.rate / self.batch)
        else:
            parameters.add_(total[1:], alpha=1 / chunks)
        return total[0].item() / self.batch


def plain(task, steps, chunks):
    """The same training in one process without any of the above, by torch.optim: losses and the last parameters.

    SGD on the whole batch; with local steps every chunk goes its own way, and then the average is taken.
    """
    network, losses = copy.deepcopy(task.network), []
    torch.nn.utils.vector_to_parameters(task.start.clone(), network.parameters())
    for iteration in range(steps):
        if task.local_steps == 1:
            x, y = task.rows(iteration)
            optimizer = torch.optim.SGD(network.parameters(), lr=task.rate)
            optimizer.zero_grad()
            loss = cross_entropy(network(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            continue
        ends, first = [], []
        for chunk in range(chunks):
            local = copy.deepcopy(network)
            optimizer = torch.optim.SGD(local.parameters(), lr=task.rate)
            for step in range(task.local_steps):
                x, y = task.rows(iteration * task.local_steps + step, chunk, chunks)
                optimizer.zero_grad()
                loss = cross_entropy(local(x), y)
                loss.backward()
                optimizer.step()
                if step == 0:
                    first.append(loss.item())
            ends.append(torch.nn.utils.parameters_to_vector(local.parameters()).detach())
        torch.nn.utils.vector_to_parameters(torch.stack(ends).mean(dim=0), network.parameters())
        losses.append(sum(first) / chunks)
    return losses, torch.nn.utils.parameters_to_vector(network.parameters()).detach()
