#pragma once
// What a command answers with: a body in parts, so that it can be kept under an Idempotency-Key without keeping what is
// personal or secret, and made again from what is kept.

#include "api/service.h"
#include "api/views.h"
#include "eventstore/answers.h"

#include <vector>

namespace muster {

// The parts of the answer to an outcome. `blank` writes the same without personal data.
using Shape = std::vector<AnswerPart> (*)(const Call&, const Outcome&);

namespace shapes {
std::vector<AnswerPart> invitation(const Call&, const Outcome&);
std::vector<AnswerPart> invitation_with_link(const Call&, const Outcome&);
// With what the plan no longer has, in `dropped`.
std::vector<AnswerPart> resent(const Call&, const Outcome&);
std::vector<AnswerPart> accepted(const Call&, const Outcome&);
std::vector<AnswerPart> reset(const Call&, const Outcome&);
std::vector<AnswerPart> member(const Call&, const Outcome&);
// With the link by which they choose a password, where nobody mails it.
std::vector<AnswerPart> created_member(const Call&, const Outcome&);
std::vector<AnswerPart> deleted_member(const Call&, const Outcome&);
std::vector<AnswerPart> deleted_workspace(const Call&, const Outcome&);
std::vector<AnswerPart> erased(const Call&, const Outcome&);
std::vector<AnswerPart> workspace(const Call&, const Outcome&);
std::vector<AnswerPart> settings(const Call&, const Outcome&);
std::vector<AnswerPart> plan(const Call&, const Outcome&);
std::vector<AnswerPart> role(const Call&, const Outcome&);
std::vector<AnswerPart> permission(const Call&, const Outcome&);
std::vector<AnswerPart> team(const Call&, const Outcome&);
std::vector<AnswerPart> removed(const Call&, const Outcome&);
std::vector<AnswerPart> resource(const Call&, const Outcome&);
}  // namespace shapes

AnswerPart plain(std::string text);
// The object that `write` makes of the membership, with and without what is personal, without its last brace.
AnswerPart personal(const Membership&, const std::optional<Uuid>& key,
                    const std::function<void(ObjectWriter&, const Membership&)>& write);
AnswerPart link_to(const Membership& invitation);
AnswerPart session_of(const Membership& member);

// The body: links are made from the link key, and a session is opened for a membership that was read at `checked_at`.
// In a dry run, and where no position is given, these are null.
std::string body_of(const Call&, const std::vector<AnswerPart>&, std::optional<Position> checked_at = std::nullopt);

// The version that the answer's ETag names; none where the answer is not one thing, or of a dry run.
std::optional<Version> etag_of(const Call&, const Outcome&);
// Whether an answer of this schema has one.
bool has_etag(std::string_view answers);

}  // namespace muster
