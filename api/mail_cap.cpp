#include "api/mail_cap.h"

#include <utility>

namespace muster {

std::int64_t mails_in(const std::vector<NewEvent>& events, const Membership& before) {
    std::int64_t mails = 0;
    for (const auto& each : events) {
        if (const auto* invited = std::get_if<MemberInvited>(&each.event)) mails += invited->send_email;
        if (const auto* created = std::get_if<MemberCreated>(&each.event)) mails += created->send_email;
        if (std::holds_alternative<InvitationResent>(each.event)) mails += before.send_email;
    }
    return mails;
}

MailAllowance::MailAllowance(std::shared_ptr<RateLimits> limits, const Actor& actor, WorkspaceId workspace,
                             bool dry_run)
    : limits_(std::move(limits)),
      key_(workspace.text()),
      limited_(actor.kind == ActorKind::member || actor.kind == ActorKind::api_key),
      dry_run_(dry_run) {}

MailAllowance::~MailAllowance() {
    std::int64_t unused = 0;
    for (auto each : taken_) unused += each;
    limits_->give_back(Rate::mails_workspace, key_, unused);
}

Decided MailAllowance::allow(Decided decided, const Loaded& on, std::size_t row) {
    if (!limited_ || !decided) return decided;
    const Membership nobody;
    auto mails = mails_in(decided->events, on.membership ? *on.membership : nobody);
    if (mails == 0) return decided;
    if (dry_run_) {
        if (auto refusal = limits_->exhausted(Rate::mails_workspace, key_, asked_ + mails))
            return std::unexpected(*refusal);
        asked_ += mails;
        return decided;
    }
    if (row >= taken_.size()) taken_.resize(row + 1);
    for (; taken_[row] < mails; ++taken_[row])
        if (auto refusal = limits_->take(Rate::mails_workspace, key_)) return std::unexpected(*refusal);
    return decided;
}

void MailAllowance::sent(std::size_t row) {
    if (row < taken_.size()) taken_[row] = 0;
}

}  // namespace muster
