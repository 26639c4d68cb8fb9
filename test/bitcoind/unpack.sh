#!/usr/bin/env bash
# Unpacks Debian's bitcoind (bitcoin-knots, of trixie-backports) with its libraries into a folder, for the tests. Nothing of it is
# installed: on an older Debian it runs with its own loader and C library. Usage: unpack.sh FOLDER; then FOLDER/bin/bitcoind.
set -euo pipefail
readonly folder=${1:?a folder}
readonly own=(bitcoin-knots libstdc++6 libgcc-s1 libc6 libevent-core-2.1-7t64 libevent-extra-2.1-7t64 libevent-pthreads-2.1-7t64)

if [ -x "$folder/bin/bitcoind" ] && "$folder/bin/bitcoind" -version >/dev/null 2>&1; then
  echo "already in $folder"
  exit
fi

# The mirror that this machine already uses, and Debian's own key for it.
sources() { cat /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null || true; }
mirror=$(sources | awk '/^URIs:/ { print $2; exit } /^deb / { for (i = 2; i <= NF; i++) if ($i ~ /^[a-z+]+:\/\//) { print $i; exit } }')
: "${mirror:?no Debian mirror in the lists of apt}"
readonly key=/usr/share/keyrings/debian-archive-keyring.gpg

# A state directory of its own: the machine's apt does not hear of the newer releases.
rm -rf "$folder"
mkdir -p "$folder"
root=$(realpath "$folder")/root
readonly root apt=${root%/root}/apt
mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$folder/packages" "$root" "$folder/bin"
printf 'deb [signed-by=%s] %s %s main\n' "$key" "$mirror" trixie "$key" "$mirror" trixie-backports >"$apt/sources.list"
: >"$apt/status"
isolated() {
  apt-get -q -o Dir::State="$apt" -o Dir::State::status="$apt/status" -o Dir::Cache="$apt" \
    -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null -o APT::Sandbox::User=root "$@"
}
isolated update
(cd "$folder/packages" && isolated download "${own[@]}")
for package in "$folder"/packages/*.deb; do dpkg-deb -x "$package" "$root"; done
rm -rf "$apt" "$folder/packages"

for program in bitcoind bitcoin-cli; do
  # libzmq and libsqlite3 are the machine's own.
  cat >"$folder/bin/$program" <<SH
#!/bin/sh
exec '$root/usr/lib64/ld-linux-x86-64.so.2' --library-path '$root/usr/lib/x86_64-linux-gnu:/usr/lib/x86_64-linux-gnu' '$root/usr/bin/$program' "\$@"
SH
  chmod 755 "$folder/bin/$program"
done
"$folder/bin/bitcoind" -version | head -1
