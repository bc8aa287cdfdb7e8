#pragma once
// From a sheet to rows of people: which column is which, by its header.

#include "api/imports/import.h"
#include "api/sheets/sheet.h"

#include <expected>
#include <string>
#include <vector>

namespace muster {

struct ImportedRows {
    std::vector<ImportRow> rows;
    std::vector<std::string> ignored_columns;  // as the file calls them
};

// Headers are compared without regard to case, order, space, `-` and `_`. Faults: unknown_column by name, a column that
// stands twice, no column of addresses, cells beyond the header.
std::expected<ImportedRows, Refusal> rows_of(Sheet sheet);

// The template's header line.
std::string template_header(bool all);

}  // namespace muster
