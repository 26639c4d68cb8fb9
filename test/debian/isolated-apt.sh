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
