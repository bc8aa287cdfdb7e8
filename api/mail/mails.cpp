#include "api/mail/mails.h"

#include "api/mail/limits.h"
#include "api/mail/retry.h"
#include "eventstore/codec.h"
#include "eventstore/scheduling.h"

#include <algorithm>
#include <chrono>

namespace muster::mail {
namespace {

constexpr const char* follower = "mail";
constexpr std::chrono::milliseconds look_again{1000};      // clocks may jump
constexpr std::chrono::milliseconds full_queue_pause{50};  // the log's

std::uint64_t random_number(Entropy& entropy) {
    std::uint64_t number = 0;
    entropy.fill(reinterpret_cast<std::uint8_t*>(&number), sizeof number);
    return number;
}

// Whose it was: the two fields that both outcomes have.
template <class Outcome>
Outcome outcome_for(const Recorded& cause, MailKind kind, std::uint32_t attempts) {
    Outcome outcome;
    outcome.about = kind;
    bool of_member = cause.stream.kind == StreamKind::membership || cause.stream.kind == StreamKind::recovery;
    if (of_member) outcome.member = MemberId{cause.stream.id};
    if (cause.stream.kind == StreamKind::request) outcome.request = RequestId{cause.stream.id};
    outcome.cause = cause.meta.position;
    outcome.attempts = attempts;
    return outcome;
}

MailFailed failed(const Recorded& cause, MailKind kind, std::uint32_t attempts, MailTrouble trouble,
                  std::string reason) {
    auto outcome = outcome_for<MailFailed>(cause, kind, attempts);
    outcome.trouble = trouble;
    outcome.reason = std::move(reason);
    return outcome;
}

}  // namespace

Mails::Mails(Execute& execute, const History& history, Entropy& entropy, std::shared_ptr<Mailer> mailer,
             Composer composer, std::function<void(std::string_view)> report)
    : execute_(execute),
      history_(history),
      entropy_(entropy),
      mailer_(std::move(mailer)),
      composer_(std::move(composer)),
      report_(std::move(report)),
      queue_(execute.vault().mails()),
      follower_(
          [this] {
              while (!stopping_ && follow_some()) wake_senders();
          },
          [this](const std::string& why) { tell("mails do not follow the log: " + why); },
          std::chrono::seconds(limits::mail_server_pause_seconds)) {}

Mails::~Mails() { stop(); }

void Mails::tell(std::string_view what) const {
    if (report_) report_(what);
}

Figures Mails::figures() const { return {queue_.size(), taken_, refused_, put_off_, failed_}; }

// ---- Threads.

void Mails::start() {
    follower_.start();
    for (std::size_t i = 0; i < mailer_->at_once(); ++i) senders_.emplace_back([this] { send(); });
}

void Mails::stop() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    mailer_->stop();
    due_wakes_.notify_all();
    follower_.stop();
    for (auto& thread : senders_) thread.join();
    senders_.clear();
}

// Whoever found nothing due holds the mutex until they wait: none of them misses this.
void Mails::wake_senders() {
    {
        std::lock_guard lock(mutex_);
    }
    due_wakes_.notify_all();
}

void Mails::send() {
    come_behind(Niceness::unawaited);
    while (!stopping_) {
        bool sent = false;
        try {
            sent = send_one();
        } catch (const std::exception& error) {
            tell(std::string("a mail waits: ") + error.what());
        }
        if (sent) continue;
        std::unique_lock lock(mutex_);
        auto now = execute_.clock().now();
        auto due = std::max(queue_.next_due().value_or(Instant::never()), Instant{server_rests_until_ms_.load()});
        auto pause = std::min(
            look_again, std::chrono::milliseconds(std::clamp<std::int64_t>(due.ms - now.ms, 1, look_again.count())));
        if (!stopping_) due_wakes_.wait_for(lock, pause);
    }
}

void Mails::catch_up() {
    while (follow_some()) continue;
    while (send_one()) continue;
}

// ---- Following.

// False at the head, or where enough waits.
bool Mails::follow_some() {
    if (queue_.size() >= limits::mails_in_memory) return false;
    auto& vault = execute_.vault();
    // A vault that is newer than its log has followed what is no more.
    auto stands = std::min<Position>(vault.checkpoint(follower), execute_.log().head());
    auto events = history_.after(stands, limits::mail_events_at_once);
    if (events.empty()) return false;
    std::vector<Cause> causes;
    for (const auto& each : events) {
        auto kind = composer_.kind_of(*each);
        if (!kind || execute_.log().version(mail_stream(each->id)) > 0) continue;
        causes.push_back({each->meta.position, each->workspace, *kind == MailKind::password_reset});
    }
    queue_.add(causes, execute_.clock().now());
    vault.set_checkpoint(follower, events.back()->meta.position);
    return true;
}

