#include "api/webhooks/handlers.h"

#include "api/commands.h"
#include "api/listing.h"
#include "api/parameters.h"
#include "api/webhooks/webhooks.h"

namespace muster {
namespace {

using webhooks::Delivery;
using webhooks::DeliveryStatus;
using webhooks::WebhookKey;

void write_webhook(ObjectWriter& into, const HeldWebhook& held, Instant now, const NameLookup& known) {
    into.field("id", held.value.id);
    into.field("url", held.value.url);
    into.field("events", held.value.events);
    into.field("enabled", held.value.enabled);
    into.field("disabled_for", held.disabled_for);
    into.field("former_secret_until", held.former(now) ? std::optional(held.former_ends) : std::nullopt);
    into.field("created_at", held.created_at);
    write_actor(into.key("created_by"), held.made_by, known.actor(held.made_by));
}

std::string object_of(const Call& call, const Outcome& outcome) {
    auto id = call.made.empty() ? std::string(call.parameter("id")) : call.made;
    const auto& held = outcome.workspace->webhooks.at(*WebhookId::parse(id));
    std::string out;
    ObjectWriter into(out);
    write_webhook(into, held, call.service.execute.now(), names(call, *outcome.workspace));
    if (call.route.status == 201 && outcome.dry_run) out = "{\"id\":null" + out.substr(out.find(','));
    return out;
}

std::vector<AnswerPart> with_secret(const Call& call, const Outcome& outcome) {
    return {plain(object_of(call, outcome) + ",\"secret\":"), {AnswerPart::Kind::once, {}, {}, {}, 0}};
}

// The command brings a new secret: it is in the vault before the event that names it, and gone where that does not
// come.
template <class C, class Decide>
void run_with_secret(const std::shared_ptr<Call>& call, const C& body, Faults faults,
                     const std::function<WebhookId(const Command&)>& id_of, Decide decide_it) {
    auto keeping = begin_keeping(*call);
    if (!keeping) return;
    auto command = command_of(*call, body);
    set_if_match(*call, command);
    command.credential = call->service.execute.fresh();
    faults.merge(faults_before_deciding(*call, command, [&](const Loaded& loaded, const Context& context) {
        auto decided = decide_it(loaded, context);
        return decided ? std::vector<Fault>{} : std::move(decided.error().faults);
    }));
    if (!faults.empty()) {
        keeping->end();
        return call->refuse(std::move(faults).refusal());
    }
    WebhookKey key{call->workspace_id, id_of(command)};
    call->made = key.webhook.text();
    RunHooks hooks;
    if (!call->dry_run) {
        call->once = call->service.webhooks->keep_secret(key, command.credential);
        hooks.ended = [call, key, secret = command.credential](const Result& result) {
            if (!result && result.error().code != Code::internal_error)
                call->service.webhooks->drop_secret(key, secret);
        };
    }
    command.decide = decide_it;
    run(call, keeping, std::move(command), with_secret, std::move(hooks));
}

// nullptr where the caller is answered: there is none.
const HeldWebhook* webhook_of(const Call& call) {
    auto id = WebhookId::parse(call.parameter("id"));
    auto found = id ? call.workspace->webhooks.find(*id) : call.workspace->webhooks.end();
    if (found != call.workspace->webhooks.end()) return &found->second;
    call.refuse({Code::not_found, "There is no such webhook here.", {}, {}});
    return nullptr;
}

std::string delivery_json(const Call& call, const Delivery& delivery) {
    const auto& trial = delivery.trial;
    auto frame = call.service.log.frame(trial.position);
    auto some = [](auto value) { return value == decltype(value){} ? std::nullopt : std::optional(value); };
    std::string out;
    ObjectWriter into(out);
    into.field("id", DeliveryId{trial.event.uuid});
    into.field("event_id", trial.event);
    into.field("type", frame ? std::optional(std::string(event_type_prefix) + event_type(frame->type)) : std::nullopt);
    into.field("position", trial.position);
    into.field("status", delivery.status);
    into.field("attempts", trial.attempts);
    into.field("first_attempt_at", some(trial.first));
    into.field("last_attempt_at", some(trial.last));
    bool again = delivery.status == DeliveryStatus::pending && delivery.in_turn;
    into.field("next_attempt_at", again ? some(trial.due) : std::nullopt);
    into.field("response_status", some(trial.status));
    into.field("detail", some(trial.detail));
    into.end();
    return out;
}

}  // namespace

namespace shapes {
std::vector<AnswerPart> webhook(const Call& call, const Outcome& outcome) { return {plain(object_of(call, outcome))}; }
}  // namespace shapes

void create_webhook(std::shared_ptr<Call> call) {
    Faults faults;
    CreateWebhook body;
    if (!read_command<CreateWebhook, From::body>(*call, body, faults)) return;
    run_with_secret(
        call, body, std::move(faults), [](const Command& command) { return WebhookId{command.fresh}; },
        [body](const Loaded& loaded, const Context& context) { return decide(*loaded.workspace, body, context); });
}

void rotate_webhook_secret(std::shared_ptr<Call> call) {
    Faults faults;
    RotateWebhookSecret body;
    if (!read_command<RotateWebhookSecret, From::body>(*call, body, faults)) return;
    auto id = WebhookId::parse(call->parameter("id")).value_or(WebhookId{});
    run_with_secret(
        call, body, std::move(faults), [id](const Command&) { return id; },
        [body, id](const Loaded& loaded, const Context& context) {
            return decide(*loaded.workspace, id, body, context);
        });
}

void webhooks_list(std::shared_ptr<Call> call) {
    ListParameters wanted;
    if (!read_list(*call, wanted)) return;
    auto place = place_of(*call, wanted.cursor);
    if (!place) return;
    const auto& all = call->workspace->webhooks;
    auto known = names(*call, *call->workspace);
    auto now = call->service.execute.now();
    auto after = place->after ? WebhookId::parse(*place->after) : std::nullopt;
    auto each = after ? all.upper_bound(*after) : all.begin();
    std::string items;
    ArrayWriter array(items);
    std::optional<std::string> next;
    for (std::int64_t listed = 0; each != all.end() && !next; ++each) {
        ObjectWriter into(array.next());
        write_webhook(into, each->second, now, known);
        into.end();
        if (++listed == wanted.limit && std::next(each) != all.end()) next = each->first.text();
    }
    array.end();
    Counted counted;
    if (wanted.include_total) counted.total = static_cast<std::int64_t>(all.size());
    answer_list(*call, std::move(items), next, call->position, counted);
}

void webhook(std::shared_ptr<Call> call) {
    const auto* held = webhook_of(*call);
    if (!held) return;
    Answer answer;
    ObjectWriter into(answer.body);
    write_webhook(into, *held, call->service.execute.now(), names(*call, *call->workspace));
    into.end();
    answer.position = call->position;
    answer.etag = held->changed;
    call->done(response(std::move(answer)));
}

void webhook_deliveries(std::shared_ptr<Call> call) {
    DeliveryParameters wanted;
    if (!read_list(*call, wanted)) return;
    auto place = place_of(*call, wanted.cursor);
    if (!place) return;
    const auto* held = webhook_of(*call);
    if (!held) return;
    auto before = place->after ? std::stoull(*place->after) : ~std::uint64_t{0};  // the cursor is authenticated
    auto all = call->service.webhooks->deliveries(*call->workspace, *held);
    std::erase_if(all, [&](const Delivery& each) {
        auto is = [&](DeliveryFilter status) { return name_of(status) == name_of(each.status); };
        return !wanted.status.empty() && std::ranges::none_of(wanted.status, is);
    });
    auto total = all.size();
    std::string items;
    ArrayWriter array(items);
    std::optional<std::string> next;
    std::int64_t listed = 0;
    for (const auto& each : all) {
        if (each.trial.position >= before) continue;
        if (listed == wanted.limit) {
            next = std::to_string(before);
            break;
        }
        array.raw(delivery_json(*call, each));
        before = each.trial.position;
        ++listed;
    }
    array.end();
    answer_list(*call, std::move(items), next, call->position,
                wanted.include_total ? Counted::of(total, true) : Counted{});
}

namespace {

// False where the caller is answered: there is something in a body that is of no use here.
bool without_body(const Call& call) {
    Faults faults;
    DeleteWebhook nothing;
    if (!read_command<DeleteWebhook, From::body>(call, nothing, faults)) return false;
    if (faults.empty()) return true;
    call.refuse(std::move(faults).refusal());
    return false;
}

}  // namespace

void retry_delivery(std::shared_ptr<Call> call) {
    if (!without_body(*call)) return;
    const auto* held = webhook_of(*call);
    if (!held) return;
    auto id = DeliveryId::parse(call->parameter("delivery"));
    auto all = call->service.webhooks->deliveries(*call->workspace, *held);
    auto found =
        std::ranges::find_if(all, [&](const Delivery& each) { return id && each.trial.event.uuid == id->uuid; });
    if (found == all.end())
        return call->refuse({Code::not_found,
                             "There is no such delivery of this webhook; the newest " +
                                 std::to_string(limits::webhook_deliveries_kept) + " are kept.",
                             {},
                             {}});
    WebhookKey key{call->workspace_id, held->value.id};
    if (!call->service.webhooks->retry(key, *found))
        return call->refuse({Code::limit_reached,
                             "So many retries of this webhook wait already; let them be sent first.",
                             {{"limit", static_cast<std::int64_t>(limits::webhook_retries_waiting)}},
                             {}});
    found->status = DeliveryStatus::pending;
    found->in_turn = true;
    found->trial.due = call->service.execute.clock().now();
    Answer answer;
    answer.status = call->route.status;
    answer.body = delivery_json(*call, *found);
    answer.position = call->position;
    call->done(response(std::move(answer)));
}

void test_webhook(std::shared_ptr<Call> call) {
    if (!without_body(*call)) return;
    const auto* held = webhook_of(*call);
    if (!held) return;
    auto told = [call](const std::string& id, const webhooks::Attempt& attempt) {
        Answer answer;
        ObjectWriter into(answer.body);
        into.field("id", id);
        into.field("status", attempt.taken() ? DeliveryStatus::delivered : DeliveryStatus::failed);
        into.field("response_status", attempt.status ? std::optional(std::int64_t{attempt.status}) : std::nullopt);
        into.field("detail", attempt.detail.empty() ? std::nullopt : std::optional(attempt.detail));
        into.field("took_ms", static_cast<std::int64_t>(attempt.took.count()));
        into.end();
        answer.position = call->position;
        call->done(response(std::move(answer)));
    };
    if (!call->service.webhooks->test({call->workspace_id, held->value.id}, std::move(told)))
        call->refuse(overloaded());
}

}  // namespace muster
