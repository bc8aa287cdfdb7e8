#include "api/keeping.h"

#include "api/auth/passwords.h"
#include "api/failing.h"
#include "api/http/media_type.h"
#include "api/json/parse.h"
#include "api/mail_cap.h"
#include "api/problem.h"
#include "api/purge.h"
#include "api/route.h"
#include "domain/credentials.h"
#include "eventstore/checkpoints.h"
#include "eventstore/frame.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace muster {
namespace {

constexpr std::size_t idempotency_key_bytes = 255;

bool json_content(std::string_view given) {
    const auto type = http::media_type(given);
    return type == "application/json" || type.ends_with("+json");
}

// The key, bare or quoted (an sf-string); nullopt where it is none.
std::optional<std::string> key_of(std::string_view header) {
    if (header.size() >= 2 && header.front() == '"' && header.back() == '"')
        header = header.substr(1, header.size() - 2);
    bool visible = std::ranges::all_of(header, [](char c) { return c > ' ' && c < 0x7f; });
    if (header.empty() || header.size() > idempotency_key_bytes || !visible) return std::nullopt;
    return std::string(header);
}

// What a person or a workspace was deleted for: all of it, but what read models leave on the disk until they are
// compacted, which goes soon after.
void destroy_what_was_deleted(Service& service, WorkspaceId workspace, const std::optional<MemberId>& member) {
    if (service.directory.deleted_workspace(workspace))
        service.eraser.erase_workspace(workspace);
    else if (member)
        service.eraser.erase(workspace, *member);
    else
        service.eraser.complete();
    service.purger->purge_texts();
    if (!service.data_directory.empty()) sweep_checkpoints(service.data_directory);
}

// The 2xx of an erasure says that the data is destroyed; so it waits for that, also when it is answered again.
void answer_once_erased(const Call& call, http::Response answer) {
    if (!call.route.erases || call.dry_run) return call.done(std::move(answer));
    auto& service = call.service;
    bool taken =
        service.pool.post([&service, workspace = call.workspace_id, member = MemberId::parse(call.parameter("id")),
                           done = call.done, answer = std::move(answer)]() mutable {
            try {
                destroy_what_was_deleted(service, workspace, member);
            } catch (const std::exception& error) {
                service.report(error.what());
                return done(problem(failed_here()));
            }
            done(std::move(answer));
        });
    // It is completed at the latest at the next start; but this answer can't promise it.
    if (!taken)
        call.refuse({Code::internal_error,
                     "It is done, and the data is destroyed as soon as the server can. Repeat the request to be told.",
                     {},
                     {}});
}

Refusal key_reused() {
    return {Code::idempotency_key_reused, "This Idempotency-Key was used for another request; use a new one.", {}, {}};
}

// A batch that was cut off has kept its first chunk, and not yet its answer: the key is that request's already.
bool begun_by_another(Service& service, const IdempotencyKey& key) {
    auto first = key_of_chunk(key, 0);
    auto since = service.execute.now().plus_seconds(-limits::idempotency_seconds);
    auto row = service.log.idempotency_row(row_key(first), since);
    if (!row) return false;
    auto chunk = recall(service.vault, first, *row);
    return !chunk && chunk.error() == NotRecalled::another_request;
}

http::Response replay(const Call& call, const KeptAnswer& kept, std::optional<Position> checked_at = std::nullopt) {
    auto made = response({kept.status, body_of(call, kept.parts, checked_at), kept.position, kept.etag, {}});
    made.headers.push_back({"idempotency-replayed", "true"});
    return made;
}

// A session is never kept: a new one is opened, if the password is still right.
void replay_with_session(const std::shared_ptr<Call>& call, const KeptAnswer& kept, MemberId id,
                         const std::optional<Password>& password, const Refuse& refuse) {
    on_hashing_threads(call, [call, kept, id, password, refuse] {
        auto& service = call->service;
        auto checked_at = service.log.head();
        auto member = service.directory.membership_anywhere(id);
        auto workspace = service.directory.workspace(member->workspace);
        bool right = service.passwords.check(id, member->credential, password.value_or(Password{}));
        if (!right || !workspace || !may_log_in(*member, *workspace)) return refuse(*call);
        call->done(replay(*call, kept, checked_at));
    });
}

}  // namespace

bool has_plain_body(const Call& call) {
    auto encoding = call.request.header("content-encoding");
    if (!encoding || *encoding == "identity") return true;
    call.refuse({Code::unsupported_media_type, "Send the body as it is, without Content-Encoding.", {}, {}});
    return false;
}

