#!/bin/sh -eu
# Builds the targets that need no kernel as OSS-Fuzz wants them. It gives CC, CXX, CFLAGS, CXXFLAGS, LIB_FUZZING_ENGINE and OUT; $SRC/mue is
# this tree. By hand: CC=clang CXX=clang++ CFLAGS="-fsanitize=fuzzer-no-link,address" LIB_FUZZING_ENGINE=-fsanitize=fuzzer OUT=/tmp/out
# fuzz/oss-fuzz/build.sh
root=$(cd "$(dirname "$0")/../.." && pwd)
work=${WORK:-$OUT/work}
: "${CC:?}" "${LIB_FUZZING_ENGINE:?}" "${OUT:?}"

# The libraries, compiled as the fuzzer wants all code; ours to instrument are none: $CFLAGS says how.
cmake -S "$root" -B "$work" -DCMAKE_C_COMPILER="$CC" -DCMAKE_C_FLAGS="${CFLAGS:-}" -DCMAKE_BUILD_TYPE=RelWithDebInfo \
	-DBUILD_TESTING=OFF -DMUE_FUZZ=OFF -DMUE_GUEST=OFF -DMUE_WERROR=OFF
cmake --build "$work" --parallel --target mue_cases mue_emulator mue_oracle mue_fuzz fuzz_dictionary

for target in text_parser json_parser codec emulator_any emulator_model; do
	mutator=
	[ $target = emulator_model ] && mutator=$root/fuzz/engines/libfuzzer.c
	# shellcheck disable=SC2086
	$CC ${CFLAGS:-} -D_GNU_SOURCE -I"$root" -c "$root/fuzz/targets/$target.c" -o "$work/$target.o"
	# shellcheck disable=SC2086
	[ -z "$mutator" ] || $CC ${CFLAGS:-} -D_GNU_SOURCE -I"$root" -c "$mutator" -o "$work/mutator.o"
	# shellcheck disable=SC2086
	${CXX:-$CC} ${CXXFLAGS:-${CFLAGS:-}} "$work/$target.o" ${mutator:+"$work/mutator.o"} \
		"$work/libmue_fuzz.a" "$work/libmue_emulator.a" "$work/libmue_oracle.a" "$work/libmue_cases.a" \
		$LIB_FUZZING_ENGINE -ljansson -lbpf -lelf -lz -o "$OUT/fuzz_$target"
	cp "$work/mue.dict" "$OUT/fuzz_$target.dict"
	(cd "$root/fuzz/corpora/$target" && zip -q -r "$OUT/fuzz_${target}_seed_corpus.zip" .) ||
		echo "no zip: no seed corpus for fuzz_$target" >&2
done
