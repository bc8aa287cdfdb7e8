#pragma once
// The follower of the log that sends mails. One thread reads events and lets those that want a mail wait in the vault;
// a few others send what is due, and append the outcome (MailSent, MailFailed) to the mail's own stream. So a slow mail
// server holds up nothing else, and nothing that it does turns a command into an error [trap 9].
//
// One event, one outcome: the stream's version guards it. A mail goes out a second time only where it was taken and
// nobody could write that down any more, with the same Message-ID.

#include "api/background.h"
#include "api/mail/composer.h"
#include "api/mail/mailer.h"
#include "api/mail/queue.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace muster::mail {

// Since the start, but for what waits.
struct Figures {
    std::size_t waiting = 0;
    std::uint64_t taken = 0;    // attempts that the mail server took,
    std::uint64_t refused = 0;  // refused for good,
    std::uint64_t put_off = 0;  // or did not take now, or not answer
    std::uint64_t failed = 0;   // mails that nobody will get: refused, or put off for too long
};

class Mails {
public:
    // `report` is told of what does not go as it should, without personal data, on any thread; it may be empty. What is
    // given by reference must outlive it.
    Mails(Execute& execute, const History& history, Entropy& entropy, std::shared_ptr<Mailer> mailer, Composer composer,
          std::function<void(std::string_view)> report);
    ~Mails();  // stops
    Mails(const Mails&) = delete;
    Mails& operator=(const Mails&) = delete;

    // Begins on threads of its own. Stopping breaks off what is being sent; it goes on at the next start.
    void start();
    void stop();
    // The log has grown. Short, on any thread.
    void wake() { follower_.wake(); }
    // All that is to be done now, on the caller's thread, for tests and simulations; not together with `start`.
    void catch_up();

    [[nodiscard]] Figures figures() const;

private:
    bool follow_some();
    void wake_senders();
    void send();
    bool send_one();
    void attempt(Waiting waiting);
    void try_again(Waiting waiting, Instant caused_at, const Attempt& attempt, const Recorded& cause, MailKind kind);
    void conclude(const Recorded& cause, Event outcome);
    void tell(std::string_view what) const;

    Execute& execute_;
    const History& history_;
    Entropy& entropy_;
    const std::shared_ptr<Mailer> mailer_;
    const Composer composer_;
    const std::function<void(std::string_view)> report_;
    Queue queue_;
    std::atomic<std::int64_t> server_rests_until_ms_ = 0;
    std::atomic<std::uint64_t> taken_ = 0;
    std::atomic<std::uint64_t> refused_ = 0;
    std::atomic<std::uint64_t> put_off_ = 0;
    std::atomic<std::uint64_t> failed_ = 0;

    std::mutex mutex_;
    std::condition_variable due_wakes_;
    std::atomic<bool> stopping_ = false;  // set under mutex_
    FollowingThread follower_;
    std::vector<std::thread> senders_;
};

}  // namespace muster::mail
