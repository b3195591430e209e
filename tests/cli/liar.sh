#!/bin/sh
# usage: liar.sh LIE CODE REASON. A target that lies in one way is caught: the run exits so, and names the reason.
. "$(dirname "$0")/lib.sh"
lie=$1 code=$2 reason=$3

expect "$code" "$MUE" run --on "exec:$LIAR $lie 'hash/full/insert'",emulator --cases 'hash/*' \
	--jobs 1 --out r.jsonl --terminal -
grep -q -e "$reason" out || fail "expected '$reason' in: $(cat out)"
# One case is lost or wrong; the others are not touched by it.
[ "$(grep -c '"outcome":"agree"' r.jsonl)" -eq $(($(grep -c '^{"case"' r.jsonl) - ${4:-1})) ] ||
	fail "it cost more than one case: $(grep -c '"outcome":"agree"' r.jsonl) agree"
finish
