#include "api/imports/import.h"

#include <algorithm>

namespace muster {

std::int64_t Import::pieces() const {
    constexpr auto step = static_cast<std::int64_t>(limits::import_piece_rows);
    return (rows + step - 1) / step;
}

std::string trimmed(std::string_view text) {
    constexpr std::string_view space = " \t\r\n";
    text.remove_prefix(std::min(text.find_first_not_of(space), text.size()));
    return std::string(text.substr(0, text.find_last_not_of(space) + 1));
}

constexpr std::string_view beside_addresses = " \t\r\n,;:<>()[]\"'";

std::vector<EmailAddress> addresses_in(const ImportCells& cells, const Unicode& unicode) {
    std::vector<EmailAddress> found;
    for_each_field(cells, [&](std::string_view, const std::string& cell) {
        for (std::string_view rest = cell; rest.contains('@');) {
            const auto word = rest.substr(0, rest.find_first_of(beside_addresses));
            if (word.contains('@'))
                if (auto address = EmailAddress::parse(word, unicode)) found.push_back(std::move(*address));
            rest.remove_prefix(std::min(word.size() + 1, rest.size()));
        }
    });
    return found;
}

std::size_t text_bytes(const std::vector<ImportRow>& rows) {
    std::size_t bytes = 0;
    for (const auto& row : rows)
        for_each_field(row.cells, [&](std::string_view, const std::string& cell) { bytes += cell.size(); });
    return bytes;
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
    for (const auto& each : issues) {
        Details details;
        if (each.id) details.emplace_back("id", *each.id);
        faults.push_back({"/" + each.column, code_of(each.code), each.detail, std::move(details)});
    }
    return refuse(std::move(faults));
}

}  // namespace muster
