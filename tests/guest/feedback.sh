#!/bin/sh
# usage: feedback.sh. mue fuzz on a user-mode Linux with KCOV, when there is one, goes by the places that its map code reaches, and
# says how many there were; on one without, there is nothing to go by.
. "$(dirname "$0")/../cli/lib.sh"
"$MUE" kernels list | grep -q '^guest:reference-uml-kcov ' || { echo "no kernel with KCOV at hand: mue kernels build uml --kcov"; exit 77; }

expect 0 "$MUE" fuzz --on guest:uml-kcov,emulator --time 20 --corpus c --findings f
places=$(sed -n 's/.*, \([0-9]*\) places of the kernel.*/\1/p' out)
[ "${places:-0}" -gt 500 ] || fail "$(cat out)"
expect 0 "$MUE" fuzz --on guest:uml,emulator --time 5 --corpus d --findings f
grep -q places out && fail "places of a kernel that tells none: $(cat out)"
finish
