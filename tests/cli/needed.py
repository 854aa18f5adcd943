# SPDX-License-Identifier: GPL-3.0-or-later
"""needed.py SCHEMA FILE [PLACE..] -- COMMAND..: does the reader need the members that the schema needs, and no others?

Leaves out one member of the last line of FILE after the other, those of its objects too, writes what is left to
left-FILE and runs COMMAND with its name behind the last word. PLACEs, "design.command", may be needed though the schema
does not say so: they hang on others. Prints how many members were left out.
"""

import copy
import json
import subprocess
import sys

cut = sys.argv.index("--")
name, file, conditional, command = sys.argv[1], sys.argv[2], sys.argv[3:cut], sys.argv[cut + 1:]
schema = json.loads(subprocess.run(["testudo", "schema", name], capture_output=True, text=True, check=True).stdout)
schema = schema["oneOf"][-1] if name == "table-file" else schema
with open(file, encoding="utf-8") as stream:
    *head, last = stream.readlines()
whole = json.loads(last)
left_out = wrong = 0


def members(value, shape, path):
    """Every member with its place and whether the schema needs it."""
    for key in value:
        inner = shape["properties"][key]
        yield path + [key], key in shape["required"]
        if isinstance(value[key], dict):
            yield from members(value[key], inner, path + [key])
        elif isinstance(value[key], list) and isinstance(value[key][0], dict):
            yield from members(value[key][0], inner["items"], path + [key, 0])


for path, needed in list(members(whole, schema, [])):
    rest = copy.deepcopy(whole)
    inner = rest
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    with open("left-" + file, "w", encoding="utf-8") as stream:
        stream.writelines(head + [json.dumps(rest) + "\n"])
    words = command[:-1] + [command[-1] + "left-" + file] if command[-1].endswith("@") else command + ["left-" + file]
    refused = subprocess.run(words, capture_output=True).returncode != 0
    place = ".".join(map(str, path))
    left_out += 1
    if refused != needed and place not in conditional:
        wrong += 1
        print(f"{file}: {place}: the " + ("reader needs it, the schema" if refused else "schema needs it, the reader") +
              " does not")
print(f"{left_out} members were left out")
sys.exit(wrong > 0)
