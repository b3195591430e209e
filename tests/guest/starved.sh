#!/bin/sh
# A guest that runs out of memory in mid-run says nothing about its kernel: the case is an error, the others are
# answered.
. "$(dirname "$0")/../cli/lib.sh"

export MUE_LOGS="$dir/logs"
expect 3 "$MUE" run --on guest:6.12+mem=80,emulator --cases 'create/value/*hash/*' --jobs 1 --deadline 60 \
	--out r.jsonl --tap r.tap
errors=$(grep -c '"outcome":"error"' r.jsonl)
[ "$errors" -gt 0 ] || fail "80 MiB are enough, it seems"
[ "$(grep '"outcome":"error"' r.jsonl | grep -c 'invoked oom-killer\|Out of memory')" -eq "$errors" ] ||
	fail "not the reason: $(grep -o '"why":"[^"]*"' r.jsonl | head -n 3)"
! grep -q '"outcome":"diverge"' r.jsonl || fail "the kernel was blamed: $(grep '"outcome":"diverge"' r.jsonl | head -n 1)"
[ "$(grep -c '^{"case"' r.jsonl)" -eq "$("$MUE" list --cases 'create/value/*hash/*' | wc -l)" ] ||
	fail "results were lost"
finish
