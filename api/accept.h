#pragma once
// What the holder of an invitation's link does with it. GET never consumes: inspecting changes nothing [S0-40].

#include "api/secret.h"
#include "api/service.h"
#include "domain/membership.h"

#include <memory>
#include <optional>
#include <string>

namespace muster {

struct InspectLink {
    Secret token;
};
MUSTER_DESCRIBE(InspectLink, token);

struct AcceptLink {
    Secret token;
    std::optional<Password> password;
    std::optional<Name> name;
    std::optional<Phone> phone;
    std::optional<HttpsUrl> photo_url;
};
MUSTER_DESCRIBE(AcceptLink, token, password, name, phone, photo_url);

void inspect_invitation(std::shared_ptr<Call> call);
void accept_invitation(std::shared_ptr<Call> call);
// The link of a pending invitation, for an admin to hand over.
void invitation_link(std::shared_ptr<Call> call);

}  // namespace muster
