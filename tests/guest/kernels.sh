#!/bin/sh
# usage: kernels.sh SERIES.. The kernels are at hand, or are fetched: the newest of each series.
. "$(dirname "$0")/../cli/lib.sh"

for series; do
	"$MUE" kernels list | grep -q "^guest:$series " || expect 0 "$MUE" kernels fetch "$series"
	"$MUE" kernels list | grep -q "^guest:$series .*\(QEMU\|user-mode Linux\)" ||
		fail "not in the list: $series; $(cat err 2>/dev/null)"
done
expect_line 2 "expected list, fetch or build" "$MUE" kernels steal
expect_line 2 "expected series" "$MUE" kernels fetch
expect_line 125 "mue kernels fetch 4.4" "$MUE" probe --on guest:4.4
finish
