#include "tools/settle.h"

#include "eventstore/erase.h"
#include "tools/printed_list.h"

#include <algorithm>
#include <iostream>
#include <limits>

namespace muster::tools {
namespace {

constexpr std::size_t at_once = 1000;

// Keys that were made ahead may be used by what happened after it, and was lost: nobody else gets them.
void forget_keys_made_ahead(const std::string& directory) {
    const RocksShared shared;
    const auto vault = open_vault_table(directory + "/vault", shared);
    constexpr auto blocks = static_cast<Family>(VaultFamily::blocks);
    WriteBatch none;
    for (auto row = vault->scan(blocks, {}); row->valid(); row->next()) none.erase(blocks, std::string(row->key()));
    if (!none.empty()) vault->write(none, Sync::yes);
}

// Whom a restored history would let in, or write to, by what happened after it: sessions that were checked against a
// history that is no more, imports that would be sent again (and hold people who were erased meanwhile), and mails.
void empty_of_what_waits(Vault& vault) {
    for (auto rows : {vault.sessions(), vault.drafts(), vault.mails()}) {
        rows.erase(rows.keys({}));
        rows.purge();
    }
}

template <class OnWorkspace>
void for_each_workspace(const Store& store, OnWorkspace on_workspace) {
    std::optional<WorkspaceId> after;
    for (auto ids = store.log->workspaces(after, at_once); !ids.empty(); ids = store.log->workspaces(after, at_once))
        for (const auto& id : ids) {
            after = id;
            if (auto workspace = store.aggregates->workspace(id)) on_workspace(*workspace);
        }
}

void list_what_is_open(const Store& store, Settled& settled) {
    const auto now = std::max(system_clock().now(), store.log->head_row().at);
    for_each_workspace(store, [&](const Workspace& workspace) {
        for (const auto& stream :
             store.log->due(workspace.id, Instant::never(), std::numeric_limits<std::size_t>::max())) {
            const auto invited = store.aggregates->membership(workspace.id, MemberId{stream.id});
            if (invited->phase == Phase::pending && !invited->due(now))
                settled.open_invitations.push_back(
                    {InvitationId{stream.id}.text(), workspace.slug.value, invited->expires_at.text()});
        }
        for (const auto& [id, key] : workspace.api_keys)
            if (!key.ended(now) && store.aggregates->key_is_alive(workspace, {ActorKind::api_key, id.uuid}))
                settled.working_api_keys.push_back({id.text(), workspace.slug.value});
    });
}

}  // namespace

Settled settle(const std::string& directory, const StoreOptions& options) {
    Settled settled;
    forget_keys_made_ahead(directory);
    auto store = open_store(directory, options);
    settled.store = base32(store.id);
    settled.position = store.log->head();
    Eraser eraser(*store.log, *store.history, *store.aggregates, *store.vault, system_clock(), system_entropy());
    const auto again = eraser.erase_again();
    settled.erased_again = again.people;
    settled.workspaces_deleted_again = again.workspaces;
    for (const auto& id : again.without_admin) settled.without_admin.push_back(id.text());
    if (!again.without_admin.empty()) store.vault->passwords().purge();
    settled.mails_not_sent = give_up_mails(store);
    settled.events_not_delivered = give_up_deliveries(store, settled.position);
    empty_of_what_waits(*store.vault);
    list_what_is_open(store, settled);
    const auto head = store.log->head();
    for (const auto& follower : store.vault->followers()) store.vault->set_checkpoint(follower, head);
    store.vault->set_checkpoint("mail", head);
    return settled;
}

void print_text(const Settled& settled) {
    std::cout << "it is another store now (" << settled.store << "): read models are made anew when it is started\n"
              << "its history goes on behind position " << settled.position
              << ": whoever follows events forgets what they have from behind it, and goes on with after="
              << settled.position << "\n"
              << "erased again, for they were erased later: " << settled.erased_again << " people, "
              << settled.workspaces_deleted_again << " workspaces\n";
    for (const auto& id : settled.without_admin)
        std::cout << "  the only admin of " << id << " is one of them: create another with the operator key\n";
    print_mails(settled.mails_not_sent);
    print_deliveries(settled.events_not_delivered);
    print_list(
        settled.open_invitations, "invitations that are open again, also where they were revoked or used later",
        [](const OpenInvitation& each) { return each.id + "  " + each.workspace + "  until " + each.expires_at; });
    print_list(settled.working_api_keys, "API keys that work again, also where they were revoked later",
               [](const WorkingKey& each) { return each.id + "  " + each.workspace; });
    std::cout << "links to choose a password that were mailed before are open too until they end, also where they were "
                 "used later\n"
                 "links, API keys and passwords that came later are dead; everybody has to sign in again; imports are "
                 "to be uploaded again\n";
}

}  // namespace muster::tools
