#!/bin/sh
# usage: changes.sh KERNEL.. Each change of cases/changes.def is in the kernels that the table says, and in no
# other: those named, and every other series that is at hand.
. "$(dirname "$0")/../cli/lib.sh"

all=$("$MUE" kernels list | sed -nE 's/^(guest:([0-9]+\.[0-9]+|uml)) .*/\1/p')
on=$({ for kernel; do echo "guest:$kernel"; done; echo "$all"; } | sort -u | paste -sd,)
expect 0 "$MUE" probe --check --on "$on"
grep '^!' out && fail "the table is wrong"
[ "$(grep -c '^[-+.=]' out)" -gt 20 ] || fail "too few changes were asked: $(cat out err)"
finish
