#include "eventstore/execute.h"

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
    Turns::Turn turn;
    bool expired_due = false;
    Loaded loaded;
    std::unique_ptr<Draft> draft;
};

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
Outcome tried_out(const Loaded& loaded, const Draft& draft, std::vector<RecordedPtr> events, Position head) {
    Outcome outcome;
    outcome.new_person = loaded.membership && !loaded.membership->exists();
    outcome.changes = !events.empty();
    outcome.events = std::move(events);
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

// On a thread of `post`'s nobody else answers what is thrown: damage that is met.
template <class State>
void answering_damage(const std::shared_ptr<State>& state, const std::function<void()>& work) {
    try {
        work();
    } catch (const std::exception& error) {
        state->done(refused(Code::internal_error, error.what()));
    }
}

}  // namespace

Refusal conflict_retry() {
    return {Code::conflict_retry, "Too many changes at once to the same things; repeat the request.", {}, {}};
}

std::optional<Refusal> lost(const Needed& needed, const PermissionSet& has) {
    for (auto each : needed)
        if (!each.empty() && !has.has(each)) return permission_denied(each);
    return std::nullopt;
}

void Execute::run(Command command, std::function<void(Result)> done) {
    auto begun = std::make_shared<Attempt>();
    begun->command = std::move(command);
    begun->done = std::move(done);
    begun->post = post_;
    attempt(std::move(begun));
}

void Execute::attempt(std::shared_ptr<Attempt> state) {
    // A dry run keeps nobody waiting and waits for nobody: it may run on a thread of `post`'s, who would go on.
    if (state->turn || state->command.dry_run) return decide(std::move(state));
    bool alone = state->tries >= limits::attempts_beside_others;
    auto post = [state](std::function<void()> work) {
        state->post([state, work = std::move(work)] { answering_damage(state, work); });
    };
    turns_.enter(state->command.workspace, alone, post, [this, state](Turns::Turn turn) {
        state->turn = std::move(turn);
        decide(state);
    });
}

void Execute::decide(std::shared_ptr<Attempt> state) {
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

    auto lacks = lost(command.needs, context.actor_permissions);
    auto decided = lacks ? Decided(std::unexpected(std::move(*lacks))) : command.decide(loaded, context);
    if (!decided && counts_seats(decided.error()) && !state->expired_due) {
        state->expired_due = true;
        if (command.dry_run) {
            for (const auto& [counter, delta] : moved_by_expiring(command.workspace, context.now))
                context.counters.used[counter] += delta;
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
        std::vector<RecordedPtr> events;
        for (const auto& each : decided->events) {
            Recorded would_be;
            would_be.stream = each.stream;
            would_be.workspace = command.workspace;
            would_be.meta = {0, 0, context.now, command.actor};
            would_be.event = each.event;
            events.push_back(std::make_shared<const Recorded>(std::move(would_be)));
        }
        draft.add(std::move(*decided));
        return state->done(tried_out(loaded, draft, std::move(events), log_.head()));
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
        post([this, state = std::move(state), answer = std::move(answer)] {
            answering_damage(state, [&] { appended(state, answer); });
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

std::map<Counter, std::int64_t> Execute::moved_by_expiring(WorkspaceId workspace, Instant now) {
    std::map<Counter, std::int64_t> moved;
    for (const auto& stream : log_.due(workspace, now, std::numeric_limits<std::size_t>::max())) {
        auto due = directory_.membership(workspace, MemberId{stream.id});
        if (!due->due(now)) continue;
        auto expired = *due;
        evolve(expired, InvitationExpired{}, {});
        for (const auto& [counter, delta] : difference(holdings(*due), holdings(expired))) moved[counter] += delta;
    }
    return moved;
}

std::size_t Execute::expire_due(WorkspaceId id) {
    auto workspace = directory_.workspace(id);
    if (!workspace) return 0;
    std::size_t expired = 0;
    std::optional<StreamId> first;
    // Others may be at the same: as long as what is due changes, it goes on.
    for (int tries = 0; tries < limits::attempts; ++tries) {
        auto now = this->now();
        const auto due = log_.due(id, now, limits::expiries_per_append);
        if (due.empty()) return expired;
        if (first != due.front()) tries = 0;
        first = due.front();
        Draft draft(workspace, log_, vault_, now, Actor{});
        for (const auto& stream : due) {
            auto membership = directory_.membership(id, MemberId{stream.id});
            if (!membership->due(now)) continue;
            draft.know(membership);
            draft.add(Decision{{{stream, InvitationExpired{}}}, {}, Instant::never()});
        }
        const bool all = due.size() < limits::expiries_per_append;
        const auto count = draft.events();
        if (count == 0 && all) return expired;
        if (count == 0) continue;  // somebody else has just expired them: there may be more
        auto append = draft.append();
        append.command = append.correlation = fresh();
        // Expiring changes nothing of the workspace: it may move meanwhile.
        std::erase_if(append.expected, [&](const Expected& each) { return each.stream == stream_of(id); });
        if (log_.append_and_wait(std::move(append)).status != AppendStatus::done) continue;
        expired += count;
        if (all) return expired;
    }
    return expired;
}

}  // namespace muster
