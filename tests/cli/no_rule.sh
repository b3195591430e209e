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
# Repetitions count the interface up, to those that this machine may have.
printf 'map m devmap key 4 value 4 max 3\nuser\n\tupdate m 00000000 = 00000000 times 4\n' >devmap.case
# By kernels it is E2BIG or ENOMEM.
printf 'map m stack key 0 value 2097152 max 2047\n' >stack.case
printf 'map m sockmap key 4 value 4 max 2147483649\n' >sockmap.case
printf 'map m array key 4 value 4 max 1073741825\n' >array.case
printf 'map m queue key 0 value 2097152 max 2047 flags 0x10000\n' >token.case
for name in devmap stack sockmap array token; do
	expect 125 "$MUE" exec $name.case --on emulator:7.3,model:7.3
	grep -q '^\* status  *unsupported: .*unsupported: ' out || fail "$name: somebody answers: $(cat out)"
done
cat >ext.case <<'CASE'
map m hash key 4 value 4 max 1
ext
	update m 00000000 = 00000000 via tail_call
CASE
# What a lookup finds is a socket, and no key for what comes behind.
cat >xskmap.case <<'CASE'
map m xskmap key 4 value 4 max 1
socket
	lookup m 00000000
	update m 00000000 = 00000000 key lookup
CASE
for name in ext xskmap; do
	expect 125 "$MUE" exec $name.case --on emulator:6.12,model:6.12
	grep -q '^\* status  *unsupported: .*unsupported: ' out || fail "$name: somebody answers"
done
finish
