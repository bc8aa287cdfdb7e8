#include "api/schemas.h"

#include "api/json/schema.h"
#include "domain/membership.h"
#include "domain/workspace.h"

#include <nlohmann/json.hpp>

namespace muster {
namespace {

using nlohmann::json;

json text() { return {{"type", "string"}}; }
json maybe_text() { return {{"type", {"string", "null"}}}; }
json time() { return {{"type", "string"}, {"format", "date-time"}}; }
json maybe_time() { return {{"type", {"string", "null"}}, {"format", "date-time"}}; }
json number() { return {{"type", "integer"}}; }
json maybe_number() { return {{"type", {"integer", "null"}}}; }
json truth() { return {{"type", "boolean"}}; }
json ref(const char* name) { return {{"$ref", std::string("#/components/schemas/") + name}}; }
json list(json items) { return {{"type", "array"}, {"items", std::move(items)}}; }
json words(std::vector<std::string> values) { return {{"type", "string"}, {"enum", values}}; }
json maybe_words(const std::vector<std::string>& values) {
    auto all = json(values);
    all.push_back(nullptr);
    return {{"type", {"string", "null"}}, {"enum", all}};
}

json object(json properties) {
    json required = json::array();
    for (const auto& [name, _] : properties.items()) required.push_back(name);
    return {{"type", "object"}, {"required", required}, {"properties", std::move(properties)}};
}

// With the fields of a schema that stands already.
json with(json schema, json more) {
    for (const auto& [name, each] : more.items()) {
        schema["properties"][name] = each;
        schema["required"].push_back(name);
    }
    return schema;
}

json person() {
    return {{"email", maybe_text()},
            {"name", maybe_text()},
            {"job_title", maybe_text()},
            {"role", text()},
            {"license", maybe_text()},
            {"add_ons", list(text())},
            {"teams", list(object({{"id", text()}, {"name", text()}}))},
            {"permissions", list(text())},
            {"resources", list(object({{"id", text()}, {"name", text()}, {"access", words({"view", "edit"})}}))}};
}

// A preview has `summary` and rows with their cells and issues; once it is sent, numbers and what became of each row.
json import_schema() {
    json cells = {{"line", number()},        {"email", maybe_text()},    {"name", maybe_text()},
                  {"role", maybe_text()},    {"team", maybe_text()},     {"license", maybe_text()},
                  {"add_ons", maybe_text()}, {"job_title", maybe_text()}};
    cells["issues"] = list(object({{"column", text()}, {"code", text()}, {"detail", text()}, {"id", maybe_text()}}));
    cells["status"] = words({"waiting", "sent", "failed"});
    cells["id"] = text();
    cells["problem"] = ref("Problem");
    auto seat = object({{"pool", text()}, {"needed", number()}, {"remaining", maybe_number()}});
    auto summary = object({{"rows", number()}, {"valid", number()}, {"invalid", number()}, {"seats", list(seat)}});
    return {{"type", "object"},
            {"required", {"id", "status"}},
            {"properties",
             {{"id", maybe_text()},
              {"status", words({"previewed", "sending", "done"})},
              {"kept_until", time()},
              {"summary", summary},
              {"total", number()},
              {"sent", number()},
              {"failed", number()},
              {"ignored_columns", list(text())},
              {"rows", list({{"type", "object"}, {"required", {"line"}}, {"properties", cells}})}}}};
}

}  // namespace

json answer_schemas() {
    json all;
    all["Status"] = object({{"status", text()}});
    all["Workspace"] = object({{"id", text()},
                               {"name", text()},
                               {"slug", text()},
                               {"preset", text()},
                               {"plan_managed_by", words({"workspace", "operator"})},
                               {"created_at", time()}});
    all["WorkspaceWithOwner"] = with(all["Workspace"], {{"owner", ref("Member")}});
    all["Settings"] = schema_of<Settings>(SchemaOf::answer);
    all["Plan"] = schema_of<Plan>(SchemaOf::answer);
    all["Role"] = schema_of<Role>(SchemaOf::answer);
    all["Permission"] = schema_of<OwnPermission>(SchemaOf::answer);
    all["Team"] = object({{"id", text()}, {"name", text()}, {"member_count", number()}});
    all["Resource"] = object({{"id", text()}, {"kind", text()}, {"name", text()}, {"group", maybe_text()}});
    all["Removed"] = object({{"deleted", truth()}});
    all["Deleted"] = object({{"id", text()}, {"status", words({"deleted"})}});
    all["Link"] = object({{"accept_url", text()}});
    all["Actor"] = object({{"kind", words({"system", "operator", "member", "api_key", "invitee", "visitor"})},
                           {"id", maybe_text()},
                           {"name", maybe_text()}});

    json pool = {{"used", number()}, {"remaining", maybe_number()}, {"over", number()}};
    json users = pool, license = pool;
    users.update(
        {{"limit", maybe_number()}, {"active", number()}, {"pending", number()}, {"unlimited_until", maybe_time()}});
    license.update({{"key", text()},
                    {"name", text()},
                    {"kind", words({"base", "add_on"})},
                    {"paid", truth()},
                    {"seats", maybe_number()},
                    {"assigned", number()},
                    {"reserved", number()},
                    {"requires", list(text())}});
    all["SeatHolder"] = object({{"kind", words({"member", "invitation"})},
                                {"id", text()},
                                {"name", maybe_text()},
                                {"status", words({"assigned", "reserved"})},
                                {"since", time()},
                                {"position", number()}});
    all["SeatForecast"] = object(
        {{"at", time()}, {"frees", number()}, {"kind", words({"invitation", "trial_end"})}, {"id", maybe_text()}});
    all["Seats"] = object({{"users", object(users)}, {"licenses", list(object(license))}});

    auto delivery = object({{"status", words({"none", "queued", "sent", "failed"})},
                            {"attempts", number()},
                            {"detail", maybe_text()},
                            {"trouble", maybe_words({"refused", "unreachable", "overtaken", "restored"})}});
    all["Invitation"] = with(object(person()), {{"id", text()},
                                                {"status", words({"pending", "accepted", "expired", "revoked"})},
                                                {"invited_by", ref("Actor")},
                                                {"created_at", time()},
                                                {"sent_at", time()},
                                                {"expires_at", time()},
                                                {"resent_count", number()},
                                                {"accepted_at", maybe_time()},
                                                {"member_id", maybe_text()},
                                                {"delivery", delivery}});
    all["InvitationWithLink"] = with(all["Invitation"], {{"accept_url", maybe_text()}});
    all["InvitationResent"] = with(all["InvitationWithLink"], {{"dropped", list(text())}});
    auto steps = list(words({"password", "sso", "profile", "tour"}));
    all["Member"] = with(
        object(person()),
        {{"id", text()},
         {"status", words({"active", "deactivated"})},
         {"initials", maybe_text()},
         {"phone", maybe_text()},
         {"photo_url", maybe_text()},
         {"joined_at", time()},
         {"last_login_at", maybe_time()},
         {"deactivated_at", maybe_time()},
         {"onboarding", object({{"steps", steps}, {"completed", steps}, {"skipped", steps}, {"next", maybe_text()}})}});
    all["InvitationForInvitee"] = object({{"workspace", object({{"name", text()}, {"slug", text()}})},
                                          {"email", maybe_text()},
                                          {"name", maybe_text()},
                                          {"role", text()},
                                          {"role_name", maybe_text()},
                                          {"inviter", maybe_text()},
                                          {"expires_at", time()},
                                          {"steps", steps}});
    all["SignInPage"] = object({{"name", text()},
                                {"slug", text()},
                                {"sign_in", words({"password", "sso", "both"})},
                                {"invitation_requests", truth()}});
    all["Received"] = object({{"status", words({"received"})}});
    all["Erased"] = object({{"status", words({"erased"})}});
    auto because =
        object({{"event_id", text()}, {"type", text()}, {"position", number()}, {"at", time()}, {"member_id", text()}});
    because["type"] = {"object", "null"};
    all["InvitationRequest"] = object({{"id", text()},
                                       {"status", words({"open", "approved", "dismissed"})},
                                       {"email", maybe_text()},
                                       {"name", maybe_text()},
                                       {"message", maybe_text()},
                                       {"requested_at", time()},
                                       {"closed_at", maybe_time()},
                                       {"closed_by", {{"anyOf", {ref("Actor"), {{"type", "null"}}}}}},
                                       {"stale", truth()},
                                       {"stale_because", because},
                                       {"invitation_id", maybe_text()}});
    json session = object({{"token", text()}, {"expires_at", time()}});
    json maybe_session = session;
    maybe_session["type"] = {"object", "null"};
    all["Accepted"] = object({{"member", ref("Member")}, {"home", text()}, {"session", maybe_session}});
    all["PasswordReset"] = object({{"member", ref("Member")}, {"home", text()}});
    all["LoggedIn"] = object({{"expires_at", time()}, {"member", ref("Member")}, {"home", text()}});
    all["LoggedIn"]["properties"]["token"] = text();
    all["MemberCreated"] = with(all["Member"], {{"set_password_url", maybe_text()}});
    all["Me"] = with(all["Member"], {{"workspace", object({{"id", text()}, {"name", text()}, {"slug", text()}})},
                                     {"effective_permissions", list(text())},
                                     {"home", text()}});
    all["MeWithSession"] = with(all["Me"], {{"session", session}});
    all["Session"] = object({{"id", text()},
                             {"created_at", time()},
                             {"last_used_at", time()},
                             {"expires_at", time()},
                             {"client", maybe_text()},
                             {"current", truth()}});
    all["ApiKey"] = object({{"id", text()},
                            {"name", text()},
                            {"permissions", list(text())},
                            {"expires_at", maybe_time()},
                            {"created_at", time()},
                            {"created_by", ref("Actor")},
                            {"last_used_at", maybe_time()}});
    all["Webhook"] = object({{"id", text()},
                             {"url", text()},
                             {"events", list(text())},
                             {"enabled", truth()},
                             {"disabled_for", {{"type", {"string", "null"}}, {"enum", {"gone", "failing", nullptr}}}},
                             {"former_secret_until", maybe_time()},
                             {"created_at", time()},
                             {"created_by", ref("Actor")}});
    all["WebhookWithSecret"] = with(all["Webhook"], {{"secret", maybe_text()}});
    all["WebhookTest"] = object({{"id", text()},
                                 {"status", words({"delivered", "failed"})},
                                 {"response_status", maybe_number()},
                                 {"detail", maybe_text()},
                                 {"took_ms", number()}});
    all["Delivery"] = object({{"id", text()},
                              {"event_id", text()},
                              {"type", maybe_text()},
                              {"position", number()},
                              {"status", words({"pending", "delivered", "failed"})},
                              {"attempts", number()},
                              {"first_attempt_at", maybe_time()},
                              {"last_attempt_at", maybe_time()},
                              {"next_attempt_at", maybe_time()},
                              {"response_status", maybe_number()},
                              {"detail", maybe_text()}});
    all["ApiKeyWithSecret"] = with(all["ApiKey"], {{"secret", maybe_text()}});
    all["Undone"] = object({{"revoked", list(text())}, {"kept", list(object({{"id", text()}, {"reason", text()}}))}});
    all["BatchResult"] = object({{"batch_id", maybe_text()},
                                 {"summary", object({{"invited", number()}, {"failed", number()}})},
                                 {"results", list({{"type", "object"},
                                                   {"required", {"index", "email", "status"}},
                                                   {"properties",
                                                    {{"index", number()},
                                                     {"email", maybe_text()},
                                                     {"status", words({"invited", "failed"})},
                                                     {"id", maybe_text()},
                                                     {"accept_url", maybe_text()},
                                                     {"problem", ref("Problem")}}}})}});
    auto of_kind = [](const char* kind, const char* name) {
        return json{{"allOf", {ref(name), object({{"kind", words({kind})}})}}};
    };
    all["Person"] = {{"oneOf", {of_kind("member", "Member"), of_kind("invitation", "Invitation")}}};

    all["AccessGiver"] =
        object({{"kind", words({"role", "own", "license", "add_on"})}, {"key", maybe_text()}, {"name", maybe_text()}});
    all["Cause"] = object({{"request",
                            {{"type", "string"},
                             {"description",
                              "All that one request did, or one import, has the same; of a request it is "
                              "the id in the server's log, of an import its own, and of what Muster does by "
                              "itself, such as an expiry, one of that alone."}}},
                           {"batch", maybe_text()},
                           {"import", maybe_text()},
                           {"position", maybe_number()}});
    all["AccessSource"] = with(all["AccessGiver"], {{"event", object({{"id", text()},
                                                                      {"position", number()},
                                                                      {"at", time()},
                                                                      {"actor", ref("Actor")},
                                                                      {"cause", ref("Cause")}})}});
    auto from = list(ref("AccessSource"));
    auto maybe_source = json{{"anyOf", {ref("AccessSource"), json{{"type", "null"}}}}};
    json held_resource = {{"id", text()}, {"name", text()}, {"access", words({"view", "edit"})}, {"from", from}};
    all["HeldAccess"] =
        object({{"role", maybe_source},
                {"license", maybe_source},
                {"add_ons", from},
                {"permissions", list(object({{"key", text()}, {"name", maybe_text()}, {"from", from}}))},
                {"resources", list(object(held_resource))}});
    json when_active = {{"anyOf", {ref("HeldAccess"), json{{"type", "null"}}}},
                        {"description", "What who is not active would have; null of who is active."}};
    all["MemberAccess"] = with(all["HeldAccess"], {{"member_id", text()},
                                                   {"status", words({"pending", "expired", "active", "deactivated"})},
                                                   {"when_active", when_active}});
    all["AccessVerdict"] = object({{"allowed", truth()},
                                   {"because", {{"type", "string"}, {"description", "A sentence for people."}}},
                                   {"sources", from},
                                   {"would_come_from", list(ref("AccessGiver"))}});
    all["Import"] = import_schema();
    json any = json::object();
    all["Change"] = object({{"field", text()}, {"from", any}, {"to", any}});
    all["AuditEntry"] = object({{"id", text()},
                                {"position", number()},
                                {"at", time()},
                                {"actor", ref("Actor")},
                                {"type", text()},
                                {"summary", text()},
                                {"target", object({{"kind", text()}, {"id", text()}, {"name", maybe_text()}})},
                                {"changes", list(ref("Change"))},
                                {"cause", ref("Cause")}});
    all["AuditKey"] = object({{"algorithm", words({"Ed25519"})}, {"id", number()}, {"public_key", text()}});
    auto moment = object({{"at", maybe_time()}, {"position", number()}});
    auto different = list(ref("Different"));
    all["Different"] = object({{"change", words({"added", "removed", "changed"})},
                               {"kind", text()},
                               {"id", text()},
                               {"name", maybe_text()},
                               {"changes", list(ref("Change"))}});
    all["Difference"] = object({{"from", moment},
                                {"to", moment},
                                {"events", number()},
                                {"people", different},
                                {"roles", different},
                                {"permissions", different},
                                {"teams", different},
                                {"resources", different},
                                {"workspace", list(ref("Change"))},
                                {"settings", list(ref("Change"))},
                                {"plan", list(ref("Change"))},
                                {"seats", list(object({{"pool", text()}, {"used_change", number()}}))}});
    all["AuditProof"] = object({{"intact", truth()}, {"events", number()}, {"head", text()}});
    return all;
}

}  // namespace muster
