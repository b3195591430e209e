"""Holds documents against a JSON Schema: validate_json.py SCHEMA < LINES

A line is '+' or '-' and a document: one that the schema must accept, or must refuse.
"""
import json
import sys

from jsonschema import Draft202012Validator

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(schema)
seen = 0
for line in sys.stdin:
    seen += 1
    error = next(validator.iter_errors(json.loads(line[1:])), None)
    if (error is None) != (line[0] == "+"):
        sys.exit(f"{sys.argv[1]}: line {seen}: {error.message if error else 'accepted'}: {line}")
if not seen:
    sys.exit("no documents")
