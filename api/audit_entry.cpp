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

std::string quoted(const std::string& text) {
    const bool plain = text != "none" && text.find_first_of("\";,") == std::string::npos && !text.contains("->");
    if (plain) return text;
    std::string told = "\"";
    for (char each : text) told.append(each == '"' ? 2 : 1, each);
    return told + '"';
}

}  // namespace

std::optional<MemberId> audit_person(const std::string& text) {
    if (auto member = MemberId::parse(text)) return member;
    auto invitation = InvitationId::parse(text);
    return invitation ? std::optional(MemberId{invitation->uuid}) : std::nullopt;
}

std::optional<std::string> AuditNames::of(const Actor& actor, Position at) const {
    if (actor.kind == ActorKind::member || actor.kind == ActorKind::invitee)
        return AuditNames::then(person(MemberId{actor.id}).names, at);
    if (actor.kind == ActorKind::api_key) return of_workspace({"api_key", ApiKeyId{actor.id}.text()}, at);
    return std::nullopt;
}

std::optional<std::string> AuditNames::of(const Target& target, Position at) const {
    constexpr std::string_view parts[] = {"role", "permission", "team", "api_key", "webhook"};
    if (target.kind == "workspace") return workspace_->name.value;
    if (std::ranges::find(parts, target.kind) != std::end(parts)) return of_workspace(target, at);
    if (auto id = audit_person(target.id)) return AuditNames::then(person(*id).names, at);
    if (auto id = ResourceId::parse(target.id)) {
        auto [known, fresh] = resources_.try_emplace(id->uuid);
        if (fresh) known->second = read(*id);
        return AuditNames::then(known->second, at);
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
    auto told = [&](const Plain& value) {
        const bool unlimited = change.field == "user_limit" && std::holds_alternative<std::nullptr_t>(value);
        return unlimited ? "unlimited" : worded(value, at);
    };
    return change.field + ": " + told(change.from) + " -> " + told(change.to);
}

std::vector<Change> AuditNames::changes(const Recorded& recorded) const {
    if (recorded.stream.kind == StreamKind::membership) {
        const auto& known = person(MemberId{recorded.stream.id}).changes;
        if (auto found = known.find(recorded.meta.position); found != known.end()) return found->second;
    }
    return changes_of(recorded.event);
}

// An id, alone or with what is given of it behind it (`res_…:edit`).
std::string AuditNames::worded(const std::string& word, Position at) const {
    const auto id = word.substr(0, word.find(':'));
    const auto name = of(Target{TeamId::parse(id) ? "team" : "", id}, at);
    return name ? quoted(*name) + word.substr(id.size()) : quoted(word);
}

std::string AuditNames::worded(const Plain& value, Position at) const {
    if (const auto* word = std::get_if<std::string>(&value)) return worded(*word, at);
    const auto* words = std::get_if<std::vector<std::string>>(&value);
    if (!words) return text_of(value);
    std::vector<std::string> told;
    for (const auto& word : *words) told.push_back(worded(word, at));
    return text_of(told);
}

// The last one before the event; of what came with it, the one from then on.
std::optional<std::string> AuditNames::then(const Names& names, Position position) {
    auto later = std::ranges::lower_bound(names, position, {}, &Named::since);
    if (later != names.begin()) --later;
    return later == names.end() ? std::nullopt : later->name;
}

const AuditNames::Person& AuditNames::person(MemberId id) const {
    auto [known, fresh] = people_.try_emplace(id.uuid);
    if (fresh) known->second = read(id);
    return known->second;
}

AuditNames::Person AuditNames::read(MemberId id) const {
    Person read;
    Membership membership;
    for (const auto& each : history_.stream(stream_of(id))) {
        if (each->workspace != workspace_->id) return {};
        const auto before = is_told_by_stream(each->event) ? std::optional(membership) : std::nullopt;
        evolve(membership, *each);
        if (before) read.changes.emplace(each->meta.position, changes_of(each->event, *before, membership));
        const auto* profile = membership.profile.if_known();
        auto name = profile ? std::optional(profile->name) : std::nullopt;
        if (read.names.empty() || read.names.back().name != name)
            read.names.push_back({each->meta.position, std::move(name)});
    }
    // Who is deleted has none from then on, nor in what was before: their key is about to go, if it is not gone.
    return membership.profile.if_known() ? std::move(read) : Person();
}

AuditNames::Names AuditNames::read(ResourceId id) const {
    Names names;
    Resource resource;
    for (const auto& each : history_.stream(stream_of(id))) {
        if (each->workspace != workspace_->id) return {};
        evolve(resource, *each);
        names.push_back({each->meta.position, resource.name.value});
    }
    return names;
}

// What the workspace's own events name; where they never did, as it is named now.
std::optional<std::string> AuditNames::of_workspace(const Target& target, Position at) const {
    if (!parts_) {
        parts_.emplace();
        for (const auto& each : history_.stream(stream_of(workspace_->id))) {
            auto name = name_told(each->event);
            if (!name) continue;
            auto about = target_of(*each);
            auto& names = (*parts_)[{about.kind, about.id}];
            if (auto former = former_name(each->event); former && names.empty()) names.push_back({0, former});
            names.push_back({each->meta.position, std::move(name)});
        }
    }
    if (auto found = parts_->find({target.kind, target.id}); found != parts_->end())
        return AuditNames::then(found->second, at);
    if (target.kind == "role") return named(workspace_->roles, RoleKey{target.id});
    if (target.kind == "permission") return named(workspace_->permissions, PermissionKey{target.id});
    return std::nullopt;
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
    write_changes(into.key("changes"), names.changes(recorded));
    write_cause(into.key("cause"), recorded);
    into.end();
    return out;
}

std::string audit_text(const Recorded& recorded, const AuditNames& names) {
    auto text = event_type(recorded.event) + ' ' + audit_sentence(recorded, names);
    for (const auto& change : names.changes(recorded)) text += ' ' + names.of(change, recorded.meta.position);
    const auto cause = cause_of(recorded);
    text += ' ' + cause.request;
    if (cause.batch) text += ' ' + cause.batch->text();
    if (cause.import) text += ' ' + cause.import->text();
    return text;
}

}  // namespace muster
