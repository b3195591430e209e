# To be sourced by what does something to a guest in mid-run; $kernel is which.
. "$(dirname "$0")/../cli/lib.sh"

# The processes that are below one.
below() {
	for child in $(pgrep -P "$1"); do
		echo "$child"
		below "$child"
	done
}

# begin_run DEADLINE: its process is $run; it has answered some cases of $cases, and is not through.
cases='flags/*hash/*'
begin_run() {
	rm -f r.jsonl
	MUE_LOGS=$dir/logs "$MUE" run --on "guest:$kernel" --cases "$cases" --jobs 1 --deadline "$1" \
		--out r.jsonl --tap r.tap >out 2>err &
	run=$!
	while kill -0 $run 2>/dev/null && [ "$(cat r.jsonl 2>/dev/null | wc -l)" -lt 20 ]; do
		sleep 0.05
	done
}

# The guest's process of $run: below a worker and the keeper. Those below it are user-mode Linux's own.
guest_of_run() {
	for worker in $(pgrep -P "$run"); do
		for keeper in $(pgrep -P "$worker"); do
			pgrep -P "$keeper"
		done
	done
}

# end_run CODE: every case of it has a result.
end_run() {
	wait $run
	code=$?
	[ $code -eq "$1" ] || fail "exit $code, expected $1: $(cat err)"
	[ "$(grep -c '^{"case"' r.jsonl)" -eq "$("$MUE" list --cases "$cases" | wc -l)" ] || fail "results were lost"
}
