#!/bin/sh
# mue reduce: the least case that shows the same, the same one each time; and what it says when there is nothing.
. "$(dirname "$0")/lib.sh"
on="exec:$LIAR wrong-errno '*',emulator"

cat >large.case <<'END'
name large
map m hash key 8 value 40 max 2
map n array key 4 value 8 max 7
user
  update m ~01*8 = ~0a*40
  update n 01000000 = ~01*8 times 3
xdp cpu 1
  lookup n 01000000
  update m ~01*8 = ~0b*40 key map value rodata via subprog
  update m ~01*8 = ~0b*40 noexist const key map value rodata via callback
  update m ~02*8 = ~0b*40
tc
  lookup m ~02*8
END
expect 0 "$MUE" reduce large.case --on "$on" --out a.case
[ -s out ] && fail "--out, but something on standard output"
grep -q "3 to 1 phases, 7 to 2 ops.*: update step ret -EPERM, expected -EEXIST" err || fail "$(cat err)"
cat >want <<END
# exec:$LIAR wrong-errno '*': phase 0 (socket) step 1 ret is -EPERM; expected, by model, -EEXIST.
name large
map m hash key 4 value 4 max 1
socket
  update m 00000000 = 00000000
  update m 00000000 = 00000000 noexist
END
diff want a.case || fail "not the least case"
"$MUE" reduce - --on "$on" <large.case >out 2>err || fail "$(cat err)"
cmp a.case out || fail "not the same again"
expect 0 "$MUE" reduce a.case --on "$on" --out b.case
cmp a.case b.case || fail "what is reduced was reduced further"

# What a file pins does not count; nor does what cannot be asked.
sed 's/noexist$/noexist -> 0/' a.case >pinned.case
expect_line 125 "nothing to reduce: agree" "$MUE" reduce pinned.case --on emulator,model
expect_line 3 "nothing to reduce: error: .*killed by signal 6" "$MUE" reduce large.case --on "exec:$LIAR crash '*'"
expect 3 "$MUE" reduce large.case --on "$on" --out /nonesuch/a.case
grep -q "nonesuch/a.case: No such file" err || fail "$(cat err)"
finish
