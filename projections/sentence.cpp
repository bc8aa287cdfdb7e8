#include "projections/sentence.h"

#include "projections/plain.h"

#include <algorithm>

namespace muster {
namespace {

// Calls text(words) and placeholder(name) in their order.
template <class Text, class Placeholder>
constexpr void walk(std::string_view wording, Text&& text, Placeholder&& placeholder) {
    while (!wording.empty()) {
        const auto open = std::min(wording.find('{'), wording.size());
        text(wording.substr(0, open));
        if (open == wording.size()) return;
        const auto close = std::min(wording.find('}', open), wording.size());
        placeholder(wording.substr(open + 1, close - open - 1));
        wording.remove_prefix(std::min(close + 1, wording.size()));
    }
}

template <class E>
constexpr bool placeholders_are_fields() {
    bool good = true;
    walk(
        E::sentence, [](std::string_view) {},
        [&](std::string_view name) {
            good = good && (name == "actor" || name == "target" || plain::has_field<E>(name));
        });
    return good;
}

template <class... E>
consteval bool all_placeholders_are_fields(const std::variant<E...>*) {
    return (placeholders_are_fields<E>() && ...);
}
static_assert(all_placeholders_are_fields(static_cast<const Event*>(nullptr)), "a sentence names no field");

Target target_by_stream(const Recorded& recorded) {
    switch (recorded.stream.kind) {
        case StreamKind::workspace:
            return {"workspace", recorded.workspace.text()};
        case StreamKind::resource:
            return {"resource", ResourceId{recorded.stream.id}.text()};
        case StreamKind::membership:
        case StreamKind::sign_in:
        case StreamKind::recovery:
            return {"member", MemberId{recorded.stream.id}.text()};
        case StreamKind::request:
            return {"request", RequestId{recorded.stream.id}.text()};
        case StreamKind::person:
            return {"person", base32(recorded.stream.id)};
        case StreamKind::mail:
            return {"mail", EventId{recorded.stream.id}.text()};
        case StreamKind::store:
            break;
    }
    return {"store", base32(recorded.stream.id)};
}

// What a mail was about.
template <class Mail>
Target about_of(const Mail& mail, const Recorded& recorded) {
    if (mail.request) return {"request", mail.request->text()};
    if (!mail.member) return target_by_stream(recorded);
    bool invitation = mail.about == MailKind::invitation || mail.about == MailKind::approved;
    if (invitation) return {"invitation", InvitationId{mail.member->uuid}.text()};
    return {"member", mail.member->text()};
}

Target whose_data(const PersonalDataDestroyed& destroyed, const Recorded& recorded) {
    if (!destroyed.member.uuid.nil()) return {"member", destroyed.member.text()};
    if (!destroyed.invitations.empty()) return {"invitation", destroyed.invitations.begin()->text()};
    if (!destroyed.requests.empty()) return {"request", destroyed.requests.begin()->text()};
    return target_by_stream(recorded);
}

std::string id_of(const Actor& actor) {
    switch (actor.kind) {
        case ActorKind::system:
            return "Muster";
        case ActorKind::operator_:
            return "The operator";
        case ActorKind::member:
            return MemberId{actor.id}.text();
        case ActorKind::invitee:
            return InvitationId{actor.id}.text();
        case ActorKind::visitor:
            return "Somebody";
        case ActorKind::api_key:
            break;
    }
    return ApiKeyId{actor.id}.text();
}

}  // namespace

std::string text_of(const Plain& value) {
    if (const auto* truth = std::get_if<bool>(&value)) return *truth ? "yes" : "no";
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    std::string list;
    if (const auto* words = std::get_if<std::vector<std::string>>(&value))
        for (const auto& each : *words) list += (list.empty() ? "" : ", ") + each;
    return list.empty() ? "none" : list;
}

Target target_of(const Recorded& recorded) {
    return std::visit(
        [&]<class E>(const E& event) -> Target {
            if constexpr (requires { event.role.key; })
                return {"role", event.role.key.text()};
            else if constexpr (std::is_same_v<E, RoleChanged>)
                return {"role", event.to.key.text()};
            else if constexpr (std::is_same_v<E, PermissionChanged>)
                return {"permission", event.to.key.text()};
            else if constexpr (requires { event.permission; })
                return {"permission", event.permission.key.text()};
            else if constexpr (requires { event.api_key; })
                return {"api_key", event.api_key.id.text()};
            else if constexpr (requires { event.webhook; })
                return {"webhook", event.webhook.id.text()};
            else if constexpr (std::is_same_v<E, WebhookChanged>)
                return {"webhook", event.to.id.text()};
            else if constexpr (requires { event.team.id; })
                return {"team", event.team.id.text()};
            else if constexpr (requires { event.team; })
                return {"team", event.team.text()};
            else if constexpr (std::is_same_v<E, PersonalDataDestroyed>)
                return whose_data(event, recorded);
            else if constexpr (requires { event.about; })
                return about_of(event, recorded);
            else if constexpr ((type_name<E>().starts_with("Invitation") && !std::is_same_v<E, InvitationRequested>) ||
                               std::is_same_v<E, MemberInvited>)
                return {"invitation", InvitationId{recorded.stream.id}.text()};
            else
                return target_by_stream(recorded);
        },
        recorded.event);
}

std::optional<std::string> name_told(const Event& event) {
    return std::visit(
        []<class E>(const E& each) -> std::optional<std::string> {
            if constexpr (requires { each.role.name; })
                return each.role.name.value;
            else if constexpr (requires { each.permission.name; })
                return each.permission.name.value;
            else if constexpr (requires { each.team.name; })
                return each.team.name.text();
            else if constexpr (requires { each.api_key.name; })
                return each.api_key.name.value;
            else if constexpr (requires { each.webhook.url; })
                return each.webhook.url.text();
            else if constexpr (requires { each.to.url; })
                return each.to.url.text();
            else if constexpr (std::is_same_v<E, RoleChanged> || std::is_same_v<E, PermissionChanged>)
                return each.to.name.value;
            else if constexpr (std::is_same_v<E, TeamRenamed>)
                return each.to.text();
            else
                return std::nullopt;
        },
        event);
}

std::optional<std::string> former_name(const Event& event) {
    return std::visit(
        []<class E>(const E& each) -> std::optional<std::string> {
            if constexpr (std::is_same_v<E, RoleChanged> || std::is_same_v<E, PermissionChanged>)
                return each.from.name.value;
            else if constexpr (std::is_same_v<E, TeamRenamed>)
                return each.from.text();
            else if constexpr (std::is_same_v<E, WebhookChanged>)
                return each.from.url.text();
            else
                return std::nullopt;
        },
        event);
}

std::vector<Change> changes_of(const Event& event) {
    return std::visit([](const auto& each) { return plain::changes(each); }, event);
}

bool is_told_by_stream(const Event& event) {
    return std::holds_alternative<InvitationResent>(event) || std::holds_alternative<InvitationAccepted>(event) ||
           std::holds_alternative<MemberProvisioned>(event);
}

std::vector<Change> changes_of(const Event& event, const Membership& before, const Membership& after) {
    auto changes = changes_of(event);
    if (std::holds_alternative<InvitationResent>(event)) {
        plain::append_changes("expires_at", before.expires_at, after.expires_at, changes);
        plain::append_changes("link_generation", before.link_generation, after.link_generation, changes);
        return changes;
    }
    if (!before.exists()) return changes;
    changes.clear();
    plain::append_changes("", before.profile, after.profile, changes);
    plain::append_changes("", before.assignment, after.assignment, changes);
    if (const auto* provisioned = std::get_if<MemberProvisioned>(&event))
        plain::append_given("external_id", provisioned->external_id, true, changes);
    return changes;
}

std::string summary_of(const Recorded& recorded, const Names& names) {
    return std::visit(
        [&]<class E>(const E& event) {
            std::string sentence;
            walk(
                E::sentence, [&](std::string_view words) { sentence += words; },
                [&](std::string_view name) {
                    if (name == "actor") {
                        // A key may be called as somebody is.
                        auto actor = names.actor(recorded.meta.actor);
                        if (recorded.meta.actor.kind == ActorKind::api_key) sentence += "The API key ";
                        sentence += actor.empty() ? id_of(recorded.meta.actor) : actor;
                    } else if (name == "target") {
                        const auto target = target_of(recorded);
                        auto known = names.target(target);
                        sentence += known.empty() ? target.id : known;
                    } else {
                        sentence += plain::field_text(event, name);
                    }
                });
            return sentence;
        },
        recorded.event);
}

}  // namespace muster
