# Runs inside a machine, as any program of its tenant, and opens sockets there for the provider's forwards: connects, listens, and
# carries all of it over its own input and output. What is on the wire is described in frames.ts. Linux only.
use strict;
use warnings;
use Errno qw(EAGAIN EINTR EINPROGRESS);
use Fcntl qw(F_GETFL F_SETFL O_NONBLOCK);
use Socket qw(AF_INET AF_INET6 AF_UNIX SOCK_STREAM SOL_SOCKET SO_ERROR SO_REUSEADDR IPPROTO_TCP TCP_NODELAY SHUT_WR
  INADDR_LOOPBACK AI_NUMERICHOST inet_aton pack_sockaddr_in pack_sockaddr_in6 pack_sockaddr_un unpack_sockaddr_in getaddrinfo);

use constant { CONNECT => 1, LISTEN => 2, DATA => 3, HALF => 4, CLOSE => 5, MORE => 6, OPENED => 7, FAILED => 8, ACCEPTED => 9 };
use constant { HEADER => 9, PAYLOAD_MAX => 32_768, WINDOW => 131_072, OUTPUT_MAX => 262_144, OWN_IDS => 0x80000000 };

my (%channels, %by_fd);
my ($in, $out, $next) = ('', '', 0);
$SIG{PIPE} = 'IGNORE';
$SIG{CHLD} = 'IGNORE';

sub unblock { my $flags = fcntl($_[0], F_GETFL, 0); fcntl($_[0], F_SETFL, $flags | O_NONBLOCK) }
sub put { my ($type, $id, $payload) = @_; $out .= pack('CNN', $type, $id, length $payload) . $payload }

sub forget {
  my ($c) = @_;
  delete $channels{ $c->{id} };
  return unless $c->{handle};
  delete $by_fd{ fileno $c->{handle} };
  close $c->{handle};
  unlink $c->{path} if defined $c->{path};
}

sub failed { my ($c, $why) = @_; forget($c); put(FAILED, $c->{id}, $why) }

sub attach {
  my ($c, $handle, $state) = @_;
  unblock($handle);
  @$c{qw(handle state)} = ($handle, $state);
  $by_fd{ fileno $handle } = $c;
}

sub opened {
  my ($c) = @_;
  $c->{state} = 'open';
  put(OPENED, $c->{id}, '');
}

