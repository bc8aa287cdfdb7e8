#include "eventstore/execute.h"

#include "domain/person_behind.h"
#include "domain/seats.h"

#include <algorithm>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <utility>

namespace muster {
struct Execute::Attempt {
    Command command;
    std::function<void(Result)> done;
    Post post;  // where an append is gone on with
    int tries = 0;
    bool expired_due = false;
    Loaded loaded;
    std::unique_ptr<Draft> draft;
};

Instant Execute::now() const { return std::max(clock_.now(), log_.head_row().at); }

EmailClaim Execute::claim_of(WorkspaceId workspace, const EmailAddress& address) {
    return {std::string(view(hmac_sha256(vault_.claim_key(workspace), address.canonical())))};
}

PermissionSet Execute::permissions_of(const Workspace& workspace, const Actor& actor) {
    PermissionSet all;
    all.everything = true;
    switch (actor.kind) {
        case ActorKind::system:
        case ActorKind::operator_:
            return all;
        case ActorKind::member: {
            auto member = directory_.membership(workspace.id, MemberId{actor.id});
            return member->phase == Phase::active ? effective_permissions(workspace, member->assignment)
                                                  : PermissionSet{};
        }
        case ActorKind::api_key: {
            auto key = workspace.api_keys.find(ApiKeyId{actor.id});
            if (key == workspace.api_keys.end() || !directory_.key_is_alive(workspace, actor)) return {};
            return muster::permissions_of(key->second, permissions_of(workspace, key->second.made_by), now());
        }
        case ActorKind::invitee:
        case ActorKind::visitor:
            return {};
    }
    return {};
}

Context Execute::context(const Workspace& workspace, const Actor& actor, const std::optional<EmailClaim>& claim,
                         Draft& draft, const std::vector<ResourceId>& resources) {
    Context context;
    context.now = draft.now();  // one time: the append's limits are those that the decision looks at
    context.actor = actor;
    context.unicode = &unicode_;
    if (auto person = person_behind(workspace, actor); person.kind == ActorKind::member) {
        MemberId id{person.id};
        draft.looked_at(stream_of(id), directory_.membership(workspace.id, id)->version);
    }
    // After the look, so that permissions which are newer than it fail in the writer.
    context.actor_permissions = permissions_of(workspace, actor);
    if (claim) {
        context.email_claim = *claim;
        if (auto holder = directory_.holder(workspace.id, context.email_claim)) draft.know(holder);
        context.holder = draft.holder(context.email_claim);
    }
    for (const auto& id : resources) {
        auto resource = directory_.resource(workspace.id, id);
        if (!resource->exists()) continue;
        draft.know(resource);
        context.resources[id] = draft.after_resource(id).get();  // the draft keeps it alive
    }
    context.counters = *log_.counters(workspace.id);
    return context;
}

std::optional<EmailClaim> Execute::claim_of(const Command& command, const Loaded& loaded) {
    if (command.address) return claim_of(command.workspace, *command.address);
    if (loaded.request && loaded.request->exists()) return EmailClaim{loaded.request->email_claim};
    if (command.whole_person && loaded.membership && loaded.membership->exists())
        return EmailClaim{loaded.membership->email_claim};
    return std::nullopt;
}

Loaded Execute::load(const Command& command, Draft& draft) {
    Loaded loaded;
    auto know_membership = [&](MemberId id) {
        loaded.membership = directory_.membership(command.workspace, id);
        draft.know(loaded.membership);
    };
    switch (command.target.kind) {
        case StreamKind::membership:
            know_membership({command.target.id});
            break;
        case StreamKind::resource:
            loaded.resource = directory_.resource(command.workspace, ResourceId{command.target.id});
            draft.know(loaded.resource);
            break;
        case StreamKind::request: {
            loaded.request = directory_.request(command.workspace, RequestId{command.target.id});
            draft.know(loaded.request);
            auto made = loaded.request->invitation;
            know_membership({made ? made->uuid : command.fresh});
            break;
        }
        case StreamKind::workspace:
        case StreamKind::person:
        case StreamKind::sign_in:
        case StreamKind::recovery:
        case StreamKind::store:
        case StreamKind::mail:
            break;
    }
    return loaded;
}

// ---- One command.

namespace {

template <class State>
std::shared_ptr<const State> after(const std::shared_ptr<const State>& before, const std::vector<RecordedPtr>& events) {
    if (!before) return before;
    auto stream = stream_of(before->id);
    if (std::ranges::none_of(events, [&](const auto& each) { return each->stream == stream; })) return before;
    auto state = std::make_shared<State>(*before);
    for (const auto& each : events)
        if (each->stream == stream) evolve(*state, *each);
    return state;
}

Outcome outcome_of(const Loaded& loaded, const std::vector<RecordedPtr>& events, Position position) {
    Outcome outcome;
    outcome.workspace = after(loaded.workspace, events);
    outcome.membership = after(loaded.membership, events);
    outcome.resource = after(loaded.resource, events);
    outcome.request = after(loaded.request, events);
    outcome.events = events;
    outcome.position = position;
    outcome.changes = !events.empty();
    return outcome;
}

// As it would stand: nothing was appended.
Outcome tried_out(const Loaded& loaded, const Draft& draft, Position head, bool changes) {
    Outcome outcome;
    outcome.workspace = std::make_shared<const Workspace>(draft.workspace());
    outcome.membership = loaded.membership;
    outcome.resource = loaded.resource;
    outcome.request = loaded.request;
    if (loaded.membership)
        if (auto after = draft.after(loaded.membership->id)) outcome.membership = after;
    if (loaded.resource) outcome.resource = draft.after_resource(loaded.resource->id);
    if (loaded.request) outcome.request = draft.after_request(loaded.request->id);
    outcome.position = head;
    outcome.dry_run = true;
    outcome.changes = changes;
    return outcome;
}

std::optional<Uuid> person_key_of(const Outcome& outcome, const Draft& draft) {
    if (outcome.request && outcome.request->exists()) return draft.key_of(outcome.request->email_claim);
    if (!outcome.membership || outcome.membership->email_claim.empty()) return std::nullopt;
    return draft.key_of(outcome.membership->email_claim);
}

Refusal repeated() {
    return {Code::idempotency_in_progress,
            "A request with this Idempotency-Key has just been answered; repeat it to get that answer.",
            {},
            {}};
}

// Invitations that are due, and not yet recorded as expired, may be among what was counted.
bool counts_seats(const Refusal& refusal) {
    return refusal.code == Code::no_seats_remaining || refusal.code == Code::seats_in_use;
}

Refusal conflict_retry() {
    return {Code::conflict_retry, "Too many changes at once to the same things; repeat the request.", {}, {}};
}

}  // namespace

void Execute::run(Command command, std::function<void(Result)> done) {
    auto begun = std::make_shared<Attempt>();
    begun->command = std::move(command);
    begun->done = std::move(done);
    begun->post = post_;
    attempt(std::move(begun));
}

void Execute::attempt(std::shared_ptr<Attempt> state) {
    const auto& command = state->command;
    auto& loaded = state->loaded;
    auto head = log_.head(command.workspace);
    auto workspace = directory_.workspace(command.workspace);
    if (!workspace && command.creates_workspace) {
        Workspace blank;
        blank.id = command.workspace;
        workspace = std::make_shared<const Workspace>(blank);
    }
    if (!workspace) return state->done(std::unexpected(directory_.no_workspace(command.workspace)));
    state->draft = std::make_unique<Draft>(workspace, log_, vault_, now(), command.actor);
    auto& draft = *state->draft;
    loaded = load(command, draft);
    loaded.workspace = std::move(workspace);
    auto claim = claim_of(command, loaded);
    auto context = this->context(*loaded.workspace, command.actor, claim, draft, command.resources);
    if (command.on_holder && context.holder &&
        (context.holder->member() || (context.holder->phase == Phase::pending && !context.holder->due(context.now))))
        loaded.membership = directory_.membership(command.workspace, context.holder->id);
    if (command.whole_person && claim) {
        if (auto request = directory_.open_request(command.workspace, *claim)) {
            draft.know(request);
            context.open_request = request->id;
        }
        context.person_key = log_.person_key(command.workspace, claim->bytes);
        if (context.person_key) {
            StreamId person{StreamKind::person, *context.person_key};
            draft.looked_at(person, log_.version(person));
        }
    }
    if (command.creates_workspace) context.actor_permissions.everything = true;
    context.fresh = command.fresh;
    context.if_match = command.if_match;
    context.link_generation = command.link_generation;
    context.batch = command.batch;
    context.credential = command.credential;
    context.common_password = command.common_password;
    context.checked_credential = command.checked_credential;
    context.link_ends = command.link_ends;
    context.plain_targets = command.plain_targets;
    if (command.slug) {
        auto holder = directory_.workspace_of(*command.slug);
        context.slug_taken = holder && *holder != command.workspace;
    }
    if (command.reassign_to) {
        auto heir = directory_.membership(command.workspace, *command.reassign_to);
        draft.looked_at(stream_of(heir->id), heir->version);
        context.reassign_target_exists = heir->member();
    }

    auto decided = command.decide(loaded, context);
    if (!decided && counts_seats(decided.error()) && !state->expired_due) {
        state->expired_due = true;
        if (command.dry_run) {
            // As if what is due were expired: its seats are taken off the counters, and nothing is written.
            for (const auto& stream :
                 log_.due(command.workspace, context.now, std::numeric_limits<std::size_t>::max())) {
                auto due = directory_.membership(command.workspace, MemberId{stream.id});
                if (!due->due(context.now)) continue;
                auto expired = *due;
                evolve(expired, InvitationExpired{}, {});
                for (const auto& [counter, delta] : difference(holdings(*due), holdings(expired)))
                    context.counters.used[counter] += delta;
            }
            decided = command.decide(loaded, context);
        } else if (expire_due(command.workspace) > 0) {
            return attempt(std::move(state));
        }
    }
    // What was read piece by piece while the workspace moved may never have stood together: no ground to refuse.
    if (!decided && log_.head(command.workspace) != head && ++state->tries < limits::attempts)
        return attempt(std::move(state));
    // Nor is what the first of two equal requests has just done.
    if (!decided && !command.idempotency_key.empty() &&
        log_.idempotency_row(command.idempotency_key, Instant{context.now.ms + 1 - limits::idempotency_seconds * 1000}))
        return state->done(std::unexpected(repeated()));
    if (!decided) return state->done(std::unexpected(decided.error()));

    if (command.dry_run) {
        bool changes = !decided->events.empty();
        draft.add(std::move(*decided));
        return state->done(tried_out(loaded, draft, log_.head(), changes));
    }
    if (decided->events.empty() && command.idempotency_key.empty())
        return state->done(outcome_of(loaded, {}, log_.head()));

    // Nothing was decided on what stands there; two at once are merely one after the other.
    for (const auto& each : decided->events)
        if (each.stream.kind == StreamKind::sign_in || each.stream.kind == StreamKind::recovery)
            draft.looked_at(each.stream, log_.version(each.stream));
    draft.add(std::move(*decided));
    auto append = draft.append();
    append.command = fresh();
    append.correlation = command.correlation;
    append.idempotency_key = command.idempotency_key;
    if (!command.idempotency_key.empty()) {
        append.idempotency_row = [state](std::span<const RecordedPtr> events, Position position) {
            auto outcome = outcome_of(state->loaded, {events.begin(), events.end()}, position);
            outcome.person_key = person_key_of(outcome, *state->draft);
            return state->command.idempotency_row(outcome);
        };
    }
    log_.append(std::move(append), [this, state, post = state->post](Appended answer) mutable {
        // Handed on whole: nothing of the command may outlive its answer on a thread of the log's.
        post([this, state = std::move(state), answer = std::move(answer)]() mutable {
            auto kept = state;
            try {
                appended(std::move(state), answer);
            } catch (const std::exception& error) {  // damage that is met when it is decided again
                kept->done(refused(Code::internal_error, error.what()));
            }
        });
    });
}

void Execute::appended(std::shared_ptr<Attempt> state, const Appended& answer) {
    switch (answer.status) {
        case AppendStatus::done: {
            auto outcome = outcome_of(state->loaded, answer.events, answer.position);
            outcome.person_key = person_key_of(outcome, *state->draft);
            return state->done(std::move(outcome));
        }
        case AppendStatus::conflict:
        case AppendStatus::too_late:
            state->draft->refused();
            if (++state->tries >= limits::attempts) return state->done(std::unexpected(conflict_retry()));
            return attempt(std::move(state));
        case AppendStatus::repeated:
            state->draft->refused();
            return state->done(std::unexpected(repeated()));
        case AppendStatus::overloaded:
            state->draft->refused();
            return state->done(
                refused(Code::overloaded, "The server has more to do than it can; try again in a moment."));
        case AppendStatus::failed:
            return state->done(refused(Code::internal_error,
                                       "The log could not be written; whether this happened is settled by a retry with "
                                       "the same Idempotency-Key."));
    }
}

Result Execute::run_and_wait(Command command) {
    // All of it on this thread, which waits anyway: those of `post` may have stopped when the process ends.
    std::mutex mutex;
    std::condition_variable wakes;
    std::function<void()> next;
    std::optional<Result> answer;
    auto begun = std::make_shared<Attempt>();
    begun->command = std::move(command);
    begun->done = [&](Result result) { answer = std::move(result); };
    begun->post = [&](std::function<void()> work) {
        std::lock_guard lock(mutex);
        next = std::move(work);
        wakes.notify_one();
    };
    attempt(std::move(begun));
    while (!answer) {
        std::unique_lock lock(mutex);
        wakes.wait(lock, [&] { return next != nullptr; });
        auto work = std::exchange(next, nullptr);
        lock.unlock();
        work();
    }
    return std::move(*answer);
}

// ---- Expiry.

std::size_t Execute::expire_due(WorkspaceId id) {
    auto workspace = directory_.workspace(id);
    if (!workspace) return 0;
    std::size_t expired = 0;
    for (int tries = 0; tries < limits::attempts;) {
        auto now = this->now();
        Draft draft(workspace, log_, vault_, now, Actor{});
        for (const auto& stream : log_.due(id, now, limits::expiries_per_append)) {
            auto due = directory_.membership(id, MemberId{stream.id});
            if (!due->due(now)) continue;
            draft.know(due);
            draft.add(Decision{{{stream, InvitationExpired{}}}, {}, Instant::never()});
        }
        auto count = draft.events();
        if (count == 0) return expired;
        auto append = draft.append();
        append.command = append.correlation = fresh();
        // Expiring changes nothing of the workspace: it may move meanwhile.
        std::erase_if(append.expected, [&](const Expected& each) { return each.stream == stream_of(id); });
        auto appended = log_.append_and_wait(std::move(append));
        if (appended.status == AppendStatus::done) {
            expired += count;
            if (count < limits::expiries_per_append) return expired;
        } else {
            ++tries;
        }
    }
    return expired;
}

}  // namespace muster
