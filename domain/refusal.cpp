#include "domain/refusal.h"

namespace muster {

std::string_view name_of(Code code) {
    static constexpr std::string_view names[] = {
#define MUSTER_NAME(name) #name,
        MUSTER_CODES(MUSTER_NAME)
#undef MUSTER_NAME
    };
    return names[static_cast<std::size_t>(code)];
}

Refusal refuse(std::vector<Fault> faults) {
    if (faults.size() == 1) return {faults[0].code, faults[0].detail, faults[0].details, std::move(faults)};
    return {Code::validation_failed,
            "The request has " + std::to_string(faults.size()) + " faults; `errors` names each with its place.",
            {},
            std::move(faults)};
}

Refusal permission_denied(std::string_view permission) {
    return {Code::permission_denied,
            "This needs the permission `" + std::string(permission) + "`.",
            {{"permission", std::string(permission)}},
            {}};
}

}  // namespace muster
