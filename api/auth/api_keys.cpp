#include "api/auth/api_keys.h"

#include "api/auth/secret_token.h"
#include "api/commands.h"
#include "api/listing.h"
#include "api/parameters.h"
#include "eventstore/bytes.h"
#include "eventstore/log_rows.h"

namespace muster {
namespace {

std::string key_of(WorkspaceId workspace, ApiKeyId id) {
    return rows::bytes_of(workspace.uuid) + rows::bytes_of(id.uuid);
}

std::string row_of(Instant last_used, std::string_view hash) {
    std::string text;
    append_u64(text, static_cast<std::uint64_t>(last_used.ms));
    return text.append(hash);
}

void write_api_key(ObjectWriter& into, const HeldApiKey& key, std::optional<Instant> last_used,
                   const NameLookup& known) {
    into.field("id", key.value.id);
    into.field("name", key.value.name);
    into.field("permissions", key.value.permissions);
    into.field("expires_at", key.value.expires_at);
    into.field("created_at", key.created_at);
    write_actor(into.key("created_by"), key.made_by, known.actor(key.made_by));
    into.field("last_used_at", last_used);
}

std::vector<AnswerPart> made_key(const Call& call, const Outcome& outcome) {
    auto key = outcome.workspace->api_keys.at(*ApiKeyId::parse(call.made));
    std::string out;
    ObjectWriter into(out);
    write_api_key(into, key, std::nullopt, names(call, *outcome.workspace));
    into.end();
    out.pop_back();
    if (outcome.dry_run) out = "{\"id\":null" + out.substr(out.find(','));
    return {plain(out + ",\"secret\":"), {AnswerPart::Kind::once, {}, {}, {}, 0}};
}

}  // namespace

std::string ApiKeys::keep(WorkspaceId workspace, ApiKeyId id) {
    auto token = secret_token(api_key_prefix, workspace.uuid, id.uuid, entropy_);
    rows_.put({{key_of(workspace, id), row_of({}, view(sha256(token)))}}, Sync::yes);
    return token;
}

void ApiKeys::drop(WorkspaceId workspace, ApiKeyId id) { rows_.erase({key_of(workspace, id)}); }

std::optional<Instant> ApiKeys::last_used(WorkspaceId workspace, ApiKeyId id) const {
    auto text = rows_.get(key_of(workspace, id));
    if (!text) return std::nullopt;
    Instant at{static_cast<std::int64_t>(read_u64(*text))};
    return at.ms == 0 ? std::nullopt : std::optional(at);
}

std::optional<Caller> ApiKeys::caller(Service& service, std::string_view token) {
    auto named = named_by(api_key_prefix, token);
    if (!named) return std::nullopt;
    WorkspaceId workspace_id{named->owner};
    ApiKeyId id{named->id};
    auto key = key_of(workspace_id, id);
    auto text = rows_.get(key);
    auto stored = text ? text->substr(8) : std::string(sizeof(Digest), '\0');
    bool same = equal_in_constant_time(stored, view(sha256(token)));
    auto workspace = text && same ? service.directory.workspace(workspace_id) : nullptr;
    if (!workspace) return std::nullopt;
    auto held = workspace->api_keys.find(id);
    auto now = service.execute.now();
    if (held == workspace->api_keys.end() || held->second.ended(now)) return std::nullopt;
    Caller caller;
    caller.actor = {ActorKind::api_key, id.uuid};
    // Also for what needs no permission [N5].
    if (!service.directory.key_is_alive(*workspace, caller.actor)) return std::nullopt;
    caller.permissions = service.execute.permissions_of(*workspace, caller.actor);
    caller.workspace = workspace_id;
    Instant last{static_cast<std::int64_t>(read_u64(*text))};
    if (now >= last.plus_seconds(limits::api_key_touch_seconds)) rows_.put({{key, row_of(now, stored)}}, Sync::no);
    return caller;
}

void create_api_key(std::shared_ptr<Call> call) {
    Faults faults;
    CreateApiKey body;
    if (!read_command<CreateApiKey, From::body>(*call, body, faults)) return;
    auto keeping = begin_keeping(*call);
    if (!keeping) return;
    auto command = command_of(*call, body);
    auto decide_it = [body](const Loaded& loaded, const Context& context) {
        return decide(*loaded.workspace, body, context);
    };
    faults.merge(faults_before_deciding(*call, command, [&](const Loaded& loaded, const Context& context) {
        auto decided = decide_it(loaded, context);
        return decided ? std::vector<Fault>{} : std::move(decided.error().faults);
    }));
    if (!faults.empty()) {
        keeping->end();
        return call->refuse(std::move(faults).refusal());
    }
    ApiKeyId id{command.fresh};
    call->made = id.text();
    RunHooks hooks;
    if (!call->dry_run) {
        call->once = call->service.api_keys.keep(call->workspace_id, id);
        hooks.ended = [call, id](const Result& result) {
            if (!result && result.error().code != Code::internal_error)
                call->service.api_keys.drop(call->workspace_id, id);
        };
    }
    command.decide = decide_it;
    run(call, keeping, std::move(command), made_key, std::move(hooks));
}

void api_keys(std::shared_ptr<Call> call) {
    ListParameters wanted;
    if (!read_list(*call, wanted)) return;
    auto place = place_of(*call, wanted.cursor);
    if (!place) return;
    const auto& workspace = *call->workspace;
    auto known = names(*call, workspace);
    auto after = place->after ? ApiKeyId::parse(*place->after) : std::nullopt;
    auto each = after ? workspace.api_keys.upper_bound(*after) : workspace.api_keys.begin();
    std::string items;
    ArrayWriter array(items);
    std::optional<std::string> next;
    for (std::int64_t listed = 0; each != workspace.api_keys.end() && !next; ++each) {
        ObjectWriter into(array.next());
        write_api_key(into, each->second, call->service.api_keys.last_used(workspace.id, each->first), known);
        into.end();
        if (++listed == wanted.limit && std::next(each) != workspace.api_keys.end()) next = each->first.text();
    }
    array.end();
    Counted counted;
    if (wanted.include_total) counted.total = static_cast<std::int64_t>(workspace.api_keys.size());
    answer_list(*call, std::move(items), next, call->position, counted);
}

}  // namespace muster
