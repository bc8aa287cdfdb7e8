#pragma once
// Asking for an invitation from the sign-in page, and what admins see of it [S4-2 to S4-6].

#include "api/answering.h"
#include "api/service.h"
#include "domain/request.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace muster {

enum class RequestStatus { open, approved, dismissed };
MUSTER_ENUM(RequestStatus, open, approved, dismissed);

struct RequestParameters {
    std::vector<RequestStatus> status;
    std::int64_t limit = 50;
    std::optional<std::string> cursor;
    bool include_total = false;
};
MUSTER_DESCRIBE(RequestParameters, status, limit, cursor, include_total);

// Takes the request and answers at once, the same whether or not the address is known; it is decided afterwards.
void request_invitation(std::shared_ptr<Call>);

namespace queries {
void sign_in_page(std::shared_ptr<Call>);
void invitation_requests(std::shared_ptr<Call>);
}  // namespace queries

namespace shapes {
std::vector<AnswerPart> request(const Call&, const Outcome&);
}  // namespace shapes

}  // namespace muster
