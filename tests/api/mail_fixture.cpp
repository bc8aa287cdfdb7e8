#include "tests/api/mail_fixture.h"

namespace muster::test {

mail::Attempt KeepingMailer::send(const mail::Message& message) {
    std::lock_guard lock(mutex);
    tried.push_back(message);
    if (down) return {mail::Result::lost, "the mail server could not be reached"};
    mail::Attempt attempt;
    if (!answers.empty()) {
        attempt = answers.front();
        answers.pop_front();
    }
    if (attempt.result == mail::Result::taken) taken.push_back(message);
    return attempt;
}

MailApi::MailApi(const std::string& directory) : Api(false), directory_(directory) {
    system.reset();
    start();
    auto made =
        post("/v1/workspaces",
             R"({"name":"Spring Labs","slug":"spring","owner":{"email":"ada@spring.example","name":"Ada Lovelace"}})");
    REQUIRE(made.status == 201);
    spring = made.text("/id");
    ada = made.text("/owner/id");
    sent();
}

void MailApi::start() {
    SystemOptions options;
    options.directory = directory_;
    options.operator_key = token_of_operator;
    options.public_url = "https://muster.example";
    options.clock = &clock;
    options.password_cost = {1, 8192};  // the least there is
    options.mail.mailer = mailer;
    options.mail.from = "muster@spring.example";
    options.mail.by_hand = true;
    options.webhooks.by_hand = true;
    system = std::make_unique<System>(std::move(options));
}

void MailApi::restart() {
    system.reset();
    start();
}

std::vector<mail::Message> MailApi::sent() {
    system->mails()->catch_up();
    return std::exchange(mailer->taken, {});
}

Words MailApi::mails() {
    Words all;
    for (const auto& message : sent()) {
        std::string readers;
        for (const auto& each : message.to) readers += (readers.empty() ? "" : ", ") + each.address;
        all.push_back(readers + ": " + message.subject);
    }
    return all;
}

}  // namespace muster::test
