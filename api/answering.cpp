#include "api/answering.h"

#include "api/auth/caller.h"
#include "api/auth/sessions.h"
#include "api/imports/handlers.h"
#include "api/mail/delivery.h"
#include "api/route.h"
#include "api/tokens.h"
#include "api/views.h"
#include "domain/access.h"
#include "domain/event.h"
#include "projections/roster_query.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace muster {

AnswerPart plain(std::string text) { return {AnswerPart::Kind::plain, std::move(text), {}, {}, 0}; }

namespace {

std::string without_last_brace(std::string text) {
    text.pop_back();
    return text;
}

template <class T>
AnswerPart plain_object(const T& value) {
    std::string out;
    write_json(out, value);
    return plain(without_last_brace(std::move(out)));
}

NameLookup names_of(const Call& call, const Outcome& outcome) {
    auto known = names(call, *outcome.workspace);
    known.without_id = outcome.dry_run && outcome.new_person;
    known.delivery = [&](const Membership& membership) {
        return delivery_of(call.service.history, membership, outcome.events);
    };
    return known;
}

// The key or id of the part of the workspace that the command is about.
std::string subject(const Call& call) {
    return call.made.empty() ? std::string(call.parameter(call.parameter("key").empty() ? "id" : "key")) : call.made;
}

bool makes(const Call& call) { return call.route.status == 201; }

// A dry run makes nothing, so the object's first member, its id, is null.
void forget_unmade_id(const Call& call, const Outcome& outcome, std::string& object) {
    if (makes(call) && outcome.dry_run) object = "{\"id\":null" + object.substr(object.find(','));
}

}  // namespace

AnswerPart personal(const Membership& membership, const std::optional<Uuid>& key,
                    const std::function<void(ObjectWriter&, const Membership&)>& write) {
    AnswerPart part{AnswerPart::Kind::personal, {}, {}, key.value_or(Uuid{}), 0};
    ObjectWriter known(part.text);
    write(known, membership);
    ObjectWriter unknown(part.blank);
    write(unknown, blanked(membership));
    return part;
}

AnswerPart link_to(const Membership& invitation) {
    return {AnswerPart::Kind::link, {}, {}, invitation.id.uuid, invitation.link_generation};
}

AnswerPart session_of(const Membership& member) { return {AnswerPart::Kind::session, {}, {}, member.id.uuid, 0}; }

namespace {

std::string session_text(const Call& call, MemberId member, Position checked_at) {
    auto session = open_session(call, member, checked_at);
    std::string out;
    ObjectWriter into(out);
    into.field("token", session.token);
    into.field("expires_at", session.expires_at);
    into.end();
    return out;
}

// Where somebody else chose the password meanwhile, or they are gone, the link is spent anyway.
std::string password_link_text(const Call& call, const AnswerPart& part) {
    MemberId id{part.id};
    auto member = call.service.directory.membership_anywhere(id);
    std::string out;
    write_text(out, call.service.public_url + "/reset#" +
                        password_token(call.service.vault,
                                       {member->workspace, id, {}, member->created_at.plus_seconds(part.number)}));
    return out;
}

std::string text_of(const Call& call, const AnswerPart& part, std::optional<Position> checked_at) {
    switch (part.kind) {
        case AnswerPart::Kind::plain:
        case AnswerPart::Kind::personal:
            return part.text;
        case AnswerPart::Kind::import:
            return import_rows_again(call, ImportId{part.id}, part.number);
        case AnswerPart::Kind::link: {
            if (call.dry_run) return "null";
            std::string out;
            auto token = link_token(call.service.vault, {call.workspace_id, InvitationId{part.id}, part.number});
            write_text(out, call.service.public_url + "/accept#" + token);
            return out;
        }
        case AnswerPart::Kind::session:
            return call.dry_run || !checked_at ? "null" : session_text(call, MemberId{part.id}, *checked_at);
        case AnswerPart::Kind::password_link:
            return call.dry_run ? "null" : password_link_text(call, part);
        case AnswerPart::Kind::once: {
            if (call.once.empty()) return "null";
            std::string out;
            write_text(out, call.once);
            return out;
        }
    }
    return "null";
}

}  // namespace