# Each address in turn, until one answers.
sub try_next {
  my ($c) = @_;
  while (my $address = shift @{ $c->{addresses} }) {
    my ($family, $where) = @$address;
    if ($c->{handle}) { delete $by_fd{ fileno $c->{handle} }; close $c->{handle}; undef $c->{handle} }
    socket(my $socket, $family, SOCK_STREAM, 0) or next;
    attach($c, $socket, 'connecting');
    setsockopt($socket, IPPROTO_TCP, TCP_NODELAY, 1) if $family != AF_UNIX;
    return opened($c) if connect($socket, $where);
    return if $! == EINPROGRESS;
    $c->{why} = "$!";
  }
  failed($c, $c->{why} // 'there is no such address');
}

sub found { my ($c, @results) = @_; $c->{addresses} = [map { [$_->{family}, $_->{addr}] } @results]; try_next($c) }

# Asking a name server takes long, and must hold up nobody: a child does it.
sub resolve {
  my ($c, $host, $port) = @_;
  pipe(my $reader, my $writer) or return failed($c, "$!");
  my $child = fork;
  return failed($c, "$!") unless defined $child;
  if ($child == 0) {
    my ($error, @results) = getaddrinfo($host, $port, { socktype => SOCK_STREAM });
    syswrite $writer, join '', map { unpack('H*', $_->{addr}) . " $_->{family}\n" } @results[0 .. ($#results > 7 ? 7 : $#results)];
    exit 0;
  }
  close $writer;
  attach($c, $reader, 'resolving');
}

sub connect_to {
  my ($id, $payload) = @_;
  my ($kind, $host, $port) = split /\0/, $payload;
  my $c = $channels{$id} = { id => $id, out => '', window => WINDOW };
  if ($kind eq 'unix') { $c->{addresses} = [[AF_UNIX, pack_sockaddr_un($host)]]; return try_next($c) }
  # Source: RFC 6761 section 6.3. No name server is asked, and no file.
  if (lc $host eq 'localhost') {
    my $six = Socket::inet_pton(AF_INET6, '::1');
    $c->{addresses} = [[AF_INET, pack_sockaddr_in($port, INADDR_LOOPBACK)], [AF_INET6, pack_sockaddr_in6($port, $six)]];
    return try_next($c);
  }
  my ($error, @results) = getaddrinfo($host, $port, { socktype => SOCK_STREAM, flags => AI_NUMERICHOST });
  return $error ? resolve($c, $host, $port) : found($c, @results);
}

sub listen_at {
  my ($id, $payload) = @_;
  my ($kind, $where) = split /\0/, $payload;
  my $c = $channels{$id} = { id => $id };
  my $family = $kind eq 'unix' ? AF_UNIX : AF_INET;
  socket(my $socket, $family, SOCK_STREAM, 0) or return failed($c, "$!");
  setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, 1);
  umask 0177;
  bind($socket, $kind eq 'unix' ? pack_sockaddr_un($where) : pack_sockaddr_in($where, INADDR_LOOPBACK)) or return failed($c, "$!");
  $c->{path} = $where if $kind eq 'unix';
  attach($c, $socket, 'listening');
  listen($socket, 64) or return failed($c, "$!");
  put(OPENED, $id, $kind eq 'unix' ? '' : (unpack_sockaddr_in(getsockname $socket))[0]);
}

sub take {
  my ($type, $id, $payload) = @_;
  return connect_to($id, $payload) if $type == CONNECT;
  return listen_at($id, $payload) if $type == LISTEN;
  my $c = $channels{$id} or return;
  if ($type == DATA) { $c->{out} .= $payload; drain($c) if $c->{state} eq 'open' }
  elsif ($type == HALF) { $c->{ending} = 1; drain($c) if $c->{state} eq 'open' }
  elsif ($type == CLOSE) { forget($c) }
  elsif ($type == MORE) { $c->{window} += unpack 'N', $payload }
}

sub over { my ($c) = @_; forget($c); put(CLOSE, $c->{id}, '') }

# To the socket: what the gateway sent, then its end.
sub drain {
  my ($c) = @_;
  if (length $c->{out}) {
    my $count = syswrite $c->{handle}, $c->{out};
    unless (defined $count) { over($c) unless $! == EAGAIN || $! == EINTR; return }
    substr($c->{out}, 0, $count) = '';
    put(MORE, $c->{id}, pack 'N', $count);
  }
  return if length $c->{out} || !$c->{ending} || $c->{shut};
  $c->{shut} = 1;
  shutdown $c->{handle}, SHUT_WR;
  over($c) if $c->{ended};
}

sub readable {
  my ($c) = @_;
  if ($c->{state} eq 'listening') {
    accept(my $socket, $c->{handle}) or return;
    my $id = OWN_IDS + ($next++ & 0x7fffffff);
    my $new = $channels{$id} = { id => $id, out => '', window => WINDOW };
    attach($new, $socket, 'open');
    return put(ACCEPTED, $c->{id}, pack 'N', $id);
  }
  if ($c->{state} eq 'resolving') {
    my $count = sysread $c->{handle}, $c->{answer}, 4096, length($c->{answer} // '');
    return if !defined $count || $count > 0;
    return found($c, map { my ($addr, $family) = split / /; { addr => pack('H*', $addr), family => $family } } split /\n/, $c->{answer} // '');
  }
  my $most = $c->{window} < PAYLOAD_MAX ? $c->{window} : PAYLOAD_MAX;
  my $count = sysread($c->{handle}, my $bytes, $most);
  unless (defined $count) { over($c) unless $! == EAGAIN || $! == EINTR; return }
  if ($count > 0) { $c->{window} -= $count; return put(DATA, $c->{id}, $bytes) }
  $c->{ended} = 1;
  put(HALF, $c->{id}, '');
  over($c) if $c->{shut};
}

sub writable {
  my ($c) = @_;
  return drain($c) if $c->{state} eq 'open';
  my $error = unpack 'i', getsockopt($c->{handle}, SOL_SOCKET, SO_ERROR);
  if ($error) { $! = $error; $c->{why} = "$!"; return try_next($c) }
  opened($c);
  drain($c);
}

unblock(\*STDIN);
unblock(\*STDOUT);
while (1) {
  my ($reads, $writes) = ('', '');
  vec($reads, 0, 1) = 1;
  vec($writes, 1, 1) = 1 if length $out;
  my $full = length $out > OUTPUT_MAX;
  for my $fd (keys %by_fd) {
    my $c = $by_fd{$fd};
    my $state = $c->{state};
    if ($state eq 'open') {
      vec($reads, $fd, 1) = 1 if !$full && !$c->{ended} && $c->{window} > 0;
      vec($writes, $fd, 1) = 1 if length $c->{out};
    }
    elsif ($state eq 'connecting') { vec($writes, $fd, 1) = 1 }
    else { vec($reads, $fd, 1) = 1 unless $full }
  }
  select($reads, $writes, undef, undef) >= 0 or next;
  if (vec $writes, 1, 1) {
    my $count = syswrite STDOUT, $out;
    if (defined $count) { substr($out, 0, $count) = '' }
    elsif ($! != EAGAIN && $! != EINTR) { exit 0 }
  }
  if (vec $reads, 0, 1) {
    my $count = sysread STDIN, $in, 65_536, length $in;
    # The gateway is gone.
    exit 0 if defined $count ? $count == 0 : $! != EAGAIN && $! != EINTR;
    while (length $in >= HEADER) {
      my ($type, $id, $length) = unpack 'CNN', $in;
      exit 1 if $length > PAYLOAD_MAX;
      last if length $in < HEADER + $length;
      my $payload = substr $in, HEADER, $length;
      substr($in, 0, HEADER + $length) = '';
      take($type, $id, $payload);
    }
  }
  for my $fd (keys %by_fd) {
    if (vec $writes, $fd, 1) { my $c = $by_fd{$fd}; writable($c) if $c }
    if (vec $reads, $fd, 1) { my $c = $by_fd{$fd}; readable($c) if $c && ($c->{state} ne 'open' || $c->{window} > 0) && $c->{state} ne 'connecting' }
  }
}
