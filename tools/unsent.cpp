#include "tools/unsent.h"

#include "api/mail/composer.h"
#include "api/mail/queue.h"
#include "api/text/unicode.h"
#include "api/webhooks/endpoints.h"
#include "api/webhooks/turn.h"
#include "eventstore/codec.h"
#include "eventstore/execute.h"
#include "projections/log_feed.h"
#include "tools/printed_list.h"

#include <algorithm>
#include <set>

namespace muster::tools {
namespace {

constexpr std::size_t events_at_once = 1000;

constexpr const char* waited = "it had not been sent when the data was restored";
constexpr const char* unknown = "whether it was sent, the history that was restored does not say";

// ---- Mails.

std::optional<std::string> person_of(const Recorded& cause) {
    if (cause.stream.kind == StreamKind::membership || cause.stream.kind == StreamKind::recovery)
        return MemberId{cause.stream.id}.text();
    if (cause.stream.kind == StreamKind::request) return RequestId{cause.stream.id}.text();
    return std::nullopt;
}

void tell_not_sent(Store& store, const Recorded& cause, MailKind kind, const char* why) {
    MailFailed failed{kind, {}, {}, cause.meta.position, 0, why, MailTrouble::restored};
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

// Of one that this program does not know, it would send no mail.
RecordedPtr known_event(const Store& store, Position position) {
    try {
        return store.history->at(position);
    } catch (const UnknownEvent&) {
        return nullptr;
    }
}

std::set<Position> in_the_queue(const Store& store) {
    std::set<Position> causes;
    for (const auto& key : store.vault->mails().keys({}))
        if (auto cause = mail::cause_in(key)) causes.insert(*cause);
    return causes;
}

// ---- Webhooks.

// Events of the workspace behind `after` that the webhook wants.
std::uint64_t wanted_events(const Store& store, WorkspaceId workspace, const Webhook& webhook, Position after,
                            Position end) {
    std::uint64_t count = 0;
    for (auto positions = store.log->positions(workspace, after, events_at_once); !positions.empty();
         positions = store.log->positions(workspace, after, events_at_once))
        for (const auto position : positions) {
            if (position > end) return count;
            after = position;
            const auto frame = store.log->frame(position);
            if (frame && webhooks::wants(webhook, frame->type)) ++count;
        }
    return count;
}

UndeliveredEvents undelivered_of(const Store& store, const webhooks::Endpoint& endpoint, const Webhook& webhook,
                                 const std::string& workspace, Position end) {
    UndeliveredEvents undelivered{webhook.id.text(), workspace, webhook.enabled, 0, 0};
    // A vault that is later than its log has sent what is no more.
    const auto done = std::min(endpoint.done, end);
    undelivered.events = wanted_events(store, endpoint.key.workspace, webhook, done, end) + endpoint.retries.size();
    if (endpoint.in_trouble() && endpoint.trial.position <= end) undelivered.last_tried = endpoint.trial.position;
    return undelivered;
}

}  // namespace

// What waits in the vault, and what it was not followed to; and what it handled, in a copy that is later than that of
// the log, which lacks the outcome.
std::vector<UnsentMail> give_up_mails(Store& store) {
    std::vector<UnsentMail> unsent;
    const auto waiting = in_the_queue(store);
    const auto followed = store.vault->checkpoint("mail");
    const auto end = store.log->head();
    const LogFeed feed(*store.log, *store.history);
    Runner nothing(Origin{feed, {}, {}, store.id}, {}, [] { return Runner::Time{}; });
    Execute execute(*store.log, *store.aggregates, *store.vault, icu_unicode(), system_clock(),
                    [](const std::function<void()>& work) { work(); });
    const mail::Composer composer(execute, *store.history, nothing, {}, {}, {});
    for (Position position = 0; position < end;)
        for (const auto& frame : store.log->frames(position, std::min<Position>(events_at_once, end - position))) {
            position = frame.meta.position;
            if (store.log->version(mail_stream(frame.id)) > 0) continue;
            const auto cause = known_event(store, position);
            const auto kind = cause ? composer.kind_of(*cause) : std::nullopt;
            if (!kind) continue;
            const bool handled = position <= followed && !waiting.contains(position);
            unsent.push_back(
                {position, std::string(name_of(*kind)), cause->workspace.text(), person_of(*cause), handled});
            tell_not_sent(store, *cause, *kind, handled ? unknown : waited);
        }
    return unsent;
}

std::vector<UndeliveredEvents> give_up_deliveries(Store& store, Position end) {
    std::vector<UndeliveredEvents> all;
    webhooks::Endpoints endpoints(store.vault->webhooks(), system_clock().now());
    std::optional<WorkspaceId> after;
    for (auto ids = store.log->workspaces(after, events_at_once); !ids.empty();
         ids = store.log->workspaces(after, events_at_once))
        for (const auto& id : ids) {
            after = id;
            const auto deleted = store.aggregates->deleted_workspace(id);
            const auto workspace = deleted ? deleted : store.aggregates->workspace(id);
            if (!workspace) continue;
            for (const auto& [webhook, held] : workspace->webhooks) {
                const webhooks::WebhookKey key{id, webhook};
                if (!deleted) endpoints.add(key, end);  // of one that was made just before
                const auto endpoint = endpoints.find(key);
                if (!endpoint) continue;  // it was told of the deletion
                auto each = undelivered_of(store, *endpoint, held.value, workspace->slug.value, end);
                if (each.events > 0 || !each.enabled) all.push_back(std::move(each));
            }
        }
    endpoints.skip_to(store.log->head());
    return all;
}

void print_mails(const std::vector<UnsentMail>& mails) {
    print_list(mails, "mails that were waiting and are not sent", [](const UnsentMail& mail) {
        return "position " + std::to_string(mail.position) + "  " + mail.kind + "  " + mail.workspace + "  " +
               mail.person.value_or("") + (mail.handled ? "  perhaps sent: the vault is later than the log" : "");
    });
}

void print_deliveries(const std::vector<UndeliveredEvents>& webhooks) {
    print_list(webhooks, "webhooks that are not sent what happened before", [](const UndeliveredEvents& each) {
        auto line = each.webhook + "  " + each.workspace + "  " + std::to_string(each.events) +
                    (each.events == 1 ? " event" : " events");
        if (each.last_tried > 0) line += ", not taken at position " + std::to_string(each.last_tried);
        if (!each.enabled) line += ", disabled: once enabled, it goes on at the end of what was restored";
        return line;
    });
}

}  // namespace muster::tools
