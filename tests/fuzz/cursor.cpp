#include "api/tokens.h"
#include "tests/fuzz/targets.h"
#include "tests/fuzz/vault.h"

#include <algorithm>

namespace muster::fuzz {

void cursor(std::string_view bytes) {
    static Keys keys;
    const auto list = bytes.substr(0, bytes.find('\n'));
    const auto text = bytes.substr(std::min(bytes.size(), list.size() + 1));
    if (const auto place = read_cursor(keys.vault, text, list))
        must(read_cursor(keys.vault, muster::cursor(keys.vault, *place, list), list) == place,
             "two cursors of one place name two");
    const auto made = muster::cursor(keys.vault, text, list);
    must(read_cursor(keys.vault, made, list) == text, "a cursor does not name its place");
    must(!read_cursor(keys.vault, made, std::string(list) + "&"), "a cursor is good for another list");
    auto altered = made;
    char& one = altered[text.size() % altered.size()];
    one = one == 'A' ? 'B' : 'A';
    must(!read_cursor(keys.vault, altered, list), "a cursor that was altered is good");
}

}  // namespace muster::fuzz
