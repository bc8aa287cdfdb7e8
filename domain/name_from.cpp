#include "domain/values.h"

namespace muster {

std::string name_from(const EmailAddress& address, const Unicode& unicode) {
    auto local = address.local_part();
    auto plus = local.find('+');
    if (plus != std::string_view::npos && plus > 0) local = local.substr(0, plus);
    std::string name, word;
    auto end_word = [&] {
        if (word.empty()) return;
        if (!name.empty()) name += ' ';
        name += unicode.titled(word);
        word.clear();
    };
    for (char c : local) {
        if (c == '.' || c == '_' || c == '-')
            end_word();
        else if (c < '0' || c > '9')
            word += c;
    }
    end_word();
    return name.empty() ? std::string(address.local_part()) : name;
}

}  // namespace muster
