#!/bin/sh
# Files that are no cases: one line with file and line, exit 2.
. "$(dirname "$0")/lib.sh"

name=hash/full/insert
"$MUE" show $name >good.case
"$MUE" show $name --json >good.json
expect 0 "$MUE" show good.case
expect 0 "$MUE" show good.json --json
cmp -s good.json out || fail "JSON does not round-trip"
"$MUE" show - --json <good.case >again.json
cmp -s good.json again.json || fail "the text form does not give the same case as JSON"

head -c 60 good.json >cut.json
expect_line 2 "cut.json:1: .*expected" "$MUE" show cut.json
sed 's/"hash"/7.5/' good.json >type.json
expect_line 2 "type.json:1: .*type" "$MUE" show type.json
sed 's/"ops":\[/"ops":{/' good.json >shape.json
expect_line 2 "shape.json:1:" "$MUE" show shape.json
echo '{"maps":[],"maps":[]}' >twice.json
expect_line 2 "twice.json:1: duplicate" "$MUE" show twice.json
: >empty.json
expect_line 2 "empty.json:1:" "$MUE" show empty.json

printf 'map m hash key 4 value 8 max 2\nxdp\n  update n 00000000 = 00\n' >name.case
expect_line 2 "name.case:3:" "$MUE" show name.case
printf 'map m hash key 4 value 8\n' >short.case
expect_line 2 "short.case:1:" "$MUE" show short.case
printf 'map m hash key 4 value 8 max 2\nmap m array key 4 value 8 max 2\n' >double.case
expect_line 2 "double.case:2:" "$MUE" show double.case
head -c 4096 /dev/urandom >noise.case
expect_line 2 "noise.case:[0-9]" "$MUE" show noise.case
head -c 17M /dev/zero >large.case
expect_line 2 "large.case: longer than" "$MUE" show large.case
expect_line 2 "absent.case: No such file" "$MUE" show absent.case
cp good.case plain
expect_line 2 "expected a file to end in .case or .json" "$MUE" show plain
mkdir d.case
expect_line 2 "d.case: Is a directory" "$MUE" show d.case
finish
