#!/usr/bin/env bash
# Unpacks promtool of Debian's prometheus into a folder, for the tests of the alerts. Nothing is installed: the package would start a
# server, and bring a web page. Usage: unpack-promtool.sh FOLDER; then FOLDER/promtool.
set -euo pipefail
mkdir -p "${1:?a folder}"
folder=$(realpath "$1")
readonly folder

if [ -x "$folder/promtool" ] && "$folder/promtool" --version >/dev/null 2>&1; then
  echo "already in $folder"
  exit
fi

# shellcheck source=../debian/isolated-apt.sh
source "$(dirname "$0")/../debian/isolated-apt.sh"
# shellcheck source=/dev/null
source /etc/os-release
isolated_apt "$folder/apt" deb "$VERSION_CODENAME"
(cd "$folder" && apt download prometheus)
dpkg-deb --fsys-tarfile "$folder"/prometheus_*.deb | tar -x -C "$folder" --strip-components=3 ./usr/bin/promtool
rm -rf "$apt_state" "$folder"/prometheus_*.deb
"$folder/promtool" --version | head -1
