#pragma once
// Which event causes which mail, to whom, and what it says: from the aggregates as they stand when it is sent, so that
// what is over by then is not sent, and an erased person is written to no more. For any thread.

#include "api/mail/message.h"
#include "api/mail/templates.h"
#include "domain/event.h"
#include "eventstore/execute.h"
#include "projections/runner.h"

#include <expected>
#include <optional>
#include <string>
#include <vector>

namespace muster::mail {

// The host of an URL, as it stands behind the @ of a Message-ID.
std::string host_of(std::string_view url);

class Composer {
public:
    // `public_url` is what links begin with. What is given by reference must outlive it.
    Composer(Execute& execute, const History& history, Runner& runner, std::string public_url, std::string from,
             Templates templates)
        : execute_(execute),
          history_(history),
          runner_(runner),
          public_url_(std::move(public_url)),
          from_(std::move(from)),
          templates_(std::move(templates)) {}

    // The mail that is wanted because of this event.
    [[nodiscard]] std::optional<MailKind> kind_of(const Recorded& event) const;
    // The mail, or why it is not to be sent any more. Throws StorageError where the disk fails.
    [[nodiscard]] std::expected<Message, std::string> compose(const Recorded& cause, MailKind kind) const;

private:
    struct Letter {
        std::vector<Mailbox> to;
        Values values;
        std::vector<MemberId> people = {};  // in either
    };
    using Written = std::expected<Letter, std::string>;
    [[nodiscard]] Written invitation(const Recorded& cause, const Workspace& workspace) const;
    [[nodiscard]] Written welcome(const Recorded& cause, const Workspace& workspace) const;
    [[nodiscard]] Written request(const Recorded& cause, const Workspace& workspace) const;
    [[nodiscard]] Written password_reset(const Recorded& cause, const Workspace& workspace) const;
    [[nodiscard]] Written password_changed(const Recorded& cause, const Workspace& workspace) const;

    // To one person, by name.
    [[nodiscard]] static Letter letter_to(const Membership& member);
    [[nodiscard]] std::string password_url(const Membership& member, Instant ends) const;
    [[nodiscard]] bool is_notice(const Recorded& password_set) const;

    [[nodiscard]] bool was_approved(const Recorded& invited) const;
    // Adds the mailboxes of those who answer requests.
    void to_managers(Letter& letter, const Workspace& workspace, Position since) const;
    // Says who did it, where that was a member.
    void sign(Letter& letter, const Actor& actor, WorkspaceId workspace) const;

    Execute& execute_;
    const History& history_;
    Runner& runner_;
    std::string public_url_;
    std::string from_;
    Templates templates_;
};

}  // namespace muster::mail
