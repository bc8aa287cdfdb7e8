#include "api/csv.h"

#include <string_view>

namespace muster {
namespace {

// What a spreadsheet would compute begins with `'`; also behind a separator of other countries and in a new line, at
// which it may part a cell, whatever quotes say.
std::string without_formulas(std::string_view cell) {
    constexpr std::string_view begin_formulas = "=+-@", separators = ";\t\r\n", looked_past = " \"";
    std::string safe;
    if (cell.starts_with('\t') || cell.starts_with('\r')) safe += '\'';
    bool begins = true;
    for (char c : cell) {
        if (begins && begin_formulas.contains(c)) safe += '\'';
        begins = separators.contains(c) || (begins && looked_past.contains(c));
        safe += c;
    }
    return safe;
}

void append_cell(std::string& out, std::string_view cell) {
    constexpr std::string_view need_quotes = ",\"\r\n";
    const auto safe = without_formulas(cell);
    if (safe.find_first_of(need_quotes) == std::string::npos) {
        out += safe;
        return;
    }
    out += '"';
    for (char c : safe) {
        if (c == '"') out += '"';
        out += c;
    }
    out += '"';
}

}  // namespace

void append_csv_row(std::string& out, std::span<const std::string> cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (i > 0) out += ',';
        append_cell(out, cells[i]);
    }
    out += "\r\n";
}

}  // namespace muster
