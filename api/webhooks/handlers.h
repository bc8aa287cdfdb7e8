#pragma once
// Handlers of the routes about webhooks that the one handler of commands does not serve.

#include "api/answering.h"
#include "api/service.h"
#include "domain/describe.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace muster {

enum class DeliveryFilter { pending, delivered, failed };
MUSTER_ENUM(DeliveryFilter, pending, delivered, failed);

struct DeliveryParameters {
    std::vector<DeliveryFilter> status;
    std::int64_t limit = limits::page_default;
    std::optional<std::string> cursor;
    bool include_total = false;
};
MUSTER_DESCRIBE(DeliveryParameters, status, limit, cursor, include_total);

void create_webhook(std::shared_ptr<Call> call);
void rotate_webhook_secret(std::shared_ptr<Call> call);
void webhooks_list(std::shared_ptr<Call> call);
void webhook(std::shared_ptr<Call> call);
void webhook_deliveries(std::shared_ptr<Call> call);
void retry_delivery(std::shared_ptr<Call> call);
void test_webhook(std::shared_ptr<Call> call);

namespace shapes {
std::vector<AnswerPart> webhook(const Call&, const Outcome&);
}

}  // namespace muster
