#pragma once
// The first sheet of an Excel file (.xlsx, ECMA-376) as it shows there: shared and inline strings, numbers, TRUE and
// FALSE, the last results of formulas. A date is the number that Excel keeps for it. Pure; any thread.

#include "api/sheets/sheet.h"

#include <string_view>

namespace muster {

[[nodiscard]] SheetRead read_xlsx(std::string_view bytes);

}  // namespace muster
