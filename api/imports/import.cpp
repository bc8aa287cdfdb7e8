#include "api/imports/import.h"

#include <algorithm>

namespace muster {

std::int64_t Import::pieces() const {
    constexpr auto step = static_cast<std::int64_t>(limits::import_piece_rows);
    return (rows + step - 1) / step;
}

Code code_of(std::string_view name) {
    constexpr Code codes[] = {
#define MUSTER_LISTED(code) Code::code,
        MUSTER_CODES(MUSTER_LISTED)
#undef MUSTER_LISTED
    };
    const auto* found = std::ranges::find(codes, name, [](Code code) { return name_of(code); });
    return found == std::end(codes) ? Code::internal_error : *found;
}

Refusal refusal_of(const std::vector<ImportIssue>& issues) {
    std::vector<Fault> faults;
    for (const auto& each : issues) faults.push_back({"/" + each.column, code_of(each.code), each.detail, {}});
    return refuse(std::move(faults));
}

}  // namespace muster
