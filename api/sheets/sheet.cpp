#include "api/sheets/sheet.h"

#include <algorithm>

namespace muster {
namespace {

bool blank(const std::string& text) {
    return std::ranges::all_of(text, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
}

}  // namespace

void SheetRows::cell(std::size_t column, std::string text) {
    if (blank(text)) return;
    blank_ = false;
    if (column >= limits::sheet_columns) {
        too_wide_ = true;
        return;
    }
    if (text.size() > limits::sheet_cell_bytes && overlong_ == 0) overlong_ = column + 1;
    text_bytes_ += text.size();
    if (text_bytes_ > limits::sheet_text_bytes)
        return fail(
            {SheetFault::Kind::too_long,
             "The cells have over " + std::to_string(limits::sheet_text_bytes) + " bytes of text; split the file.",
             limits::sheet_text_bytes});
    if (row_.cells.size() <= column) row_.cells.resize(column + 1);
    row_.cells[column] = std::move(text);
}

bool SheetRows::end_row(std::uint32_t line) {
    auto at = "Row " + std::to_string(line) + ": ";
    if (too_wide_)
        fail({SheetFault::Kind::too_long,
              at + "a sheet has at most " + std::to_string(limits::sheet_columns) + " columns.",
              limits::sheet_columns});
    if (overlong_ > 0)
        fail({SheetFault::Kind::too_long,
              at + "the cell of column " + std::to_string(overlong_) + " is over " +
                  std::to_string(limits::sheet_cell_bytes) + " bytes.",
              limits::sheet_cell_bytes});
    if (!blank_ && sheet_.rows.size() > limits::sheet_rows)
        fail({SheetFault::Kind::too_many_rows,
              "At most " + std::to_string(limits::sheet_rows) + " rows; split the file.", limits::sheet_rows});
    if (failed_) return false;
    row_.line = line;
    if (!blank_) sheet_.rows.push_back(std::move(row_));
    row_ = {};
    blank_ = true;
    return true;
}

void SheetRows::fail(SheetFault fault) {
    if (!failed_) fault_ = std::move(fault);
    failed_ = true;
}

SheetRead SheetRows::take() && {
    if (failed_) return std::unexpected(std::move(fault_));
    return std::move(sheet_);
}

}  // namespace muster
