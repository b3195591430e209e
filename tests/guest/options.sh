#!/bin/sh
# What stands behind '+' took effect inside, or is refused with its reason.
. "$(dirname "$0")/../cli/lib.sh"

# says TARGET PATTERN: the first line of `mue probe` tells the guest's world.
says() {
	expect 0 "$MUE" probe --on "$1"
	head -n 1 out | grep -q -e "$2" || fail "$1: expected '$2': $(head -n 1 out)"
}
says guest:6.12 '6\.12\.[0-9]*, 2 CPUs, JIT$'
says guest:6.12+nojit+smp=1 '1 CPU, no JIT$'
says guest:6.12+harden+smp=3+mem=600 '3 CPUs, JIT$'
says guest:uml '1 CPU, no JIT$'
says guest:uml+nojit '1 CPU, no JIT$'
expect_line 125 "+harden: this kernel's JIT is off, or it has none" "$MUE" probe --on guest:uml+harden
expect_line 2 "user-mode Linux has one CPU" "$MUE" probe --on guest:uml+smp=2
expect_line 2 "expected +smp=N with N from 1" "$MUE" probe --on guest:6.12+smp=0
expect_line 2 "expected +nojit, +harden" "$MUE" probe --on guest:6.12+fast
finish
