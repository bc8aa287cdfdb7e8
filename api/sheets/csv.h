#pragma once
// CSV as people save it (RFC 4180 and what programs make of it): UTF-8 or, with its byte order mark, UTF-16; lines that
// end in LF, CRLF or CR; cells between `,`, `;` or tabs, whichever the header has most; quoted cells with all of these
// in them. Excel's first line `sep=;` is understood. Pure; any thread.

#include "api/sheets/sheet.h"

#include <string_view>

namespace muster {

[[nodiscard]] SheetRead read_csv(std::string_view bytes);

}  // namespace muster
