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
# Reduced from large.
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
grep -v "^# Reduced" b.case >again.case
grep -v "^# Reduced" a.case | cmp - again.case || fail "what is reduced was reduced further"

# As a finding: a case whose expectation the liar does not meet, a program that compiles, a summary.
name=hash+noexist+update-step-ret-EPERM-expected-EEXIST
expect 0 "$MUE" reduce large.case --on "$on" --out /dev/null --finding found
expect 0 "$MUE" reduce large.case --on "$on" --out /dev/null --finding found
grep -q "found/$name: was found before" err || fail "$(cat err)"
[ "$(ls found)" = $name ] || fail "not one finding: $(ls found)"
expect 0 "$MUE" exec found/$name/$name.case --on emulator
expect 1 "$MUE" exec found/$name/$name.case --on "exec:$LIAR wrong-errno '*'"
cc -Wall -Wextra -Werror -o repro found/$name/$name.c || fail "the program does not compile"
for part in "^# bpf: update step ret -EPERM, expected -EEXIST" "got *-EPERM" "^    map m hash key 4" \
	"bpf_map_update_elem#2" "emulator. answers as expected" "cc -Wall -o repro $name.c" "mue exec $name.case"; do
	grep -q -e "$part" found/$name/README.md || fail "README.md says no '$part'"
done

# What a file pins does not count; nor does what cannot be asked.
sed 's/noexist$/noexist -> 0/' a.case >pinned.case
expect_line 125 "nothing to reduce: agree" "$MUE" reduce pinned.case --on emulator,model
expect_line 3 "nothing to reduce: error: .*killed by signal 6" "$MUE" reduce large.case --on "exec:$LIAR crash '*'"
expect 3 "$MUE" reduce large.case --on "$on" --out /nonesuch/a.case
grep -q "nonesuch/a.case: No such file" err || fail "$(cat err)"
finish
