#!/bin/sh
# Results files: the same for any number of jobs, after kill -9 and --resume, and from shards.
. "$(dirname "$0")/lib.sh"
on="--on emulator,model"
cases='flags/*'

for jobs in 1 2 5; do
	"$MUE" run $on --cases "$cases" --jobs $jobs --out $jobs.jsonl --tap $jobs.tap >/dev/null
	lasting $jobs.jsonl >$jobs.lasting
done
[ "$(wc -l <1.lasting)" -gt 1000 ] || fail "too few records to mean anything"
for jobs in 2 5; do
	cmp 1.lasting $jobs.lasting || fail "--jobs $jobs gives another file"
	cmp 1.tap $jobs.tap || fail "--jobs $jobs gives other TAP"
done

# Killed in mid-run, again and again, at whatever place.
for round in 1 2 3 4 5; do
	resume=--resume
	[ $round = 1 ] && resume=
	"$MUE" run $on --cases "$cases" --jobs 2 --out killed.jsonl $resume >/dev/null 2>&1 &
	pid=$!
	sleep 0.0$((round * 2))
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
done
printf '{"case":"torn' >>killed.jsonl
"$MUE" run $on --cases "$cases" --out killed.jsonl --resume >resumed.tap 2>err
lasting killed.jsonl | cmp - 1.lasting || fail "a resumed file is unlike an uninterrupted one"
cmp resumed.tap 1.tap || fail "a resumed report is unlike an uninterrupted one"

# At every kind of place where a file may end.
size=$(wc -c <1.jsonl)
for keep in 0 1 20 $((size / 3)) $((size - 1)) $size; do
	head -c $keep 1.jsonl >cut.jsonl
	"$MUE" run $on --cases "$cases" --out cut.jsonl --resume >/dev/null 2>&1
	lasting cut.jsonl | cmp - 1.lasting || fail "resuming behind $keep bytes gives another file"
done

# What is not this run's is left alone.
cp 1.jsonl other.jsonl
expect_line 2 "is of a run with another --cases" \
	"$MUE" run $on --cases 'array/*' --out other.jsonl --resume
expect_line 2 "with other targets" \
	"$MUE" run --on emulator --cases "$cases" --out other.jsonl --resume
cmp 1.jsonl other.jsonl || fail "a refused file was changed"
echo '{"some":"json"}' >alien.jsonl
expect_line 2 "alien.jsonl:1: not a results file" \
	"$MUE" run $on --cases "$cases" --out alien.jsonl --resume
sed '5s/"agree"/"aggree"/' 1.jsonl >wrong.jsonl
expect_line 2 "wrong.jsonl:5: outcome: expected agree" "$MUE" report wrong.jsonl --tap -

# Shards are together the whole.
for k in 1 2 3; do
	"$MUE" run $on --cases "$cases" --shard $k/3 --out shard$k.jsonl >/dev/null
done
cat shard?.jsonl | grep '^{"case"' | sort >shards
grep '^{"case"' 1.jsonl | sort | cmp - shards || fail "the shards are not the whole"
expect 0 "$MUE" report shard1.jsonl shard2.jsonl shard3.jsonl
expect 0 "$MUE" report 1.jsonl --terminal whole
grep '^ *[0-9]* cases:' whole >a
grep '^ *[0-9]* cases:' out >b
cmp a b || fail "the report of the shards has other totals"
finish
