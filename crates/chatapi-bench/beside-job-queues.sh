#!/usr/bin/env bash
# The outbox beside job queues, in turn, in one run; nothing of theirs is a dependency of ours.
#
#   beside-job-queues.sh [--messages N] [--rounds N] [--only WORD] [--even-if-loaded]
#
# T1, the engines: N messages (20,000) of 200 bytes through 20 and through 200 lines to a vendor that
# takes no time. T2, end to end: N / 4 messages, 500 a second to 200 keys, one after the other of each
# key, to a sandbox of its own that answers after 2 ms; from when a message was due to be added until
# the sandbox had accepted it. One short round to warm up, then 5: medians, and quartiles in brackets.
#
# PostgreSQL and Redis are started here, on free ports, with their data in a temporary folder that
# is gone at the end; what is not installed is said, and not measured. --only measures the
# contestants with that word in their name.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."

messages=20000 rounds=5 only= loaded=no
while [ $# -gt 0 ]; do
  case $1 in
    --messages) messages=$2; shift ;;
    --rounds) rounds=$2; shift ;;
    --only) only=$2; shift ;;
    --even-if-loaded) loaded=yes ;;
    *) sed -n '2,/^set /s/^# \{0,1\}//p' "$0"; exit 2 ;;
  esac
  shift
done

missing=()
lacks() {
  missing+=("$1")
  printf '\n!! NOT MEASURED: %s\n\n' "$1" >&2
}

load() { cut -d ' ' -f 1 /proc/loadavg; }
is_quiet() { awk '{ exit !($1 <= 0.5) }' /proc/loadavg; }
refuse() {
  [ "$loaded" = yes ] && return
  printf '!! NOT MEASURED: the load is %s, and more than 0.5 spoils the figures; --even-if-loaded measures all the same and says so.\n' "$(load)" >&2
  exit 3
}
is_quiet || refuse