bool read_body(const Call& call, Faults& faults, const std::function<void(const nlohmann::json&)>& read) {
    auto type = call.request.header("content-type");
    if (!call.request.body.empty() && (!type || !json_content(*type))) {
        call.refuse({Code::unsupported_media_type, "Send JSON, with Content-Type: application/json.", {}, {}});
        return false;
    }
    if (!has_plain_body(call)) return false;
    auto body = parse_json(call.request.body, faults);
    if (!body) {
        call.refuse(body.error());
        return false;
    }
    read(*body);
    return true;
}

Keeping::Keeping(std::shared_ptr<KeysUnderWay> all, std::optional<IdempotencyKey> key)
    : all_(std::move(all)), key_(std::move(key)) {}

void Keeping::end() {
    if (!key_) return;
    std::lock_guard lock(all_->mutex);
    all_->rows.erase(row_key(*key_));
    key_.reset();
}

namespace {

constexpr std::size_t workspaces_at_once = 1000;  // that are looked through for a kept answer

// Under what a request with this key is kept in the workspace.
IdempotencyKey kept_as(const Call& call, WorkspaceId workspace, const std::string& key, std::string_view scope) {
    std::string_view body = call.request.body;
    if (body == "{}") body = {};  // they count as the same
    IdempotencyKey kept{{}, key, (call.request.method + " " + call.request.target + "\n").append(body)};
    append_uuid(kept.scope, workspace.uuid);  // nil: of no workspace, or of one that is being made
    append_u8(kept.scope, static_cast<std::uint8_t>(call.caller.actor.kind));
    append_uuid(kept.scope, call.caller.actor.id);
    kept.scope += scope;
    return kept;
}

// `repeat` answers by what is kept.
std::shared_ptr<Keeping> begin(const Call& call, std::string_view scope,
                               const std::function<void(KeptAnswer)>& repeat) {
    auto& service = call.service;
    auto header = call.request.header("idempotency-key");
    if (!header || call.dry_run) return std::make_shared<Keeping>(service.keys_under_way, std::nullopt);
    auto key = key_of(*header);
    if (!key) {
        call.refuse(
            {Code::idempotency_key_invalid, "An Idempotency-Key is 1 to 255 visible ASCII characters.", {}, {}});
        return nullptr;
    }
    auto kept = kept_as(call, call.workspace_id, *key, scope);
    auto row = row_key(kept);
    bool first = [&] {
        std::lock_guard lock(service.keys_under_way->mutex);
        return service.keys_under_way->rows.insert(row).second;
    }();
    auto keeping = first ? std::make_shared<Keeping>(service.keys_under_way, kept) : nullptr;
    auto in_progress = [&] {
        call.refuse({Code::idempotency_in_progress,
                     "The first request with this Idempotency-Key is still running; repeat it in a moment.",
                     {},
                     {}});
        return nullptr;
    };
    // Of what is kept already any number are told at once.
    auto stored = service.log.idempotency_row(row, service.execute.now().plus_seconds(-limits::idempotency_seconds));
    if (!stored && !first) return in_progress();
    if (!stored && !begun_by_another(service, kept)) return keeping;
    auto answer = stored ? recall(service.vault, kept, *stored) : std::unexpected(NotRecalled::another_request);
    if (!answer && answer.error() == NotRecalled::expired) return first ? keeping : in_progress();
    if (first) keeping->end();  // before the answer: whoever has it may ask again
    if (answer) {
        repeat(std::move(*answer));
        return nullptr;
    }
    call.refuse(key_reused());
    return nullptr;
}

}  // namespace

std::optional<WorkspaceId> answered_before(const Call& call) {
    auto& service = call.service;
    auto header = call.request.header("idempotency-key");
    auto key = header ? key_of(*header) : std::nullopt;
    if (!key) return std::nullopt;
    auto since = service.execute.now().plus_seconds(-limits::idempotency_seconds);
    auto answered_in = [&](WorkspaceId workspace) {
        auto kept = kept_as(call, workspace, *key, {});
        auto row = service.log.idempotency_row(row_key(kept), since);
        return row && recall(service.vault, kept, *row);
    };
    // All but the operator are of one workspace.
    if (auto own = call.caller.workspace; !own.uuid.nil()) return answered_in(own) ? std::optional(own) : std::nullopt;
    std::optional<WorkspaceId> after;
    while (true) {
        auto ids = service.log.workspaces(after, workspaces_at_once);
        auto found = std::ranges::find_if(ids, answered_in);
        if (found != ids.end()) return *found;
        if (ids.size() < workspaces_at_once) return std::nullopt;
        after = ids.back();
    }
}

