#!/bin/sh
# usage: killed.sh KERNEL. A guest killed in mid-run costs the case it was at; another answers the rest.
# A signal to every process of a run, as pkill sends it, leaves none of them behind.
kernel=$1
. "$(dirname "$0")/midrun.sh"

begin_run 60
kill -9 "$(guest_of_run)"
end_run 3
errors=$(grep -c '"outcome":"error"' r.jsonl)
[ "$errors" -eq 1 ] || fail "it cost $errors cases, expected one: $(grep '"outcome":"error"' r.jsonl | head -n 2)"
grep -q 'the guest was killed by signal 9' r.jsonl || fail "not the reason: $(grep '"outcome":"error"' r.jsonl)"
grep -q '^case: flags/' logs/guest-*.log || fail "no log names the case"

begin_run 60
all="$run $(below "$run")"
kill -INT $all
wait "$run"
for i in $(seq 100); do
	left=$(for p in $all; do ! kill -0 "$p" 2>/dev/null || echo "$p"; done)
	[ "$left" ] || break
	sleep 0.1
done
[ -z "$left" ] || fail "left behind: $(ps -o pid,stat,args -p "$(echo $left | tr ' ' ,)")"
finish
