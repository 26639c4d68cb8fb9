#!/usr/bin/env bash
# Unpacks the OpenSSH server of this machine's own Debian into a folder, for test/bench/ssh.ts. Nothing of it is installed, and nothing
# starts. Usage: unpack-sshd.sh FOLDER; then FOLDER/bin/sshd, with what it needs beside the machine's libraries.
set -euo pipefail
mkdir -p "${1:?a folder}"
folder=$(realpath "$1")
readonly folder
[ -x "$folder/bin/sshd" ] && "$folder/bin/sshd" -V >/dev/null 2>&1 && exit

# shellcheck source=../debian/isolated-apt.sh
source "$(dirname "$0")/../debian/isolated-apt.sh"
suite=$(. /etc/os-release && echo "${VERSION_CODENAME:?this is no Debian}")
rm -rf "$folder"
mkdir -p "$folder/packages" "$folder/root" "$folder/bin"
isolated_apt "$folder/apt" deb "$suite"
(cd "$folder/packages" && apt download openssh-server libwrap0)
for package in "$folder"/packages/*.deb; do dpkg-deb -x "$package" "$folder/root"; done
rm -rf "$apt_state" "$folder/packages"
cat >"$folder/bin/sshd" <<SH
#!/bin/sh
LD_LIBRARY_PATH='$folder/root/usr/lib/x86_64-linux-gnu' exec '$folder/root/usr/sbin/sshd' "\$@"
SH
chmod 755 "$folder/bin/sshd"
