#include "api/imports/handling.h"

#include "api/imports/imports.h"
#include "api/problem.h"

namespace muster {

Refusal no_such_import() { return {Code::not_found, "There is no such import; one is kept for 7 days.", {}, {}}; }
Refusal is_sent() {
    return {Code::import_sent, "This import is being sent, or was; it can't be changed any more.", {}, {}};
}

std::optional<Import> import_of(const Call& call) {
    auto id = ImportId::parse(call.parameter("id"));
    return id ? call.service.imports->drafts().find(call.workspace_id, *id) : std::nullopt;
}

// Keeps the answer, and answers. `body` is an object without its last brace.
void answer(const Call& call, Keeping& keeping, int status, std::string body, std::vector<AnswerPart> parts) {
    BatchCommand nothing;
    nothing.workspace = call.workspace_id;
    nothing.actor = call.caller.actor;
    nothing.correlation = call.correlation;
    nothing.dry_run = call.dry_run;
    if (keeping.key()) {
        nothing.idempotency_key = row_key(*keeping.key());
        nothing.idempotency_row = [&](const BatchOutcome& outcome) {
            KeptAnswer kept{static_cast<std::uint16_t>(status), outcome.position, std::move(parts)};
            return kept_row(call.service.vault, *keeping.key(), call.service.execute.now(), kept);
        };
    }
    auto outcome = call.service.execute.run_batch(nothing);
    keeping.end();
    // What was asked for is done by now: asking again settles it.
    if (!outcome)
        return call.refuse({Code::internal_error,
                            "The answer could not be kept; repeat the request: " + outcome.error().detail,
                            {},
                            {}});
    if (call.dry_run) body += ",\"dry_run\":true";
    call.done(response({status, body + "}", outcome->position, std::nullopt, {}}));
}

}  // namespace muster
