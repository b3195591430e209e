#!/bin/sh
# What the model has no rule for, the emulator does not answer either: else any kernel that answers differs from it.
. "$(dirname "$0")/lib.sh"

for type in percpu_array percpu_hash lru_percpu_hash percpu_cgroup_storage; do
	key=4
	[ $type = percpu_cgroup_storage ] && key=8
	printf 'map m %s key %s value 4 max %s\nuser\n\tlookup m ~00*%s cpu\n' $type $key $((key == 4)) $key >$type.case
	expect 125 "$MUE" exec $type.case --on emulator:7.3,model:7.3
	grep -q '^\* status  *unsupported: .*unsupported: ' out || fail "$type: somebody answers"
done
cat >ext.case <<'CASE'
map m hash key 4 value 4 max 1
ext
	update m 00000000 = 00000000 via tail_call
CASE
expect 125 "$MUE" exec ext.case --on emulator:6.12,model:6.12
grep -q '^\* status  *unsupported: .*unsupported: ' out || fail "ext: somebody answers"
finish
