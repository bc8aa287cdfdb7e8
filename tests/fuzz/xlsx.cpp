#include "api/sheets/xlsx.h"

#include "tests/fuzz/sheet.h"

namespace muster::fuzz {

void xlsx(std::string_view bytes) { check(read_xlsx(bytes)); }

}  // namespace muster::fuzz
