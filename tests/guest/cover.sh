#!/bin/sh
# usage: cover.sh. Coverage of a user-mode Linux with KCOV, when there is one (mue kernels build uml --kcov): the
# map code that a case is about is reached, other map code is not.
. "$(dirname "$0")/../cli/lib.sh"
"$MUE" kernels list | grep -q '^guest:reference-uml-kcov ' || { echo "no kernel with KCOV at hand: mue kernels build uml --kcov"; exit 77; }

expect 0 "$MUE" cover --on guest:uml-kcov --cases lpm_trie/full/insert --out report
grep -q '^  trie_update_elem  *[1-9][0-9]* of' report || fail "trie_update_elem was not reached"
grep -q '^  trie_update_elem .* not: [0-9]' report || fail "one case reached all of trie_update_elem"
grep -q '^kernel/bpf/bpf_lru_list.c: 0 of [1-9]' report || fail "the LRU lists were reached"
expect 0 "$MUE" cover --on guest:uml-kcov --cases 'lru_hash/full/insert-evicts' --out report
grep -q '^kernel/bpf/lpm_trie.c: 0 of [1-9]' report || fail "tries were reached"
grep -q '^  bpf_lru_pop_free  *[1-9]' report || fail "bpf_lru_pop_free was not reached"
expect_line 125 "no target tells its coverage" "$MUE" cover --on emulator
finish
