#!/bin/sh
# What does not boot says so, with what its console said last, and nothing was asked.
. "$(dirname "$0")/../cli/lib.sh"

echo "no kernel" >text
expect_line 125 "text: is no kernel; expected a bzImage" "$MUE" run --on "guest:$dir/text" --cases 'array/*'
expect_line 125 "nowhere: No such file" "$MUE" run --on "guest:$dir/nowhere" --cases 'array/*'
expect_line 125 "did not come up in 2 s" "$MUE" run --on "guest:$NEVER_BOOTS+boot=2" --cases 'array/*'
# The header of a kernel, and nothing behind it.
for kernel in ${XDG_CACHE_HOME:-$HOME/.cache}/mue/kernels/6.12/kernel; do
	head -c 100000 "$kernel" >half
done
expect_line 125 "half+boot=10: guest " "$MUE" run --on "guest:$dir/half+boot=10" --cases 'array/*'
# Not enough memory for the kernel, or for its first program.
expect_line 125 "guest:6.12+mem=40+boot=60: guest" "$MUE" run --on guest:6.12+mem=40+boot=60 --cases 'array/*'
finish
