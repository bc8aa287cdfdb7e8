#include "api/listing.h"

namespace muster {

std::string filter_of(const Call& call) {
    std::string filter(call.request.target.substr(0, call.request.target.find('?')));
    auto sorted = call.query;
    std::ranges::sort(sorted);
    for (const auto& [name, value] : sorted)
        if (name != "cursor" && name != "limit" && name != "include_total") filter += '\n' + name + '=' + value;
    return filter;
}

std::optional<ListPlace> place_of(const Call& call, const std::optional<std::string>& cursor) {
    if (!cursor) return ListPlace{};
    auto place = read_cursor(call.service.vault, *cursor, filter_of(call));
    if (place) return ListPlace{std::move(place)};
    call.refuse({Code::invalid_cursor, "This cursor is not of this list and filter; begin again without it.", {}, {}});
    return std::nullopt;
}

namespace {

void answer_page(const Call& call, std::string_view member, std::string_view items,
                 const std::optional<std::string>& next, Position position, const Counted& counted) {
    std::string out;
    ObjectWriter into(out);
    into.raw(member, items);
    std::optional<std::string> next_cursor;
    if (next) next_cursor = cursor(call.service.vault, *next, filter_of(call));
    into.field("next_cursor", next_cursor);
    if (counted.total) into.field("total", *counted.total);
    if (counted.at_least) into.field("total_at_least", *counted.at_least);
    into.end();
    Answer answer{200, std::move(out), position, std::nullopt, {}};
    if (next_cursor) {
        std::string link(call.request.target.substr(0, call.request.target.find('?')));
        char join = '?';
        for (const auto& [name, value] : call.query) {
            if (name == "cursor") continue;
            link += join + percent_encoded(name) + '=' + percent_encoded(value);
            join = '&';
        }
        link += join + ("cursor=" + *next_cursor);
        answer.headers.push_back({"link", "<" + link + ">; rel=\"next\""});
    }
    call.done(response(std::move(answer)));
}

}  // namespace

void answer_list(const Call& call, std::string_view items, const std::optional<std::string>& next, Position position,
                 const Counted& counted) {
    answer_page(call, "items", items, next, position, counted);
}

void answer_groups(const Call& call, std::string_view groups, const std::optional<std::string>& next, Position position,
                   const Counted& counted) {
    answer_page(call, "groups", groups, next, position, counted);
}

}  // namespace muster
