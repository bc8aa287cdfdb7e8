#!/usr/bin/env bash
# Prints tests/README.md with its table of rules made anew: each row of tests/rows.txt with the tests that name it.
# Says on stderr, and fails for, a row without a test, a named row that is none, and a `later` row that has a test.
#
# A test names rows in brackets, in its title or in a comment within it: [S0-2], [S0-2, S2-18 to S2-22, trap 5], and
# [S2-13 partly] where it can't show the whole row yet.
#
#     tests/rows.sh [ROOT]
set -euo pipefail
cd "${1:-"$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."}"

mapfile -t files < <(find tests -name '*_test.cpp' | LC_ALL=C sort)
LC_ALL=C awk '
    # ---- tests/rows.txt: id, what it says, and `later` where nothing can show it yet; separated by tabs.
    FILENAME == "tests/rows.txt" {
        split($0, part, "\t")
        order[++rows] = part[1]
        text[part[1]] = part[2]
        later[part[1]] = part[3] == "later"
        next
    }

    # ---- Tests.
    FILENAME ~ /_test\.cpp$/ {
        if (FNR == 1) { title = ""; in_title = 0 }
        if ($0 ~ /^(TEMPLATE_)?TEST_CASE[A-Z_]*\(/) { title = ""; in_title = 1 }
        if (in_title) read_title($0)
        else if (title != "") name_all($0)
        next
    }

    # ---- tests/README.md.
    /^<!-- end of rows -->$/ { inside = 0 }
    !inside { print }
    /^<!-- rows -->$/ { inside = 1; print_table() }

    function fail(sentence) { print "rows: " sentence > "/dev/stderr"; failed = 1 }

    # The literals of a title, which may stand on several lines, up to a comma or the parenthesis.
    function read_title(line,   rest) {
        while (in_title && match(line, /"([^"\\]|\\.)*"/)) {
            title = title substr(line, RSTART + 1, RLENGTH - 2)
            line = substr(line, RSTART + RLENGTH)
            rest = line
            sub(/^[ \t]+/, "", rest)
            if (rest ~ /^[,)]/) in_title = 0
        }
        if (in_title) return
        name_all(title)
    }

    # Every row that stands in brackets in the line belongs to the test.
    function name_all(line,   group, items, count, i) {
        while (match(line, /\[(S[0-4]-|trap )[^]]*\]/)) {
            group = substr(line, RSTART + 1, RLENGTH - 2)
            line = substr(line, RSTART + RLENGTH)
            count = split(group, items, /, */)
            for (i = 1; i <= count; ++i) name(items[i])
        }
    }

    function name(item,   only_part, ends, system_of, i) {
        only_part = sub(/ partly$/, "", item)
        if (item ~ / to /) {
            split(item, ends, / to /)
            system_of = substr(ends[1], 1, 3)
            for (i = substr(ends[1], 4) + 0; i <= substr(ends[2], 4) + 0; ++i) belongs(system_of i, only_part)
        } else {
            belongs(item, only_part)
        }
    }

    function belongs(row, only_part,   place, plain) {
        if (!(row in text)) { fail(FILENAME ": no row " row); return }
        if (only_part) partly[row] = 1
        place = FILENAME
        sub(/^tests\//, "", place)
        if ((row, place, title) in known) return
        known[row, place, title] = 1
        plain = title
        gsub(/ ?\[(S[0-4]-|trap )[^]]*\] ?/, " ", plain)
        gsub(/^ +| +$/, "", plain)
        gsub(/ +,/, ",", plain)
        gsub(/\\"/, "\"", plain)
        gsub(/\|/, "\\|", plain)
        tests[row] = tests[row] (last[row] == place ? "; " : (row in tests && tests[row] != "" ? "<br>" : "") "`" place "`: ") plain
        last[row] = place
    }

    function print_table(   i, row, mark) {
        print ""
        print "| row | says | tests |"
        print "| --- | --- | --- |"
        for (i = 1; i <= rows; ++i) {
            row = order[i]
            if (tests[row] == "" && !later[row]) fail(row " has no test")
            if (tests[row] != "" && later[row]) fail(row " has a test now: tests/rows.txt says `later`")
            mark = later[row] ? " (later)" : row in partly ? " (partly)" : ""
            print "| " row mark " | " text[row] " | " tests[row] " |"
        }
        print ""
    }

    END { exit failed }
' tests/rows.txt "${files[@]}" tests/README.md
