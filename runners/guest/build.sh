# mue kernels build: sh -s -- CACHE NAME [OPTION..] <this
# Builds a kernel out of Debian's linux-source package. In front of this stand the fragments of
# kernel-configs/, each as a function fragment_NAME that prints it (cmake/embed_file.cmake).
# MUE_BUILD_DIR names a folder where sources and objects are kept for the next time.
set -u
say() { echo "mue kernels: $*" >&2; }
die() { say "$*"; exit 3; }
usage() {
	say "$*; expected build [reference|uml] [--source PACKAGE] [--kasan] [--lockdep] [--kcov]"
	exit 2
}

cache=$1
shift
kind=reference package=linux-source-6.12 fragments= suffix=
while [ $# -gt 0 ]; do
	case $1 in
	reference | uml) kind=$1 ;;
	--source) [ $# -gt 1 ] || usage "--source takes a package"; package=$2; shift ;;
	--source=*) package=${1#*=} ;;
	--kasan | --lockdep | --kcov) fragments="$fragments ${1#--}" ;;
	*) usage "unknown: $1" ;;
	esac
	shift
done
case $package in
linux-source-[0-9]*.[0-9]*) series=${package#linux-source-} ;;
*) usage "--source $package: no linux-source-SERIES" ;;
esac
# One order and no twice, so that a configuration has one name.
fragments=$(for f in $fragments; do echo "$f"; done | sort -u | tr '\n' ' ')
name=reference
[ $kind = uml ] && name=reference-uml
[ "$series" = 6.12 ] || name=$name-$series
for f in $fragments; do name=$name-$f; done

command -v apt-get >/dev/null 2>&1 && command -v dpkg-deb >/dev/null 2>&1 ||
	die "building takes Debian's apt; elsewhere, build with the configuration that docs/kernel-builds.md tells and give guest:PATH the result"
[ "$(dpkg --print-architecture)" = amd64 ] || die "building knows amd64 kernels only"

# Each need is "command:package", or "/file:package".
needs="make:make gcc:gcc ld:binutils flex:flex bison:bison bc:bc perl:perl xz:xz-utils
	/usr/include/libelf.h:libelf-dev"
