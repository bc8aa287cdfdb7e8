#include "api/difference_json.h"

#include "api/audit_entry.h"
#include "api/json/write.h"

#include <array>

namespace muster {
namespace {

void write_different(std::string& out, const Different& different) {
    ObjectWriter into(out);
    into.field("change", different.change);
    into.field("kind", different.kind);
    into.field("id", different.id);
    into.field("name", different.name);
    write_changes(into.key("changes"), different.changes);
    into.end();
}

void write_moment(std::string& out, const Moment& moment) {
    ObjectWriter into(out);
    into.field("at", moment.at == Instant{} ? std::nullopt : std::optional(moment.at));
    into.field("position", moment.position);
    into.end();
}

}  // namespace

std::optional<std::string> difference_json(const Log& log, const History& history, WorkspaceId workspace, Moment from,
                                           Moment to) {
    constexpr auto parts = choices_of<DifferencePart>;
    std::array<std::string, parts.size()> items;
    auto found = difference(log, history, workspace, from, to, limits::diff_events, [&](const Different& each) {
        auto& list = items[static_cast<std::size_t>(each.part)];
        if (!list.empty()) list += ',';
        write_different(list, each);
    });
    if (!found) return std::nullopt;
    std::string out;
    ObjectWriter into(out);
    write_moment(into.key("from"), found->from);
    write_moment(into.key("to"), found->to);
    into.field("events", found->events);
    for (std::size_t i = 0; i < parts.size(); ++i) into.raw(parts[i], "[" + items[i] + "]");
    write_changes(into.key("workspace"), found->workspace);
    write_changes(into.key("settings"), found->settings);
    write_changes(into.key("plan"), found->plan);
    ArrayWriter seats(into.key("seats"));
    for (const auto& [pool, change] : found->seats) {
        ObjectWriter each(seats.next());
        each.field("pool", pool);
        each.field("used_change", change);
        each.end();
    }
    seats.end();
    into.end();
    return out;
}

Refusal range_too_large() {
    auto most = static_cast<std::int64_t>(limits::diff_events);
    return refuse({{"?from",
                    Code::range_too_large,
                    "More than " + std::to_string(most) +
                        " events lie in between, or people differ by what was removed; ask for less at once.",
                    {{"limit", most}}}});
}

}  // namespace muster
