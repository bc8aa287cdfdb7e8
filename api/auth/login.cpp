#include "api/auth/login.h"

#include "api/auth/caller.h"
#include "api/auth/choosing.h"
#include "api/auth/passwords.h"
#include "api/auth/sessions.h"
#include "api/commands.h"
#include "api/failing.h"
#include "api/guessing.h"
#include "api/rate_limits.h"
#include "api/tokens.h"
#include "api/views.h"
#include "domain/credentials.h"

namespace muster {
namespace {

// Who is meant, as they stood at a position of their workspace that was read before.
struct Candidate {
    std::shared_ptr<const Workspace> workspace;
    std::shared_ptr<const Membership> member;
    Position position = 0;
};

Candidate candidate(Service& service, std::string_view named, const EmailAddress& email) {
    Candidate found;
    auto id = workspace_named(service, named);
    if (!id) return found;
    found.position = service.log.head(*id);
    found.workspace = service.directory.workspace(*id);
    if (found.workspace) found.member = service.directory.holder(*id, service.execute.claim_of(*id, email));
    return found;
}

template <class Body>
bool read_whole(const Call& call, Body& body) {
    Faults faults;
    if (!read_body(call, faults,
                   [&](const nlohmann::json& json) { read(json, body, faults, Place::body(), call.service.unicode); }))
        return false;
    if constexpr (requires { body.workspace; })
        if (body.workspace.empty())
            faults.merge({{"/workspace", Code::required, "Which workspace? Its id or slug.", {}}});
    if constexpr (requires { body.token; })
        if (body.token.empty()) faults.merge({{"/token", Code::required, "The token of the link is needed.", {}}});
    if (faults.empty()) return true;
    call.refuse(std::move(faults).refusal());
    return false;
}

void answer_login(const Call& call, const LoginBody& body, const Outcome& outcome, Position checked_at) {
    auto& service = call.service;
    auto session = open_session(call, outcome.membership->id, checked_at);
    std::string out;
    ObjectWriter into(out);
    if (!body.cookie) into.field("token", session.token);
    into.field("expires_at", session.expires_at);
    ObjectWriter member(into.key("member"));
    write_member(member, *outcome.membership, names(call, *outcome.workspace));
    member.end();
    into.field("home", home_of(*outcome.workspace, *outcome.membership));
    into.end();
    std::vector<http::Header> headers;
    if (body.cookie) headers.push_back({"set-cookie", session_cookie(service, session.token)});
    call.done(response({200, std::move(out), outcome.position, std::nullopt, std::move(headers)}));
}

}  // namespace

void login(std::shared_ptr<Call> call) {
    LoginBody body;
    if (!read_whole(*call, body)) return;
    // By the workspace's id, so that its slug is not another account's; a name of no workspace stands for itself.
    auto id = workspace_named(call->service, body.workspace);
    auto whose = account(id ? id->text() : body.workspace, body.email);
    if (!PasswordTry::may_begin(*call, whose)) return;
    on_hashing_threads(call, [call, body, whose] {
        auto attempt = PasswordTry::begin(*call, whose);
        if (!attempt) return;
        auto& service = call->service;
        auto who = candidate(service, body.workspace, body.email);
        bool may = who.member && may_log_in(*who.member, *who.workspace);
        // Nobody is checked too, and takes as long.
        auto member = may ? who.member->id : MemberId{};
        auto credential = may ? who.member->credential : Uuid{};
        if (!service.passwords.check(member, credential, body.password)) {
            attempt->was_wrong();
            return call->refuse(invalid_credentials());
        }
        attempt->was_not_wrong();
        Command command;
        command.workspace = who.workspace->id;
        command.actor = {ActorKind::member, member.uuid};
        command.target = stream_of(member);
        command.checked_credential = credential;
        command.correlation = call->correlation;
        command.decide = [](const Loaded& loaded, const Context& context) {
            return decide(*loaded.membership, *loaded.workspace, LogIn{}, context);
        };
        service.execute.run(std::move(command), [call, body, position = who.position](Result result) {
            if (!result) return call->refuse(result.error());
            or_fail(call, [&] { answer_login(*call, body, *result, position); });
        });
    });
}

void logout(std::shared_ptr<Call> call) {
    call->service.sessions.end(MemberId{call->caller.actor.id}, *call->caller.session);
    std::vector<http::Header> headers;
    if (call->caller.by_cookie) headers.push_back({"set-cookie", ended_session_cookie(call->service)});
    call->done(response({200, R"({"status":"signed_out"})", std::nullopt, std::nullopt, std::move(headers)}));
}

void forgot_password(std::shared_ptr<Call> call) {
    auto& rates = *call->service.rates;
    if (auto refusal = rates.take(Rate::forgot_ip, call->client())) return call->refuse(*refusal);
    ForgotBody body;
    if (!read_whole(*call, body)) return;
    if (auto refusal = rates.take(Rate::forgot_address, body.email.canonical())) return call->refuse(*refusal);
    // Who is looked up answers nobody: what is decided behind the answer shows nothing of itself.
    bool taken = call->service.pool.post([call, body] {
        auto& service = call->service;
        auto who = candidate(service, body.workspace, body.email);
        if (!who.member) return;
        Command command;
        command.workspace = who.workspace->id;
        command.actor.kind = ActorKind::visitor;
        command.target = stream_of(who.member->id);
        command.correlation = call->correlation;
        command.decide = [](const Loaded& loaded, const Context& context) {
            return decide(*loaded.membership, *loaded.workspace, RequestPasswordReset{}, context);
        };
        (void)service.execute.run_and_wait(std::move(command));
    });
    if (!taken) return call->refuse(overloaded());
    call->done(response({202, R"({"status":"received"})", std::nullopt, std::nullopt, {}}));
}

void reset_password(std::shared_ptr<Call> call) {
    if (!guards_links(*call)) return;
    ResetPassword body;
    if (!read_whole(*call, body)) return;
    auto& service = call->service;
    auto link = read_password_token(service.vault, service.directory, body.token);
    auto member = link ? service.directory.membership_anywhere(link->member) : nullptr;
    if (!member || !service.directory.workspace(member->workspace))
        return call->refuse({Code::token_invalid, "This link is not valid any more; ask for a new one.", {}, {}});
    call->workspace_id = member->workspace;
    call->workspace = service.directory.workspace(member->workspace);
    Command command;
    command.workspace = member->workspace;
    command.actor = {ActorKind::member, member->id.uuid};
    command.target = stream_of(member->id);
    command.checked_credential = link->credential;
    command.link_ends = link->ends;
    command.common_password = is_common(
        body.password, words_of(call->workspace.get(), member->email.or_blank(), member->profile.or_blank().name));
    command.correlation = call->correlation;
    command.decide = [body](const Loaded& loaded, const Context& context) {
        return decide(*loaded.membership, *loaded.workspace, body, context);
    };
    auto keeping = std::make_shared<Keeping>(service.keys_under_way, std::nullopt);
    run_choosing(call, std::move(keeping), std::move(command), body.password, shapes::reset);
}

}  // namespace muster
