#!/bin/sh
# redis-ha.sh server|sentinel|leave|alive: what one of several pods of Redis does.
#
# HOSTS names all, in order, and HOST this one; MASTER is what the sentinels call whom they follow. PORT and
# SENTINEL_PORT are everybody's, CONF and RUN the folders with what is configured and what is written, TLS what
# redis-cli is told beside, SELF where this pod is asked from within. Passwords are in REDISCLI_AUTH: arguments are seen by all of a node.
set -eu
umask 077
PORT=${PORT:-6379}
SENTINEL_PORT=${SENTINEL_PORT:-26379}
SELF=${SELF:-127.0.0.1}

ask() { # ask HOST PORT COMMAND…: the answer; nothing when there is none in time
  host=$1 port=$2
  shift 2
  timeout 2 redis-cli ${TLS:-} -h "$host" -p "$port" --no-auth-warning "$@" 2>/dev/null || true
}

known_master() { # whom the first sentinel that answers calls the master
  for each in $HOSTS; do
    found=$(ask "$each" "$SENTINEL_PORT" sentinel get-master-addr-by-name "$MASTER" | head -n 1)
    for host in $HOSTS; do
      if [ "$found" = "$host" ]; then echo "$host"; return; fi
    done
  done
}

hand_over() { # has the sentinels choose another master than us; whether they did within so many seconds
  left=$1 asked=
  while [ "$left" -gt 0 ]; do
    for each in $HOSTS; do
      if [ -n "$asked" ]; then break; fi
      if [ "$(ask "$each" "$SENTINEL_PORT" sentinel failover "$MASTER")" = OK ]; then asked=$each; fi
    done
    now=$(known_master)
    if [ -n "$now" ] && [ "$now" != "$HOST" ]; then return 0; fi
    sleep 1
    left=$((left - 1))
  done
  return 1
}

case $1 in
server)
  master=$(known_master)
  # A master that ended comes back empty: those who have what it had follow it only when there is no other.
  if [ "$master" = "$HOST" ]; then
    hand_over 8 || true
    master=$(known_master)
  fi
  master=${master:-${HOSTS%% *}}
  {
    cat "$CONF/redis.conf"
    printf '\nrequirepass "%s"\nmasterauth "%s"\nreplica-announce-ip %s\n' "$REDISCLI_AUTH" "$REDISCLI_AUTH" "$HOST"
    if [ "$master" != "$HOST" ]; then printf 'replicaof %s %s\n' "$master" "$PORT"; fi
  } > "$RUN/redis.conf"
  exec redis-server "$RUN/redis.conf"
  ;;
sentinel)
  master=$(known_master)
  {
    cat "$CONF/sentinel.conf"
    printf '\nrequirepass "%s"\nsentinel sentinel-pass %s\n' "$REDISCLI_AUTH" "$REDISCLI_AUTH"
    # A sentinel that comes back is the one it was: strangers would count for the majority for ever.
    printf 'sentinel myid %s\n' "$(printf %s "$HOST" | sha1sum | cut -c 1-40)"
    printf 'sentinel resolve-hostnames yes\nsentinel announce-hostnames yes\nsentinel announce-ip %s\n' "$HOST"
    printf 'sentinel monitor %s %s %s 2\n' "$MASTER" "${master:-${HOSTS%% *}}" "$PORT"
    printf 'sentinel auth-pass %s %s\n' "$MASTER" "$REDISCLI_AUTH"
    printf 'sentinel down-after-milliseconds %s %s\n' "$MASTER" "${DOWN_AFTER:-3000}"
    printf 'sentinel failover-timeout %s 10000\nsentinel parallel-syncs %s 1\n' "$MASTER" "$MASTER"
  } > "$RUN/sentinel.conf"
  exec redis-server "$RUN/sentinel.conf" --sentinel
  ;;
leave)
  if ask "$SELF" "$PORT" info replication | grep -q '^role:master'; then hand_over 8 || true; fi
  ;;
alive)
  test "$(ask "$SELF" "$2" ping)" = PONG
  ;;
esac
