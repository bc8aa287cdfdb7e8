#include "api/mail/composer.h"

#include "api/mail/limits.h"
#include "api/service.h"
#include "api/tokens.h"
#include "projections/roster_query.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace muster::mail {
namespace {

// As people read it: `30 November 2026, 08:00 UTC`.
std::string moment(Instant at) {
    constexpr std::array months{"January", "February", "March",     "April",   "May",      "June",
                                "July",    "August",   "September", "October", "November", "December"};
    auto time = std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(at.ms));
    auto day = std::chrono::floor<std::chrono::days>(time);
    std::chrono::year_month_day date(day);
    std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%u %s %d, %02d:%02d UTC", static_cast<unsigned>(date.day()),
                  months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()));
    return text.data();
}

// The local part as typed, the domain as DNS has it.
Mailbox mailbox_of(const EmailAddress& email, std::string name) {
    return {std::move(name), std::string(email.local_part()) + "@" + std::string(email.canonical_domain())};
}

const EmailAddress* address_of(const Membership& membership) { return membership.email.if_known(); }

void put(Values& values, const std::string& name, std::string value) {
    if (!value.empty()) values[name] = std::move(value);
}

constexpr auto erased = "the person was erased";
constexpr auto link_ended = "its link had ended";

// Why an invitation is not open any more, or nothing.
std::string over(const Membership& membership, Instant now) {
    if (membership.member()) return "the invitation was accepted before";
    if (membership.phase == Phase::revoked) return "the invitation was revoked before";
    if (membership.phase == Phase::deleted || membership.email.erased()) return erased;
    if (membership.phase != Phase::pending || membership.due(now)) return "the invitation had expired";
    return {};
}

}  // namespace

std::string host_of(std::string_view url) {
    auto scheme = url.find("://");
    if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
    url = url.substr(0, url.find_first_of("/?#"));
    if (auto at = url.rfind('@'); at != std::string_view::npos) url.remove_prefix(at + 1);
    if (url.starts_with('[')) return std::string(url.substr(0, url.find(']') + 1));
    return std::string(url.substr(0, url.find(':')));
}

// ---- Which mail.

std::optional<MailKind> Composer::kind_of(const Recorded& event) const {
    if (const auto* invited = std::get_if<MemberInvited>(&event.event)) {
        if (!invited->send_email) return std::nullopt;
        return was_approved(event) ? MailKind::approved : MailKind::invitation;
    }
    if (std::holds_alternative<InvitationResent>(event.event)) {
        auto invited = execute_.directory().membership(event.workspace, MemberId{event.stream.id});
        return invited->send_email ? std::optional(MailKind::invitation) : std::nullopt;
    }
    if (const auto* created = std::get_if<MemberCreated>(&event.event))
        return created->send_email ? std::optional(MailKind::welcome) : std::nullopt;
    if (std::holds_alternative<InvitationRequested>(event.event)) return MailKind::request;
    if (std::holds_alternative<PasswordResetRequested>(event.event)) return MailKind::password_reset;
    if (std::holds_alternative<PasswordSet>(event.event) && is_notice(event)) return MailKind::password_changed;
    return std::nullopt;
}

// Approving appends the two together.
bool Composer::was_approved(const Recorded& invited) const {
    auto frame = execute_.log().frame(invited.meta.position + 1);
    if (!frame || frame->command != invited.command || !names_type<RequestApproved>(frame->type)) return false;
    auto next = history_.at(frame->meta.position);
    return next && std::get<RequestApproved>(next->event).invitation.uuid == invited.stream.id;
}

// Choosing the first password is part of joining: with the same append, or by the link of the welcome.
bool Composer::is_notice(const Recorded& password_set) const {
    bool first = true, joining = false;
    for (const auto& each : history_.stream(password_set.stream)) {
        if (each->meta.version >= password_set.meta.version) break;
        if (std::holds_alternative<PasswordSet>(each->event)) first = false;
        joining = joining || each->command == password_set.command;
    }
    const auto& actor = password_set.meta.actor;
    bool own = actor.id == password_set.stream.id;
    return !joining && !(first && own);
}