[ $kind = reference ] && needs="$needs pahole:dwarves"
install_missing() {
	missing=
	for need in $needs; do
		case $need in
		/*) [ -e "${need%%:*}" ] ;;
		*) command -v "${need%%:*}" >/dev/null 2>&1 ;;
		esac || missing="$missing ${need#*:}"
	done
	[ -z "$missing" ] && return
	[ "${MUE_NO_INSTALL:-}" = 1 ] && die "missing packages:$missing (MUE_NO_INSTALL=1: not installing)"
	sudo=
	[ "$(id -u)" = 0 ] || sudo=sudo
	say "installing:$missing"
	# shellcheck disable=SC2086
	{ $sudo apt-get update -q && $sudo env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -q --no-install-recommends $missing; } >"$work/install.log" 2>&1 </dev/null || {
		tail -n 5 "$work/install.log" | sed 's,[a-z]*://[^ ]*,the mirror,' >&2
		die "apt-get failed"
	}
}

version=$(apt-cache policy "$package" 2>/dev/null | sed -n 's/^  Candidate: //p')
[ -n "$version" ] && [ "$version" != "(none)" ] ||
	die "this machine's apt has no package $package (run apt-get update once?); to be had: $(apt-cache pkgnames linux-source- | sort -V | tr '\n' ' ')"

# The whole configuration; allnoconfig turns off whatever it does not name.
configuration() {
	for f in common $kind $fragments; do
		fragment_"$f"
	done
}
edits=2 # to the sources, below: raised when they change
digest=$({ configuration && echo $edits; } | sha256sum | cut -c1-12)
origin="$package $version, $kind ${fragments}configuration $digest"
if [ -x "$cache/$name/kernel" ] && [ "$(cat "$cache/$name/origin" 2>/dev/null)" = "$origin" ]; then
	say "$name: $origin: built before"
	exit 0
fi

work=${MUE_BUILD_DIR:-$cache/.build.$$}
mkdir -p "$work" || exit 3
work=$(cd "$work" && pwd)
[ -n "${MUE_BUILD_DIR:-}" ] || trap 'rm -rf "$work"' EXIT
pid=
trap '[ -z "$pid" ] || { kill $pid; wait $pid; } 2>/dev/null; exit 3' HUP INT TERM
install_missing

# run WHAT LOG COMMAND..: runs it with a line of progress: elapsed time, files compiled.
run() {
	what=$1 log=$2
	shift 2
	begin=$(date +%s) told=0
	"$@" >"$log" 2>&1 &
	pid=$!
	while kill -0 $pid 2>/dev/null; do
		sleep 1
		seconds=$(($(date +%s) - begin))
		files=$(grep -cE '^  (CC|AS|HOSTCC) ' "$log")
		line=$(printf '%s: %s: %d:%02d, %d files' "$name" "$what" $((seconds / 60)) $((seconds % 60)) "$files")
		if [ -t 2 ]; then
			printf '\rmue kernels: %s' "$line" >&2
		elif [ $((seconds - told)) -ge 30 ]; then
			say "$line"
			told=$seconds
		fi
	done
	[ -t 2 ] && echo >&2
	wait $pid
	status=$? pid=
	[ $status = 0 ] && return
	grep -E -B2 -A8 'rror[: ]|No space' "$log" | head -n 20 >&2
	cp "$log" "$cache/build.log"
	die "$name: $what failed (whole log: $cache/build.log)"
}

# The sources, below $work/SOURCE; the package need not be installed.
source=$work/$package-$version-$edits
unpack() {
	rm -rf "$work/unpack" && mkdir -p "$work/unpack" && cd "$work/unpack" || return 1
	tar=/usr/src/$package.tar.xz
	if [ "$(dpkg-query -W -f '${Version}' "$package" 2>/dev/null)" != "$version" ] || [ ! -r "$tar" ]; then
		apt-get download -q -o APT::Sandbox::User="$(id -un)" "$package=$version" || return 1
		dpkg-deb -x ./*.deb . && rm -f ./*.deb || return 1
		tar=usr/src/$package.tar.xz
	fi
	nice -n 19 tar -xf "$tar" || return 1
	mv "$package" "$source"
	cd "$work" && rm -rf "$work/unpack"
}
# Two things that no configuration can say. KCOV without KCOV_INSTRUMENT_ALL records only where a
# Makefile asks: all of kernel/bpf but what is about programs, whose verification alone would fill any buffer.
mark_for_kcov() {
	sed -i '1i KCOV_INSTRUMENT := y' "$source/kernel/bpf/Makefile"
	for file in btf core disasm liveness log tnum verifier; do
		sed -i "2i KCOV_INSTRUMENT_$file.o := n" "$source/kernel/bpf/Makefile"
	done
	sed -i '1i KCOV_INSTRUMENT_sock_map.o := y' "$source/net/core/Makefile"
}
# User-mode Linux does deferred interrupt work only at the next tick, so that a hash without
# preallocation answers ENOMEM to the fifth of five quick inserts. Here it interrupts itself.
interrupt_uml() {
	sed -i '/event_handler)(&timer_clockevent)/i irq_work_run();' "$source/arch/um/kernel/time.c"
	sed -i '1i #include <linux/irq_work.h>' "$source/arch/um/kernel/time.c"
	cat >>"$source/arch/um/kernel/time.c" <<'END_OF_CODE'
void arch_irq_work_raise(void)
{
	os_alarm_process(os_getpid());
}
END_OF_CODE
}
if [ ! -d "$source" ]; then
	run "unpacking $package $version" "$work/unpack.log" unpack
	mark_for_kcov
	interrupt_uml
fi

objects=$work/objects-$name
mkdir -p "$objects"
arch=x86 target=bzImage image=arch/x86/boot/bzImage
[ $kind = uml ] && arch=um target=linux image=linux
# Always in the background, where exec lets a signal to $pid reach make.
build() { exec nice -n 19 make -C "$source" O="$objects" ARCH=$arch "$@"; }

configuration >"$objects/fragment"
if ! cmp -s "$objects/fragment" "$objects/fragment.done"; then
	run configuring "$objects/config.log" build KCONFIG_ALLCONFIG="$objects/fragment" allnoconfig
	# What an older or newer source does not have, or cannot have here.
	for line in $(sed -n 's/^\(CONFIG_[A-Z0-9_]*=[^n].*\)/\1/p' "$objects/fragment"); do
		grep -qxF "$line" "$objects/.config" || say "$name: this source has no ${line%%=*}"
	done
	cp "$objects/fragment" "$objects/fragment.done"
fi
run compiling "$objects/build.log" build -j"$(nproc)" $target

# One of the cache, at once or not at all.
new=$cache/.new.$$
rm -rf "$new"
mkdir -p "$new" && cp "$objects/$image" "$new/kernel" && cp "$objects/.config" "$new/config" && chmod 755 "$new/kernel" &&
	echo "$origin" >"$new/origin" && rm -rf "${cache:?}/$name" && mv "$new" "$cache/$name" ||
	die "$name: cannot be written to $cache"
say "$name: $origin"
