#!/bin/sh
# Every program type meets every map type on some kernel at hand: this one, and those of `mue kernels` that are named
# and there. With the reference kernel among them no plain map is left out; without it, what it alone has is open.
# MUE: the binary.
set -u
mue=${MUE:?the binary}
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
fail() { echo "FAILED: $*"; exit 1; }

targets=$("$mue" kernels list | awk '{ print $1 }' | grep -xF "$(printf 'guest:%s\n' "$@")")
if [ "$(id -u)" = 0 ]; then
	targets="host $targets"
fi
[ -n "$targets" ] || { echo "SKIP: neither root nor a kernel of mue kernels"; exit 77; }
# All that one target is asked.
ask() {
	for cases in 'triggers/*/full' 'history/*/insert' 'flags/lpm_trie/syscall/*' \
		'socks/step/*' 'socks/event/*' 'socks/load/*' 'socks/iterator/*'; do
		n=$1.$(echo "$cases" | tr -c 'a-z\n' -)
		"$mue" run --on "$1,emulator" --cases "$cases" --out "$work/$n.jsonl" --tap /dev/null \
			--terminal "$work/$n" >/dev/null 2>&1 || { tail -n 20 "$work/$n"; fail "$1: $cases"; }
	done
}
pids=
for target in $targets; do
	ask "$target" &
	pids="$pids $!"
done
for pid in $pids; do
	wait "$pid" || failed=yes
done
[ -z "${failed:-}" ] || exit 1
"$mue" cells "$work"/*.jsonl >"$work/cells"
code=$?
cat "$work/cells"
[ $code = 0 ] || fail "cells that nobody answered"
case " $targets " in
*guest:reference*)
	grep -qE '^lirc_mode2( +[1-9][0-9]*){7} ' "$work/cells" || fail "not even the reference kernel answered for lirc_mode2"
	;;
esac