// ---- What it says.

std::expected<Message, std::string> Composer::compose(const Recorded& cause, MailKind kind) const {
    auto workspace = execute_.directory().workspace(cause.workspace);
    if (!workspace) return std::unexpected("the workspace was deleted");
    auto written = [&]() -> Written {
        switch (kind) {
            case MailKind::invitation:
            case MailKind::approved:
                return invitation(cause, *workspace);
            case MailKind::welcome:
                return welcome(cause, *workspace);
            case MailKind::request:
                return request(cause, *workspace);
            case MailKind::password_reset:
                return password_reset(cause, *workspace);
            case MailKind::password_changed:
                return password_changed(cause, *workspace);
        }
        return std::unexpected("there is no such mail");
    }();
    if (!written) return std::unexpected(written.error());
    put(written->values, "workspace", workspace->name.value);
    auto texts = templates_.render(kind, written->values);
    Message message;
    message.name = cause.id.text();
    message.host = host_of(public_url_);
    message.from = {workspace->name.value, from_};
    message.to = std::move(written->to);
    message.people = std::move(written->people);
    message.subject = std::move(texts.subject);
    message.text = std::move(texts.text);
    message.html = std::move(texts.html);
    message.date = execute_.clock().now();
    return message;
}

Composer::Written Composer::invitation(const Recorded& cause, const Workspace& workspace) const {
    auto invited = execute_.directory().membership(workspace.id, MemberId{cause.stream.id});
    if (auto why = over(*invited, execute_.now()); !why.empty()) return std::unexpected(why);
    Membership then;
    for (const auto& each : history_.stream(cause.stream))
        if (each->meta.version <= cause.meta.version) evolve(then, *each);
    if (then.link_generation != invited->link_generation) return std::unexpected("a newer link was sent");
    auto letter = letter_to(*invited);
    sign(letter, cause.meta.actor, workspace.id);
    auto token = link_token(execute_.vault(), {workspace.id, InvitationId{invited->id.uuid}, invited->link_generation});
    put(letter.values, "link", public_url_ + "/accept#" + token);
    put(letter.values, "until", moment(invited->expires_at));
    return letter;
}

Composer::Written Composer::welcome(const Recorded& cause, const Workspace& workspace) const {
    auto member = execute_.directory().membership(workspace.id, MemberId{cause.stream.id});
    if (member->email.erased()) return std::unexpected(erased);
    if (member->phase != Phase::active) return std::unexpected("the member was deactivated before");
    auto letter = letter_to(*member);
    sign(letter, cause.meta.actor, workspace.id);
    if (!has_password(workspace.settings.value, member->assignment.role)) {
        put(letter.values, "sso", "yes");
        return letter;
    }
    put(letter.values, "sign_in", public_url_ + "/");
    put(letter.values, "slug", workspace.slug.value);
    put(letter.values, "email", address_of(*member)->text());
    if (!member->credential.nil()) return letter;  // it was given to them, or they have chosen one meanwhile
    auto ends = cause.meta.at.plus_seconds(workspace.settings.value.invitation_ttl);
    if (execute_.now() >= ends) return std::unexpected(link_ended);
    put(letter.values, "link", password_url(*member, ends));
    put(letter.values, "until", moment(ends));
    return letter;
}

Composer::Written Composer::password_reset(const Recorded& cause, const Workspace& workspace) const {
    auto member = execute_.directory().membership(workspace.id, MemberId{cause.stream.id});
    if (member->email.erased()) return std::unexpected(erased);
    if (member->phase != Phase::active) return std::unexpected("the member was deactivated before");
    auto ends = cause.meta.at.plus_seconds(limits::reset_link_seconds);
    if (execute_.now() >= ends) return std::unexpected(link_ended);
    for (const auto& each : history_.stream(stream_of(member->id)))
        if (each->meta.position > cause.meta.position && std::holds_alternative<PasswordSet>(each->event))
            return std::unexpected("the password was changed since");
    auto letter = letter_to(*member);
    put(letter.values, "link", password_url(*member, ends));
    put(letter.values, "until", moment(ends));
    return letter;
}

