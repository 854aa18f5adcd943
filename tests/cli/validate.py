# SPDX-License-Identifier: GPL-3.0-or-later
"""validate.py PROGRAM LIST: does every JSON output obey its schema?

A line of LIST is a file and a command. Where the file begins with an object, each line that does is one that
`testudo COMMAND` printed, or a design or delay file, which says so in its member "format". Prints what is wrong, then
how many were looked at. Needs jsonschema.
"""

import json
import subprocess
import sys

import jsonschema

program = sys.argv[1]
with open(sys.argv[2], encoding="utf-8") as names:
    files = [line.split() for line in names]
validators = {}


def validator(name):
    if name not in validators:
        text = subprocess.run([program, "schema", name], capture_output=True, text=True)
        schema = json.loads(text.stdout) if text.returncode == 0 else None
        kind = None
        if schema is not None:
            kind = jsonschema.validators.validator_for(schema)
            kind.check_schema(schema)
        validators[name] = schema and kind(schema)
    return validators[name]


def strict(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError("a key stands twice")
    return dict(pairs)


looked_at = wrong = 0
for file, command in files:
    with open(file, encoding="utf-8", errors="surrogateescape") as stream:
        lines = stream.readlines()
        if not lines or not lines[0].startswith("{"):
            continue
        for line in lines:
            if not line.startswith("{"):
                continue
            try:
                result = json.loads(line, object_pairs_hook=strict)
            except ValueError as problem:
                print(f"{file}: {problem}: {line[:120]}")
                wrong += 1
                continue
            kind = result.get("format", "")
            name = kind.removeprefix("testudo-") + "-file" if kind else command
            found = validator(name)
            if found is None:
                continue
            looked_at += 1
            for problem in list(found.iter_errors(result))[:3]:
                print(f"{file}: {name}: {'/'.join(map(str, problem.path))}: {problem.message[:160]}")
                wrong += 1
print(f"{looked_at} outputs were held against their schemas, {wrong} violations")
sys.exit(wrong > 0)
