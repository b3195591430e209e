#!/bin/sh
# mue plugin as bpf_conformance calls its plugins: memory and options as arguments, the program on standard
# input, R0 or the reason on standard output. The expected numbers are those of RFC 9669, by hand.
. "$(dirname "$0")/lib.sh"
exit='95 00 00 00 00 00 00 00'

# gives R0 PROGRAM [MEMORY]
gives() {
	got=$(echo "$2" | "$MUE" plugin "${3:-}" "" 2>err) || fail "exit $?: $2: $got $(cat err)"
	[ "$got" = "$1" ] || fail "gives $got, expected $1: $2"
}
# refused REASON PROGRAM [MEMORY]
refused() {
	got=$(echo "$2" | "$MUE" plugin "${3:-}" "" 2>err)
	[ $? -eq 1 ] || fail "not exit 1: $2"
	case $got in $1*) ;; *) fail "says '$got', expected '$1': $2" ;; esac
}

# mov, lddw, and the width of 32-bit operations
gives 2a "b7 00 00 00 2a 00 00 00 $exit"
gives ffffffffffffffff "b7 00 00 00 ff ff ff ff $exit"
gives ffffffff "b4 00 00 00 ff ff ff ff $exit"
gives 1122334455667788 "18 00 00 00 88 77 66 55 00 00 00 00 44 33 22 11 $exit"
# division by zero gives 0, the remainder is the dividend; signed ones
gives 0 "b7 00 00 00 07 00 00 00 b7 01 00 00 00 00 00 00 3f 10 00 00 00 00 00 00 $exit"
gives 7 "b7 00 00 00 07 00 00 00 b7 01 00 00 00 00 00 00 9f 10 00 00 00 00 00 00 $exit"
gives fffffffffffffffd "b7 00 00 00 f9 ff ff ff 37 00 01 00 02 00 00 00 $exit"
# shifts by more than the width, byte swaps, sign extension
gives 2 "b7 00 00 00 01 00 00 00 b7 01 00 00 41 00 00 00 6f 10 00 00 00 00 00 00 $exit"
gives 1234 "b7 00 00 00 12 34 00 00 dc 00 00 00 10 00 00 00 $exit" # be16
gives ffffffffffffff80 "b7 01 00 00 80 00 00 00 bf 10 08 00 00 00 00 00 $exit"
# jumps: signed and unsigned, back, and of 32 bits
gives 1 "b7 01 00 00 ff ff ff ff b7 00 00 00 01 00 00 00 25 01 01 00 05 00 00 00 b7 00 00 00 00 00 00 00 $exit"
gives 0 "b7 01 00 00 ff ff ff ff b7 00 00 00 01 00 00 00 65 01 01 00 05 00 00 00 b7 00 00 00 00 00 00 00 $exit"
gives a "b7 00 00 00 00 00 00 00 07 00 00 00 01 00 00 00 a5 00 fe ff 0a 00 00 00 $exit"
# memory: R1 points to it and R2 is its length; either order of spaces
gives 4 "bf 20 00 00 00 00 00 00 $exit" "01 02 03 04 "
gives 4030201 "61 10 00 00 00 00 00 00 $exit" "01  02  03  04  "
gives 403 "6910020000000000 $exit" 01020304
gives fffffffffffffffe "91 10 01 00 00 00 00 00 $exit" "01 fe" # ldxsb
gives 7 "b7 02 00 00 05 00 00 00 db 21 00 00 00 00 00 00 79 10 00 00 00 00 00 00 $exit" "02 00 00 00 00 00 00 00"
# the stack, and a local call that keeps R6
gives 9 "7a 0a f8 ff 09 00 00 00 79 a0 f8 ff 00 00 00 00 $exit"
gives 8 "b7 06 00 00 03 00 00 00 85 10 00 00 02 00 00 00 0f 60 00 00 00 00 00 00 $exit b7 06 00 00 63 00 00 00 b7 00 00 00 05 00 00 00 $exit"

refused "run: memory" "61 10 04 00 00 00 00 00 $exit" "01 02 03 04"
refused "run: memory" "79 00 00 00 00 00 00 00 $exit"
refused "load: " "05 00 05 00 00 00 00 00 $exit"
refused "load: not whole" "b7 00 00 00"
refused "run: too many" "05 00 ff ff 00 00 00 00 $exit"

expect 0 "$MUE" plugin --program "b7 00 00 00 2a 00 00 00 $exit" "" --interpret
[ "$(cat out)" = 2a ] || fail "--program gives $(cat out)"
expect 1 "$MUE" plugin --checked --program "$exit" # R0 was never set
grep -q "^load: .*R0" out || fail "--checked says $(cat out)"
expect_line 2 "the program: expected bytes in hex" "$MUE" plugin --program "b7 0g"
expect_line 2 "the program: expected bytes in hex" "$MUE" plugin --program "b7 0"0g
expect_line 2 "the memory: expected bytes in hex" "$MUE" plugin "no" --program "$exit"
expect_line 2 "unexpected 'jit'" "$MUE" plugin "" jit --program "$exit"
expect_line 2 "unknown option '--jit'" "$MUE" plugin "" --jit
finish
