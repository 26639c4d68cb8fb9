# For scripts that take files out of Debian's packages, also of a newer release than this machine's, without installing anything. Sourced.

# The mirror that this machine already uses, and Debian's own key for it.
debian_sources() { cat /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null || true; }
debian_mirror=$(debian_sources | awk '/^URIs:/ { print $2; exit } /^deb / { for (i = 2; i <= NF; i++) if ($i ~ /^[a-z+]+:\/\//) { print $i; exit } }')
: "${debian_mirror:?no Debian mirror in the lists of apt}"
readonly debian_mirror debian_key=/usr/share/keyrings/debian-archive-keyring.gpg

# isolated_apt FOLDER KIND SUITE…: `apt` becomes an apt-get with its state in FOLDER, which knows these suites and nothing else. So the
# machine's own apt never hears of them. KIND is deb, for packages as they are installed, or deb-src, for their sources.
isolated_apt() {
  apt_state=$1
  local kind=$2 suite
  mkdir -p "$apt_state/lists/partial" "$apt_state/archives/partial"
  for suite in "${@:3}"; do
    printf '%s [signed-by=%s] %s %s main\n' "$kind" "$debian_key" "$debian_mirror" "$suite"
  done >"$apt_state/sources.list"
  : >"$apt_state/status"
  apt update
}
apt() {
  apt-get -q -o Dir::State="$apt_state" -o Dir::State::status="$apt_state/status" -o Dir::Cache="$apt_state" \
    -o Dir::Etc::sourcelist="$apt_state/sources.list" -o Dir::Etc::sourceparts=/dev/null -o APT::Sandbox::User=root "$@"
}

# unpack_packages FOLDER SUITE PACKAGE…: makes FOLDER/root of packages of trixie and that suite. They run with their own loader and C library.
unpack_packages() {
  local into=$1 suite=$2 package
  mkdir -p "$into/packages" "$into/root"
  isolated_apt "$into/apt" deb trixie "$suite"
  (cd "$into/packages" && apt download "${@:3}")
  for package in "$into"/packages/*.deb; do dpkg-deb -x "$package" "$into/root"; done
  rm -rf "$apt_state" "$into/packages"
}

# unpacked_program FOLDER NAME [LIBRARIES]: FOLDER/bin/NAME runs FOLDER/root/usr/bin/NAME; LIBRARIES of the machine come after its own.
unpacked_program() {
  local root=$1/root
  mkdir -p "$1/bin"
  cat >"$1/bin/$2" <<SH
#!/bin/sh
exec '$root/usr/lib64/ld-linux-x86-64.so.2' --library-path '$root/usr/lib/x86_64-linux-gnu${3:+:$3}' '$root/usr/bin/$2' "\$@"
SH
  chmod 755 "$1/bin/$2"
}