# A folder on a disk: /tmp is often in memory, where a flush is none.
folder=$(mktemp -d -p "${BENCH_FOLDER:-/var/tmp}")
chmod 755 "$folder"
started=()
finish() {
  local pid
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${started[@]}"; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT TERM

# ---- built first, so that no compiler runs beside a measurement ----------------------------------

cargo bench -q -p chatapi-bench --bench job_queues --no-run
ours=$(cargo bench -q -p chatapi-bench --bench job_queues --no-run --message-format json |
  sed -n 's/.*"name":"job_queues".*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)
target=$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
apalis=$target/release/chatapi-bench-apalis
cargo build -q --release --locked --manifest-path "$here/peers/apalis/Cargo.toml" --target-dir "$target" || {
  apalis=
  lacks "apalis: it cannot be built"
}
node=
if command -v node >/dev/null && command -v npm >/dev/null; then
  cp -r "$here/peers/node" "$folder/node"
  # Not "ci": it wants the packages of every platform, and mirrors lack some.
  if npm install --prefix "$folder/node" --no-audit --no-fund --loglevel=error >/dev/null; then
    node=$folder/node
  else
    lacks "graphile-worker and BullMQ: they cannot be had from the npm registry"
  fi
else
  lacks "graphile-worker and BullMQ: node and npm are not installed"
fi

# ---- the engines' servers ------------------------------------------------------------------------

free_port() {
  local port
  while port=$((20000 + RANDOM % 12000)); (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
  echo "$port"
}

# Comes back when that command succeeds, or fails after ten seconds.
await() {
  local turn
  for turn in $(seq 100); do
    "$@" >/dev/null 2>&1 && return
    sleep 0.1
  done
  return 1
}

postgres= pg_bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1 || true)
[ -n "$pg_bin" ] || pg_bin=$(dirname "$(command -v initdb || echo /none/initdb)")
if [ -x "$pg_bin/initdb" ]; then
  as=()
  mkdir "$folder/postgres"
  if [ "$(id -u)" -eq 0 ]; then # it refuses to run as root
    as=(setpriv --reuid postgres --regid postgres --clear-groups)
    chown postgres: "$folder/postgres"
  fi
  port=$(free_port)
  (cd "$folder/postgres" && "${as[@]}" "$pg_bin/initdb" -D data -U bench -A trust -E UTF8 --locale C >/dev/null)
  (cd "$folder/postgres" && exec "${as[@]}" "$pg_bin/postgres" -D data -p "$port" -k "$folder/postgres" \
    -c listen_addresses=127.0.0.1 >"$folder/postgres/log" 2>&1) &
  started+=($!)
  if await "$pg_bin/pg_isready" -q -h 127.0.0.1 -p "$port"; then
    postgres=postgres://bench@127.0.0.1:$port/postgres
  else
    lacks "everything on PostgreSQL: it did not start: $(tail -n 1 "$folder/postgres/log")"
  fi
else
  lacks "everything on PostgreSQL: it is not installed"
fi

# redis NAME APPENDFSYNC: sets NAME to the port of a server that appends every change to a file.
redis() {
  local port
  port=$(free_port)
  mkdir "$folder/redis-$2"
  redis-server --bind 127.0.0.1 --port "$port" --dir "$folder/redis-$2" --save '' --appendonly yes \
    --appendfsync "$2" --maxmemory-policy noeviction >"$folder/redis-$2/log" 2>&1 &
  started+=($!)
  if await redis-cli -p "$port" ping; then
    printf -v "$1" %s "$port"
  else
    lacks "BullMQ with appendfsync $2: Redis did not start"
  fi
}
always= everysec=
if [ -z "$node" ]; then
  :
elif command -v redis-server >/dev/null; then
  redis always always
  redis everysec everysec
else
  lacks "BullMQ: redis-server is not installed"
fi

# ---- what it is measured on ----------------------------------------------------------------------

if ! is_quiet && [ "$loaded" = no ]; then
  echo 'waiting for the load of the builds to fall …'
  for _ in $(seq 60); do
    is_quiet && break
    sleep 5
  done
  is_quiet || refuse
fi
echo
sed -n 's/^model name\t: //p' /proc/cpuinfo | head -n 1
echo "$(nproc) cores, Linux $(uname -r), data on $(stat -f -c %T "$folder")"
is_quiet || echo "!! MEASURED WHILE OTHER WORK RAN: the load was $(load) at the start"
if [ -x "$pg_bin/pg_test_fsync" ]; then
  "$pg_bin/pg_test_fsync" -s 1 -f "$folder/fsync" 2>/dev/null |
    sed -n 's/^ *fdatasync  */a flush (pg_test_fsync, fdatasync, one 8 kB write): /p' | head -n 1
  rm -f "$folder/fsync"
fi

# ---- the contest ---------------------------------------------------------------------------------

: >"$folder/figures" >"$folder/told"
round=0

# contest TITLE NAME COMMAND…: one round of one contestant. Its figures count, unless it is to warm
# up; what its engine says about itself is told then.
contest() {
  local title=$1 name=$2 status=0
  shift 2
  [[ $name == *"$only"* ]] || return 0
  timeout 900 "$@" >"$folder/out" 2>"$folder/err" || status=$?
  if [ "$status" -ne 0 ]; then
    lacks "$title: $name, round $round: it ended with $status: $(grep -m 1 -i error "$folder/err" || tail -n 1 "$folder/err")"
  elif [ "$round" -eq 0 ]; then
    grep -qxF "$name" "$folder/told" || sed -n "s|^setting\t\(.*\)\t|  $name: \1 = |p" "$folder/out" | awk '!seen[$0]++'
    echo "$name" >>"$folder/told"
  else
    awk -F '\t' -v OFS='\t' -v who="$title: $name" '$1 == "figure" { print $1, who, $2, $3 }' \
      "$folder/out" >>"$folder/figures"
  fi
}

# all TITLE PART MESSAGES LAST: everybody in turn. LAST is how many lines, or "sandbox".
all() {
  local title=$1 part=$2 count=$3 last=$4 batch mode
  entrant "outbox on SQLite" "$ours" "$part" sqlite "$folder/sqlite" "$count"
  [ -z "$postgres" ] || entrant "outbox on PostgreSQL" "$ours" "$part" postgres "$postgres" "$count"
  for batch in 10 1000; do
    [ -n "$apalis" ] || break
    entrant "apalis-sqlite 1.0.0, batches of $batch" "$apalis" sqlite "$batch" "$part" "$folder/sqlite/apalis.db" "$count"
    [ -z "$postgres" ] || entrant "apalis-postgres 1.0.0, batches of $batch" "$apalis" postgres "$batch" "$part" "$postgres" "$count"
  done
  for mode in default batched; do
    if [ -n "$node" ] && [ -n "$postgres" ]; then
      entrant "graphile-worker 0.18.0, $mode" node "$node/graphile.mjs" "$mode" "$part" "$postgres" "$count"
    fi
  done
  for mode in always everysec; do
    [ -z "${!mode}" ] || entrant "BullMQ 6.7.0, AOF $mode" node "$node/bullmq.mjs" "$part" "${!mode}" "$count"
  done
}

# entrant NAME COMMAND…: in fresh files, with a sandbox of its own where it sends.
entrant() {
  local name=$1 sandbox= pid=
  shift
  [[ $name == *"$only"* ]] || return 0
  rm -rf "$folder/sqlite" && mkdir "$folder/sqlite"
  if [ "$last" != sandbox ]; then
    contest "$title" "$name" "$@" "$last"
    return
  fi
  : >"$folder/address"
  "$ours" serve <&9 >"$folder/address" &
  pid=$!
  started+=("$pid")
  await grep -q http "$folder/address"
  contest "$title" "$name" "$@" "$(cat "$folder/address")"
  kill "$pid" && wait "$pid" 2>/dev/null || true
}

mkfifo "$folder/open" && exec 9<>"$folder/open" # what the sandbox reads: it ends with it
for round in $(seq 0 "$rounds"); do
  count=$messages
  [ "$round" -gt 0 ] || count=$((messages / 10))
  echo "round $round of $rounds, load $(load)"
  for lines in 20 200; do
    all "T1, $lines lines, messages a second" engine "$count" "$lines"
  done
  all "T2, 500 a second to 200 keys" end-to-end $((count / 4)) sandbox
done

printf '\n%s messages, %s rounds; medians (quartiles)\n\n' "$messages" "$rounds"
"$ours" tables <"$folder/figures"
[ "$loaded" = no ] || echo '(--even-if-loaded was given)'
for one in "${missing[@]}"; do printf '!! NOT MEASURED: %s\n' "$one"; done
[ ${#missing[@]} -eq 0 ]
