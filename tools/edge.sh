#!/usr/bin/env bash
# What the edge of a server is worth, measured with `muster load` against a server of its own:
#
#   tools/edge.sh slow        slow clients by the hundred (slowhttptest in its three modes: slow headers, slow body, slow
#                             reading), and what a healthy one feels of it
#   tools/edge.sh overload    twenty times the requests that are worked on at once, and what becomes of those served
#   tools/edge.sh alike       addresses that somebody has and that nobody has, at the three routes that tell nobody which
#   tools/edge.sh even        invitations that come evenly, so many a second whatever became of those before, beside a
#                             constant answer as often
#   tools/edge.sh many        batches of 10,000 and imports of 50,000 rows, and what becomes of single invitations that
#                             come evenly to another workspace meanwhile
#   tools/edge.sh memory      a thousand people in each of a thousand workspaces: the server's memory beside the bytes of
#                             their rows, as they come, after a restart, and when somebody has looked at each workspace
#
# Prints a line for each. From the environment: PRESET (release), ROUNDS (3) and SECONDS_EACH (of slow 30, of overload
# and even 5, of many 8); of slow: CONNECTIONS (1000); of overload: IN_FLIGHT (32); of even: RATES (500 2000 4000 8000, a
# second); of many: RATE (250); of alike: REQUESTS (1000, of each kind); of memory: WORKSPACES (1000) and PEOPLE (1000,
# in each).
# Installs nothing: slowhttptest is Debian's package of that name.
set -euo pipefail
cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.."

preset=${PRESET:-release}
muster=build/$preset/muster
rounds=${ROUNDS:-3}
[ -x "$muster" ] || { echo "edge: no $muster; build it with tools/dev build $preset" >&2; exit 2; }
scratch=$(mktemp -d)
server=

finish() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$scratch"
}
trap finish EXIT

# serve [OPTION…]: on a free port, its address in $url.
serve() {
    "$muster" serve --data "$scratch/data" --listen 127.0.0.1:0 "$@" >"$scratch/out" 2>"$scratch/log" &
    server=$!
    until grep -q '^listening on' "$scratch/out"; do
        kill -0 "$server" || { cat "$scratch/log" >&2; exit 1; }
        sleep 0.1
    done
    url=$(sed -n 's/^listening on //p' "$scratch/out")
}

# load FILE [OPTION…]: its report in JSON. Answers that are refusals are a matter of the report.
load() {
    local file=$1
    shift
    "$muster" load --url "$url" --key-file "$scratch/data/operator.key" --format json "$@" >"$file" || [ $? -eq 1 ]
}

# group NAME FILE: of a report the part of that name, or all of it before its parts.
group() {
    if [ "$1" = all ]; then grep -o '^[^{]*{[^{]*' "$2"; else grep -o "\"$1\":{[^}]*}" "$2" || true; fi
}
# figure NAME PART
figure() { grep -o "\"$1\":[0-9.]*" <<<"$2" | cut -d: -f2 || true; }
counts() { grep -oE '"[0-9]{3}":\{"count":[0-9]+' "$1" | sed -E 's/"([0-9]*)":\{"count":/\1: /' | paste -sd' '; }
report() {
    local part
    part=$(group "$2" "$3")
    printf '%-14s p50 %8s ms   p99 %8s ms   max %8s ms   %s\n' "$1" "$(figure p50_ms "$part")" \
        "$(figure p99_ms "$part")" "$(figure max_ms "$part")" "$(counts "$3")"
}

machine="$(nproc) processors, $(uname -m), load $(cut -d' ' -f1-3 /proc/loadavg)"

# ---- slow

held() { ss -Htn state established "( sport = :${url##*:} )" 2>/dev/null | wc -l; }

# A healthy client's commands, one after the other on two connections.
healthy() { load "$1" --mix invite --connections 2 --seconds "$seconds"; }

# beside NAME [slowhttptest's options]: the healthy client while those hold their connections, again and again as the
# server closes them; and, before it, alone.
beside() {
    local name=$1
    shift
    healthy "$scratch/alone"
    report "alone" all "$scratch/alone"
    rm -f "$scratch/ends"
    (
        until [ -e "$scratch/ends" ]; do
            slowhttptest -c "$connections" -r "$connections" -l "$seconds" -p 3 "$@" >>"$scratch/slow" 2>&1 || true
        done
    ) &
    local slow=$!
    sleep 3
    local begin
    begin=$(held)
    healthy "$scratch/beside"
    report "$name" all "$scratch/beside"
    printf '%14s connections held: %s as it began, %s as it ended\n' "" "$begin" "$(held)"
    touch "$scratch/ends"
    wait "$slow" || true
}

