#include "api/batch.h"

#include "api/admission.h"
#include "api/batch_rows.h"
#include "api/commands.h"
#include "api/json/limits.h"
#include "api/mail_cap.h"
#include "api/tokens.h"
#include "domain/seats.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

namespace muster {
namespace {

// What is wrong with a row that can't be read whole: that, and what the workspace's rules say of the rest.
Refusal all_faults(const BatchedRow& row, const Workspace& workspace, const Context& context) {
    Faults faults(limits::row_faults);
    for (const auto& each : row.faults) faults.add(each);
    faults.merge(faults_of(workspace, row.invite, context));
    return std::move(faults).refusal();
}

BatchCommand command_of(const Call& call, const Batch& batch, BatchId id, MailAllowance& mails) {
    BatchCommand command;
    command.workspace = call.workspace_id;
    command.actor = call.caller.actor;
    command.needs = needed_still(call);
    command.correlation = call.correlation;
    command.all_or_nothing = batch.mode == BatchMode::all_or_nothing;
    command.dry_run = call.dry_run;
    for (const auto& each : batch.rows) {
        BatchCommand::Row row;
        row.target = stream_of(MemberId{call.service.execute.fresh()});
        if (!each.invite.email.canonical().empty()) row.address = each.invite.email;
        row.resources = ids_of(each.invite.resources);
        row.batch = id;
        row.decide = [&each, &mails, index = command.rows.size()](const Loaded& loaded,
                                                                  const Context& context) -> Decided {
            if (!each.faults.empty()) return std::unexpected(all_faults(each, *loaded.workspace, context));
            auto decided = decide(*loaded.membership, *loaded.workspace, each.invite, context);
            if (!decided && decided.error().faults.size() > limits::row_faults)
                decided.error().faults.resize(limits::row_faults);
            return mails.allow(std::move(decided), loaded, index);
        };
        command.rows.push_back(std::move(row));
    }
    return command;
}

using Parts = std::vector<AnswerPart>;

// What became of the rows from `first` on, as elements of `results`.
Parts results_of(const Call& call, const Batch& batch, const BatchOutcome& outcome, std::size_t first) {
    Parts parts;
    for (auto i = first; i < outcome.rows.size(); ++i) {
        const auto& row = outcome.rows[i];
        auto write = [&](std::string& out, const std::optional<std::string>& email) {
            if (i > 0) out += ',';
            ObjectWriter each(out);
            each.field("index", static_cast<std::int64_t>(i));
            each.field("email", email);
            each.field("status", std::string_view(row.row ? "invited" : "failed"));
            if (row.row)
                each.field("id", call.dry_run ? std::nullopt : std::optional(InvitationId{(*row.row)->id.uuid}));
        };
        std::string text, blank;
        write(text, batch.rows[i].email);
        write(blank, std::nullopt);
        if (!row.row) {
            text += ",\"problem\":";
            write_problem(text, row.row.error());
            parts.push_back(plain(text + "}"));
            continue;
        }
        parts.push_back({AnswerPart::Kind::personal, text, blank, row.person_key.value_or(Uuid{}), 0});
        parts.push_back(plain(",\"accept_url\":"));
        parts.push_back(link_to(**row.row));
        parts.push_back(plain("}"));
    }
    return parts;
}

// The parts of `{batch_id, summary, results}` without the last brace. Every row that was invited has a link.
Parts whole_answer(const Call& call, std::size_t rows, BatchId id, const Parts& results) {
    auto invited = std::ranges::count(results, AnswerPart::Kind::link, &AnswerPart::kind);
    std::string head;
    ObjectWriter into(head);
    into.field("batch_id", call.dry_run ? std::nullopt : std::optional(id));
    ObjectWriter summary(into.key("summary"));
    summary.field("invited", static_cast<std::int64_t>(invited));
    summary.field("failed", static_cast<std::int64_t>(rows) - invited);
    summary.end();
    into.key("results");
    Parts parts{plain(head + "[")};
    parts.insert(parts.end(), results.begin(), results.end());
    parts.push_back(plain("]"));
    return parts;
}

// What is kept of each chunk but the last (key_of_chunk): the batch's id, and what became of its rows. A repeat of a
// request that was cut off begins with them.
struct Begun {
    std::size_t rows = 0;
    BatchId id;
    Parts results;
};
Begun recall_begun(const Call& call, const IdempotencyKey& whole, std::size_t rows) {
    Begun begun;
    begun.id = BatchId{call.service.execute.fresh()};
    begun.rows = recall_chunks(call, whole, rows, [&](std::size_t, const Parts& parts) {
        begun.id = BatchId::parse(parts.front().text).value_or(begun.id);
        begun.results.insert(begun.results.end(), parts.begin() + 1, parts.end());
    });
    return begun;
}

// How many of each pool the whole request asks, where a pool is short.
std::vector<Fault> shortages(const Call& call, const Batch& batch, const BatchOutcome& outcome) {
    std::map<Counter, std::int64_t> needed;
    for (const auto& row : batch.rows) {
        ++needed[Counter::users()];
        if (row.invite.license) ++needed[Counter::license(row.invite.license->value)];
        for (const auto& add_on : std::set(row.invite.add_ons.begin(), row.invite.add_ons.end()))
            ++needed[Counter::license(add_on.value)];
    }
    std::vector<Fault> faults;
    auto counters = *call.service.log.counters(call.workspace_id);
    for (const auto& [counter, delta] : outcome.by_expiring) counters.used[counter] += delta;
    for (const auto& [counter, count] : needed) {
        auto limit = call.workspace->limit_of(counter, call.service.execute.now());
        if (!limit || counters.of(counter) + count <= *limit) continue;
        auto refusal = no_seats(*call.workspace, counter, counters.of(counter), *limit);
        refusal.details.insert(refusal.details.begin() + 1, {"needed", count});
        faults.push_back({"/invitations", refusal.code, refusal.detail, refusal.details});
    }
    return faults;
}

std::vector<Fault> faults_at(std::size_t row, const Refusal& refusal) {
    auto at = "/invitations/" + std::to_string(row);
    std::vector<Fault> faults;
    for (const auto& fault : refusal.faults)
        faults.push_back({at + fault.pointer, fault.code, fault.detail, fault.details});
    if (faults.empty()) faults.push_back({at, refusal.code, refusal.detail, refusal.details});
    return faults;
}

// Every fault with its row's index; a shortage once per pool.
Refusal refusal_of(const Call& call, const Batch& batch, const BatchOutcome& outcome) {
    std::vector<Fault> faults;
    bool short_of_seats = false;
    for (std::size_t i = 0; i < outcome.rows.size(); ++i) {
        if (outcome.rows[i].row) continue;
        const auto& refusal = outcome.rows[i].row.error();
        if (refusal.code == Code::no_seats_remaining)
            short_of_seats = true;
        else
            std::ranges::move(faults_at(i, refusal), std::back_inserter(faults));
    }
    if (short_of_seats) std::ranges::move(shortages(call, batch, outcome), std::back_inserter(faults));
    if (faults.empty()) return conflict_retry();  // seats were short, and are not any more
    return refuse(std::move(faults));
}

// What is wrong with the bodies of the rows, where something beside them is: of a request that is taken whole, all of
// it is said at once. What is wrong with the same for all is not said again of each.
std::vector<Fault> faults_of_rows(const Call& call, const Batch& batch, const Faults& beside) {
    if (batch.same_for_all && beside.all().size() > limits::row_faults) return {};
    MailAllowance mails(call.service.rates, call.caller.actor, call.workspace_id, true);
    auto command = command_of(call, batch, BatchId{}, mails);
    command.dry_run = true;
    auto outcome = call.service.execute.run_batch(command);
    std::vector<Fault> faults;
    for (std::size_t i = 0; outcome && i < outcome->rows.size(); ++i) {
        if (outcome->rows[i].row) continue;
        auto told = batch.same_for_all ? beside : Faults();
        auto before = static_cast<std::ptrdiff_t>(told.all().size());
        told.merge(outcome->rows[i].row.error().faults);
        std::vector<Fault> news(told.all().begin() + before, told.all().end());
        if (!news.empty()) std::ranges::move(faults_at(i, refuse(std::move(news))), std::back_inserter(faults));
    }
    return faults;
}

void run(const std::shared_ptr<Call>& call, const std::shared_ptr<Keeping>& keeping, const Batch& batch) {
    auto& service = call->service;
    const auto& key = keeping->key();
    Begun begun;
    begun.id = BatchId{service.execute.fresh()};
    bool in_chunks = key && batch.mode == BatchMode::best_effort;
    if (in_chunks) begun = recall_begun(*call, *key, batch.rows.size());
    MailAllowance mails(service.rates, call->caller.actor, call->workspace_id, call->dry_run);
    auto command = command_of(*call, batch, begun.id, mails);
    command.begin = begun.rows;
    auto answer_of = [&](const BatchOutcome& outcome) {
        auto results = begun.results;
        for (auto& each : results_of(*call, batch, outcome, begun.rows)) results.push_back(std::move(each));
        return whole_answer(*call, batch.rows.size(), begun.id, results);
    };
    if (key) {
        command.idempotency_key = row_key(*key);
        command.idempotency_row = [&](const BatchOutcome& outcome) {
            KeptAnswer kept{200, outcome.position, answer_of(outcome)};
            return kept_row(service.vault, *key, service.execute.now(), kept);
        };
    }
    if (in_chunks) {
        command.chunk_key = [&](std::size_t first) { return row_key(key_of_chunk(*key, first)); };
        command.chunk_row = [&](const BatchOutcome& outcome, std::size_t first) {
            auto parts = results_of(*call, batch, outcome, first);
            parts.insert(parts.begin(), plain(begun.id.text()));
            KeptAnswer kept{200, outcome.position, std::move(parts)};
            return kept_row(service.vault, key_of_chunk(*key, first), service.execute.now(), kept);
        };
    }
    // What is appended by then was sent, also where a later chunk comes to nothing.
    command.chunk_done = [&](const BatchOutcome& outcome) {
        for (std::size_t i = 0; outcome.appended && i < outcome.rows.size(); ++i)
            if (outcome.rows[i].row) mails.sent(i);
    };
    auto outcome = service.execute.run_batch(command);
    keeping->end();
    if (!outcome) return call->refuse(outcome.error());
    bool refused = std::ranges::any_of(outcome->rows, [](const auto& each) { return !each.row; });
    if (command.all_or_nothing && refused) return call->refuse(refusal_of(*call, batch, *outcome));
    call->done(response({200, body_of(*call, answer_of(*outcome)), outcome->position, std::nullopt, {}}));
}

}  // namespace

void invite_batch(std::shared_ptr<Call> call) {
    // Reading and deciding thousands of rows is no work for a thread that answers others.
    on_pool(call, [call] {
        Faults faults;
        auto batch = read_batch(*call, faults);
        if (!batch) return;
        auto keeping = begin_keeping(*call);
        if (!keeping) return;
        if (!faults.empty()) {
            if (batch->mode == BatchMode::all_or_nothing) faults.merge(faults_of_rows(*call, *batch, faults));
            keeping->end();
            return call->refuse(std::move(faults).refusal());
        }
        run(call, keeping, *batch);
    });
}

}  // namespace muster
