#pragma once
// Handlers of queries.

#include "api/service.h"

#include <memory>

namespace muster::queries {

// The service itself.
void livez(std::shared_ptr<Call>);
void readyz(std::shared_ptr<Call>);
void metrics(std::shared_ptr<Call>);
void openapi(std::shared_ptr<Call>);
void docs(std::shared_ptr<Call>);

// From the aggregate, which is never behind.
void workspaces(std::shared_ptr<Call>);
void workspace(std::shared_ptr<Call>);
void settings(std::shared_ptr<Call>);
void plan(std::shared_ptr<Call>);
void roles(std::shared_ptr<Call>);
void role(std::shared_ptr<Call>);
void permissions(std::shared_ptr<Call>);
void teams(std::shared_ptr<Call>);
void team(std::shared_ptr<Call>);

// From streams, which are never behind either.
void member_access(std::shared_ptr<Call>);
void access_check(std::shared_ptr<Call>);

// From the log.
void diff(std::shared_ptr<Call>);

// From read models.
void seats(std::shared_ptr<Call>);
void seat_holders(std::shared_ptr<Call>);
void seat_forecast(std::shared_ptr<Call>);
void resources(std::shared_ptr<Call>);
void resource(std::shared_ptr<Call>);
void invitations(std::shared_ptr<Call>);
void invitation(std::shared_ptr<Call>);
void members(std::shared_ptr<Call>);
void member(std::shared_ptr<Call>);
void members_file(std::shared_ptr<Call>);
void people(std::shared_ptr<Call>);
void audit(std::shared_ptr<Call>);
void member_history(std::shared_ptr<Call>);
void audit_verify(std::shared_ptr<Call>);

// Streamed.
void audit_export(std::shared_ptr<Call>);
void audit_key(std::shared_ptr<Call>);  // by which an export is checked
void events(std::shared_ptr<Call>);

}  // namespace muster::queries
