#!/bin/sh
# What a target shows is held against the table for its version: an honest one passes, one that says it is newer or
# older does not.
. "$(dirname "$0")/lib.sh"

agent="$MUE agent --on emulator:6.12"
expect 0 "$MUE" probe --check --on "exec:$agent"
expect 1 "$MUE" probe --check --on "exec:$agent | sed -u 1s/6.12/7.3/"
grep -q 'lpm-small-nodes is absent in 7.3; expected present' out || fail "not found: $(cat out)"
expect 1 "$MUE" probe --check --on "exec:$agent | sed -u 1s/6.12/5.10/"
grep -q 'mem-as-key-value is present in 5.10; expected absent' out || fail "not found: $(cat out)"
# What a target of that version cannot show, without a JIT, is not proven by it.
expect 1 "$MUE" probe --check --on "exec:$agent | sed -u '1s/\"jit\":true/\"jit\":false/'"
grep -q 'ret-sign-extended: no target showed it' out || fail "not found: $(cat out)"
# What is younger than all of them need not be shown: they may not know what it is about.
expect 0 "$MUE" probe --check --on "exec:$MUE agent --on emulator:5.10"
finish
