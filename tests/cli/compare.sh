#!/bin/sh
# mue compare: what changed, and whether it is a regression.
. "$(dirname "$0")/lib.sh"

"$MUE" run --on emulator,model --cases 'hash/*' --out old.jsonl >/dev/null
expect 0 "$MUE" compare old.jsonl old.jsonl
grep -q '^nothing changed$' out || fail "a run differs from itself: $(cat out)"

"$MUE" run --on "exec:$LIAR wrong-errno hash/full/insert",model --cases 'hash/*' --out lied.jsonl >/dev/null 2>&1
expect 1 "$MUE" compare old.jsonl lied.jsonl
grep -q '^diverges now *hash/full/insert: .*expected -E2BIG, got -EPERM' out || fail "$(cat out)"
[ "$(wc -l <out)" -eq 2 ] || fail "more than one case changed: $(cat out)"
expect 0 "$MUE" compare lied.jsonl old.jsonl
grep -q '^fixed *hash/full/insert' out || fail "$(cat out)"

grep -v 'hash/full/replace"' old.jsonl >less.jsonl
expect 1 "$MUE" compare old.jsonl less.jsonl
grep -q '^missing *hash/full/replace$' out || fail "$(cat out)"
expect 0 "$MUE" compare less.jsonl old.jsonl
grep -q '^added *hash/full/replace$' out || fail "$(cat out)"

sed '/hash\/full\/insert/s/"digests":\["./"digests":["x/' old.jsonl >other.jsonl
expect 0 "$MUE" compare old.jsonl other.jsonl
grep -q '^other answer *hash/full/insert$' out || fail "$(cat out)"

sed '/hash\/full\/insert/s/"agree"/"skip","why":"no key"/' old.jsonl >skip.jsonl
expect 1 "$MUE" compare old.jsonl skip.jsonl
grep -q '^no longer answered *hash/full/insert: no key' out || fail "$(cat out)"
expect_line 2 "absent.jsonl: No such file" "$MUE" compare old.jsonl absent.jsonl
finish
