#pragma once
// Without a mail server: each mail is a file DIR/<event id>.eml, whole or not there. One that is written again (a crash
// came between the file and the event that says so) has the same name and Message-ID. It begins with a field for each
// member who is in it, so that it goes when one of them is erased:
//
//   Muster-Person: mem_…

#include "api/mail/mailer.h"

#include <string>
#include <vector>

namespace muster::mail {

class Outbox final : public Mailer {
public:
    // The first mail makes the directory (0700), in one that is there.
    // What a crash left half written is removed: nobody else sends into it.
    explicit Outbox(std::string directory);
    // It is on the disk when this returns; where the disk fails, it is `lost`.
    Attempt send(const Message& message) override;
    // Two syncs a mail are enough for the disk: the log writes to it too.
    [[nodiscard]] std::size_t at_once() const override { return 1; }

private:
    std::string directory_;
};

// Who is in a file of an outbox.
std::vector<MemberId> people_in(const std::string& path);

}  // namespace muster::mail
