#!/bin/sh
# TAP is what prove(1) takes; a pipe gets it by itself.
. "$(dirname "$0")/lib.sh"
on="--on emulator,model"

"$MUE" run $on --cases 'array/*' >piped
head -n 1 piped | grep -q '^TAP version 1[34]$' || fail "a pipe does not get TAP"
grep -q '^    ok 1 - array/' piped || fail "no subtest a family"
if command -v prove >/dev/null; then
	expect 0 prove -e cat piped
	"$MUE" run --on "exec:$LIAR wrong-errno '*'",emulator --cases 'array/*' --tap bad.tap \
		--out bad.jsonl >/dev/null 2>&1
	expect 1 prove -e cat bad.tap
	grep -q 'Parse errors' out && fail "prove: $(cat out)"
	grep -q '^      repeat: "./mue exec array/' bad.tap || fail "no command that repeats it"
fi
expect 0 "$MUE" run $on --cases 'array/*' --tap - --ktap k.ktap
cmp out piped || fail "--tap - is unlike what a pipe gets"
head -n 1 k.ktap | grep -q '^KTAP version 1$' || fail "no KTAP"
# TAP that goes to a file does not go to the pipe as well: that gets what a terminal gets.
expect 0 "$MUE" run $on --cases 'array/*' --tap t.tap
cmp t.tap piped || fail "--tap FILE is unlike what a pipe gets"
tail -n 1 out | grep -q ' agree, .* 0 diverge' || fail "no summary beside --tap FILE: $(tail -n 1 out)"
grep -q '^TAP\|^ok ' out && fail "TAP beside --tap FILE"
finish
