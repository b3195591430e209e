#!/bin/sh
# --html and --json: the same from a run and from its record; a divergence with its case and answers, taken out of markup.
. "$(dirname "$0")/lib.sh"
on="exec:$LIAR stale-value 'hash/full/*'",emulator

expect 1 "$MUE" run --on "$on" --cases 'hash/*' --out r.jsonl --html run.html --json run.json --tap tap
expect 1 "$MUE" report r.jsonl --html again.html --json again.json
cmp run.html again.html || fail "the page of the record is another one"
cmp run.json again.json || fail "the summary of the record is another one"
grep -q "^<header class=diverge>" run.html || fail "the page does not say that there are differences"
grep -q "<summary>the case, and every answer</summary>" run.html || fail "no answers"
grep -q "^map m hash key 4 value 4 max 2$" run.html || fail "no case"
grep -q "^  update m 03000000 = 0c000000$" run.html || fail "no step"
grep -q "mue exec hash/full/insert --on 'exec:.*\\\\''" run.html || fail "no command that repeats it"
expect 0 "$MUE" run --on emulator,model --cases 'hash/*' --html good.html --json good.json --tap tap
grep -q "^<header class=agree>" good.html || fail "the page does not say that all is well"

cat >look.py <<'END'
import json, html.parser, sys

class Page(html.parser.HTMLParser):
    """Every tag that must be closed is."""
    open, void = [], {"meta"}
    optional = {"tr", "td", "th", "li", "dt", "dd"}
    def handle_starttag(self, tag, attrs):
        if tag not in self.void | self.optional:
            self.open.append(tag)
    def handle_endtag(self, tag):
        if tag not in self.optional and self.open.pop() != tag:
            sys.exit(f"</{tag}> at {self.getpos()}")

for name in "run.html", "good.html":
    page = Page()
    page.feed(open(name).read())
    if page.open:
        sys.exit(f"{name}: not closed: {page.open}")
run, good = json.load(open("run.json")), json.load(open("good.json"))
assert run["outcomes"]["diverge"] == len(run["divergences"]) > 0, run["outcomes"]
assert run["complete"] and sum(run["outcomes"].values()) == run["cases"] == good["cases"]
assert good["divergences"] == [] and good["cells"]["xdp/hash"]["ran"] > 0
first = run["divergences"][0]
assert first["target"].startswith("exec:") and first["other"] == "model" and first["got"] != first["expected"]
END
python3 look.py || fail "look.py"
if python3 -c 'import jsonschema' 2>/dev/null; then
	for file in run good; do
		{ printf +; tr '\n' ' ' <$file.json; echo; } | python3 "$SOURCE/tests/validate_json.py" "$SOURCE/docs/summary.schema.json" ||
			fail "$file.json is not what the schema says"
	done
	{ printf -; tr '\n' ' ' <run.json | sed 's/"complete": true/"complete": 1/'; echo; } |
		python3 "$SOURCE/tests/validate_json.py" "$SOURCE/docs/summary.schema.json" || fail "the schema takes anything"
fi
finish