slow() {
    connections=${CONNECTIONS:-1000} seconds=${SECONDS_EACH:-30}
    command -v slowhttptest >/dev/null ||
        { echo "edge: slowhttptest is missing; install the package slowhttptest" >&2; exit 2; }
    serve
    echo "slow: $connections connections, $seconds seconds each, $machine"
    local round
    for ((round = 0; round < rounds; ++round)); do
        beside headers -H -i 5 -x 24 -u "$url/v1/workspaces"
        beside body -B -i 5 -s 8192 -x 10 -u "$url/v1/invitations/accept"
        beside reading -X -w 512 -y 1024 -n 5 -z 32 -k 3 -u "$url/openapi.json"
    done
    echo "slow: the server is $(kill -0 "$server" 2>/dev/null && echo alive || echo gone)"
}

# ---- overload

overload() {
    local at_once=${IN_FLIGHT:-32} seconds=${SECONDS_EACH:-5} round
    serve --in-flight "$at_once"
    echo "overload: $at_once at once, then $((20 * at_once)), $seconds seconds each, $machine"
    for ((round = 0; round < rounds; ++round)); do
        load "$scratch/usual" --mix invite --connections "$at_once" --seconds "$seconds"
        report usual 201 "$scratch/usual"
        load "$scratch/much" --mix invite --connections $((20 * at_once)) --seconds "$seconds"
        report "served" 201 "$scratch/much"
        report "shed" 503 "$scratch/much"
    done
}

# ---- alike

alike() {
    local requests=${REQUESTS:-1000} round mix part
    serve --rate-limit sign_in_account_ip=off,sign_in_account=off,forgot_address=off,forgot_ip=off \
        --rate-limit request_address=off,request_ip=off,mails_workspace=off
    echo "alike: $requests known and $requests unknown addresses by turns, $machine"
    for ((round = 0; round < rounds; ++round)); do
        for mix in login forgot request; do
            # What is looked up behind the answer is done before the next one.
            load "$scratch/$mix" --mix "$mix" --connections 1 --pause-ms 5 --requests $((2 * requests))
            report "$mix known" known "$scratch/$mix"
            report "$mix unknown" unknown "$scratch/$mix"
            sleep 1 # a run's workspace is named by its second
        done
    done
}

# ---- even

even() {
    local seconds=${SECONDS_EACH:-5} round rate
    serve
    echo "even: $seconds seconds each, timed from when each was due, $machine"
    for ((round = 0; round < rounds; ++round)); do
        for rate in ${RATES:-500 2000 4000 8000}; do
            load "$scratch/constant" --mix constant --rate "$rate" --seconds "$seconds"
            report "$rate constant" all "$scratch/constant"
            load "$scratch/even" --mix invite --rate "$rate" --seconds "$seconds"
            report "$rate invite" all "$scratch/even"
        done
    done
}

# ---- many

# ask METHOD PATH [curl's options]: as the operator; the answer's body.
ask() {
    local method=$1 path=$2
    shift 2
    curl -sS -X "$method" -H "Authorization: Bearer $(cat "$scratch/data/operator.key")" "$@" "$url/v1$path"
}

# until_done IMPORT: waits until all of its rows were decided.
until_done() {
    until ask GET "/workspaces/many/imports/$1?rows=none" | grep -q '"status":"done"'; do sleep 0.5; done
}

singles() { load "$scratch/$1" --mix invite --workspace single --rate "$rate" --seconds "$seconds"; }

# meanwhile NAME COMMAND…: single invitations in another workspace, while COMMAND runs, again and again for as long as
# those are sent.
meanwhile() {
    local name=$1 work times=0 begun
    shift
    begun=$(date +%s%N)
    singles single &
    work=$!
    while kill -0 "$work" 2>/dev/null; do
        "$@" >"$scratch/answer"
        times=$((times + 1))
    done
    wait "$work"
    report "$name" all "$scratch/single"
    printf '%-14s %s times, %.1f s each; %s\n' '' "$times" \
        "$(awk "BEGIN { print ($(date +%s%N) - $begun) / 1e9 / $times }")" \
        "$(grep VmHWM "/proc/$server/status" | tr -s '\t ' ' ')"
}