std::string body_of(const Call& call, const std::vector<AnswerPart>& parts, std::optional<Position> checked_at) {
    std::string body;
    for (const auto& part : parts) body += text_of(call, part, checked_at);
    if (call.dry_run) body += ",\"dry_run\":true";
    return body + "}";
}

namespace {

template <auto part>
Version of_workspace(const Call&, const Outcome& outcome) {
    return (outcome.workspace.get()->*part).changed;
}
Version of_name(const Call&, const Outcome& outcome) { return outcome.workspace->changed; }
Version of_webhook(const Call& call, const Outcome& outcome) {
    return outcome.workspace->webhooks.at(*WebhookId::parse(subject(call))).changed;
}
Version of_member(const Call&, const Outcome& outcome) { return outcome.membership->version; }

// Answers that are one thing, and the version of it.
constexpr std::pair<std::string_view, Version (*)(const Call&, const Outcome&)> tagged[] = {
    {"Workspace", of_name},
    {"WorkspaceWithOwner", of_name},
    {"Settings", of_workspace<&Workspace::settings>},
    {"Plan", of_workspace<&Workspace::plan>},
    {"Role", [](const Call& call,
                const Outcome& outcome) { return outcome.workspace->roles.at(RoleKey{subject(call)}).changed; }},
    {"Permission",
     [](const Call& call, const Outcome& outcome) {
         return outcome.workspace->permissions.at(PermissionKey{subject(call)}).changed;
     }},
    {"Team", [](const Call& call,
                const Outcome& outcome) { return outcome.workspace->teams.at(*TeamId::parse(subject(call))).changed; }},
    {"Webhook", of_webhook},
    {"WebhookWithSecret", of_webhook},
    {"Resource", [](const Call&, const Outcome& outcome) { return outcome.resource->version; }},
    {"Invitation", of_member},
    {"InvitationWithLink", of_member},
    {"InvitationResent", of_member},
    {"Member", of_member},
    {"MemberCreated", of_member},
    {"Accepted", of_member},
    {"Me", of_member},
    {"MeWithSession", of_member},
};

const auto* tag_of(std::string_view answers) {
    const auto* found = std::ranges::find(tagged, answers, [](const auto& each) { return each.first; });
    return found == std::end(tagged) ? nullptr : found;
}

}  // namespace

bool has_etag(std::string_view answers) { return tag_of(answers) != nullptr; }

std::optional<Version> etag_of(const Call& call, const Outcome& outcome) {
    const auto* tag = tag_of(call.route.answers);
    return tag && !outcome.dry_run ? std::optional(tag->second(call, outcome)) : std::nullopt;
}

namespace {

// An invitation that is past its end is not pending, though that was not recorded yet.
Membership as_of_now(const Call& call, const Outcome& outcome) {
    auto shown = *outcome.membership;
    if (shown.due(call.service.execute.now())) evolve(shown, InvitationExpired{}, {});
    return shown;
}

}  // namespace

