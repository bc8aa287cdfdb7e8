#include "api/audit_entry.h"

#include "api/json/write.h"
#include "api/views.h"

#include <algorithm>
#include <variant>

namespace muster {
namespace {

template <class Map, class Key>
std::optional<std::string> named(const Map& all, const Key& key) {
    auto found = all.find(key);
    return found == all.end() ? std::nullopt : std::optional(found->second.value.name.value);
}

}  // namespace

std::optional<MemberId> audit_person(const std::string& text) {
    if (auto member = MemberId::parse(text)) return member;
    auto invitation = InvitationId::parse(text);
    return invitation ? std::optional(MemberId{invitation->uuid}) : std::nullopt;
}

std::optional<std::string> AuditNames::of(const Actor& actor, Position at) const {
    if (actor.kind == ActorKind::member || actor.kind == ActorKind::invitee) return member(MemberId{actor.id}, at);
    if (actor.kind == ActorKind::api_key) return key_name(*workspace_, actor);
    return std::nullopt;
}

std::optional<std::string> AuditNames::of(const Target& target, Position at) const {
    if (target.kind == "workspace") return workspace_->name.value;
    if (target.kind == "role") return named(workspace_->roles, RoleKey{target.id});
    if (target.kind == "permission") return named(workspace_->permissions, PermissionKey{target.id});
    if (target.kind == "team") return named(workspace_->teams, TeamId::parse(target.id).value_or(TeamId{}));
    if (target.kind == "api_key")
        return key_name(*workspace_, {ActorKind::api_key, ApiKeyId::parse(target.id).value_or(ApiKeyId{}).uuid});
    if (target.kind == "webhook") {
        auto held = workspace_->webhooks.find(WebhookId::parse(target.id).value_or(WebhookId{}));
        return held == workspace_->webhooks.end() ? std::nullopt : std::optional(held->second.value.url.text());
    }
    if (auto person = audit_person(target.id)) return member(*person, at);
    if (auto id = ResourceId::parse(target.id)) {
        auto resource = directory_.resource(workspace_->id, *id);
        if (resource->version > 0) return resource->name.value;
    }
    if (auto id = RequestId::parse(target.id)) {
        auto request = directory_.request(workspace_->id, *id);
        if (const auto* applicant = request->applicant.if_known(); applicant && applicant->name)
            return applicant->name->value;
        if (const auto* email = request->email.if_known()) return email->text();
    }
    return std::nullopt;
}

std::string AuditNames::of(const Change& change, Position at) const {
    return change.field + ": " + worded(change.from, at) + " -> " + worded(change.to, at);
}

// An id, alone or with what is given of it behind it (`res_…:edit`).
std::string AuditNames::worded(const std::string& word, Position at) const {
    const auto id = word.substr(0, word.find(':'));
    const auto name = of(Target{TeamId::parse(id) ? "team" : "", id}, at);
    return name ? *name + word.substr(id.size()) : word;
}

std::string AuditNames::worded(const Plain& value, Position at) const {
    if (const auto* word = std::get_if<std::string>(&value)) return worded(*word, at);
    const auto* words = std::get_if<std::vector<std::string>>(&value);
    if (!words) return text_of(value);
    std::vector<std::string> told;
    for (const auto& word : *words) told.push_back(worded(word, at));
    return text_of(told);
}

// The last one before the event; of who came with it, theirs from then on.
std::optional<std::string> AuditNames::member(MemberId id, Position at) const {
    auto [known, fresh] = members_.try_emplace(id.uuid);
    auto& names = known->second;
    if (fresh) names = names_of(id);
    auto later = std::ranges::lower_bound(names, at, {}, &Named::since);
    if (later != names.begin()) --later;
    return later == names.end() ? std::nullopt : later->name;
}

std::vector<AuditNames::Named> AuditNames::names_of(MemberId id) const {
    std::vector<Named> names;
    Membership membership;
    for (const auto& each : history_.stream(stream_of(id))) {
        if (each->workspace != workspace_->id) return {};
        evolve(membership, *each);
        const auto* profile = membership.profile.if_known();
        auto name = profile ? std::optional(profile->name) : std::nullopt;
        if (names.empty() || names.back().name != name) names.push_back({each->meta.position, std::move(name)});
    }
    // Who is deleted has none from then on, nor in what was before: their key is about to go, if it is not gone.
    return membership.profile.if_known() ? names : std::vector<Named>();
}

std::string audit_sentence(const Recorded& recorded, const AuditNames& names) {
    const auto at = recorded.meta.position;
    return summary_of(recorded, {[&](const Actor& actor) { return names.of(actor, at).value_or(""); },
                                 [&](const Target&) { return target_name(recorded, names).value_or(""); }});
}

std::optional<std::string> target_name(const Recorded& recorded, const AuditNames& names) {
    auto told = name_told(recorded.event);
    return told ? told : names.of(target_of(recorded), recorded.meta.position);
}

Cause cause_of(const Recorded& recorded) {
    Cause cause;
    cause.request = base32(recorded.correlation);
    if (recorded.causation != 0) cause.position = recorded.causation;
    const auto* invited = std::get_if<MemberInvited>(&recorded.event);
    if (!invited || !invited->batch) return cause;
    // An import is a batch of its own id; its events are of no other request.
    if (invited->batch->uuid == recorded.correlation)
        cause.import = ImportId{invited->batch->uuid};
    else
        cause.batch = invited->batch;
    return cause;
}

void write_cause(std::string& out, const Recorded& recorded) {
    const auto cause = cause_of(recorded);
    ObjectWriter into(out);
    into.field("request", cause.request);
    into.field("batch", cause.batch);
    into.field("import", cause.import);
    into.field("position", cause.position);
    into.end();
}

void write_changes(std::string& out, const std::vector<Change>& changes) {
    auto write = [](std::string& value, const Plain& plain) {
        std::visit(
            [&]<class T>(const T& each) {
                if constexpr (std::same_as<T, std::nullptr_t>)
                    value += "null";
                else
                    write_json(value, each);
            },
            plain);
    };
    ArrayWriter array(out);
    for (const auto& change : changes) {
        ObjectWriter each(array.next());
        each.field("field", change.field);
        write(each.key("from"), change.from);
        write(each.key("to"), change.to);
        each.end();
    }
    array.end();
}

std::string audit_entry(const Recorded& recorded, const AuditNames& names) {
    std::string out;
    ObjectWriter into(out);
    into.field("id", recorded.id);
    into.field("position", recorded.meta.position);
    into.field("at", recorded.meta.at);
    write_actor(into.key("actor"), recorded.meta.actor, names.of(recorded.meta.actor, recorded.meta.position));
    into.field("type", event_type(recorded.event));
    into.field("summary", audit_sentence(recorded, names));
    const auto about = target_of(recorded);
    ObjectWriter target(into.key("target"));
    target.field("kind", about.kind);
    target.field("id", about.id);
    target.field("name", target_name(recorded, names));
    target.end();
    write_changes(into.key("changes"), changes_of(recorded.event));
    write_cause(into.key("cause"), recorded);
    into.end();
    return out;
}

std::string audit_text(const Recorded& recorded, const AuditNames& names) {
    auto text = event_type(recorded.event) + ' ' + audit_sentence(recorded, names);
    for (const auto& change : changes_of(recorded.event)) text += ' ' + names.of(change, recorded.meta.position);
    const auto cause = cause_of(recorded);
    text += ' ' + cause.request;
    if (cause.batch) text += ' ' + cause.batch->text();
    if (cause.import) text += ' ' + cause.import->text();
    return text;
}

}  // namespace muster
