#include "api/http/answer.h"

#include <utility>

namespace muster::http {

void Answer::give(std::optional<Response> response) {
    const std::scoped_lock lock(mutex_);
    if (given_) return;
    given_ = true;
    response_ = std::move(response);
    if (wake_) std::exchange(wake_, nullptr)();
}

bool Answer::arrived() const {
    const std::scoped_lock lock(mutex_);
    return given_;
}

bool Answer::arrived_or_wake(std::function<void()> wake) {
    const std::scoped_lock lock(mutex_);
    if (!given_) wake_ = std::move(wake);
    return given_;
}

void Answer::forget() {
    const std::scoped_lock lock(mutex_);
    wake_ = nullptr;
}

std::optional<Response> Answer::take() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(response_, std::nullopt);
}

Done done_for(std::shared_ptr<Answer> answer) {
    struct Ticket {
        explicit Ticket(std::shared_ptr<Answer> to) : answer(std::move(to)) {}
        ~Ticket() { answer->give(std::nullopt); }
        Ticket(const Ticket&) = delete;
        Ticket& operator=(const Ticket&) = delete;
        std::shared_ptr<Answer> answer;
    };
    return [ticket = std::make_shared<Ticket>(std::move(answer))](Response response) {
        ticket->answer->give(std::move(response));
    };
}

}  // namespace muster::http
