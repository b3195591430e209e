# mue kernels fetch: sh -s -- CACHE SERIES.. <this
# Takes kernels out of Debian packages, by the mirror that this machine's apt uses, whose
# configuration it reads and does not touch. apt verifies the signatures.
set -eu
cache=$1
shift
say() { echo "mue kernels: $*" >&2; }
die() { say "$*"; exit 3; }

command -v apt-get >/dev/null 2>&1 && command -v dpkg-deb >/dev/null 2>&1 ||
	die "fetching takes Debian's apt; elsewhere, give guest:PATH the path of a bzImage"
[ "$(dpkg --print-architecture)" = amd64 ] || die "fetching knows amd64 kernels only"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r $keyring ] || die "$keyring is missing (package debian-archive-keyring)"

work=$cache/.apt
mkdir -p "$work/lists/partial" "$work/archives/partial"
# An apt of our own: its lists and downloads lie in the cache.
apt() {
	tool=$1
	shift
	"apt-$tool" -q -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=- \
		-o Dir::State::lists="$work/lists" -o Dir::Cache="$work" \
		-o Dir::Cache::archives="$work/archives" -o APT::Sandbox::User="$(id -un)" "$@"
}

# The mirrors of this machine, with and without security.
uris=$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN)' 'Created-By: Packages' 2>/dev/null |
	awk '{ sub("/$", "", $1) } tolower($2) ~ /debian/ { print $1 }' | sort -u)
archive=$(echo "$uris" | grep -v -e security | head -n 1)
security=$(echo "$uris" | grep -e security | head -n 1)
[ -n "$archive" ] || die "this machine's apt has no Debian mirror (run apt-get update once?)"

# Releases that carry kernels, oldest first; those that the mirror no longer has are left out.
suites="bullseye bookworm bookworm-backports trixie trixie-backports"
sources() {
	for suite in $suites; do
		echo "deb [signed-by=$keyring] $archive $suite main"
	done
	[ -z "$security" ] && return
	for suite in bullseye bookworm trixie; do
		echo "deb [signed-by=$keyring] $security $suite-security main"
	done
}
sources >"$work/sources.list"
say "reading package lists"
if ! apt get update >"$work/update.log" 2>&1; then
	grep -E '^(E|W|Err)' "$work/update.log" | sed 's,[a-z]*://[^ ]*,the mirror,' >&2
	say "some lists could not be read; going on with the others"
fi

names=$(apt cache pkgnames linux-; true)

# image_of SERIES: the newest kernel package of a series, the small cloud one first.
image_of() {
	for flavour in cloud-amd64 amd64; do
		found=$(echo "$names" | grep -E "^linux-image-$1[.-].*$flavour\$" |
			grep -v -e -rt- -e dbg -e unsigned | sort -V | tail -n 1)
		[ -n "$found" ] && echo "$found" && return
	done
}

# take DIR PACKAGE[/VERSION]..: downloads and unpacks packages.
take() {
	into=$1
	shift
	mkdir -p "$into/debs"
	(cd "$into/debs" && apt get download "$@" >"$work/download.log" 2>&1) || {
		sed 's,[a-z]*://[^ ]*,the mirror,' "$work/download.log" >&2
		return 1
	}
	for deb in "$into"/debs/*.deb; do
		dpkg-deb -x "$deb" "$into/root"
	done
	rm -rf "$into/debs"
}

# keep NAME KERNEL MODULES CONFIG ORIGIN: makes it one of the cache, at once or not at all.
keep() {
	new=$cache/.new.$$
	rm -rf "$new"
	mkdir -p "$new"
	mv "$2" "$new/kernel"
	chmod +x "$new/kernel"
	[ -d "$3" ] && mv "$3" "$new/modules"
	[ -f "$4" ] && mv "$4" "$new/config"
	echo "$5" >"$new/origin"
	rm -rf "${cache:?}/$1"
	mv "$new" "$cache/$1"
	say "$1: $5"
}

fetch_linux() {
	image=$(image_of "$1")
	[ -n "$image" ] || { say "$1: no package linux-image-$1*; series to be had: $(series)"; return 1; }
	packages=$image
	# Since 6.19 the image and the modules are packages of their own.
	for part in binary modules; do
		other=linux-$part-${image#linux-image-}
		echo "$names" | grep -qxF -e "$other" && packages="$packages $other"
	done
	tmp=$work/unpack
	rm -rf "$tmp"
	# shellcheck disable=SC2086
	take "$tmp" $packages || return 1
	kernel=$(find "$tmp/root" -name 'vmlinuz*' -type f | head -n 1)
	modules=$(find "$tmp/root" -path '*/lib/modules/*' -name kernel -type d | head -n 1)
	config=$(find "$tmp/root" -path '*/boot/config-*' -type f | head -n 1)
	[ -n "$kernel" ] || { say "$1: $image holds no vmlinuz"; return 1; }
	version=$(apt cache show "$image" | sed -n 's/^Version: //p' | head -n 1)
	keep "$1" "$kernel" "${modules%/kernel}" "$config" "$image $version"
	rm -rf "$tmp"
}

# uml, or uml-6.12: the package's version begins with the series.
fetch_uml() {
	wanted=6.1 # what `uml` alone means
	[ "$1" = uml ] || wanted=${1#uml-}
	version=$(apt cache madison user-mode-linux | awk '{ print $3 }' |
		grep -F -e "${wanted}um" | head -n 1)
	[ -n "$version" ] || { say "$1: no such version of package user-mode-linux"; return 1; }
	tmp=$work/unpack
	rm -rf "$tmp"
	take "$tmp" "user-mode-linux=$version" || return 1
	modules=$(find "$tmp/root" -path '*/uml/modules/*' -name kernel -type d | head -n 1)
	keep "$1" "$tmp/root/usr/bin/linux.uml" "${modules%/kernel}" \
		"$tmp/root/usr/share/doc/user-mode-linux/config.gz" "user-mode-linux $version"
	rm -rf "$tmp"
}

series() {
	echo "$names" | sed -nE 's/^linux-image-([0-9]+\.[0-9]+).*amd64$/\1/p' | sort -Vu | tr '\n' ' '
}

failed=0
for name; do
	case $name in
	uml | uml-*) fetch_uml "$name" || failed=3 ;;
	[0-9]*.[0-9]*) fetch_linux "$name" || failed=3 ;;
	*) say "$name: expected a series such as 6.12, or uml; to be had: $(series)"; failed=2 ;;
	esac
done
exit $failed
