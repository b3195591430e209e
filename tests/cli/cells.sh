#!/bin/sh
# mue cells: which cells kernels answered, over several files, and which of the others have a reason.
. "$(dirname "$0")/lib.sh"

# What the emulator says through the protocol counts as a kernel's.
"$MUE" run --on "exec:$LIAR honest -",model --cases 'history/*/insert' --out some.jsonl >/dev/null
expect 1 "$MUE" cells some.jsonl
grep -q '^xdp  *1 ' out || fail "no call of xdp: $(cat out)"
grep -q '^missing kprobe on hash$' out || fail "kprobe is not missing: $(cat out)"
grep -q '^missing xdp on hash' out && fail "xdp is missing: $(cat out)"
grep -q '^open lirc_mode2 on hash: ' out || fail "no reason for lirc_mode2: $(cat out)"

# Another file adds to it; a case that does not agree does not.
"$MUE" run --on "exec:$LIAR honest -",model --cases 'triggers/kprobe/*/flags' --out more.jsonl >/dev/null
"$MUE" cells some.jsonl >one
expect 1 "$MUE" cells some.jsonl more.jsonl
grep -q '^missing kprobe on hash$' out && fail "kprobe is still missing: $(cat out)"
[ "$(grep -c '^missing' out)" -eq $(($(grep -c '^missing' one) - 7)) ] || fail "other cells changed: $(diff one out)"
sed 's/"agree"/"skip"/' more.jsonl >skipped.jsonl
expect 1 "$MUE" cells some.jsonl skipped.jsonl
grep -q '^missing kprobe on hash$' out || fail "a skipped case counts: $(cat out)"

# Unless it was another target that could not be asked.
sed 's/"agree"/"skip","target":"model"/' more.jsonl >other.jsonl
expect 1 "$MUE" cells some.jsonl other.jsonl
grep -q '^missing kprobe on hash$' out && fail "what others answered does not count: $(cat out)"

# Emulator and model are no kernels.
"$MUE" run --on emulator,model --cases 'history/*/insert' --out none.jsonl >/dev/null
expect 1 "$MUE" cells none.jsonl
grep -q '^kernels:;' out || fail "emulator or model counted: $(cat out)"

expect_line 2 "absent.jsonl" "$MUE" cells absent.jsonl
finish
