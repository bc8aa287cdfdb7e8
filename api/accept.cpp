#include "api/accept.h"

#include "api/auth/caller.h"
#include "api/auth/choosing.h"
#include "api/auth/passwords.h"
#include "api/commands.h"
#include "api/guessing.h"
#include "api/tokens.h"
#include "api/views.h"
#include "domain/credentials.h"
#include "domain/onboarding.h"

namespace muster {
namespace {

// The body, what is wrong with it, and the token in it; nullopt where the caller is answered already.
template <class Body>
std::optional<Body> read_link(const Call& call, Faults& faults, std::optional<LinkToken>& token) {
    Body body;
    bool read_whole = read_body(call, faults, [&](const nlohmann::json& json) {
        read(json, body, faults, Place::body(), call.service.unicode);
    });
    if (!read_whole) return std::nullopt;
    if (body.token.empty()) faults.merge({{"/token", Code::required, "The token of the link is needed.", {}}});
    if (!body.token.empty()) token = read_link_token(call.service.vault, call.service.directory, body.token.reveal());
    return body;
}

Refusal no_such_link() { return {Code::token_invalid, "This link is not valid; ask for a new invitation.", {}, {}}; }

// The command that the link's state is judged by.
Command accepting(const Call& call, const LinkToken& token, WorkspaceId workspace) {
    Command command;
    command.workspace = workspace;
    command.actor = {ActorKind::invitee, token.invitation.uuid};
    command.target = stream_of(MemberId{token.invitation.uuid});
    command.link_generation = token.generation;
    command.correlation = call.correlation;
    command.dry_run = call.dry_run;
    return command;
}

// The command of an accept with this body.
Command accepting_with(const Call& call, const AcceptLink& body, const LinkToken& token, const Membership& invited,
                       const Workspace& workspace) {
    auto command = accepting(call, token, invited.workspace);
    if (body.password)
        command.common_password =
            is_common(*body.password, words_of(&workspace, invited.email.or_blank(),
                                               body.name ? body.name->value : invited.profile.or_blank().name));
    AcceptInvitation accept{body.password, body.name, body.phone, body.photo_url};
    command.decide = [accept](const Loaded& loaded, const Context& context) {
        return decide(*loaded.membership, *loaded.workspace, accept, context);
    };
    return command;
}

// Whoever is signed in already accepts for themselves only [trap 5].
std::optional<Refusal> another_account(const Call& call, const Membership& invited) {
    auto caller = caller_of(call.service, call.request);
    if (!caller || caller->actor.kind != ActorKind::member) return std::nullopt;
    auto member = call.service.directory.membership_anywhere(MemberId{caller->actor.id});
    if (member->email.or_blank() == invited.email.or_blank()) return std::nullopt;
    return Refusal{Code::wrong_account,
                   "You are signed in with another address than the one that is invited; sign out first.",
                   {},
                   {}};
}

// Accepted before: whoever has the password gets the same member, and a session [trap 5].
void accept_again(const std::shared_ptr<Call>& call, MemberId id, const Password& password, const Refusal& refusal) {
    auto accepted = call->service.directory.membership_anywhere(id);
    auto whose = account(accepted->workspace.text(), accepted->email.or_blank());
    if (!PasswordTry::may_begin(*call, whose)) return;
    on_hashing_threads(call, [call, id, password, refusal, whose] {
        auto attempt = PasswordTry::begin(*call, whose);
        if (!attempt) return;
        auto& service = call->service;
        auto checked_at = service.log.head();
        auto member = service.directory.membership_anywhere(id);
        auto workspace = service.directory.workspace(member->workspace);
        bool right = service.passwords.check(id, member->credential, password);
        if (!right || !workspace || !may_log_in(*member, *workspace)) {
            attempt->was_wrong();
            return call->refuse(refusal);
        }
        attempt->was_not_wrong();
        Outcome outcome;
        outcome.workspace = workspace;
        outcome.membership = member;
        outcome.position = service.log.head(member->workspace);
        auto body = body_of(*call, shapes::accepted(*call, outcome), checked_at);
        call->done(response({201, std::move(body), outcome.position, member->version, {}}));
    });
}

}  // namespace

void accept_invitation(std::shared_ptr<Call> call) {
    if (!guards_links(*call)) return;
    Faults faults;
    std::optional<LinkToken> token;
    auto body = read_link<AcceptLink>(*call, faults, token);
    if (!body) return;
    auto invited = token ? call->service.directory.membership_anywhere(MemberId{token->invitation.uuid}) : nullptr;
    // Also to who repeats what they were answered before.
    const bool gone = !invited || invited->phase == Phase::deleted;
    auto workspace = gone ? nullptr : call->service.directory.workspace(invited->workspace);
    if (!faults.empty() && workspace) {
        auto command = accepting_with(*call, *body, *token, *invited, *workspace);
        faults.merge(faults_before_deciding(*call, command, [&](const Loaded& loaded, const Context& context) {
            auto decided = command.decide(loaded, context);
            return decided ? std::vector<Fault>{} : std::move(decided.error().faults);
        }));
    }
    if (!faults.empty()) return call->refuse(std::move(faults).refusal());
    if (!workspace) return call->refuse(no_such_link());
    call->workspace_id = invited->workspace;
    call->record->workspace = invited->workspace;
    if (auto refusal = another_account(*call, *invited)) return call->refuse(*refusal);
    auto keeping = begin_keeping_session(call, token->invitation.text(), body->password, [](const Call& repeated) {
        repeated.refuse({Code::invitation_accepted,
                         "This was done already, and another password holds now; sign in instead.",
                         {},
                         {}});
    });
    if (!keeping) return;
    auto command = accepting_with(*call, *body, *token, *invited, *workspace);
    RunHooks hooks;
    hooks.refused = [call, id = invited->id, password = body->password](const Refusal& refusal) {
        if (refusal.code != Code::invitation_accepted || !password || call->dry_run) return false;
        accept_again(call, id, *password, refusal);
        return true;
    };
    run_choosing(call, std::move(keeping), std::move(command), body->password, shapes::accepted, std::move(hooks));
}

void inspect_invitation(std::shared_ptr<Call> call) {
    if (!guards_links(*call)) return;
    Faults faults;
    std::optional<LinkToken> token;
    if (!read_link<InspectLink>(*call, faults, token)) return;
    if (!faults.empty()) return call->refuse(std::move(faults).refusal());
    auto& service = call->service;
    auto invited = token ? service.directory.membership_anywhere(MemberId{token->invitation.uuid}) : nullptr;
    auto workspace = invited ? service.directory.workspace(invited->workspace) : nullptr;
    if (!workspace) return call->refuse(no_such_link());
    auto command = accepting(*call, *token, invited->workspace);
    command.dry_run = true;
    command.decide = [](const Loaded& loaded, const Context& context) -> Decided {
        if (auto refusal = dead_link(*loaded.membership, context)) return std::unexpected(*refusal);
        return Decision{};
    };
    auto result = service.execute.run_and_wait(std::move(command));
    if (!result) return call->refuse(result.error());
    const auto* profile = invited->profile.if_known();
    auto known = names(*call, *workspace);
    std::string out;
    ObjectWriter into(out);
    ObjectWriter where(into.key("workspace"));
    where.field("name", workspace->name);
    where.field("slug", workspace->slug);
    where.end();
    into.field("email", invited->email);
    into.field("name", profile ? std::optional(profile->name) : std::nullopt);
    auto role = workspace->roles.find(invited->assignment.role);
    into.field("role", invited->assignment.role);
    into.field("role_name", role == workspace->roles.end() ? std::nullopt : std::optional(role->second.value.name));
    into.field("inviter", known.actor(invited->invited_by));
    into.field("expires_at", invited->expires_at);
    into.field("steps", onboarding_steps(workspace->settings.value));
    into.end();
    call->done(response({200, std::move(out), service.log.head(invited->workspace), std::nullopt, {}}));
}

void invitation_link(std::shared_ptr<Call> call) {
    auto& service = call->service;
    auto id = InvitationId::parse(call->parameter("id"));
    auto invited = service.directory.membership(call->workspace_id, MemberId{id ? id->uuid : Uuid{}});
    Context context;
    context.now = service.execute.now();
    context.actor_permissions = call->caller.permissions;
    auto refusal = link_refusal(*invited, *call->workspace, context);
    if (refusal) return call->refuse(*refusal);
    std::string out;
    ObjectWriter into(out);
    into.field("accept_url", service.public_url + "/accept#" +
                                 link_token(service.vault, {invited->workspace, *id, invited->link_generation}));
    into.end();
    call->done(response({200, std::move(out), service.log.head(call->workspace_id), invited->version, {}}));
}

}  // namespace muster
