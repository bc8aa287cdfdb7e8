#pragma once
// What members do for themselves, whatever their permissions are.

#include "api/answering.h"
#include "api/service.h"

#include <memory>

namespace muster {

void me(std::shared_ptr<Call> call);
void change_own_password(std::shared_ptr<Call> call);
void own_sessions(std::shared_ptr<Call> call);
void end_own_sessions(std::shared_ptr<Call> call);
void end_own_session(std::shared_ptr<Call> call);

namespace shapes {
// A member as they see themselves: with their workspace, what they may effectively do, and their home.
std::vector<AnswerPart> me(const Call&, const Outcome&);
}  // namespace shapes

}  // namespace muster
