#include "api/undo.h"

#include "api/admission.h"
#include "api/commands.h"
#include "api/imports/imports.h"
#include "projections/audit.h"

#include <nlohmann/json.hpp>

namespace muster {
namespace {

// A batch, or an import, which is a batch of the same 26 characters.
std::optional<BatchId> batch_of(const Call& call) {
    auto id = call.parameter("id");
    if (auto batch = BatchId::parse(id)) return batch;
    auto import = ImportId::parse(id);
    return import ? std::optional(BatchId{import->uuid}) : std::nullopt;
}

bool still_sending(const Call& call, BatchId id) {
    auto import = call.service.imports->drafts().find(call.workspace_id, ImportId{id.uuid});
    return import && import->status == ImportStatus::sending;
}

// What became of the rows so far: the insides of two JSON arrays.
struct Undone {
    std::size_t rows = 0;
    std::string revoked;
    std::string kept;

    // Those of the outcome from `rows` on.
    void add(const BatchCommand& command, const BatchOutcome& outcome) {
        for (; rows < outcome.rows.size(); ++rows) {
            const auto& row = outcome.rows[rows].row;
            const auto id = InvitationId{command.rows[rows].target.id}.text();
            auto& list = row ? revoked : kept;
            if (!list.empty()) list += ',';
            if (row) {
                write_json(list, id);
                continue;
            }
            ObjectWriter each(list);
            each.field("id", id);
            each.field("reason", row.error().code);
            each.end();
        }
    }
    void join(const Undone& more) {
        for (auto [all, part] : {std::pair{&revoked, &more.revoked}, std::pair{&kept, &more.kept}})
            if (!part->empty()) all->append(all->empty() ? "" : ",").append(*part);
        rows = more.rows;
    }
    // The body without its last brace.
    [[nodiscard]] std::string text() const { return "{\"revoked\":[" + revoked + "],\"kept\":[" + kept + "]"; }
};

BatchCommand command_of(const Call& call, const std::vector<MemberId>& invited) {
    BatchCommand command;
    command.workspace = call.workspace_id;
    command.actor = call.caller.actor;
    command.needs = needed_still(call);
    command.correlation = call.correlation;
    command.dry_run = call.dry_run;
    for (auto id : invited) {
        BatchCommand::Row row;
        row.target = stream_of(id);
        row.stands = true;
        row.decide = [](const Loaded& loaded, const Context& context) {
            return decide(*loaded.membership, *loaded.workspace, RevokeInvitation{}, context);
        };
        command.rows.push_back(std::move(row));
    }
    return command;
}

void run(const std::shared_ptr<Call>& call, Keeping& keeping, const std::vector<MemberId>& invited) {
    auto& service = call->service;
    const auto key = keeping.key();
    auto command = command_of(*call, invited);
    Undone undone;
    if (key) {
        command.begin = recall_chunks(*call, *key, invited.size(), [&](std::size_t rows, auto parts) {
            undone.join({rows, std::move(parts.at(0).text), std::move(parts.at(1).text)});
        });
        command.idempotency_key = row_key(*key);
        command.idempotency_row = [&](const BatchOutcome& outcome) {
            auto all = undone;
            all.add(command, outcome);
            KeptAnswer kept{200, outcome.position, {plain(all.text())}};
            return kept_row(service.vault, *key, service.execute.now(), kept);
        };
        command.chunk_key = [&](std::size_t first) { return row_key(key_of_chunk(*key, first)); };
        command.chunk_row = [&](const BatchOutcome& outcome, std::size_t first) {
            Undone chunk{first, {}, {}};
            chunk.add(command, outcome);
            KeptAnswer kept{200, outcome.position, {plain(chunk.revoked), plain(chunk.kept)}};
            return kept_row(service.vault, key_of_chunk(*key, first), service.execute.now(), kept);
        };
    }
    command.chunk_done = [&](BatchOutcome& outcome) {
        auto first = undone.rows;
        undone.add(command, outcome);
        for (; first < outcome.rows.size(); ++first)
            if (outcome.rows[first].row) outcome.rows[first].row = nullptr;  // 50,000 people are a lot of memory
    };
    auto outcome = service.execute.run_batch(command);
    keeping.end();
    if (!outcome) return call->refuse(outcome.error());
    call->done(response({200, body_of(*call, {plain(undone.text())}), outcome->position, std::nullopt, {}}));
}

}  // namespace

void undo_batch(std::shared_ptr<Call> call) {
    Faults faults;
    UndoBatch body;
    bool read_whole = read_body(*call, faults, [&](const nlohmann::json& json) {
        read(json, body, faults, Place::body(), call->service.unicode);
    });
    if (!read_whole) return;
    auto keeping = begin_keeping(*call);
    if (!keeping) return;
    if (!faults.empty()) {
        keeping->end();
        return call->refuse(std::move(faults).refusal());
    }
    when_fresh(call, "audit", [call, keeping](const Reading&, Position) {
        on_pool(call, [call, keeping] {
            auto id = batch_of(*call);
            auto table = call->service.runner.table("audit");
            auto refuse = [&](const Refusal& refusal) {
                keeping->end();
                call->refuse(refusal);
            };
            if (!table) return refuse(lagging());
            if (id && still_sending(*call, *id))
                return refuse({Code::import_sent, "It is still being sent; undo it once it is done.", {}, {}});
            auto invited =
                id ? audit::invited_by(*table->snapshot(), call->workspace_id, *id) : std::vector<MemberId>();
            if (invited.empty())
                return refuse({Code::not_found, "There is no batch or import here that invited anybody.", {}, {}});
            run(call, *keeping, invited);
        });
    });
}

}  // namespace muster
