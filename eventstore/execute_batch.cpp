// Many rows in one command.
#include "domain/seats.h"
#include "eventstore/execute.h"

#include <algorithm>
#include <map>
#include <span>

namespace muster {

namespace {

// Rows as their events were recorded: the draft's have the time at which they were decided.
void as_recorded(std::vector<BatchRow>& rows, std::size_t from, std::span<const RecordedPtr> events) {
    std::map<MemberId, std::shared_ptr<Membership>> made;
    for (std::size_t i = from; i < rows.size(); ++i)
        if (rows[i].row && rows[i].before) made[rows[i].before->id] = std::make_shared<Membership>(*rows[i].before);
    for (const auto& each : events) {
        if (each->stream.kind != StreamKind::membership) continue;
        auto& membership = made[MemberId{each->stream.id}];
        if (!membership) membership = std::make_shared<Membership>();
        evolve(*membership, *each);
    }
    for (std::size_t i = from; i < rows.size(); ++i) {
        if (!rows[i].row) continue;
        auto found = made.find((*rows[i].row)->id);
        if (found != made.end()) rows[i].row = found->second;
    }
}

// Some rows are done: no refusal that says that nothing happened.
Refusal cut_off(const Refusal& refusal) {
    return {Code::internal_error,
            "A part was done, and then: " + refusal.detail +
                " The same request with the same Idempotency-Key goes on where this one stopped.",
            {},
            {}};
}

}  // namespace

// Decides each row over the rows before it. False where a seat was short and invitations that were due were expired
// first: then the chunk is to be decided again.
bool Execute::decide_chunk(const BatchCommand& command, std::size_t from, std::size_t to, Draft& draft,
                           std::vector<BatchRow>& rows, BatchOutcome& outcome) {
    const auto& workspace = outcome.workspace;
    const auto counters = *log_.counters(command.workspace);
    for (std::size_t i = from; i < to; ++i) {
        const auto& row = command.rows[i];
        if (row.refused) {
            rows.push_back({std::unexpected(*row.refused), {}});
            continue;
        }
        MemberId id{row.target.id};
        std::shared_ptr<const Membership> before;
        if (row.stands) before = directory_.membership(command.workspace, id);
        Membership blank;
        blank.id = id;
        blank.workspace = command.workspace;
        draft.know(before ? before : std::make_shared<const Membership>(blank));
        Loaded loaded{workspace, draft.after(id), nullptr, nullptr};
        std::optional<EmailClaim> claim;
        if (row.address) claim = claim_of(command.workspace, *row.address);
        auto context = this->context(*workspace, command.actor, claim, draft, row.resources);
        context.batch = row.batch;
        if (command.dry_run && context.holder && context.holder->due(draft.now())) {
            // It is among what is expired already: its seats are not freed twice.
            auto held = holdings(*context.holder);
            draft.add(Decision{{{stream_of(context.holder->id), InvitationExpired{}}}, {}, Instant::never()});
            for (const auto& [counter, delta] : difference(held, holdings(*context.holder)))
                outcome.by_rows[counter] -= delta;
        }
        context.counters = draft.applied_to(counters);
        for (const auto* moved : {&outcome.by_expiring, &outcome.by_rows})
            for (const auto& [counter, delta] : *moved) context.counters.used[counter] += delta;
        auto lacks = lost(command.needs, context.actor_permissions);
        auto decided = lacks ? Decided(std::unexpected(std::move(*lacks))) : row.decide(loaded, context);
        if (!decided && decided.error().code == Code::no_seats_remaining && !command.dry_run &&
            expire_due(command.workspace) > 0)
            return false;
        if (!decided) {
            rows.push_back({std::unexpected(decided.error()), {}});
            continue;
        }
        draft.add(std::move(*decided));
        rows.push_back({draft.after(id), draft.key_of(draft.membership(id).email_claim), std::move(before)});
    }
    if (command.dry_run)
        for (const auto& [counter, delta] : draft.applied_to({}).used) outcome.by_rows[counter] += delta;
    return true;
}

std::optional<Refusal> Execute::run_chunk(const BatchCommand& command, std::size_t from, std::size_t to,
                                          BatchOutcome& outcome) {
    bool last = to == command.rows.size();
    Turns::Turn turn;
    for (int tries = 0; tries < limits::attempts;) {
        if (!turn && !command.dry_run)
            turn = turns_.enter_and_wait(command.workspace, tries >= limits::attempts_beside_others);
        outcome.workspace = directory_.workspace(command.workspace);
        if (!outcome.workspace) return directory_.no_workspace(command.workspace);
        auto before = outcome.rows.size();
        auto draft = std::make_unique<Draft>(outcome.workspace, log_, vault_, now(), command.actor);
        std::vector<BatchRow> rows;
        if (!decide_chunk(command, from, to, *draft, rows, outcome)) continue;
        outcome.rows.insert(outcome.rows.end(), rows.begin(), rows.end());
        bool refused = std::ranges::any_of(rows, [](const auto& each) { return !each.row; });
        if (command.all_or_nothing && refused) return std::nullopt;
        outcome.position = log_.head();
        if (command.dry_run) return std::nullopt;
        bool keeps_all = last && !command.idempotency_key.empty();
        bool keeps = keeps_all || (!last && command.chunk_key);
        if (draft->events() == 0 && !keeps) return std::nullopt;
        auto append = draft->append();
        append.command = fresh();
        append.correlation = command.correlation;
        if (keeps) {
            append.idempotency_key = keeps_all ? command.idempotency_key : command.chunk_key(from);
            append.idempotency_row = [&](std::span<const RecordedPtr> events, Position position) {
                as_recorded(outcome.rows, before, events);
                outcome.position = position;
                return keeps_all ? command.idempotency_row(outcome) : command.chunk_row(outcome, from);
            };
        }
        auto appended = log_.append_and_wait(std::move(append));
        if (appended.status == AppendStatus::done) {
            as_recorded(outcome.rows, before, appended.events);
            outcome.position = appended.position;
            outcome.appended = outcome.appended || !appended.events.empty();
            return std::nullopt;
        }
        draft->refused();
        outcome.rows.resize(before, BatchRow{std::unexpected(Refusal{}), {}});
        if (appended.status == AppendStatus::overloaded)
            return Refusal{Code::overloaded, "The server has more to do than it can; try again in a moment.", {}, {}};
        if (appended.status == AppendStatus::failed)
            return Refusal{Code::internal_error, "The log could not be written.", {}, {}};
        if (appended.status == AppendStatus::repeated)
            return Refusal{Code::idempotency_in_progress,
                           "A request with this Idempotency-Key has just been answered; repeat it to get that answer.",
                           {},
                           {}};
        ++tries;
    }
    return conflict_retry();
}

std::expected<BatchOutcome, Refusal> Execute::run_batch(const BatchCommand& command) {
    BatchOutcome outcome;
    outcome.dry_run = command.dry_run;
    if (command.dry_run) outcome.by_expiring = moved_by_expiring(command.workspace, now());
    outcome.rows.resize(command.begin, BatchRow{std::unexpected(Refusal{}), {}});
    auto step = command.all_or_nothing ? std::max<std::size_t>(1, command.rows.size()) : limits::rows_per_append;
    auto from = command.begin;
    do {
        auto to = std::min(command.rows.size(), from + step);
        if (auto refusal = run_chunk(command, from, to, outcome))
            return std::unexpected(outcome.appended ? cut_off(*refusal) : *refusal);
        if (command.chunk_done) command.chunk_done(outcome);
        from = to;
    } while (from < command.rows.size());
    return outcome;
}

}  // namespace muster
