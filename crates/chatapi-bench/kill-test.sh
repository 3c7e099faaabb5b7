#!/usr/bin/env bash
# The kill test of the outbox, on both stores; what is not so ends it with an error.
#
#   kill-test.sh short   20,000 messages and 100 kills each, at 1:100 of life; then two dispatchers
#                        on PostgreSQL, frozen beyond their leases, while the database goes down
#                        three times; then a dispatcher that runs again what was in flight, which
#                        must be seen to send twice. Some 15 minutes; CI runs this
#   kill-test.sh long    200,000 messages and 1,000 kills each, at 1:100; then 600 messages and 10
#                        kills each at the times of life. Some two hours
#
# PostgreSQL is started here, on a free port in a temporary folder, and stopped afterwards. --help of
# the program itself (target/*/kill-test) names its options.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."

postgres() { "$here/with-postgres" "$test" --store postgres "$@"; }
both() {
  "$test" "$@"
  postgres "$@"
}

case ${1:-} in
  short)
    cargo build -p chatapi-bench --bin kill-test
    test=target/debug/kill-test
    both --messages 20000 --kills 100 --phones 100
    postgres --messages 4000 --kills 30 --phones 40 --workers 2 --freezes --restarts 3
    both --messages 2000 --kills 10 --phones 20 --re-execute
    ;;
  long)
    cargo build --release -p chatapi-bench --bin kill-test
    test=target/release/kill-test
    both --messages 200000 --kills 1000 --phones 100
    both --messages 600 --kills 10 --phones 20 --scale 1
    ;;
  *)
    sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"
    exit 2
    ;;
esac
