#!/bin/sh
# usage: killed.sh KERNEL. A guest killed in mid-run costs the case it was at; another answers the rest.
. "$(dirname "$0")/../cli/lib.sh"
kernel=$1

# The processes that are below one.
below() {
	for child in $(pgrep -P "$1"); do
		echo "$child"
		below "$child"
	done
}

MUE_LOGS=$dir/logs "$MUE" run --on "guest:$kernel" --cases 'flags/*hash/*' --jobs 1 --deadline 60 \
	--out r.jsonl --tap r.tap >out 2>err &
run=$!
while kill -0 $run 2>/dev/null && [ "$(cat r.jsonl 2>/dev/null | wc -l)" -lt 20 ]; do
	sleep 0.05
done
for p in $(below $run); do
	case $(tr '\0' ' ' <"/proc/$p/cmdline") in
	qemu-system* | */kernel\ *) kill -9 "$p" 2>/dev/null; break ;;
	esac
done
wait $run
code=$?
[ $code -eq 3 ] || fail "exit $code, expected 3: $(cat err)"
errors=$(grep -c '"outcome":"error"' r.jsonl)
[ "$errors" -eq 1 ] || fail "it cost $errors cases, expected one: $(grep '"outcome":"error"' r.jsonl | head -n 2)"
grep -q 'the guest was killed by signal 9' r.jsonl || fail "not the reason: $(grep '"outcome":"error"' r.jsonl)"
cases=$("$MUE" list --cases 'flags/*hash/*' | wc -l)
[ "$(grep -c '^{"case"' r.jsonl)" -eq "$cases" ] || fail "results were lost"
grep -q '^case: flags/' logs/guest-*.log || fail "no log names the case"
finish
