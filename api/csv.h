#pragma once
// Rows of a file as RFC 4180 has them, for programs and for spreadsheets.

#include <span>
#include <string>

namespace muster {

// Appends the cells as one line, ended by CR LF. A cell that a spreadsheet would take for a formula (it begins with one
// of = + - @, tab or CR) gets an apostrophe before it [trap 12].
void append_csv_row(std::string& out, std::span<const std::string> cells);

}  // namespace muster
