#!/bin/sh
# usage: patience.sh KERNEL. A guest that gets no CPU is waited for beyond the deadline; one that does nothing has hung.
kernel=$1
. "$(dirname "$0")/midrun.sh"

# Behind two others on one CPU for four seconds, where the deadline is one.
begin_run 1
guests=$(guest_of_run; below "$(guest_of_run)")
cpu=$(taskset -cp $$ | sed 's/.*: *\([0-9]*\).*/\1/')
all=$(taskset -cp $$ | sed 's/.*: *//')
each() { for p in $guests; do "$@" "$p" >/dev/null 2>&1; done; }
taskset -c "$cpu" sh -c 'while :; do :; done' &
rivals=$!
taskset -c "$cpu" sh -c 'while :; do :; done' &
rivals="$rivals $!"
each taskset -acp "$cpu"
each chrt -a -i -p 0
before=$(wc -l <r.jsonl)
sleep 4
during=$(($(wc -l <r.jsonl) - before))
each chrt -a -o -p 0
each taskset -acp "$all"
# shellcheck disable=SC2086
kill $rivals
end_run 0
echo "$during answers meanwhile"

begin_run 1
kill -STOP "$(guest_of_run)"
end_run 1
[ "$(grep -c '"outcome":"diverge"' r.jsonl)" -eq 1 ] || fail "not one case: $(grep -c '"outcome":"diverge"' r.jsonl)"
grep -q 'the guest gave no answer in 1 s' r.jsonl || fail "not the reason: $(grep '"outcome":"diverge"' r.jsonl)"
finish
