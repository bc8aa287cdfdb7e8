#pragma once
// A rule that says no. Every refusal has a stable code to program against and a sentence for people that says what to
// do. What a code is in HTTP stands in api/problem.cpp.

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace muster {

#define MUSTER_CODES(X)                                             \
    /* What is wrong with a body or a parameter. */                 \
    X(required)                                                     \
    X(invalid_type)                                                 \
    X(invalid_value)                                                \
    X(too_long)                                                     \
    X(unknown_field)                                                \
    X(duplicate_key)                                                \
    X(email_invalid)                                                \
    X(email_domain_not_allowed)                                     \
    X(name_required)                                                \
    X(role_required)                                                \
    X(unknown_role)                                                 \
    X(unknown_team)                                                 \
    X(too_many_teams)                                               \
    X(teams_disabled)                                               \
    X(unknown_license)                                              \
    X(unknown_add_on)                                               \
    X(unknown_permission)                                           \
    X(unknown_resource)                                             \
    X(unknown_member)                                               \
    X(add_on_not_eligible)                                          \
    X(duplicate_in_batch)                                           \
    X(too_many_rows)                                                \
    X(ttl_out_of_range)                                             \
    X(range_too_large)                                              \
    X(unknown_column)                                               \
    X(unreadable_file)                                              \
    X(password_required)                                            \
    X(password_too_short)                                           \
    X(password_too_common)                                          \
    X(password_not_used)                                            \
    X(confirmation_required)                                        \
    X(validation_failed)                                            \
    /* Whom or what it is about. */                                 \
    X(not_found)                                                    \
    X(token_invalid)                                                \
    X(workspace_deleted)                                            \
    X(member_deleted)                                               \
    /* Who may. */                                                  \
    X(invalid_credentials)                                          \
    X(wrong_account)                                                \
    X(permission_denied)                                            \
    X(role_above_own)                                               \
    /* How things stand. */                                         \
    X(version_mismatch)                                             \
    X(already_member)                                               \
    X(already_invited)                                              \
    X(member_deactivated)                                           \
    X(invitation_accepted)                                          \
    X(invitation_revoked)                                           \
    X(invitation_expired)                                           \
    X(invitation_superseded)                                        \
    X(no_seats_remaining)                                           \
    X(last_admin)                                                   \
    X(name_taken)                                                   \
    X(key_taken)                                                    \
    X(slug_taken)                                                   \
    X(role_in_use)                                                  \
    X(role_protected)                                               \
    X(seats_in_use)                                                 \
    X(email_immutable)                                              \
    X(limit_reached)                                                \
    X(request_dismissed)                                            \
    X(request_approved)                                             \
    X(onboarding_order)                                             \
    X(import_has_issues)                                            \
    X(import_sent)                                                  \
    X(rate_limited)                                                 \
    /* What the service says of itself or of the request's form. */ \
    X(conflict_retry)                                               \
    X(projection_lagging)                                           \
    X(overloaded)                                                   \
    X(idempotency_key_reused)                                       \
    X(idempotency_in_progress)                                      \
    X(idempotency_key_invalid)                                      \
    X(dry_run_unsupported)                                          \
    X(invalid_json)                                                 \
    X(invalid_cursor)                                               \
    X(unsupported_media_type)                                       \
    X(unauthorized)                                                 \
    X(method_not_allowed)                                           \
    X(bad_request)                                                  \
    X(request_timeout)                                              \
    X(body_too_large)                                               \
    X(target_too_long)                                              \
    X(headers_too_large)                                            \
    X(expectation_failed)                                           \
    X(internal_error)                                               \
    X(timeout)

enum class Code {
#define MUSTER_ENUMERATOR(name) name,
    MUSTER_CODES(MUSTER_ENUMERATOR)
#undef MUSTER_ENUMERATOR
};

// The code as it stands in answers.
std::string_view name_of(Code code);

// A member that a refusal carries beside its code, such as {"pool", "users"} or {"remaining", 0}.
using Detail = std::variant<std::nullptr_t, std::int64_t, std::string>;
using Details = std::vector<std::pair<std::string, Detail>>;

// One thing wrong in one place of a body: a JSON pointer (RFC 6901) such as `/teams/0`, or `?limit` for a parameter.
struct Fault {
    std::string pointer;
    Code code;
    std::string detail;
    Details details;
};

struct Refusal {
    Code code;
    std::string detail;
    Details details;
    std::vector<Fault> faults;  // of a body: all of them at once
};

// All faults of a body as one refusal: one fault by its own code, several as validation_failed.
Refusal refuse(std::vector<Fault> faults);

// The actor lacks a permission that this needs.
Refusal permission_denied(std::string_view permission);

inline std::unexpected<Refusal> refused(Code code, std::string detail, Details details = {}) {
    return std::unexpected(Refusal{code, std::move(detail), std::move(details), {}});
}

}  // namespace muster
