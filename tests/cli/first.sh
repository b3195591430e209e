#!/bin/sh
# --first stops at the first divergence, in the order of the suite, whatever the number of jobs.
. "$(dirname "$0")/lib.sh"
on="exec:$LIAR wrong-errno '*',emulator"

for jobs in 1 3; do
	expect 1 "$MUE" run --on "$on" --cases 'flags/*' --jobs $jobs --out $jobs.jsonl --first --tap tap
	[ "$(grep -c '"outcome":"diverge"' $jobs.jsonl)" -eq 1 ] || fail "not one divergence"
	tail -n 1 $jobs.jsonl | grep -q '"outcome":"diverge"' || fail "it went on behind it"
	grep -q '^Bail out! stopped at the first' tap || fail "TAP does not say that it stopped"
done
cmp 1.jsonl 3.jsonl || fail "the number of jobs shows"
# It is still there when the run is resumed so; without --first the run goes on.
expect 1 "$MUE" run --on "$on" --cases 'flags/*' --out 1.jsonl --resume --first
cmp 1.jsonl 3.jsonl || fail "resuming went behind the first"
expect 1 "$MUE" run --on "$on" --cases 'flags/*' --out 1.jsonl --resume
[ "$(grep -c '"outcome":"diverge"' 1.jsonl)" -gt 1 ] || fail "resuming without --first did not go on"
finish
