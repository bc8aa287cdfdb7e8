#include "domain/seats.h"

#include <algorithm>

namespace muster {

std::map<Counter, std::int64_t> difference(const Holdings& before, const Holdings& after) {
    auto moved = after.takes;
    for (const auto& [counter, count] : before.takes) moved[counter] -= count;
    std::erase_if(moved, [](const auto& each) { return each.second == 0; });
    return moved;
}

std::optional<Refusal> misfit(const Workspace& workspace, const Holdings& before, const Holdings& after,
                              const Context& context) {
    auto moved = difference(before, after);
    auto short_of = [&](const Counter& counter) -> std::optional<Refusal> {
        auto delta = moved.find(counter);
        auto limit = workspace.limit_of(counter, context.now);
        if (delta == moved.end() || delta->second <= 0 || !limit) return std::nullopt;
        auto used = context.counters.of(counter);
        if (used + delta->second <= *limit) return std::nullopt;
        return no_seats(workspace, counter, used, *limit);
    };
    if (auto refusal = short_of(Counter::users())) return refusal;
    for (const auto& license : workspace.plan.value.licenses)
        if (auto refusal = short_of(Counter::license(license.key.value))) return refusal;

    auto admins = moved.find(Counter::active_admins());
    if (admins != moved.end() && admins->second < 0 &&
        context.counters.of(Counter::active_admins()) + admins->second < 1)
        return Refusal{Code::last_admin,
                       "This is the last active admin. Make somebody else an admin first, so that the workspace is not "
                       "locked out.",
                       {},
                       {}};
    return std::nullopt;
}

Instant fits_until(const Workspace& workspace, Instant now) {
    return workspace.trial_runs(now) ? *workspace.plan.value.trial_ends_at : Instant::never();
}

bool is_pool(const Counter& counter) { return counter == Counter::users() || counter.name.starts_with("license:"); }

std::string pool_of(const Counter& counter) {
    return counter.name.starts_with("license:") ? counter.name.substr(8) : counter.name;
}

std::string pool_name(const Workspace& workspace, const Counter& counter) {
    for (const auto& license : workspace.plan.value.licenses)
        if (counter == Counter::license(license.key.value)) return license.name.value;
    return "Users";
}

namespace {

Details numbers(const Workspace& workspace, const Counter& counter, std::int64_t used, std::int64_t limit) {
    const auto& settings = workspace.settings.value;
    Details details{{"pool", pool_of(counter)},
                    {"name", pool_name(workspace, counter)},
                    {"limit", limit},
                    {"used", used},
                    {"remaining", std::max<std::int64_t>(0, limit - used)}};
    details.emplace_back("upgrade_url", settings.upgrade_url ? Detail(settings.upgrade_url->value) : Detail(nullptr));
    details.emplace_back("contact", settings.contact ? Detail(settings.contact->value) : Detail(nullptr));
    return details;
}

}  // namespace

Refusal no_seats(const Workspace& workspace, const Counter& counter, std::int64_t used, std::int64_t limit) {
    auto remaining = std::to_string(std::max<std::int64_t>(0, limit - used));
    return {
        Code::no_seats_remaining,
        pool_name(workspace, counter) + ": " + remaining +
            " Remaining. Upgrade the plan, or take a seat from somebody: deactivate a member, revoke an invitation, or "
            "remove the licence.",
        numbers(workspace, counter, used, limit),
        {}};
}

Refusal seats_in_use(const Workspace& workspace, const Counter& counter, std::int64_t used, std::int64_t limit) {
    return {Code::seats_in_use,
            pool_name(workspace, counter) + ": " + std::to_string(used) + " in use, more than " +
                std::to_string(limit) + ". Free seats first, then change the plan.",
            numbers(workspace, counter, used, limit),
            {}};
}

std::unexpected<Refusal> limit_reached(const std::string& what, std::size_t limit) {
    return refused(Code::limit_reached, "At most " + std::to_string(limit) + " " + what + "; remove one first.",
                   {{"limit", static_cast<std::int64_t>(limit)}});
}

}  // namespace muster
