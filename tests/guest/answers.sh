#!/bin/sh
# usage: answers.sh KERNEL. A guest answers as its rules say, the same with one worker and two, and is
# gone afterwards.
. "$(dirname "$0")/../cli/lib.sh"
kernel=$1
export TMPDIR="$dir/tmp"
mkdir "$TMPDIR"

for glob in 'array/*' 'lru_hash/*' 'flags/hash/xdp/*'; do
	expect 0 "$MUE" run --on "guest:$kernel,emulator" --cases "$glob" --jobs 1 --deadline 60 --out 1.jsonl --tap 1.tap
	grep -q '"outcome":"\(agree\|declared\)"' 1.jsonl || fail "$glob: nothing was judged: $(cat err)"
done
expect 0 "$MUE" run --on "guest:$kernel,emulator" --cases "$glob" --jobs 2 --deadline 60 --out 2.jsonl --tap 2.tap
lasting 1.jsonl >1
lasting 2.jsonl >2
cmp -s 1 2 || fail "results depend on --jobs"
[ -z "$(ls "$TMPDIR")" ] || fail "left behind: $(ls "$TMPDIR")"
finish