// ---- Sending.

// False where nothing is due, or the server rests.
bool Mails::send_one() {
    auto now = execute_.clock().now();
    const auto rests_ms = server_rests_until_ms_ - now.ms;  // longer than it ever rests: the clock was set back
    if (rests_ms > 0 && rests_ms <= limits::mail_server_pause_seconds * 1000) return false;
    auto waiting = queue_.take(now);
    if (!waiting) return false;
    try {
        attempt(*waiting);
    } catch (...) {
        waiting->due = execute_.clock().now().plus_seconds(limits::mail_pause_seconds_first);
        queue_.put_back(*waiting);
        throw;
    }
    return true;
}

void Mails::attempt(Waiting waiting) {
    auto cause = history_.at(waiting.cause);
    auto kind = cause ? composer_.kind_of(*cause) : std::nullopt;
    if (!kind || execute_.log().version(mail_stream(cause->id)) > 0) return queue_.done(waiting.cause);
    if (execute_.clock().now() > cause->meta.at.plus_seconds(limits::mail_tried_seconds))
        return conclude(*cause, failed(*cause, *kind, waiting.attempts, MailTrouble::unreachable,
                                       waiting.reason.empty() ? "it could not be sent for days" : waiting.reason));
    auto message = composer_.compose(*cause, *kind);
    if (!message)
        return conclude(*cause, failed(*cause, *kind, waiting.attempts, MailTrouble::overtaken, message.error()));
    auto sent = mailer_->send(*message);
    if (sent.result != Result::taken && stopping_) return queue_.put_back(waiting);  // broken off: it does not count
    ++waiting.attempts;
    switch (sent.result) {
        case Result::taken:
            ++taken_;
            return conclude(*cause, outcome_for<MailSent>(*cause, *kind, waiting.attempts));
        case Result::refused:
            ++refused_;
            return conclude(*cause, failed(*cause, *kind, waiting.attempts, MailTrouble::refused, sent.reason));
        case Result::lost:
            server_rests_until_ms_ = execute_.clock().now().plus_seconds(limits::mail_server_pause_seconds).ms;
            [[fallthrough]];
        case Result::later:
            ++put_off_;
            return try_again(std::move(waiting), cause->meta.at, sent, *cause, *kind);
    }
}

void Mails::try_again(Waiting waiting, Instant caused_at, const Attempt& attempt, const Recorded& cause,
                      MailKind kind) {
    auto next = next_attempt(caused_at, execute_.clock().now(), waiting.attempts, random_number(entropy_));
    tell("mail " + cause.id.text() + ": " + attempt.reason + (next ? "" : "; given up"));
    if (!next) return conclude(cause, failed(cause, kind, waiting.attempts, MailTrouble::unreachable, attempt.reason));
    waiting.due = *next;
    waiting.reason = attempt.reason;
    queue_.put_back(waiting);
}

// Until it is in the log, or this stops: then it is sent again at the next start, with the same Message-ID.
void Mails::conclude(const Recorded& cause, Event outcome) {
    if (const auto* why = std::get_if<MailFailed>(&outcome)) {
        tell("mail " + cause.id.text() + " is not sent: " + why->reason);
        if (why->trouble != MailTrouble::overtaken) ++failed_;
    }
    auto stream = mail_stream(cause.id);
    auto payload = encode(outcome, nullptr);
    auto hash = sha256(payload);
    while (true) {
        Append append;
        append.workspace = cause.workspace;
        append.command = execute_.fresh();
        append.correlation = cause.correlation;
        append.causation = cause.meta.position;
        append.expected = {{stream, 0}};
        append.events.push_back({stream, outcome, payload, hash});
        auto status = execute_.log().append_and_wait(std::move(append)).status;
        // Somebody else's outcome stands (a conflict): there is one for each event.
        if (status == AppendStatus::done || status == AppendStatus::conflict) return queue_.done(cause.meta.position);
        if (status == AppendStatus::failed || stopping_) return;
        std::unique_lock lock(mutex_);
        due_wakes_.wait_for(lock, full_queue_pause);
    }
}

}  // namespace muster::mail
