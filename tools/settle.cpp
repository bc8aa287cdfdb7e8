#include "tools/settle.h"

#include "api/mail/composer.h"
#include "api/text/unicode.h"
#include "api/webhooks/endpoints.h"
#include "eventstore/codec.h"
#include "eventstore/erase.h"
#include "eventstore/execute.h"
#include "projections/log_feed.h"

#include <algorithm>
#include <iostream>
#include <limits>
#include <set>

namespace muster::tools {
namespace {

constexpr std::size_t at_once = 1000;

// Whom a restored history would let in, or write to, by what happened after it: sessions that were checked against a
// history that is no more, imports that would be sent again (and hold people who were erased meanwhile), and mails.
void empty_of_what_waits(Vault& vault) {
    for (auto rows : {vault.sessions(), vault.drafts(), vault.mails()}) {
        rows.erase(rows.keys({}));
        rows.purge();
    }
}

std::optional<std::string> person_of(const Recorded& cause) {
    if (cause.stream.kind == StreamKind::membership || cause.stream.kind == StreamKind::recovery)
        return MemberId{cause.stream.id}.text();
    if (cause.stream.kind == StreamKind::request) return RequestId{cause.stream.id}.text();
    return std::nullopt;
}

// Their events are in this history; whether a later one has sent them, nobody here knows.
std::set<Position> mails_that_wait(Store& store) {
    std::set<Position> causes;
    for (const auto& key : store.vault->mails().keys({}))
        if (key.size() == sizeof(Position)) causes.insert(read_u64(key));
    const auto head = store.log->head();
    for (auto position = store.vault->checkpoint("mail") + 1; position <= head; ++position) causes.insert(position);
    causes.erase(causes.upper_bound(head), causes.end());
    return causes;
}

void tell_not_sent(Store& store, const Recorded& cause, MailKind kind) {
    MailFailed failed{
        kind, {}, {}, cause.meta.position, 0, "it had not been sent when the data was restored", MailTrouble::restored};
    if (cause.stream.kind == StreamKind::membership || cause.stream.kind == StreamKind::recovery)
        failed.member = MemberId{cause.stream.id};
    if (cause.stream.kind == StreamKind::request) failed.request = RequestId{cause.stream.id};
    Append append;
    append.workspace = cause.workspace;
    append.command = store.log->next_id();
    append.correlation = cause.correlation;
    append.causation = cause.meta.position;
    append.expected = {{mail_stream(cause.id), 0}};
    ToAppend event{mail_stream(cause.id), Event(failed), {}, {}};
    event.payload = encode(event.event, nullptr);
    event.payload_hash = sha256(event.payload);
    append.events.push_back(std::move(event));
    if (store.log->append_and_wait(std::move(append)).status != AppendStatus::done)
        throw StorageError("what became of a mail could not be written");
}

std::vector<UnsentMail> give_up_mails(Store& store, const std::string& views) {
    std::vector<UnsentMail> unsent;
    const auto waiting = mails_that_wait(store);
    const LogFeed feed(*store.log, *store.history);
    Runner nothing(Origin{feed, {}, views, store.id}, {}, [] { return Runner::Time{}; });
    Execute execute(*store.log, *store.aggregates, *store.vault, icu_unicode(), system_clock(),
                    [](const std::function<void()>& work) { work(); });
    const mail::Composer composer(execute, *store.history, nothing, {}, {}, {});
    for (const auto position : waiting) {
        const auto cause = store.history->at(position);
        const auto kind = cause ? composer.kind_of(*cause) : std::nullopt;
        if (!kind || store.log->version(mail_stream(cause->id)) > 0) continue;
        unsent.push_back({position, std::string(name_of(*kind)), cause->workspace.text(), person_of(*cause)});
        tell_not_sent(store, *cause, *kind);
    }
    return unsent;
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

template <class Line>
void print_list(std::size_t count, const std::string& what, Line line) {
    std::cout << what << ": " << (count == 0 ? "none" : std::to_string(count)) << "\n";
    for (std::size_t i = 0; i < count; ++i) std::cout << "  " << line(i) << "\n";
}

}  // namespace

Settled settle(const std::string& directory, const StoreOptions& options) {
    Settled settled;
    auto store = open_store(directory, options);
    settled.store = base32(store.id);
    settled.position = store.log->head();
    Eraser eraser(*store.log, *store.history, *store.aggregates, *store.vault, system_clock(), system_entropy());
    const auto again = eraser.erase_again();
    settled.erased_again = again.people;
    settled.workspaces_deleted_again = again.workspaces;
    for (const auto& id : again.without_admin) settled.without_admin.push_back(id.text());
    settled.mails_not_sent = give_up_mails(store, directory + "/views");
    empty_of_what_waits(*store.vault);
    list_what_is_open(store, settled);
    const auto head = store.log->head();
    for (const auto& follower : store.vault->followers()) store.vault->set_checkpoint(follower, head);
    store.vault->set_checkpoint("mail", head);
    webhooks::Endpoints(store.vault->webhooks(), system_clock().now()).skip_to(head);
    return settled;
}

void print_text(const Settled& settled) {
    std::cout << "it is another store now (" << settled.store << "): read models are made anew when it is started\n"
              << "erased again, for they were erased later: " << settled.erased_again << " people, "
              << settled.workspaces_deleted_again << " workspaces\n";
    for (const auto& id : settled.without_admin)
        std::cout << "  the only admin of " << id << " is one of them: create another with the operator key\n";
    print_list(settled.mails_not_sent.size(), "mails that were waiting and are not sent", [&](std::size_t i) {
        const auto& mail = settled.mails_not_sent[i];
        return "position " + std::to_string(mail.position) + "  " + mail.kind + "  " + mail.workspace + "  " +
               mail.person.value_or("");
    });
    print_list(settled.open_invitations.size(),
               "invitations that are open again, also where they were revoked or used later", [&](std::size_t i) {
                   const auto& open = settled.open_invitations[i];
                   return open.id + "  " + open.workspace + "  until " + open.expires_at;
               });
    print_list(
        settled.working_api_keys.size(), "API keys that work again, also where they were revoked later",
        [&](std::size_t i) { return settled.working_api_keys[i].id + "  " + settled.working_api_keys[i].workspace; });
    std::cout << "links to choose a password that were mailed before are open too until they end, also where they were "
                 "used later\n"
                 "links, API keys and passwords that came later are dead; everybody has to sign in again; imports are "
                 "to be uploaded again\n";
}

}  // namespace muster::tools
