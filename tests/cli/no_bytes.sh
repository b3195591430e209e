#!/bin/sh
# A call without key and value is answered, also when it is the first that a session is asked.
. "$(dirname "$0")/lib.sh"

printf 'map m ringbuf key 0 value 0 max 4096\nuser\n\tlookup m -\n' >ring.case
expect 0 "$MUE" exec ring.case --on emulator:6.12,model:6.12
finish