# Addresses that nobody has yet, of a run's own.
batch() {
    seq -f "b$(date +%s%N).%06.0f@many.example" 10000 | paste -sd, | sed 's/.*/{"emails":"&","send_email":false}/' |
        ask POST /workspaces/many/invitations:batch -H "$json" --data-binary @- | grep -o '"summary":{[^}]*}'
}
upload() {
    { echo email,name,role,team; seq -f "i$(date +%s%N).%06.0f@many.example,Many People,member," 50000; } |
        ask POST /workspaces/many/imports -H 'Content-Type: text/csv' --data-binary @- | grep -o 'imp_[0-9A-Z]*' |
        head -n 1
}
sending() {
    ask POST "/workspaces/many/imports/$import/send" -H "$json" -d '{}' -o /dev/null
    until_done "$import"
}

many() {
    local seconds=${SECONDS_EACH:-8} rate=${RATE:-250} round json='Content-Type: application/json' import
    serve
    echo "many: batches of 10,000 rows, uploads and the sending of 50,000, beside $rate invitations a second, $machine"
    for slug in many single; do
        ask POST /workspaces -H "$json" -o /dev/null \
            -d "{\"name\":\"$slug\",\"slug\":\"$slug\",\"owner\":{\"email\":\"o@$slug.example\",\"name\":\"O\",\"password\":\"a load of requests\"}}"
    done
    for ((round = 0; round < rounds; ++round)); do
        singles alone
        report alone all "$scratch/alone"
        meanwhile batch batch
        cat "$scratch/answer"
        meanwhile upload upload
        import=$(cat "$scratch/answer")
        meanwhile sending sending
        ask GET "/workspaces/many/imports/$import?rows=none" | grep -oE '"(sent|failed)":[0-9]+' | paste -sd' '
    done
}

# ---- memory

kib() { awk -v name="$1:" '$1 == name { print $2 }' "/proc/$server/status"; }

# used WHEN
used() {
    local bytes
    bytes=$(du -sk --apparent-size "$scratch/data/log" "$scratch/data/views" | awk '{ sum += $1 } END { print sum }')
    awk -v when="$1" -v now="$(kib VmRSS)" -v most="$(kib VmHWM)" -v rows="$bytes" -v people="$people" 'BEGIN {
        printf "%-14s %4.0f MiB, at most %4.0f; rows %4.0f MiB: %.2f of them, %.0f bytes a person\n",
            when, now / 1024, most / 1024, rows / 1024, now / rows, now * 1024 / people }'
}

until_followed() {
    until ask GET /workspaces -o /dev/null && ! curl -sS "$url/readyz?verbose" | grep -qE '"lag_events":[1-9]'; do sleep 0.5; done
}

memory() {
    local workspaces=${WORKSPACES:-1000} each=${PEOPLE:-1000} json='Content-Type: application/json' i begun
    local people=$((workspaces * each))
    serve
    echo "memory: $people people in $workspaces workspaces, $machine"
    begun=$(date +%s%N)
    for ((i = 0; i < workspaces; ++i)); do
        ask POST /workspaces -H "$json" -o /dev/null \
            -d "{\"name\":\"W $i\",\"slug\":\"w-$i\",\"owner\":{\"email\":\"o@w-$i.example\",\"name\":\"O\"}}"
        seq -f "p%06.0f@w-$i.example" "$each" | paste -sd, | sed 's/.*/{"emails":"&","send_email":false}/' |
            ask POST "/workspaces/w-$i/invitations:batch" -H "$json" -o "$scratch/answer" --data-binary @-
        grep -q "\"invited\":$each," "$scratch/answer" || { head -c 500 "$scratch/answer" >&2; exit 1; }
    done
    until_followed
    awk -v from="$begun" -v to="$(date +%s%N)" -v people="$people" 'BEGIN {
        printf "%-14s in %.0f s, %.0f a second, read models too\n", "came", (to - from) / 1e9, people * 1e9 / (to - from) }'
    used "with all"
    kill "$server"
    wait "$server" || true
    begun=$(date +%s%N)
    serve
    until_followed
    awk -v from="$begun" -v to="$(date +%s%N)" 'BEGIN { printf "%-14s in %.2f s\n", "started", (to - from) / 1e9 }'
    used "after a start"
    for ((i = 0; i < workspaces; ++i)); do ask GET "/workspaces/w-$i/people" -o /dev/null; done
    used "all looked at"
}

case ${1:-} in
    slow | overload | alike | even | many | memory) "$1" ;;
    *) sed -n '2,/^set/p' "$0" | sed -n 's/^# \{0,1\}//p' >&2; exit 2 ;;
esac
