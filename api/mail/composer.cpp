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
    return std::nullopt;
}

// Approving appends the two together.
bool Composer::was_approved(const Recorded& invited) const {
    auto frame = execute_.log().frame(invited.meta.position + 1);
    if (!frame || frame->command != invited.command || frame->type != type_name<RequestApproved>()) return false;
    auto next = history_.at(frame->meta.position);
    return next && std::get<RequestApproved>(next->event).invitation.uuid == invited.stream.id;
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
            case MailKind::password_changed:
                break;
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
    Letter letter;
    auto name = invited->profile.or_blank().name;
    letter.to = {mailbox_of(*address_of(*invited), name)};
    put(letter.values, "name", name);
    put(letter.values, "by", name_of(cause.meta.actor, workspace.id));
    auto token = link_token(execute_.vault(), {InvitationId{invited->id.uuid}, invited->link_generation});
    put(letter.values, "link", public_url_ + "/accept#" + token);
    put(letter.values, "until", moment(invited->expires_at));
    return letter;
}

Composer::Written Composer::welcome(const Recorded& cause, const Workspace& workspace) const {
    auto member = execute_.directory().membership(workspace.id, MemberId{cause.stream.id});
    if (member->email.erased()) return std::unexpected(erased);
    if (member->phase != Phase::active) return std::unexpected("the member was deactivated before");
    Letter letter;
    auto name = member->profile.or_blank().name;
    letter.to = {mailbox_of(*address_of(*member), name)};
    put(letter.values, "name", name);
    put(letter.values, "by", name_of(cause.meta.actor, workspace.id));
    if (workspace.settings.value.sign_in == SignIn::sso) put(letter.values, "sso", "yes");
    return letter;
}

Composer::Written Composer::request(const Recorded& cause, const Workspace& workspace) const {
    auto request = execute_.directory().request(workspace.id, RequestId{cause.stream.id});
    const auto* email = request->email.if_known();
    if (!email) return std::unexpected(erased);
    if (!request->open()) return std::unexpected("the request was answered before");
    Letter letter;
    letter.to = managers(workspace, cause.meta.position);
    if (letter.to.empty()) return std::unexpected("nobody here answers requests");
    auto applicant = request->applicant.or_blank();
    put(letter.values, "applicant", applicant.name ? applicant.name->value : email->text());
    put(letter.values, "email", email->text());
    put(letter.values, "message", applicant.message ? applicant.message->value : "");
    put(letter.values, "link", public_url_ + "/");
    return letter;
}

// ---- To whom.

std::string Composer::name_of(const Actor& actor, WorkspaceId workspace) const {
    if (actor.kind != ActorKind::member) return {};
    return execute_.directory().membership(workspace, MemberId{actor.id})->profile.or_blank().name;
}

// Who may answer requests, as the aggregates have it now; the roster only finds them.
std::vector<Mailbox> Composer::managers(const Workspace& workspace, Position since) const {
    (void)runner_.wait("roster", since, limits::read_wait);
    auto table = runner_.table("roster");
    if (!table) throw StorageError("the roster does not serve yet");
    auto reading = table->snapshot();
    std::vector<Mailbox> found;
    auto look_through = [&](const roster::MemberFilter& filter) {
        for (const auto& each : roster::members(*reading, workspace.id, filter).items) {
            if (found.size() >= limits::mail_managers_most) return;
            auto member = execute_.directory().membership(workspace.id, each.id);
            const auto* email = address_of(*member);
            bool may = effective_permissions(workspace, member->assignment).has("requests.manage");
            if (member->phase != Phase::active || !email || !may) continue;
            auto mailbox = mailbox_of(*email, member->profile.or_blank().name);
            if (std::ranges::find(found, mailbox) == found.end()) found.push_back(std::move(mailbox));
        }
    };
    roster::MemberFilter by_role;
    by_role.statuses = {Phase::active};
    for (const auto& [key, _] : workspace.roles)
        if (workspace.permissions_of(key).has("requests.manage")) by_role.roles.push_back(key);
    by_role.paging.limit = limits::mail_managers_most;
    if (!by_role.roles.empty()) look_through(by_role);
    if (!found.empty()) return found;
    // Nobody by their role: somebody may have it as their own.
    roster::MemberFilter anybody;
    anybody.statuses = {Phase::active};
    anybody.paging.limit = limits::mail_managers_looked_through;
    look_through(anybody);
    return found;
}

}  // namespace muster::mail
