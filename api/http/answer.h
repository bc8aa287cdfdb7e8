#pragma once
// Where the answer to the request in hand arrives: shared by the connection, which waits for it on its own executor,
// and the Done that the handler got, which may be called on any thread, late, twice, after the server has gone, or
// never.

#include "api/http/message.h"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

namespace muster::http {

class Answer {
public:
    // The handler's side. The first one counts; nothing stands for "the handler failed", which is answered 500.
    void give(std::optional<Response> response);

    // The connection's side.
    [[nodiscard]] bool arrived() const;
    // True if the answer is there. Else `wake` is kept and called once, on the thread that gives
    // the answer; it must only post. It is not called after forget() has returned.
    [[nodiscard]] bool arrived_or_wake(std::function<void()> wake);
    void forget();
    // What was given, once it has arrived.
    [[nodiscard]] std::optional<Response> take();

private:
    mutable std::mutex mutex_;
    bool given_ = false;
    std::optional<Response> response_;
    std::function<void()> wake_;
};

// A Done that gives to this answer. When its last copy is destroyed uncalled, the handler has failed.
[[nodiscard]] Done done_for(std::shared_ptr<Answer> answer);

}  // namespace muster::http
