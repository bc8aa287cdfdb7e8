#pragma once
// The one handler of all commands: body in by field list, faults of the body and of the domain together, decided and
// appended, answered. A command is bound to what it is about by the overload of `decide` that takes it; so a new one
// needs its header and source in domain/, and a row of the route table.
//
// Templates: include it in the route table and in handlers that read bodies of their own.

#include "api/admission.h"
#include "api/answering.h"
#include "api/auth/choosing.h"
#include "api/auth/passwords.h"
#include "api/json/faults.h"
#include "api/json/query.h"
#include "api/json/read.h"
#include "api/keeping.h"
#include "api/problem.h"
#include "api/route.h"
#include "domain/erasure.h"
#include "domain/event.h"

#include <algorithm>

namespace muster {

// ---- What a command is about.

template <class C>
concept OnMembership =
    requires(const Membership& m, const Workspace& w, const C& c, const Context& x) { decide(m, w, c, x); };
template <class C>
concept OnResource =
    requires(const Resource& r, const Workspace& w, const C& c, const Context& x) { decide(r, w, c, x); };
template <class C>
concept OnRequest =
    requires(const InvitationRequest& r, const Workspace& w, const C& c, const Context& x) { decide(r, w, c, x); };
template <class C>
concept OnRequestAndNewcomer = requires(const InvitationRequest& r, const Membership& m, const Workspace& w, const C& c,
                                        const Context& x) { decide(r, m, w, c, x); };
template <class C>
concept OnWorkspace = requires(const Workspace& w, const C& c, const Context& x) { decide(w, c, x); };
template <class C, class Key>
concept OnPart = requires(const Workspace& w, const Key& k, const C& c, const Context& x) { decide(w, k, c, x); };

template <class C>
Decided decide_on(const Loaded& loaded, const std::string& part, const C& command, const Context& context) {
    const auto& workspace = *loaded.workspace;
    if constexpr (OnMembership<C>)
        return decide(*loaded.membership, workspace, command, context);
    else if constexpr (OnResource<C>)
        return decide(*loaded.resource, workspace, command, context);
    else if constexpr (OnRequest<C>)
        return decide(*loaded.request, workspace, command, context);
    else if constexpr (OnRequestAndNewcomer<C>)
        return decide(*loaded.request, *loaded.membership, workspace, command, context);
    else if constexpr (OnWorkspace<C>)
        return decide(workspace, command, context);
    else if constexpr (OnPart<C, RoleKey>)
        return decide(workspace, RoleKey{part}, command, context);
    else if constexpr (OnPart<C, PermissionKey>)
        return decide(workspace, PermissionKey{part}, command, context);
    else if constexpr (OnPart<C, ApiKeyId>)
        return decide(workspace, ApiKeyId::parse(part).value_or(ApiKeyId{}), command, context);
    else if constexpr (OnPart<C, WebhookId>)
        return decide(workspace, WebhookId::parse(part).value_or(WebhookId{}), command, context);
    else
        return decide(workspace, TeamId::parse(part).value_or(TeamId{}), command, context);
}

// ---- Reading it.

// What a request asks: of a body, or (DELETE) of the query. False where the caller is answered already.
enum class From { body, query };

template <class C, From from>
bool read_command(const Call& call, C& command, Faults& faults) {
    if constexpr (from == From::query) {
        auto given = call.query;
        // Left out it is empty, and the domain says what it is for.
        if constexpr (requires { command.confirm; })
            if (std::ranges::find(given, "confirm", [](const auto& each) { return each.first; }) == given.end())
                given.emplace_back("confirm", "");
        read_query(given, command, faults, call.service.unicode);
        return true;
    } else {
        return read_body(call, faults, [&](const nlohmann::json& body) {
            read(body, command, faults, Place::body(), call.service.unicode);
        });
    }
}

// What only the workspace can tell is wrong, asked also where the body has faults of its own: all of them at once.
template <class C>
std::vector<Fault> domain_faults(const C& command, const std::string& part, const Loaded& loaded,
                                 const Context& context) {
    auto decided = decide_on(loaded, part, command, context);
    return decided ? std::vector<Fault>{} : std::move(decided.error().faults);
}

template <class T>
std::vector<ResourceId> ids_of(const T& resources) {
    std::vector<ResourceId> ids;
    if constexpr (requires { resources.value; }) {
        for (const auto& each : resources.value) ids.push_back(each.id);
    } else {
        for (const auto& each : resources) ids.push_back(each.id);
    }
    return ids;
}

// ---- Running it.

template <class C>
StreamId target_of(const Call& call) {
    auto id = call.parameter("id");
    auto fresh = [&] { return call.service.execute.fresh(); };
    if constexpr (OnMembership<C>) {
        if (call.route.needs == needs::member) return stream_of(MemberId{call.caller.actor.id});
        if (id.empty()) return stream_of(MemberId{fresh()});
        auto invitation = InvitationId::parse(id);
        auto member = MemberId::parse(id);
        bool of_invitations = call.route.path.find("/invitations") != std::string_view::npos;
        // An id of nobody: the command is decided on, so that what is wrong with its body is said first.
        if (of_invitations) return stream_of(MemberId{invitation ? invitation->uuid : Uuid{}});
        return stream_of(member.value_or(MemberId{}));
    } else if constexpr (OnResource<C>) {
        return id.empty() ? stream_of(ResourceId{fresh()}) : stream_of(ResourceId::parse(id).value_or(ResourceId{}));
    } else if constexpr (OnRequest<C> || OnRequestAndNewcomer<C>) {
        return stream_of(RequestId::parse(id).value_or(RequestId{}));
    } else {
        return stream_of(call.workspace_id);
    }
}

template <class C>
Command command_of(const Call& call, const C& body) {
    Command command;
    command.workspace = call.workspace_id;
    command.actor = call.caller.actor;
    command.needs = needed_still(call);
    command.target = target_of<C>(call);
    command.fresh = call.service.execute.fresh();
    command.correlation = call.correlation;
    command.dry_run = call.dry_run;
    if constexpr (requires { body.resources; }) command.resources = ids_of(body.resources);
    if constexpr (requires {
                      { body.email } -> std::convertible_to<EmailAddress>;
                  })
        command.address = body.email;
    command.on_holder = std::same_as<C, ProvisionMember>;
    command.whole_person = std::same_as<C, DeleteMember> || std::same_as<C, ErasePerson>;
    if constexpr (requires { body.url; }) command.plain_targets = call.service.plain_targets;
    if constexpr (std::same_as<C, RenameWorkspace>)
        if (body.slug.has_value()) command.slug = body.slug.value;
    if constexpr (std::same_as<C, DeleteMember>)
        if (body.reassign_to) command.reassign_to = MemberId::parse(*body.reassign_to);
    return command;
}

// The password that a command brings, if it does.
template <class C>
std::optional<Password> password_in(const C& body) {
    if constexpr (requires { body.password; })
        return body.password;
    else
        return std::nullopt;
}

// Whether it is one that everybody tries first, or made of what is known of whom it is for.
template <class C>
bool brings_common_password(const Call& call, const C& body, const Command& command) {
    auto password = password_in(body);
    if (!password) return false;
    if constexpr (std::same_as<C, CreateMember>)
        return is_common(*password, words_of(call.workspace.get(), body.email, body.name ? body.name->value : ""));
    auto member = call.service.directory.membership(call.workspace_id, MemberId{command.target.id});
    return is_common(*password,
                     words_of(call.workspace.get(), member->email.or_blank(), member->profile.or_blank().name));
}

// A role or permission is named by its key, a team by its new id.
template <class C>
std::string part_made(const C& body, const Command& command) {
    if constexpr (std::same_as<C, CreateTeam>)
        return TeamId{command.fresh}.text();
    else if constexpr (requires { body.key; })
        return body.key.value;
    else
        return {};
}

template <class C, Shape shape, From from>
void handle(std::shared_ptr<Call> call) {
    Faults faults;
    C body;
    if (!read_command<C, from>(*call, body, faults)) return;
    auto keeping = begin_keeping(*call);
    if (!keeping) return;

    auto command = command_of(*call, body);
    command.common_password = brings_common_password(*call, body, command);
    std::string part(call->parameter(call->parameter("key").empty() ? "id" : "key"));
    set_if_match(*call, command);
    if (!faults.empty()) {
        faults.merge(faults_before_deciding(*call, command, [&](const Loaded& loaded, const Context& context) {
            return domain_faults(body, part, loaded, context);
        }));
        keeping->end();
        return call->refuse(std::move(faults).refusal());
    }
    call->made = part_made(body, command);
    auto password = password_in(body);
    command.decide = [body = std::move(body), part](const Loaded& loaded, const Context& context) {
        return decide_on(loaded, part, body, context);
    };
    // A team's answer counts its members, from the read model: not before that has caught up.
    if constexpr (std::same_as<C, RenameTeam>)
        return when_fresh(call, "roster",
                          [call, keeping, command = std::move(command)](const Reading&, Position) mutable {
                              run(call, keeping, std::move(command), shape);
                          });
    else
        run_choosing(call, std::move(keeping), std::move(command), password, shape);
}

}  // namespace muster
