#pragma once
// Refusals as answers: application/problem+json (RFC 9457). The one table of what a code is in HTTP.

#include "api/http/message.h"
#include "domain/refusal.h"

#include <string>
#include <string_view>

namespace muster {

[[nodiscard]] int status_of(Code code);
[[nodiscard]] std::string_view title_of(Code code);
// Several faults are a 422 where one of them is; where all of them say how things stand, or who may not: 409.
[[nodiscard]] int status_of(const Refusal& refusal);

// `{type, title, status, detail, code, …details, errors: [{pointer, code, detail, …details}]}`; `errors` where there
// are faults.
void write_problem(std::string& out, const Refusal& refusal);

// The answer, with Retry-After (429: the detail `retry_after` in seconds; 503) and WWW-Authenticate (401).
[[nodiscard]] http::Response problem(const Refusal& refusal);
// The same for what the server itself refuses.
[[nodiscard]] http::Response problem(int status, std::string_view code, const std::string& detail);

}  // namespace muster