std::shared_ptr<Keeping> begin_keeping(const Call& call, std::string_view scope) {
    return begin(call, scope, [&](const KeptAnswer& kept) { answer_once_erased(call, replay(call, kept)); });
}

std::shared_ptr<Keeping> begin_keeping_session(const std::shared_ptr<Call>& call, std::string_view scope,
                                               const std::optional<Password>& password, const Refuse& refuse) {
    return begin(*call, scope, [&](const KeptAnswer& kept) {
        auto session = std::ranges::find(kept.parts, AnswerPart::Kind::session, &AnswerPart::kind);
        if (session == kept.parts.end()) return call->done(replay(*call, kept));
        replay_with_session(call, kept, MemberId{session->id}, password, refuse);
    });
}

IdempotencyKey key_of_chunk(const IdempotencyKey& whole, std::size_t first) {
    return {whole.scope, whole.key + '\n' + std::to_string(first), whole.request};
}

std::size_t recall_chunks(const Call& call, const IdempotencyKey& whole, std::size_t rows,
                          const std::function<void(std::size_t rows, std::vector<AnswerPart> parts)>& each) {
    auto& service = call.service;
    auto since = service.execute.now().plus_seconds(-limits::idempotency_seconds);
    std::size_t done = 0;
    while (done + limits::rows_per_append < rows) {
        auto key = key_of_chunk(whole, done);
        auto row = service.log.idempotency_row(row_key(key), since);
        auto kept = row ? recall(service.vault, key, *row) : std::unexpected(NotRecalled::expired);
        if (!kept) break;
        done += limits::rows_per_append;
        each(done, std::move(kept->parts));
    }
    return done;
}

void set_if_match(const Call& call, Command& command) {
    auto header = call.request.header("if-match");
    if (!header || *header == "*") return;
    // What is not one of our tags matches nothing (RFC 9110 §13.1.1).
    command.if_match = version_of(*header).value_or(~Version{0});
}

std::vector<Fault> faults_before_deciding(
    const Call& call, const Command& command,
    const std::function<std::vector<Fault>(const Loaded&, const Context&)>& find) {
    std::vector<Fault> found;
    auto looking = command;
    looking.dry_run = true;
    looking.decide = [&](const Loaded& loaded, const Context& context) -> Decided {
        found = find(loaded, context);
        return refused(Code::validation_failed, {});
    };
    (void)call.service.execute.run_and_wait(std::move(looking));
    return found;
}

void run(std::shared_ptr<Call> call, std::shared_ptr<Keeping> keeping, Command command, Shape shape, RunHooks hooks) {
    auto parts = std::make_shared<std::vector<AnswerPart>>();
    // What was there already is not made: 200 in the place of 201.
    auto status = [usual = static_cast<std::uint16_t>(call->route.status)](const Outcome& outcome) -> std::uint16_t {
        return outcome.changes ? usual : 200;
    };
    if (keeping->key()) {
        command.idempotency_key = row_key(*keeping->key());
        command.idempotency_row = [call, keeping, shape, status, parts](const Outcome& outcome) {
            KeptAnswer kept{status(outcome), outcome.position, {}, etag_of(*call, outcome)};
            try {
                kept.parts = shape(*call, outcome);
                *parts = kept.parts;
            } catch (const std::exception& error) {
                // What the answer shows beside is damaged, such as who invited: that fails no write. The caller is told
                // of it now, and by a repeat that it was done.
                call->service.report(error.what());
                parts->clear();
                kept.parts = {plain("{")};
            }
            return kept_row(call->service.vault, *keeping->key(), call->service.execute.now(), kept);
        };
    }
    auto mails = std::make_shared<MailAllowance>(call->service.rates, command.actor, command.workspace, call->dry_run);
    command.decide = [mails, decide = std::move(command.decide)](const Loaded& loaded, const Context& context) {
        return mails->allow(decide(loaded, context), loaded);
    };
    call->service.execute.run(std::move(command), [call, keeping, shape, status, parts, hooks, mails](Result result) {
        keeping->end();
        or_fail(call, [&] {
            if (hooks.ended) hooks.ended(result);
            if (!result && hooks.refused && hooks.refused(result.error())) return;
            // Who is gone already may not be destroyed yet; asking again completes it.
            bool gone = !result && status_of(result.error().code) == 410;
            if (gone) return answer_once_erased(*call, problem(result.error()));
            if (!result) return call->refuse(result.error());
            mails->sent();
            auto body = body_of(*call, parts->empty() ? shape(*call, *result) : *parts, result->position);
            auto answer = response({status(*result), std::move(body), result->position, etag_of(*call, *result), {}});
            answer_once_erased(*call, std::move(answer));
        });
    });
}

}  // namespace muster
