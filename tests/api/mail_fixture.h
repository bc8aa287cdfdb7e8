#pragma once
// The API with a mailer that keeps what it is given, and refuses or loses it where it is told to:
//
//     MailApi api;                                     // with the workspace `spring`
//     api.invite("grace@navy.example");
//     CHECK(api.mails() == Words{"grace@navy.example: You are invited to Spring Labs"});

#include "api/mail/mailer.h"
#include "tests/api/fixture.h"

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace muster::test {

struct KeepingMailer final : mail::Mailer {
    mail::Attempt send(const mail::Message& message) override;

    std::mutex mutex;
    std::deque<mail::Attempt> answers;  // to the next ones; then all are taken
    bool down = false;                  // nobody answers
    std::vector<mail::Message> taken;
    std::vector<mail::Message> tried;
};

inline mail::Attempt refused_with(std::string reason) { return {mail::Result::refused, std::move(reason)}; }
inline mail::Attempt put_off(std::string reason) { return {mail::Result::later, std::move(reason)}; }

class MailApi : public Api {
public:
    // In memory, or in a directory. Ada's welcome is not among the mails.
    explicit MailApi(const std::string& directory = {});

    // Ends the program and begins again: on a directory only.
    void restart();
    // All that is to be done now is done: `reader: subject` of each mail that was taken since the last time.
    Words mails();
    // The same, the mails themselves.
    std::vector<mail::Message> sent();
    std::string delivery(const std::string& invitation) { return get("/invitations/" + invitation).text("/delivery"); }

    std::shared_ptr<KeepingMailer> mailer = std::make_shared<KeepingMailer>();

private:
    void start();
    std::string directory_;
};

}  // namespace muster::test