Composer::Written Composer::password_changed(const Recorded& cause, const Workspace& workspace) const {
    auto member = execute_.directory().membership(workspace.id, MemberId{cause.stream.id});
    if (member->email.erased()) return std::unexpected(erased);
    auto letter = letter_to(*member);
    if (cause.meta.actor.id != member->id.uuid) sign(letter, cause.meta.actor, workspace.id);
    return letter;
}

Composer::Written Composer::request(const Recorded& cause, const Workspace& workspace) const {
    auto request = execute_.directory().request(workspace.id, RequestId{cause.stream.id});
    const auto* email = request->email.if_known();
    if (!email) return std::unexpected(erased);
    if (!request->open()) return std::unexpected("the request was answered before");
    Letter letter;
    to_managers(letter, workspace, cause.meta.position);
    if (letter.to.empty()) return std::unexpected("nobody here answers requests");
    auto applicant = request->applicant.or_blank();
    put(letter.values, "applicant", applicant.name ? applicant.name->value : email->text());
    put(letter.values, "email", email->text());
    put(letter.values, "message", applicant.message ? applicant.message->value : "");
    put(letter.values, "link", public_url_ + "/");
    return letter;
}

std::string Composer::password_url(const Membership& member, Instant ends) const {
    return public_url_ + "/reset#" +
           password_token(execute_.vault(), {member.workspace, member.id, member.credential, ends});
}

// ---- To whom.

Composer::Letter Composer::letter_to(const Membership& member) {
    Letter letter;
    auto name = member.profile.or_blank().name;
    letter.to = {mailbox_of(*address_of(member), name)};
    letter.people = {member.id};
    put(letter.values, "name", name);
    return letter;
}

void Composer::sign(Letter& letter, const Actor& actor, WorkspaceId workspace) const {
    if (actor.kind != ActorKind::member) return;
    const MemberId member{actor.id};
    put(letter.values, "by", execute_.directory().membership(workspace, member)->profile.or_blank().name);
    letter.people.push_back(member);
}

// Who may answer requests, as the aggregates have it now; the roster only finds them.
void Composer::to_managers(Letter& letter, const Workspace& workspace, Position since) const {
    (void)runner_.wait("roster", since, limits::read_wait);
    auto table = runner_.table("roster");
    if (!table) throw StorageError("the roster does not serve yet");
    auto reading = table->snapshot();
    auto& found = letter.to;
    auto look_through = [&](const roster::MemberFilter& filter) {
        for (const auto& each : roster::members(*reading, workspace.id, filter).items) {
            if (found.size() >= limits::mail_managers_most) return;
            auto member = execute_.directory().membership(workspace.id, each.id);
            const auto* email = address_of(*member);
            bool may = effective_permissions(workspace, member->assignment).has("requests.manage");
            if (member->phase != Phase::active || !email || !may) continue;
            auto mailbox = mailbox_of(*email, member->profile.or_blank().name);
            if (std::ranges::find(found, mailbox) != found.end()) continue;
            found.push_back(std::move(mailbox));
            letter.people.push_back(each.id);
        }
    };
    roster::MemberFilter by_role;
    by_role.statuses = {Phase::active};
    for (const auto& [key, _] : workspace.roles)
        if (workspace.permissions_of(key).has("requests.manage")) by_role.roles.push_back(key);
    by_role.paging.limit = limits::mail_managers_most;
    if (!by_role.roles.empty()) look_through(by_role);
    if (!found.empty()) return;
    // Nobody by their role: somebody may have it as their own.
    roster::MemberFilter anybody;
    anybody.statuses = {Phase::active};
    anybody.paging.limit = limits::mail_managers_looked_through;
    look_through(anybody);
}

}  // namespace muster::mail
