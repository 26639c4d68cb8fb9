#!/usr/bin/env bash
# Makes a base for the images out of Debian's packages, where no registry can be had: a tree with what the Dockerfile wants of its
# base, of the release that this machine runs. Nothing is installed. Usage: base.sh FOLDER, which becomes the root of the tree.
set -euo pipefail
tree=$(realpath -m "${1:?a folder}")
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
readonly tree state

# An apt of its own with nothing installed: so it fetches each package with all that it depends on.
mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
: >"$state/status"
apt() {
  apt-get -qq -o Dir::State="$state" -o Dir::State::status="$state/status" -o Dir::Cache="$state/cache" \
    -o APT::Sandbox::User=root -o Debug::NoLocking=true "$@"
}
mapfile -t packages <"$(dirname "$0")/packages.txt"
apt update
apt install --yes --download-only --no-install-recommends base-files coreutils dash libstdc++6 "${packages[@]}" >&2

mkdir -p "$tree"
for package in "$state"/cache/archives/*.deb; do dpkg-deb -x "$package" "$tree"; done
ln -sf dash "$tree/bin/sh"
rm -rf "$tree"/usr/share/{doc,man,locale,info,i18n,zoneinfo} "$tree"/boot
# What the packages' own scripts would have written.
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$tree/etc/passwd"
printf 'root:x:0:\ntty:x:5:\nnogroup:x:65534:\n' >"$tree/etc/group"
echo 'all of packages.txt is here' >"$tree/etc/zennet-base"
