#include "api/problem.h"

#include "api/json/write.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>

namespace muster {
namespace {

struct Row {
    Code code;
    int status;
    std::string_view title;
};

constexpr Row rows[] = {
    {Code::required, 422, "Something is missing"},
    {Code::invalid_type, 422, "Wrong type"},
    {Code::invalid_value, 422, "Wrong value"},
    {Code::too_long, 422, "Too long"},
    {Code::unknown_field, 422, "Unknown field"},
    {Code::duplicate_key, 422, "Named twice"},
    {Code::email_invalid, 422, "Not an e-mail address"},
    {Code::email_domain_not_allowed, 422, "E-mail domain not allowed"},
    {Code::name_required, 422, "A name is required"},
    {Code::role_required, 422, "A role is required"},
    {Code::unknown_role, 422, "Unknown role"},
    {Code::unknown_team, 422, "Unknown team"},
    {Code::too_many_teams, 422, "Too many teams"},
    {Code::teams_disabled, 422, "Teams are off"},
    {Code::unknown_license, 422, "Unknown licence"},
    {Code::unknown_add_on, 422, "Unknown add-on"},
    {Code::unknown_permission, 422, "Unknown permission"},
    {Code::unknown_resource, 422, "Unknown resource"},
    {Code::unknown_member, 422, "Unknown member"},
    {Code::add_on_not_eligible, 422, "Add-on without its licence"},
    {Code::duplicate_in_batch, 422, "Twice in one batch"},
    {Code::too_many_rows, 422, "Too many rows"},
    {Code::ttl_out_of_range, 422, "Lifetime out of range"},
    {Code::range_too_large, 422, "Range too large"},
    {Code::unknown_column, 422, "Unknown column"},
    {Code::unreadable_file, 422, "File can't be read"},
    {Code::password_required, 422, "A password is required"},
    {Code::password_too_short, 422, "Password too short"},
    {Code::password_too_common, 422, "Password too common"},
    {Code::password_not_used, 422, "No password here"},
    {Code::confirmation_required, 422, "Confirmation required"},
    {Code::validation_failed, 422, "Several faults"},

    {Code::not_found, 404, "Not found"},
    {Code::token_invalid, 404, "Link not valid"},
    {Code::workspace_deleted, 410, "Workspace deleted"},
    {Code::member_deleted, 410, "Member deleted"},

    {Code::invalid_credentials, 401, "Wrong credentials"},
    {Code::wrong_account, 403, "Another account"},
    {Code::permission_denied, 403, "Permission denied"},
    {Code::role_above_own, 403, "More than your own permissions"},

    {Code::version_mismatch, 412, "Changed in the meantime"},
    {Code::already_member, 409, "Already a member"},
    {Code::already_invited, 409, "Already invited"},
    {Code::member_deactivated, 409, "Member is deactivated"},
    {Code::invitation_accepted, 409, "Invitation was accepted"},
    {Code::invitation_revoked, 409, "Invitation was revoked"},
    {Code::invitation_expired, 409, "Invitation has expired"},
    {Code::invitation_superseded, 409, "There is a newer link"},
    {Code::no_seats_remaining, 409, "No seats remaining"},
    {Code::last_admin, 409, "The last active admin"},
    {Code::name_taken, 409, "Name taken"},
    {Code::key_taken, 409, "Key taken"},
    {Code::slug_taken, 409, "Slug taken"},
    {Code::role_in_use, 409, "Role in use"},
    {Code::role_protected, 409, "Role is protected"},
    {Code::seats_in_use, 409, "Seats in use"},
    {Code::email_immutable, 409, "E-mail can't be changed"},
    {Code::limit_reached, 409, "Limit reached"},
    {Code::request_dismissed, 409, "Request was dismissed"},
    {Code::request_approved, 409, "Request was approved"},
    {Code::onboarding_order, 409, "Another step is next"},
    {Code::import_has_issues, 409, "Rows with issues"},
    {Code::import_sent, 409, "Import was sent"},
    {Code::rate_limited, 429, "Too many requests"},

    {Code::conflict_retry, 503, "Too many changes at once"},
    {Code::projection_lagging, 503, "Not caught up yet"},
    {Code::overloaded, 503, "Overloaded"},
    {Code::idempotency_key_reused, 422, "Idempotency key reused"},
    {Code::idempotency_in_progress, 409, "Still in progress"},
    {Code::idempotency_key_invalid, 400, "Idempotency key not valid"},
    {Code::dry_run_unsupported, 400, "No dry run here"},
    {Code::invalid_json, 400, "Not valid JSON"},
    {Code::invalid_cursor, 400, "Cursor not valid"},
    {Code::unsupported_media_type, 415, "Unsupported media type"},
    {Code::unauthorized, 401, "Not signed in"},
    {Code::method_not_allowed, 405, "Method not allowed"},
    {Code::bad_request, 400, "Bad request"},
    {Code::request_timeout, 408, "Request took too long"},
    {Code::body_too_large, 413, "Body too large"},
    {Code::target_too_long, 414, "Target too long"},
    {Code::headers_too_large, 431, "Headers too large"},
    {Code::expectation_failed, 417, "Expectation not known"},
    {Code::internal_error, 500, "Internal error"},
    {Code::timeout, 504, "Not answered in time"},
};

constexpr Code codes[] = {
#define MUSTER_LISTED(name) Code::name,
    MUSTER_CODES(MUSTER_LISTED)
#undef MUSTER_LISTED
};

constexpr const Row* row_of(Code code) { return std::ranges::find(rows, code, &Row::code); }

static_assert(std::ranges::all_of(codes, [](Code code) { return std::ranges::count(rows, code, &Row::code) == 1; }),
              "every code of MUSTER_CODES has one row in the table of statuses and titles");

std::optional<Code> code_named(std::string_view name) {
    auto found = std::ranges::find(codes, name, [](Code code) { return name_of(code); });
    if (found == std::end(codes)) return std::nullopt;
    return *found;
}

void write_details(ObjectWriter& object, const Details& details) {
    for (const auto& [name, detail] : details) {
        if (const auto* number = std::get_if<std::int64_t>(&detail))
            object.field(name, *number);
        else if (const auto* text = std::get_if<std::string>(&detail))
            object.field(name, *text);
        else
            object.null(name);
    }
}

void write_head(ObjectWriter& object, int status, std::string_view code, std::string_view title,
                std::string_view detail) {
    object.field("type", std::string("/problems/").append(code));
    object.field("title", title);
    object.field("status", status);
    object.field("detail", detail);
    object.field("code", code);
}

std::optional<std::string> retry_after(int status, const Details& details) {
    auto found = std::ranges::find(details, "retry_after", &Details::value_type::first);
    if (found != details.end())
        if (const auto* seconds = std::get_if<std::int64_t>(&found->second)) return std::to_string(*seconds);
    if (status == 503) return "1";
    return std::nullopt;
}

http::Response answer(int status, const Details& details, std::string body) {
    http::Response response{status, {{"Content-Type", "application/problem+json"}}, std::move(body)};
    if (status == 401) response.headers.push_back({"WWW-Authenticate", "Bearer"});
    if (status == 429 || status == 503)
        if (auto seconds = retry_after(status, details)) response.headers.push_back({"Retry-After", *seconds});
    return response;
}

}  // namespace

int status_of(Code code) { return row_of(code)->status; }
std::string_view title_of(Code code) { return row_of(code)->title; }

int status_of(const Refusal& refusal) {
    auto of_body = [](const Fault& fault) { return status_of(fault.code) == 422; };
    bool conflicts = !refusal.faults.empty() && std::ranges::none_of(refusal.faults, of_body);
    return refusal.code == Code::validation_failed && conflicts ? 409 : status_of(refusal.code);
}

void write_problem(std::string& out, const Refusal& refusal) {
    ObjectWriter object(out);
    write_head(object, status_of(refusal), name_of(refusal.code), title_of(refusal.code), refusal.detail);
    write_details(object, refusal.details);
    if (!refusal.faults.empty()) {
        ArrayWriter errors(object.key("errors"));
        for (const auto& fault : refusal.faults) {
            ObjectWriter error(errors.next());
            error.field("pointer", fault.pointer);
            error.field("code", fault.code);
            error.field("detail", fault.detail);
            write_details(error, fault.details);
            error.end();
        }
        errors.end();
    }
    object.end();
}

http::Response problem(const Refusal& refusal) {
    std::string body;
    write_problem(body, refusal);
    return answer(status_of(refusal), refusal.details, std::move(body));
}

http::Response problem(int status, std::string_view code, const std::string& detail) {
    auto known = code_named(code);
    std::string body;
    ObjectWriter object(body);
    write_head(object, status, code, known ? title_of(*known) : "Request refused", detail);
    object.end();
    return answer(status, {}, std::move(body));
}

}  // namespace muster
