#pragma once
// The cap on mails that the commands of one workspace cause within a day (Rate::mails_workspace): decided last of all,
// on what the decision would mail, so that what is refused for another reason takes nothing. A dry run asks only; the
// operator is not limited.

#include "api/rate_limits.h"
#include "domain/event.h"
#include "eventstore/execute.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace muster {

// Mails that these events cause to the person whom they are about, as they stood before: an invitation that was made
// to send none is resent by none.
[[nodiscard]] std::int64_t mails_in(const std::vector<NewEvent>& events, const Membership& before);

// The mails of one command, or of the rows of one batch. Used by one thread at a time. Gives back, when it goes, what
// it has taken for rows that were not sent.
class MailAllowance {
public:
    MailAllowance(std::shared_ptr<RateLimits> limits, const Actor& actor, WorkspaceId workspace, bool dry_run);
    ~MailAllowance();
    MailAllowance(const MailAllowance&) = delete;
    MailAllowance& operator=(const MailAllowance&) = delete;

    // The same decision (`on` what it was made), or the refusal where it mails more than is left. A row that is decided
    // anew takes once.
    [[nodiscard]] Decided allow(Decided decided, const Loaded& on, std::size_t row = 0);
    // What was taken for this row stays taken: its events are in the log.
    void sent(std::size_t row = 0);

private:
    const std::shared_ptr<RateLimits> limits_;  // a command may go after the system has
    const std::string key_;
    const bool limited_;
    const bool dry_run_;
    std::vector<std::int64_t> taken_;  // by row
    std::int64_t asked_ = 0;           // in a dry run
};

}  // namespace muster
