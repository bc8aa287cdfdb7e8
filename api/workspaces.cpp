// Making a workspace together with its first admin, in one append.
#include "api/workspaces.h"

#include "api/commands.h"
#include "domain/presets.h"

namespace muster {

void create_workspace(std::shared_ptr<Call> call) {
    Faults faults;
    NewWorkspace body;
    bool read_whole = read_body(*call, faults, [&](const nlohmann::json& json) {
        read(json, body, faults, Place::body(), call->service.unicode);
    });
    if (!read_whole) return;
    auto keeping = begin_keeping(*call);
    if (!keeping) return;
    auto& execute = call->service.execute;
    CreateWorkspace create{body.name, body.slug, body.preset, body.plan_managed_by};
    Context today;
    today.now = execute.now();
    if (auto made = decide(Workspace{}, create, today); !made) faults.merge(made.error().faults);
    const auto& owner = body.owner;
    std::vector<std::string> words = words_of(nullptr, owner.email, owner.name.value);
    words.push_back(body.name.value);
    bool common = owner.password && is_common(*owner.password, words);
    // A new workspace has the settings of its preset; the owner is an admin, who may have a password in any.
    if (auto begun = preset(create.preset, today.now); begun && owner.password)
        if (auto fault = password_fault(begun->settings, *owner.password, common)) {
            fault->pointer = "/owner/password";
            faults.add(*fault);
        }
    if (!faults.empty()) return call->refuse(std::move(faults).refusal());

    Command command;
    call->workspace_id = command.workspace = WorkspaceId{execute.fresh()};
    command.creates_workspace = true;
    command.actor = call->caller.actor;
    command.target = stream_of(MemberId{execute.fresh()});
    command.fresh = execute.fresh();
    command.address = body.owner.email;
    command.slug = slug_for(create);
    command.correlation = call->correlation;
    command.dry_run = call->dry_run;
    command.common_password = common;
    command.decide = [create, owner = body.owner](const Loaded& loaded, const Context& context) -> Decided {
        auto decision = decide(*loaded.workspace, create, context);
        if (!decision) return decision;
        Workspace workspace = *loaded.workspace;
        for (const auto& each : decision->events)
            evolve(workspace,
                   Recorded{{0, 1, context.now, context.actor}, each.stream, workspace.id, {}, {}, {}, 0, each.event});
        CreateMember first;
        first.email = owner.email;
        first.name = owner.name;
        first.role = admin_role;
        first.password = owner.password;
        auto joined = decide(*loaded.membership, workspace, first, context);
        if (!joined) return joined;
        decision->events.insert(decision->events.end(), joined->events.begin(), joined->events.end());
        return decision;
    };
    run_choosing(call, std::move(keeping), std::move(command), body.owner.password, shapes::workspace);
}

}  // namespace muster
