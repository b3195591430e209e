#!/bin/sh
# mue fuzz: finds a target that lies, keeps what it found so that others can use it, goes on where it ended, and stops in order.
. "$(dirname "$0")/lib.sh"
honest="exec:$LIAR honest '*',emulator"
liar="exec:$LIAR wrong-errno '*',emulator"

expect 0 "$MUE" fuzz --on "$honest" --time 2 --corpus c --findings none
grep -q '^[0-9]* cases in [0-9]* s, [0-9]*/s, coverage [0-9]*, corpus [0-9]*, findings 0\(, [0-9]* skipped\)\?$' out || fail "$(cat out)"
[ "$(ls none)" = found ] || fail "findings, but nothing was found: $(ls none)"
kept=$(ls c | wc -l)
[ "$kept" -gt 20 ] || fail "a corpus of $kept"
expect 0 "$MUE" fuzz --on "$honest" --time 10 --seed 7 --jobs 2 --corpus c --findings none
[ "$(ls c | wc -l)" -gt "$kept" ] || fail "it did not go on from the corpus"

expect 1 "$MUE" fuzz --on "$liar" --time 2 --corpus d --findings f
grep -q 'findings [1-9][0-9]* ([1-9][0-9]* new)' out || fail "$(cat out)"
for kind in case c; do
	ls f/*/*.$kind >/dev/null 2>&1 || fail "no finding as .$kind"
done
for finding in f/*/*.case; do
	expect 1 "$MUE" exec "$finding" --on "$liar"
	break
done
# What was found before is found again, and is not new.
expect 1 "$MUE" fuzz --on "$liar" --time 2 --corpus d --findings f
grep -q 'mue fuzz: .*(again)' err || fail "nothing was found again: $(cat err)"

# A target that breaks is a finding, too, though there is nothing to reduce.
expect 1 "$MUE" fuzz --on "exec:$LIAR garbage '*',emulator" --time 1 --corpus e --findings g
ls g/*.case >/dev/null 2>&1 || fail "no case of a target that breaks"

# What kills the process that looks at findings is kept whole, and the campaign goes on. The survey starts the first target,
# the job the second.
cat >killer <<'END'
#!/bin/sh
echo >>starts
if [ "$(wc -l <starts)" -gt 2 ]; then
	p=$PPID
	while [ "$(cat /proc/$p/comm)" != mue ]; do p=$(awk '/^PPid/ { print $2 }' /proc/$p/status); done
	kill -SEGV $p
fi
exec "$@"
END
chmod +x killer
expect 1 "$MUE" fuzz --on "exec:./killer $LIAR wrong-errno '*',emulator" --time 3 --corpus h --findings k
grep -q 'killed a process of ours (signal 11)' err || fail "$(cat err)"
ls k/death-*.case >/dev/null 2>&1 || fail "nothing is kept of what kills"
grep -q '^[0-9]* cases in [3-9] s' out || fail "it did not go on: $(cat out)"

# Ctrl-C ends it in order.
"$MUE" fuzz --on "$honest" --jobs 2 --corpus c --findings none >out 2>err &
pid=$!
sleep 4
children=$(pgrep -P $pid)
kill -INT $pid
wait $pid
code=$?
[ $code -eq 0 ] || fail "exit $code after an interrupt: $(cat err)"
[ -n "$children" ] || fail "it had no jobs"
for child in $children; do
	kill -0 "$child" 2>/dev/null && fail "job $child is still there"
done
grep -q ' cases in ' out || fail "no summary: $(cat out)"

# Without the parent the jobs are gone, too.
"$MUE" fuzz --on "$honest" --jobs 2 --corpus c --findings none >out 2>err &
pid=$!
sleep 4
children=$(pgrep -P $pid)
kill -KILL $pid
sleep 0.5
for child in $children; do
	grep -q '^State:.[^ZX]' /proc/$child/status 2>/dev/null && fail "job $child outlives its campaign"
done

# An input is a case like any other.
for input in d/*; do
	expect 0 "$MUE" show "input:$input"
	grep -q '^map ' out || fail "no case: $(cat out)"
	break
done
expect_line 2 "no-such-input" "$MUE" show input:no-such-input

# Seeds come from the suite.
expect 0 "$MUE" fuzz --on emulator:6.18,model:6.18 --time 1 --seeds 'reread/*' --corpus s --findings none
[ "$(ls s | wc -l)" -ge "$("$MUE" list --cases 'reread/*' | wc -l)" ] || fail "too few seeds: $(ls s | wc -l)"

expect_line 2 "expected random, libfuzzer or afl" "$MUE" fuzz --engine honggfuzz
expect_line 2 "one kernel and the emulator" "$MUE" fuzz --engine libfuzzer --on emulator:6.1,model:6.12
expect_line 125 "cmake --preset fuzz" "$MUE" fuzz --engine libfuzzer --targets /nonexistent
expect_line 125 "afl" "$MUE" fuzz --engine afl --targets /nonexistent
expect_line 3 "/proc/corpus" "$MUE" fuzz --corpus /proc/corpus
expect 125 "$MUE" fuzz --on exec:./no-such-file,emulator --corpus c --findings none
grep -q 'mue fuzz: .*no-such-file' err || fail "$(cat err)"
finish
