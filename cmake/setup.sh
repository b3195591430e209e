# Sourced by ./mue and ./test: installs what is missing, configures, builds.
# Each need is "what shows that it is there:the Debian package that has it".
NEEDS_RUN="cc:gcc make:make cmake:cmake pkg-config:pkg-config
	pc/libbpf:libbpf-dev pc/libelf:libelf-dev pc/zlib:zlib1g-dev pc/jansson:libjansson-dev"
# For guest: targets and the kernels command.
NEEDS_GUEST="qemu-system-x86_64:qemu-system-x86 pc/libarchive:libarchive-dev"
NEEDS_TEST="git:git prove:perl clang:clang python3:python3 lib/libclang_rt.fuzzer:libclang-rt-14-dev
	pc/cmocka:libcmocka-dev py/jsonschema:python3-jsonschema"

say() { printf '%s: %s\n' "$me" "$*" >&2; }
die() { say "$*"; exit 3; }

# Whether one need is met. pc/: a pkg-config module; py/: a Python module;
# lib/: a file in clang's runtime directory.
met() {
	case $1 in
	pc/*) pkg-config --exists "${1#pc/}" 2>/dev/null ;;
	py/*) python3 -c "import ${1#py/}" 2>/dev/null ;;
	lib/*) ls "$(clang -print-resource-dir 2>/dev/null)"/lib/linux/"${1#lib/}"* >/dev/null 2>&1 ;;
	*) command -v "$1" >/dev/null 2>&1 ;;
	esac
}

# install_missing NEED..: tells what is missing, then installs it.
install_missing() {
	missing=
	for need; do
		met "${need%%:*}" || missing="$missing ${need#*:}"
	done
	[ -z "$missing" ] && return 0
	[ "${MUE_NO_INSTALL:-}" = 1 ] && die "missing packages:$missing (MUE_NO_INSTALL=1: not installing)"
	command -v apt-get >/dev/null 2>&1 ||
		die "missing (Debian package names):$missing; install them by your system's own means"
	sudo=
	[ "$(id -u)" = 0 ] || sudo=sudo
	say "installing:$missing"
	log=$(mktemp)
	# shellcheck disable=SC2086
	if ! { $sudo apt-get update -q && $sudo env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -q --no-install-recommends $missing; } >"$log" 2>&1; then
		tail -n 20 "$log" >&2
		die "apt-get failed (whole log: $log)"
	fi
	rm -f "$log"
	installed=yes
}

# build PRESET [TARGET]: configures once, or when packages came, then builds what changed; quiet unless it fails.
build() {
	dir=$root/build/$1
	mkdir -p "$dir"
	log=$dir/build.log
	if ! { { [ -f "$dir/Makefile" ] && [ -z "${installed:-}" ] || cmake -S "$root" --preset "$1"; } &&
		cmake --build "$dir" --parallel "$(nproc)" ${2:+--target "$2"}; } >"$log" 2>&1; then
		tail -n 40 "$log" >&2
		die "the build failed (whole log: $log)"
	fi
}
