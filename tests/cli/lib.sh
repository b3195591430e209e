# What the tests of the command line share. To be sourced; $MUE is the binary. Each test works in a
# directory of its own, which is removed at the end.
set -u
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
failures=0

fail() {
	echo "FAIL: $*"
	failures=$((failures + 1))
}

# expect CODE COMMAND..: runs it, with its output in ./out and ./err.
expect() {
	want=$1
	shift
	"$@" >out 2>err </dev/null
	got=$?
	[ $got -eq "$want" ] || fail "exit $got, expected $want: $*$(printf '\n'; head -n 3 err)"
}

# expect_line CODE PATTERN COMMAND..: one line on standard error, which matches.
expect_line() {
	want=$1 pattern=$2
	shift 2
	expect "$want" "$@"
	[ "$(wc -l <err)" -eq 1 ] || fail "$(wc -l <err) lines, expected one: $*$(printf '\n'; cat err)"
	grep -q -e "$pattern" err || fail "expected '$pattern': $*$(printf '\n'; cat err)"
}

# All of a results file that must not change between runs: times are in the summary only.
lasting() {
	grep -v '^{"summary":' "$1"
}

finish() {
	[ $failures -eq 0 ] || exit 1
	exit 0
}
