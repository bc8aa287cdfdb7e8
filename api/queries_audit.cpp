// The audit: entries read from the log by the audit's indexes.
#include "api/audit_entry.h"
#include "api/listing.h"
#include "api/parameters.h"
#include "api/queries.h"
#include "eventstore/verify.h"
#include "projections/audit.h"

#include <algorithm>
#include <utility>

namespace muster {

namespace limits {
// How many events a search for words reads for one page; the page may be short.
inline constexpr std::size_t events_searched = 2'000;
}  // namespace limits

namespace queries {
namespace {

std::optional<Actor> actor_of(const std::string& named) {
    if (named == "operator") return Actor{ActorKind::operator_, {}};
    if (named == "system") return Actor{ActorKind::system, {}};
    if (auto person = audit_person(named)) return Actor{ActorKind::member, person->uuid};
    if (auto key = ApiKeyId::parse(named)) return Actor{ActorKind::api_key, key->uuid};
    return std::nullopt;
}

// `member_invited`, also where it was written as in the feed.
std::string without_prefix(const std::string& type) {
    return type.starts_with(event_type_prefix) ? type.substr(event_type_prefix.size()) : type;
}

// A page of entries, newest first.
void answer_entries(std::shared_ptr<Call> call, const muster::audit::Query& query, bool counts) {
    when_fresh(call, "audit", [call, query, counts](const Reading& reading, Position position) {
        auto page = muster::audit::find(reading, query);
        AuditNames named(call->service.directory, call->service.history, call->workspace);
        std::string items;
        ArrayWriter array(items);
        for (const auto& recorded : call->service.history.read(page.positions))
            array.raw(audit_entry(*recorded, named));
        array.end();
        std::optional<std::string> next;
        if (page.next) next = std::to_string(*page.next);
        Counted counted;
        if (counts) {
            auto all = query;
            all.before.reset();
            all.limit = limits::counted_most;
            auto found = muster::audit::find(reading, all);
            counted = Counted::of(found.positions.size(), !found.next);
        }
        answer_list(*call, std::move(items), next, position, counted);
    });
}

// Whether every word begins some word of what people read of the entry. Read from the event each time, under the
// person's key: an index of words would know the erased.
bool says(const Unicode& unicode, const std::string& text, const std::vector<std::string>& words) {
    auto found = unicode.search_words(text);
    return std::ranges::all_of(words, [&](const auto& word) {
        return std::ranges::any_of(found, [&](const auto& each) { return each.starts_with(word); });
    });
}

// Where a search goes on: `position found`, with how many the pages before have, so that each counts on.
std::size_t found_before(const std::optional<std::string>& place) {
    const auto between = place ? place->find(' ') : std::string::npos;
    return between == std::string::npos ? 0 : std::stoull(place->substr(between));
}

// The same of those in which every word is found, among the next `limits::events_searched`.
void answer_found(const Call& call, muster::audit::Query query, const std::vector<std::string>& words, bool counts,
                  std::size_t found) {
    const auto live = call.service.runner.live("audit");
    if (!live.rows) return call.refuse(lagging());
    auto reading = live.rows->snapshot();
    AuditNames named(call.service.directory, call.service.history, call.workspace);
    const auto wanted = std::exchange(query.limit, std::size_t{100});
    std::string items;
    ArrayWriter array(items);
    std::optional<Position> next;
    std::size_t shown = 0, searched = 0;
    bool goes_on = true;
    while (goes_on) {
        auto page = muster::audit::find(*reading, query);
        next = page.next;
        for (const auto& recorded : call.service.history.read(page.positions)) {
            if (!says(call.service.unicode, audit_text(*recorded, named), words)) continue;
            array.raw(audit_entry(*recorded, named));
            if (++shown < wanted) continue;
            next = recorded->meta.position;
            break;
        }
        searched += page.positions.size();
        query.before = next;
        // One that is not full has walked its share of rows that other filters keep out.
        goes_on = next && shown < wanted && page.positions.size() == query.limit && searched < limits::events_searched;
    }
    array.end();
    found += shown;
    std::optional<std::string> place;
    if (next) place = std::to_string(*next) + ' ' + std::to_string(found);
    answer_list(call, items, place, live.position, counts ? Counted::of(found, !next) : Counted{});
}

}  // namespace

void audit(std::shared_ptr<Call> call) {
    AuditParameters wanted;
    muster::audit::Query query;
    query.workspace = call->workspace_id;
    bool good = read_list(*call, wanted, [&](Faults& faults) {
        auto refuse = [&](const char* parameter, const std::string& detail) {
            faults.add({parameter, Code::invalid_value, detail, {}});
        };
        for (const auto& each : wanted.actor)
            if (auto actor = actor_of(each))
                query.actors.push_back(*actor);
            else
                refuse("?actor",
                       "The ids of members, invitations or API keys, `operator`, `system`: not `" + each + "`.");
        for (const auto& each : wanted.member)
            if (auto person = audit_person(each))
                query.members.push_back(*person);
            else
                refuse("?member", "The ids of members or invitations: not `" + each + "`.");
        for (const auto& each : wanted.type)
            if (auto type = without_prefix(each); is_event_type(type))
                query.types.push_back(type);
            else
                refuse("?type", "There is no type of event `" + each + "`; they are as in the feed, with or without `" +
                                    std::string(event_type_prefix) + "`: member_invited.");
        check_order(wanted.from, wanted.to, faults);
    });
    if (!good) return;
    auto place = place_of(*call, wanted.cursor);
    if (!place) return;
    query.from = wanted.from;
    query.to = wanted.to;
    if (place->after) query.before = std::stoull(*place->after);
    query.limit = static_cast<std::size_t>(wanted.limit);
    auto words = words_of(*call, wanted.q);
    if (words.empty()) return answer_entries(call, query, wanted.include_total);
    auto search = [call, query, words, counts = wanted.include_total, found = found_before(place->after)] {
        answer_found(*call, query, words, counts, found);
    };
    when_fresh(call, "audit", [call, search](const Reading&, Position) { on_pool(call, search); });
}

void member_history(std::shared_ptr<Call> call) {
    ListParameters wanted;
    if (!read_list(*call, wanted)) return;
    auto place = place_of(*call, wanted.cursor);
    if (!place) return;
    auto person = audit_person(std::string(call->parameter("id")));
    if (!person || !call->service.directory.membership(call->workspace_id, *person)->exists())
        return call->refuse({Code::not_found, "There is no such member here.", {}, {}});
    muster::audit::Query query;
    query.workspace = call->workspace_id;
    query.members = {*person};
    if (place->after) query.before = std::stoull(*place->after);
    query.limit = static_cast<std::size_t>(wanted.limit);
    answer_entries(call, query, wanted.include_total);
}

void audit_verify(std::shared_ptr<Call> call) {
    on_pool(call, [call] {
        auto chain = verify_chain(call->service.log, call->workspace_id);
        std::string out;
        ObjectWriter into(out);
        into.field("intact", chain.intact());
        into.field("events", chain.events);
        into.field("head", base64url(view(chain.link)));
        if (chain.fault) {
            into.field("first_bad_position", chain.fault->position);
            into.field("detail", chain.fault->why);
        }
        into.end();
        call->done(response({200, std::move(out), call->service.log.head(call->workspace_id), std::nullopt, {}}));
    });
}

}  // namespace queries
}  // namespace muster
