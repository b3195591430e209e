#!/bin/sh
# A full disk: one clear line, exit 3, and what was recorded before is whole.
. "$(dirname "$0")/lib.sh"
on="--on emulator,model"

expect_line 3 "/dev/full: cannot write: No space left" \
	"$MUE" run $on --cases 'array/*' --out /dev/full
expect_line 3 "cannot write a report: No space left" \
	"$MUE" run $on --cases 'array/*' --tap /dev/full
"$MUE" list >/dev/full 2>err
[ $? -eq 3 ] || fail "list into /dev/full does not exit 3"
grep -q "cannot write to standard output: No space left" err || fail "list: $(cat err)"
expect_line 3 "/nonesuch/out: No such file" "$MUE" run $on --cases 'array/*' --out /nonesuch/out

# A small file system of our own, in a mount namespace of our own.
cat >inside <<'END'
mount -t tmpfs -o size=64k none "$1" || exit 77
"$MUE" run --on emulator,model --cases 'flags/*' --out "$1/r.jsonl" >/dev/null 2>"$2/err"
echo $? >"$2/code"
cp "$1/r.jsonl" "$2/r.jsonl"
END
mkdir small
export MUE
unshare -m sh inside "$dir/small" "$dir" 2>unshare.err
[ -f code ] || { echo "no mount namespace here: $(cat unshare.err)"; finish; }
[ "$(cat code)" = 3 ] || fail "exit $(cat code) on a full tmpfs, expected 3"
[ "$(wc -l <err)" = 1 ] && grep -q "r.jsonl: cannot write: No space left" err || fail "$(cat err)"
[ "$(tail -c 1 r.jsonl | od -An -c | tr -d ' ')" = '\n' ] || fail "a torn line was left behind"
[ "$(wc -l <r.jsonl)" -gt 100 ] || fail "too little was recorded"
# With room again it goes on, and comes out as if nothing had been.
"$MUE" run $on --cases 'flags/*' --out r.jsonl --resume >/dev/null 2>&1
"$MUE" run $on --cases 'flags/*' --out whole.jsonl >/dev/null 2>&1
lasting r.jsonl >a
lasting whole.jsonl | cmp - a || fail "a file that was resumed is unlike a whole one"
finish
