#!/bin/sh
# Ctrl-C ends in order: TAP says so, exit 3, nothing is left running, --resume goes on.
. "$(dirname "$0")/lib.sh"
on="--on emulator,model"

"$MUE" run $on --out r.jsonl --jobs 2 >tap 2>err &
pid=$!
while kill -0 $pid && [ "$(cat r.jsonl 2>/dev/null | wc -l)" -lt 20 ]; do
	sleep 0.01
done
children=$(pgrep -P $pid)
kill -INT $pid
wait $pid
code=$?
[ $code -eq 3 ] || fail "exit $code, expected 3"
[ -n "$children" ] || fail "it had no workers"
for child in $children; do
	kill -0 "$child" 2>/dev/null && fail "worker $child is still there"
done
grep -q '^Bail out! interrupted' tap || fail "TAP does not say that it was interrupted"
grep -q 'mue run: interrupted; --resume goes on' err || fail "$(cat err)"
grep -q '"summary"' r.jsonl && fail "an interrupted run has a summary"
before=$(wc -l <r.jsonl)
"$MUE" run $on --out r.jsonl --resume >/dev/null 2>&1
[ "$(wc -l <r.jsonl)" -gt "$before" ] || fail "--resume did not go on"
tail -n 1 r.jsonl | grep -q '"summary"' || fail "the resumed run is not complete"
finish
