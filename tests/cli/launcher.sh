#!/bin/sh
# ./mue configures on a machine that has no more than it installs for itself: no cmocka, no clang.
. "$(dirname "$0")/lib.sh"
. "$SOURCE/cmake/setup.sh"
mkdir pc bin
for need in $NEEDS_RUN; do
	name=${need%%:*}
	case $name in
	pc/*) ln -s "$(pkg-config --variable=pcfiledir "${name#pc/}")/${name#pc/}.pc" pc/ ;;
	*) ln -s "$(command -v "$name")" bin/ ;;
	esac
done
for tool in sh as ld ar ranlib uname; do
	ln -s "$(command -v $tool)" bin/
done
expect 0 env PATH="$dir/bin" PKG_CONFIG_LIBDIR="$dir/pc" cmake -S "$SOURCE" -B build
grep -q "No cmocka: no tests" out || fail "cmocka was found, so that nothing is shown: $(grep -i cmocka out)"
finish
