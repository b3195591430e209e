#!/bin/sh
# usage: edits.sh KERNEL. Edited programs: what a kernel and the emulator both take runs the same, what one refuses is a skip, and
# mue fuzz --edits finds programs of both sorts.
. "$(dirname "$0")/../cli/lib.sh"
on=guest:$1,emulator

cat >plain.case <<'END'
map m array key 4 value 8 max 4
xdp
	update m 01000000 = 0b00000000000000
	lookup m 01000000
END
exit=$("$MUE" show plain.case --asm | sed -n 's/^ *\([0-9]*\): (95) exit$/\1/p' | tail -n 1)
# r9 = 305419896, r0 = r9: the last that it does.
sed "s/^xdp/edit $exit insert 0xb7 0x09 0 0x12345678\nedit $((exit + 1)) insert 0xbf 0x90 0 0\nxdp/" plain.case >first.case
expect 0 "$MUE" exec first.case --on "$on"
grep -q 'retval  *305419896  *305419896' out || fail "$(cat out)"

# r0 = r1: a pointer, which whoever may not see addresses may not return.
sed 's/^xdp/edit 1 insert 0xbf 0x10 0 0\nedit 2 insert 0x95 0 0 0\nxdp/' plain.case >leak.case
expect 125 "$MUE" exec leak.case --on "$on"
grep -q '^skip: .* refuses the edited program' out || fail "a leak is no skip: $(cat out)"

expect 0 "$MUE" fuzz --edits --on "$on" --time 20 --corpus c --findings f
skipped=$(sed -n 's/.*, \([0-9]*\) skipped.*/\1/p' out)
cases=$(sed -n 's/^\([0-9]*\) cases.*/\1/p' out)
[ "${skipped:-0}" -gt 0 ] && [ "$cases" -gt $((skipped + 20)) ] || fail "$(cat out)"
finish
