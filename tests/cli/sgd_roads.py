# SPDX-License-Identifier: GPL-3.0-or-later
"""Second roads for numbers of testudo sgd: each reads a result and computes again what it says.

usage: sgd_roads.py ROAD RESULT.json; prints one word per thing that was compared, True or False.
"""
import json
import math
import sys


def gradient_bound(r):
    """Theorem 5 of a synchronous method, averaged over the runs, and where its constants come from."""
    method, data = r["methods"][0], r["data"]
    a = method["assumed"]
    floor = a["smoothness"] * a["step"] * a["variance"] / (a["wait"] * a["batch"])
    done = [run["updates"][-1] for run in method["runs_done"]]
    bound = sum(2 * a["gap"] / ((j + 1) * a["step"]) + floor for j in done) / len(done)
    return [abs(bound / method["gradient_bound"][-1] - 1) < 1e-9, a["smoothness"] == data["smoothness"],
            a["variance"] == data["variance"], abs(a["gap"] - data["start_loss"] + data["optimum"]) < 1e-12,
            a["wait"] == r["workers"], a["gamma"] is None]


def wait(r):
    """The K of least time to the target by Lemma 2 with exponential workers, and the first as run."""
    workers, by_bound, as_run = r["workers"], [], []
    for method in r["methods"]:
        a = method["assumed"]
        time = sum(1 / (workers - i) for i in range(a["wait"]))
        floor = a["step"] * a["smoothness"] * a["variance"] / (2 * a["convexity"] * a["wait"] * a["batch"])
        gap = r["target"] - r["data"]["optimum"]
        updates = (math.log((gap - floor) / (a["gap"] - floor)) / math.log(1 - a["step"] * a["convexity"])
                   if gap > floor else math.inf)
        by_bound.append((updates * time, method["method"]))
        as_run.append(method["time_to_target"] or math.inf)
    chosen = [m["method"] for m in r["methods"]].index(r["choice"])
    return [min(by_bound)[1] == r["choice_by_bound"], min(by_bound)[0] < math.inf, as_run[chosen] == min(as_run)]


def compression(r):
    """Bits of messages, updates and bounds of coco-ef, whose last K of 8 workers is 6; and the three choices."""
    smooth, gap, right = r["data"]["smoothness"], r["data"]["start_loss"] - r["data"]["optimum"], True
    dim, p = r["data"]["dim"], 0.25
    for method in r["methods"]:
        c, eta = method["compression"], method["step"]
        kind, size = (method["method"].split("compressor=") + ["top-k/%d" % (dim // 10)])[1].split("/")
        size = int(size)
        top = kind == "top-k"
        bits = size * (32 + math.ceil(math.log2(dim))) if top else dim + 32 * -(-dim // size)
        delta = size / dim if top else 1 / size
        updates = r["bits"] / (6 * bits)
        bound = (2 * gap / (eta * updates) + smooth * eta * p / (1 - p) * c["spread"] +
                 4 * (smooth * eta) ** 2 * 8 * (1 - delta) * c["spread"] / (delta * (1 - p)) ** 2) / (1 - smooth * eta)
        right = (right and c["message_bits"] == bits and c["updates_allowed"] == int(updates) == method["last_updates"]
                 and abs(c["gradient_bound"] / bound - 1) < 1e-9 and 0 <= r["bits"] - method["last_bits"] < 6 * bits)

    def least(number):
        return min(r["methods"], key=number)["method"]

    def spreads(copies):
        return [m["compression"]["spread"] for m in r["methods"] if "copies=" + copies in m["method"]]
    return [right, least(lambda m: m["last_loss"]) == r["choice"],
            least(lambda m: m["compression"]["gradient_bound"]) == r["choice_by_bound"],
            least(lambda m: m["compression"]["gradient_bound_typical"]) == r["choice_by_model"],
            max(spreads("by-norm/2:")) < min(spreads("2:")) < min(spreads("1:")), len(r["methods"]) > 10]


print(*{"gradient-bound": gradient_bound, "wait": wait, "compression": compression}[sys.argv[1]](
    json.load(open(sys.argv[2], encoding="utf-8"))))