namespace shapes {

std::vector<AnswerPart> invitation(const Call& call, const Outcome& outcome) {
    auto known = names_of(call, outcome);
    return {personal(as_of_now(call, outcome), outcome.person_key,
                     [&](ObjectWriter& into, const Membership& each) { write_invitation(into, each, known); })};
}

std::vector<AnswerPart> invitation_with_link(const Call& call, const Outcome& outcome) {
    auto parts = invitation(call, outcome);
    parts.push_back(plain(",\"accept_url\":"));
    // A request that was approved before may have led to an invitation that is over.
    bool open = phase_at(*outcome.membership, call.service.execute.now()) == Phase::pending;
    parts.push_back(open ? link_to(*outcome.membership) : plain("null"));
    return parts;
}

std::vector<AnswerPart> resent(const Call& call, const Outcome& outcome) {
    std::set<LicenseKey> dropped;
    for (const auto& each : outcome.events)
        if (const auto* event = std::get_if<InvitationResent>(&each->event)) dropped = event->dropped;
    auto parts = invitation(call, outcome);
    std::string text = ",\"dropped\":";
    write_json(text, dropped);
    parts.push_back(plain(text + ",\"accept_url\":"));
    parts.push_back(link_to(*outcome.membership));
    return parts;
}

std::vector<AnswerPart> member(const Call& call, const Outcome& outcome) {
    auto known = names_of(call, outcome);
    return {personal(*outcome.membership, outcome.person_key,
                     [&](ObjectWriter& into, const Membership& each) { write_member(into, each, known); })};
}

std::vector<AnswerPart> created_member(const Call& call, const Outcome& outcome) {
    const auto& created = *outcome.membership;
    bool chooses = !created.send_email && created.credential.nil() &&
                   has_password(outcome.workspace->settings.value, created.assignment.role);
    auto parts = member(call, outcome);
    parts.push_back(plain(",\"set_password_url\":"));
    if (chooses)
        parts.push_back({AnswerPart::Kind::password_link,
                         {},
                         {},
                         created.id.uuid,
                         static_cast<std::uint32_t>(outcome.workspace->settings.value.invitation_ttl)});
    else
        parts.push_back(plain("null"));
    return parts;
}

std::vector<AnswerPart> reset(const Call& call, const Outcome& outcome) {
    std::string home;
    write_json(home, home_of(*outcome.workspace, *outcome.membership));
    auto body = member(call, outcome);
    body.insert(body.begin(), plain("{\"member\":"));
    body.push_back(plain("},\"home\":" + home));
    return body;
}

std::vector<AnswerPart> accepted(const Call& call, const Outcome& outcome) {
    auto body = reset(call, outcome);
    body.push_back(plain(",\"session\":"));
    // Who comes in by the identity provider has none yet.
    if (outcome.membership->credential.nil() && !outcome.dry_run)
        body.push_back(plain("null"));
    else
        body.push_back(session_of(*outcome.membership));
    return body;
}

namespace {

template <class Id>
std::vector<AnswerPart> deleted(const Id& id) {
    std::string out;
    ObjectWriter into(out);
    into.field("id", id);
    into.field("status", std::string_view("deleted"));
    return {plain(out)};
}

}  // namespace

std::vector<AnswerPart> deleted_member(const Call&, const Outcome& outcome) { return deleted(outcome.membership->id); }
std::vector<AnswerPart> deleted_workspace(const Call&, const Outcome& outcome) {
    return deleted(outcome.workspace->id);
}

std::vector<AnswerPart> erased(const Call&, const Outcome&) { return {plain(R"({"status":"erased")")}; }

std::vector<AnswerPart> workspace(const Call& call, const Outcome& outcome) {
    std::string out;
    ObjectWriter into(out);
    write_workspace(into, *outcome.workspace);
    forget_unmade_id(call, outcome, out);
    if (!outcome.membership) return {plain(out)};
    auto parts = member(call, outcome);
    parts.insert(parts.begin(), plain(out + ",\"owner\":"));
    parts.push_back(plain("}"));
    return parts;
}

std::vector<AnswerPart> settings(const Call&, const Outcome& outcome) {
    return {plain_object(outcome.workspace->settings.value)};
}
std::vector<AnswerPart> plan(const Call&, const Outcome& outcome) {
    return {plain_object(outcome.workspace->plan.value)};
}

std::vector<AnswerPart> role(const Call& call, const Outcome& outcome) {
    return {plain_object(shown_role(*outcome.workspace, outcome.workspace->roles.at(RoleKey{subject(call)}).value))};
}

std::vector<AnswerPart> permission(const Call& call, const Outcome& outcome) {
    return {plain_object(outcome.workspace->permissions.at(PermissionKey{subject(call)}).value)};
}

std::vector<AnswerPart> team(const Call& call, const Outcome& outcome) {
    std::string out;
    ObjectWriter into(out);
    auto id = TeamId::parse(subject(call));
    auto table = call.service.runner.table("roster");
    auto count = table && !makes(call) ? roster::team_count(*table, call.workspace_id, *id) : 0;
    Team team = outcome.workspace->teams.at(*id).value;
    write_team(into, team, count);
    forget_unmade_id(call, outcome, out);
    return {plain(out)};
}

std::vector<AnswerPart> removed(const Call& call, const Outcome&) {
    std::string out;
    ObjectWriter into(out);
    bool by_key = call.parameter("key").size() > 0;
    into.field(by_key ? "key" : "id", subject(call));
    into.field("deleted", true);
    return {plain(out)};
}

std::vector<AnswerPart> resource(const Call& call, const Outcome& outcome) {
    std::string out;
    ObjectWriter into(out);
    write_resource(into, *outcome.resource);
    forget_unmade_id(call, outcome, out);
    return {plain(out)};
}

}  // namespace shapes
}  // namespace muster
