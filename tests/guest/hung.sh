#!/bin/sh
# usage: hung.sh KERNEL. A guest that does nothing for the deadline has hung: that is its answer to the case it was at,
# and another answers the rest. (One that gets no CPU has not: unit.guest_parts.)
kernel=$1
. "$(dirname "$0")/midrun.sh"

begin_run 1
guest=$(guest_of_run)
kill -STOP "$guest"
at="process $guest was stopped behind $(wc -l <r.jsonl) lines, is $(ps -o stat= -p "$guest")"
end_run 1
[ "$(grep -c '"outcome":"diverge"' r.jsonl)" -eq 1 ] || fail "not one case: $(grep -c '"outcome":"diverge"' r.jsonl); $at"
grep -q 'the guest gave no answer in 1 s' r.jsonl || fail "not the reason: $(grep '"outcome":"diverge"' r.jsonl)"
finish
