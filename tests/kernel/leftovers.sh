#!/bin/sh
# A run with triggers leaves nothing behind on this machine: not when it ends, and not when it is
# killed in its middle: itself, with its workers, with the processes in which triggers are pulled.
# Needs root. MUE: the binary. Where others run mue at the same time, what is theirs does not count.
set -u
mue=${MUE:?the binary}
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
[ "$(id -u)" = 0 ] || { echo "SKIP: needs root"; exit 77; }
fail() { echo "FAILED: $*"; exit 1; }

hierarchy=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)

# One thing a line. What has a number is never numbered twice.
things() {
	[ -n "$hierarchy" ] && find "$hierarchy" -type d -name 'mue.*' | sed 's/^/cgroup /'
	[ -n "$hierarchy" ] && find "$hierarchy" -type d ! -name 'mue.*' | sed 's/^/cgroup /'
	find /sys/fs/bpf -mindepth 1 2>/dev/null | sed 's/^/pinned /'
	ip -o link | awk '{ print "interface", $2 }'
	ip netns list | sed 's/^/netns /'
	tc qdisc show | sed 's/^/qdisc /'
	awk '{ print "mount", $2, $3 }' /proc/mounts
	readlink /proc/[0-9]*/ns/net | sort -u | sed 's/^/namespace /'
	for kind in link prog map; do
		bpftool -j $kind list 2>/dev/null | tr '{' '\n' | sed -n "s/^\"id\":\([0-9]*\).*/$kind \1/p"
	done
}

# What there is now and was not, less what was begun by others since: it goes when they end, so
# what of it stays for 10 s counts as ours.
expect_as_before() {
	things | sort >"$work/after"
	comm -13 "$work/before" "$work/after" >"$work/new"
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		[ -s "$work/new" ] || break
		sleep 0.5
		things | sort >"$work/now"
		comm -12 "$work/new" "$work/now" >"$work/still"
		mv "$work/still" "$work/new"
	done
	# A cgroup named after a living process is in use by it.
	while read -r kind what; do
		pid=${what##*/mue.}
		[ "$kind" = cgroup ] && [ "$pid" != "$what" ] && kill -0 "${pid%%.*}" 2>/dev/null && continue
		echo "$kind $what"
	done <"$work/new" >"$work/left"
	[ ! -s "$work/left" ] || { cat "$work/left"; fail "$1: left behind"; }
	echo "ok: $1"
}

# Starts a run in a session of its own, and waits until a stage of it is there: $run, $stage.
start() {
	setsid "$mue" run --on host --cases 'triggers/*' --jobs 2 --out "$work/results" >/dev/null 2>&1 &
	run=$!
	for _ in $(seq 200); do
		kill -0 $run 2>/dev/null || break
		for worker in $(pgrep -P $run); do
			stage=$(pgrep -P "$worker" -x mue-stage) && return
		done
		sleep 0.02
	done
	fail "no stage of a run was seen"
}

things | sort >"$work/before"

"$mue" run --on host --cases 'triggers/*/hash/flags' --out "$work/results" >"$work/run" 2>&1 || {
	cat "$work/run"
	fail "a run"
}
expect_as_before "a run"

start
kill -9 $run
wait $run 2>/dev/null
expect_as_before "a run that is killed"

start
kill -9 -$run
wait $run 2>/dev/null
expect_as_before "a run that is killed with its workers"

# Then nobody is left to clean up but the next run.
start
kill -STOP $run $(pgrep -P $run)
stages=$(for worker in $(pgrep -P $run); do pgrep -P "$worker" -x mue-stage; done)
all="$stages $(pgrep -P $run)"
kill -9 $all $run
wait $run 2>/dev/null
for pid in $all; do
	while grep -q '^State:	[^ZX]' /proc/$pid/status 2>/dev/null; do sleep 0.02; done
done
"$mue" run --on host --cases 'triggers/cgroup_device/hash/flags' --out "$work/results" >/dev/null 2>&1 ||
	fail "a run after that"
expect_as_before "a run that is killed with its stages, and the next run"
