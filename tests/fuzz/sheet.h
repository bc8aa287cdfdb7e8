// What holds of every file of people that was read, from wherever.
#pragma once

#include "api/sheets/sheet.h"
#include "tests/fuzz/targets.h"

#include <algorithm>

namespace muster::fuzz {

inline void check(const SheetRead& read) {
    if (!read) return must(!read.error().detail.empty(), "no reason");
    const auto& rows = read->rows;
    must(rows.size() <= limits::sheet_rows + 1, "more rows than a sheet may have");
    std::uint32_t line = 0;
    for (const auto& row : rows) {
        must(row.line > line, "the lines are in another order");
        line = row.line;
        must(row.cells.size() <= limits::sheet_columns, "more columns than a sheet may have");
        must(!row.cells.empty() && !row.cells.back().empty(), "a blank row");
        for (const auto& cell : row.cells) must(cell.size() <= limits::sheet_cell_bytes, "a cell that is too long");
    }
}

inline bool same(const SheetRead& a, const SheetRead& b) {
    if (!a || !b) return a.has_value() == b.has_value();
    return std::ranges::equal(a->rows, b->rows,
                              [](const SheetRow& x, const SheetRow& y) { return x.cells == y.cells; });
}

}  // namespace muster::fuzz
