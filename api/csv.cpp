#include "api/csv.h"

#include <string_view>

namespace muster {
namespace {

void append_cell(std::string& out, std::string_view cell) {
    constexpr std::string_view begin_formulas = "=+-@\t\r", need_quotes = ",\"\r\n";
    bool harmful = !cell.empty() && begin_formulas.contains(cell.front());
    if (cell.find_first_of(need_quotes) == std::string_view::npos) {
        if (harmful) out += '\'';
        out += cell;
        return;
    }
    out += harmful ? "\"'" : "\"";
    for (char c : cell) {
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
