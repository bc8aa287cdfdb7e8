#include "api/auth/me.h"

#include "api/auth/choosing.h"
#include "api/auth/passwords.h"
#include "api/auth/sessions.h"
#include "api/commands.h"
#include "api/guessing.h"
#include "api/listing.h"
#include "api/parameters.h"
#include "api/problem.h"
#include "api/views.h"
#include "domain/credentials.h"

namespace muster {
namespace {

void write_me(ObjectWriter& into, const Membership& member, const NameLookup& known) {
    write_member(into, member, known);
    const auto& workspace = known.workspace;
    ObjectWriter where(into.key("workspace"));
    where.field("id", workspace.id);
    where.field("name", workspace.name);
    where.field("slug", workspace.slug);
    where.end();
    ArrayWriter permissions(into.key("effective_permissions"));
    for (const auto& each : effective_permissions(workspace, member.assignment).keys) permissions.item(each);
    permissions.end();
    into.field("home", home_of(workspace, member));
}

std::shared_ptr<const Membership> own_membership(const Call& call) {
    return call.service.directory.membership(call.workspace_id, MemberId{call.caller.actor.id});
}

std::vector<AnswerPart> with_new_session(const Call& call, const Outcome& outcome) {
    auto parts = shapes::me(call, outcome);
    parts.push_back(plain(",\"session\":"));
    parts.push_back(session_of(*outcome.membership));
    return parts;
}

}  // namespace

void me(std::shared_ptr<Call> call) {
    auto member = own_membership(*call);
    std::string out;
    ObjectWriter into(out);
    write_me(into, *member, names(*call, *call->workspace));
    into.end();
    call->done(response({200, std::move(out), call->position, member->version, {}}));
}

namespace shapes {

std::vector<AnswerPart> me(const Call& call, const Outcome& outcome) {
    auto known = names(call, *outcome.workspace);
    return {personal(*outcome.membership, outcome.person_key,
                     [&](ObjectWriter& into, const Membership& each) { write_me(into, each, known); })};
}

}  // namespace shapes

namespace {

// Not the 401 of a sign-in: the caller is signed in.
void refuse_current_password(const Call& call) {
    call.done(problem(403, "invalid_credentials", "The current password is wrong."));
}

}  // namespace

void change_own_password(std::shared_ptr<Call> call) {
    Faults faults;
    ChangeOwnPassword body;
    if (!read_command<ChangeOwnPassword, From::body>(*call, body, faults)) return;
    auto keeping = begin_keeping_session(call, {}, body.password, [](const Call& repeated) {
        repeated.done(problem(403, "invalid_credentials",
                              "This was done already, and another password holds now; sign in with that."));
    });
    if (!keeping) return;
    auto member = own_membership(*call);
    auto command = command_of(*call, body);
    set_if_match(*call, command);
    command.common_password = is_common(
        body.password, words_of(call->workspace.get(), member->email.or_blank(), member->profile.or_blank().name));
    command.checked_credential = member->credential;
    command.decide = [body](const Loaded& loaded, const Context& context) {
        return decide(*loaded.membership, *loaded.workspace, body, context);
    };
    // What is wrong with the new one is said before the current one is looked at.
    faults.merge(faults_before_deciding(*call, command, [&](const Loaded& loaded, const Context& context) {
        auto decided = decide(*loaded.membership, *loaded.workspace, body, context);
        return decided ? std::vector<Fault>{} : std::move(decided.error().faults);
    }));
    if (!faults.empty()) {
        keeping->end();
        return call->refuse(std::move(faults).refusal());
    }
    auto whose = account(call->workspace_id.text(), member->email.or_blank());
    if (!PasswordTry::may_begin(*call, whose)) return keeping->end();
    // Whether the current one is right is found out on the hashing threads, and decided on as what was checked.
    on_hashing_threads(call, [call, keeping = std::move(keeping), command = std::move(command), body, whose]() mutable {
        auto attempt = PasswordTry::begin(*call, whose);
        if (!attempt) return keeping->end();
        MemberId id{command.target.id};
        if (!call->service.passwords.check(id, command.checked_credential, body.current_password)) {
            keeping->end();
            attempt->was_wrong();
            return refuse_current_password(*call);
        }
        attempt->was_not_wrong();
        RunHooks hooks;
        // It was right a moment ago, and somebody has set another since.
        hooks.refused = [call](const Refusal& refusal) {
            if (refusal.code != Code::invalid_credentials) return false;
            refuse_current_password(*call);
            return true;
        };
        run_choosing(call, std::move(keeping), std::move(command), body.password, with_new_session, std::move(hooks));
    });
}

// ---- Sessions.

namespace {

// Where it stands in the list, by which it is ordered.
std::string place_of(const Session& session) { return session.last_used_at.text() + session.id.text(); }

}  // namespace

void own_sessions(std::shared_ptr<Call> call) {
    ListParameters wanted;
    if (!read_list(*call, wanted)) return;
    auto place = place_of(*call, wanted.cursor);
    if (!place) return;
    auto member = own_membership(*call);
    auto all = call->service.sessions.of(member->id, call->service.execute.now());
    std::erase_if(all, [&](const Session& each) { return each.position < member->sessions_end_position; });
    auto total = all.size();
    if (place->after) std::erase_if(all, [&](const Session& each) { return place_of(each) >= *place->after; });
    std::optional<std::string> next;
    if (all.size() > static_cast<std::size_t>(wanted.limit)) {
        all.resize(static_cast<std::size_t>(wanted.limit));
        next = place_of(all.back());
    }
    std::string items;
    ArrayWriter array(items);
    for (const auto& each : all) {
        ObjectWriter into(array.next());
        into.field("id", each.id);
        into.field("created_at", each.created_at);
        into.field("last_used_at", each.last_used_at);
        into.field("expires_at", each.expires_at());
        into.field("client", each.client.empty() ? std::nullopt : std::optional(each.client));
        into.field("current", each.id == call->caller.session);
        into.end();
    }
    array.end();
    Counted counted;
    if (wanted.include_total) counted.total = static_cast<std::int64_t>(total);
    answer_list(*call, std::move(items), next, call->position, counted);
}

void end_own_sessions(std::shared_ptr<Call> call) {
    call->service.sessions.end_all(MemberId{call->caller.actor.id});
    call->done(response({200, R"({"deleted":true})", std::nullopt, std::nullopt, {}}));
}

void end_own_session(std::shared_ptr<Call> call) {
    auto id = SessionId::parse(call->parameter("id"));
    if (!id || !call->service.sessions.end(MemberId{call->caller.actor.id}, *id))
        return call->refuse({Code::not_found, "There is no such session of yours.", {}, {}});
    std::string out;
    ObjectWriter into(out);
    into.field("id", *id);
    into.field("deleted", true);
    into.end();
    call->done(response({200, std::move(out), std::nullopt, std::nullopt, {}}));
}

}  // namespace muster
