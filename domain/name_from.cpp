#include "domain/values.h"

namespace muster {

std::string name_from(const EmailAddress& address, const Unicode&) {
    auto local = address.local_part();
    auto plus = local.find('+');
    if (plus != std::string_view::npos && plus > 0) local = local.substr(0, plus);
    std::string name;
    bool word_begins = true;
    for (char c : local) {
        if (c == '.' || c == '_' || c == '-') {
            word_begins = true;
            continue;
        }
        if (c >= '0' && c <= '9') continue;
        if (word_begins && !name.empty()) name += ' ';
        bool lower = c >= 'a' && c <= 'z', upper = c >= 'A' && c <= 'Z';
        if (word_begins && lower) c = static_cast<char>(c - 'a' + 'A');
        if (!word_begins && upper) c = static_cast<char>(c - 'A' + 'a');
        name += c;
        word_begins = false;
    }
    return name.empty() ? std::string(address.local_part()) : name;
}

}  // namespace muster
