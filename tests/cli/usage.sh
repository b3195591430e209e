#!/bin/sh
# Exit codes and messages for wrong words; every command has help with examples.
. "$(dirname "$0")/lib.sh"

expect 0 "$MUE" --help
for command in $(sed -n 's/^  \([a-z]*\)  .*/\1/p' out); do
	expect 0 "$MUE" "$command" --help
	for part in "usage: mue $command" options: examples: "  mue $command"; do
		grep -q "$part" out || fail "$command --help: no '$part'"
	done
	expect_line 2 "unknown option '--nonsense'" "$MUE" "$command" --nonsense
done
expect 0 "$MUE" --version
expect 2 "$MUE"
expect_line 2 "unknown command 'rnu'; expected one of: run list" "$MUE" rnu

expect_line 2 "\-\-cases: expected GLOB" "$MUE" list --cases
expect_line 2 "\-\-seed 'x': expected a number" "$MUE" list --seed x
expect_line 2 "\-\-seed '-1': expected a number" "$MUE" list --seed=-1
expect_line 2 "\-\-json takes no argument" "$MUE" list --json=1
expect_line 2 "unexpected 'more'" "$MUE" list more
expect_line 2 "no case matches 'nonesuch'" "$MUE" list --cases nonesuch
expect_line 2 "expected CASE" "$MUE" show
expect_line 2 "expected one form" "$MUE" show array/delete/always-refused --json --asm
expect_line 2 "no case 'nonesuch'" "$MUE" show nonesuch
expect_line 2 "expected OLD NEW" "$MUE" compare one

on="--on emulator,model"
expect_line 2 "unknown target 'emulater'" "$MUE" run --on emulater
expect_line 2 "unknown target ''" "$MUE" run --on emulator,
expect_line 2 "emulator:5.4': expected a kernel version" "$MUE" run --on emulator:5.4
expect_line 2 "expected a command behind 'exec:'" "$MUE" run --on exec:
expect_line 2 "no case matches" "$MUE" run $on --cases nonesuch
expect_line 2 "\-\-shard '0/2': expected K/N" "$MUE" run $on --shard 0/2
expect_line 2 "\-\-shard '3/2': expected K/N" "$MUE" run $on --shard 3/2
expect_line 2 "\-\-shard '1': expected K/N" "$MUE" run $on --shard 1
expect_line 2 "\-\-jobs '0': expected a number from 1" "$MUE" run $on --jobs 0
expect_line 2 "expected --out FILE too" "$MUE" run $on --resume
expect_line 2 "expected one target" "$MUE" agent $on
expect 125 "$MUE" run --on exec:/nonesuch
grep -q "mue run: exec:/nonesuch: exited with status 127 before it answered" err || fail "$(cat err)"
expect_line 125 "no hello" "$MUE" run --on "exec:echo hello"
# An empty shard asks nothing, so that there is nothing to say.
expect 125 "$MUE" run $on --cases 'array/delete/*' --shard 9/9

expect 0 "$MUE" run $on --cases 'array/delete/*'
expect 0 "$MUE" exec array/delete/always-refused $on
grep -q '^agree$' out || fail "exec does not say that they agree"
finish
