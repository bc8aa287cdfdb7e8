// The audit: entries read from the log by the audit's indexes.
#include "api/listing.h"
#include "api/parameters.h"
#include "api/queries.h"
#include "api/views.h"
#include "eventstore/verify.h"
#include "projections/audit.h"
#include "projections/sentence.h"

namespace muster::queries {
namespace {

// Who acted, and what it was about, by their names now; null where there is none, or they were erased.
struct Named {
    Call& call;

    std::optional<std::string> member(const Uuid& id) const {
        auto found = call.service.directory.membership(call.workspace_id, MemberId{id});
        const auto* profile = found->profile.if_known();
        return profile ? std::optional(profile->name) : std::nullopt;
    }
    std::optional<std::string> actor(const Actor& actor) const {
        if (actor.kind == ActorKind::member || actor.kind == ActorKind::invitee) return member(actor.id);
        return std::nullopt;
    }
    std::optional<std::string> target(const Target& target) const {
        const auto& workspace = *call.workspace;
        if (target.kind == "member" || target.kind == "invitation") {
            auto id = target.kind == "member" ? MemberId::parse(target.id) : std::nullopt;
            auto invitation = InvitationId::parse(target.id);
            if (id) return member(id->uuid);
            return invitation ? member(invitation->uuid) : std::nullopt;
        }
        if (target.kind == "workspace") return workspace.name.value;
        if (target.kind == "role") {
            auto role = workspace.roles.find(RoleKey{target.id});
            return role == workspace.roles.end() ? std::nullopt : std::optional(role->second.value.name.value);
        }
        if (target.kind == "team") {
            auto team = workspace.teams.find(TeamId::parse(target.id).value_or(TeamId{}));
            return team == workspace.teams.end() ? std::nullopt : std::optional(team->second.value.name.value);
        }
        if (target.kind == "resource") {
            auto resource =
                call.service.directory.resource(workspace.id, ResourceId::parse(target.id).value_or(ResourceId{}));
            return resource->version > 0 ? std::optional(resource->name.value) : std::nullopt;
        }
        return std::nullopt;
    }
};

std::string actor_id(const Actor& actor) {
    if (actor.kind == ActorKind::member) return MemberId{actor.id}.text();
    if (actor.kind == ActorKind::invitee) return InvitationId{actor.id}.text();
    return {};
}

void write_plain(std::string& out, const Plain& value) {
    std::visit(
        [&]<class T>(const T& each) {
            if constexpr (std::same_as<T, std::nullptr_t>)
                out += "null";
            else
                write_json(out, each);
        },
        value);
}

struct Entry {
    std::string json;
    std::string searched;  // what `q` is looked for in: what people read of it
};

Entry entry(const Recorded& recorded, const Named& named) {
    std::string out, searched = event_type(recorded.event);
    auto target = target_of(recorded);
    muster::Names sentence_names{[&](const Actor& actor) {
                                     if (actor.kind == ActorKind::operator_) return std::string("The operator");
                                     if (actor.kind == ActorKind::system) return std::string("Muster");
                                     return named.actor(actor).value_or(actor_id(actor));
                                 },
                                 [&](const Target& each) { return named.target(each).value_or(each.id); }};
    ObjectWriter into(out);
    into.field("id", recorded.id);
    into.field("position", recorded.meta.position);
    into.field("at", recorded.meta.at);
    ObjectWriter actor(into.key("actor"));
    auto id = actor_id(recorded.meta.actor);
    actor.field("kind", recorded.meta.actor.kind);
    actor.field("id", id.empty() ? std::nullopt : std::optional(id));
    actor.field("name", named.actor(recorded.meta.actor));
    actor.end();
    into.field("type", event_type(recorded.event));
    auto summary = summary_of(recorded, sentence_names);
    into.field("summary", summary);
    searched += ' ' + summary;
    ObjectWriter about(into.key("target"));
    about.field("kind", target.kind);
    about.field("id", target.id);
    about.field("name", named.target(target));
    about.end();
    ArrayWriter changes(into.key("changes"));
    for (const auto& change : changes_of(recorded.event)) {
        ObjectWriter each(changes.next());
        each.field("field", change.field);
        searched += ' ' + change.field + ' ' + text_of(change.from) + ' ' + text_of(change.to);
        write_plain(each.key("from"), change.from);
        write_plain(each.key("to"), change.to);
        each.end();
    }
    changes.end();
    ObjectWriter cause(into.key("cause"));
    cause.field("request", base32(recorded.correlation));
    cause.field("position",
                recorded.causation == 0 ? std::nullopt : std::optional(static_cast<std::int64_t>(recorded.causation)));
    cause.end();
    into.end();
    return {std::move(out), std::move(searched)};
}

std::optional<Actor> actor_of(const std::string& named) {
    if (named == "operator") return Actor{ActorKind::operator_, {}};
    if (named == "system") return Actor{ActorKind::system, {}};
    if (auto member = MemberId::parse(named)) return Actor{ActorKind::member, member->uuid};
    return std::nullopt;
}

std::optional<MemberId> person_of(const std::string& named) {
    if (auto member = MemberId::parse(named)) return member;
    if (auto invitation = InvitationId::parse(named)) return MemberId{invitation->uuid};
    return std::nullopt;
}

}  // namespace

void audit(std::shared_ptr<Call> call) {
    AuditParameters wanted;
    muster::audit::Query query;
    query.workspace = call->workspace_id;
    bool good = read_list(*call, wanted, [&](Faults& faults) {
        if (wanted.actor && !(query.actor = actor_of(*wanted.actor)))
            faults.add({"?actor", Code::invalid_value, "A member's id, `operator` or `system`.", {}});
        if (wanted.member && !(query.member = person_of(*wanted.member)))
            faults.add({"?member", Code::invalid_value, "The id of a member or an invitation.", {}});
        for (const auto& type : wanted.type)
            if (!is_event_type(type))
                faults.add({"?type", Code::invalid_value, "There is no type of event `" + type + "`.", {}});
    });
    if (!good) return;
    auto place = place_of(*call, wanted.cursor);
    if (!place) return;
    query.types = wanted.type;
    query.from = wanted.from;
    query.to = wanted.to;
    if (place->after) query.before = std::stoull(*place->after);
    query.limit = static_cast<std::size_t>(wanted.limit);
    auto words = wanted.q ? call->service.unicode.search_words(*wanted.q) : std::vector<std::string>{};
    when_fresh(call, "audit", [call, query, words, counts = wanted.include_total](const Reading& reading, Position position) {
        auto page = muster::audit::find(reading, query);
        Named named{*call};
        std::string items;
        ArrayWriter array(items);
        std::size_t shown = 0;
        for (const auto& recorded : call->service.history.read(page.positions)) {
            auto [text, searched] = entry(*recorded, named);
            if (!words.empty()) {
                auto found = call->service.unicode.search_words(searched);
                bool all = std::ranges::all_of(words, [&](const auto& word) {
                    return std::ranges::any_of(found, [&](const auto& each) { return each.starts_with(word); });
                });
                if (!all) continue;
            }
            array.raw(text);
            ++shown;
        }
        array.end();
        std::optional<std::string> next;
        if (page.next) next = std::to_string(*page.next);
        Counted counted;
        if (counts && words.empty()) {
            auto all = query;
            all.before.reset();
            all.limit = limits::counted_most;
            auto found = muster::audit::find(reading, all);
            counted = Counted::of(found.positions.size(), !found.next);
        } else if (counts) {
            counted = Counted::of(shown, !query.before && !page.next);
        }
        answer_list(*call, std::move(items), next, position, counted);
    });
}

void audit_verify(std::shared_ptr<Call> call) {
    bool taken = call->service.pool.post([call] {
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
    if (!taken)
        call->refuse({Code::overloaded, "The server has more to do than it can; try again in a moment.", {}, {}});
}

}  // namespace muster::queries
