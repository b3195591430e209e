#!/bin/sh
# mue bench comes to its end and has every row, each a speed beside its floor where there is one. Times are not judged.
. "$(dirname "$0")/lib.sh"
"$MUE" probe --on host >probe 2>&1
case $? in
0) ;;
125) echo "SKIP: $(cat probe)"; exit 77 ;;
*) fail "mue probe: $(cat probe)" ;;
esac
expect 0 "$MUE" bench --rounds 1 --json
cat >check.py <<'E'
import json, sys
rows = {r["name"]: r for r in json.load(open(sys.argv[1]))["measures"]}
updates = "hash array percpu_hash percpu_array lru_hash lru_percpu_hash lpm_trie".split()
wanted = ["host, everything anew", "host, programs reused", "emulator", "model", "interpreter"]
missing = [n for n in wanted + ["update " + t for t in updates] if n not in rows]
bare = ["fuzz emulator"]  # nothing is below it: it is the floor of the other targets
wrong = [n for n, r in rows.items() if not r["value"] > 0 or (n in bare) == bool(r["floor"])]
if missing or wrong:
    sys.exit(f"missing {missing}, wrong {wrong}")
E
python3 check.py out || fail "not the rows that were expected"
expect 0 "$MUE" bench fuzz --rounds 1
grep -q '^fuzz emulator ' out && ! grep -q '^interpreter' out || fail "not the part that was asked for"
expect 2 "$MUE" bench fizz
expect 2 "$MUE" bench programs --on guest:uml
expect 0 "$MUE" bench fuzz --rounds 1 --on emulator:6.1
grep -q '^fuzz emulator:6.1,emulator, reused .* changes of 64,' out ||
	fail "not the target that was asked for, or not with all its cases: $(cat out)"
finish
