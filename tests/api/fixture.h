#pragma once
// All of Muster in memory under a clock that is moved by hand, and its API in a few words:
//
//     Api api;                                          // with the workspace `spring`
//     auto grace = api.post("/invitations", R"({"email":"grace@spring.example"})");
//     CHECK(grace.status == 201);
//     CHECK(grace.text("/status") == "pending");
//
// A path that does not begin with /v1 (or name the service's own) is one of the workspace `spring`.

#include "api/system.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace muster::test {

struct MovedClock final : Clock {
    static constexpr std::int64_t monday_ms = 1'795'420'800'000;  // 2026-11-23T08:00:00Z
    [[nodiscard]] Instant now() const override { return {ms.load()}; }
    void advance(std::int64_t seconds) { ms += seconds * 1000; }
    std::atomic<std::int64_t> ms{monday_ms};
};

inline constexpr std::int64_t hour = 3600, day = 24 * hour;

// An answer, looked at by JSON pointers.
struct Answer {
    int status = 0;
    std::string body;
    std::vector<http::Header> headers;
    std::shared_ptr<http::Stream> stream = {};  // of what may never end; what ends is read into `body`

    [[nodiscard]] std::string header(const std::string& name) const;  // empty where there is none
    [[nodiscard]] std::int64_t position() const;                      // Muster-Position; -1 where there is none
    [[nodiscard]] bool has(const std::string& pointer) const;
    // A string as it is, anything else as its JSON; "(absent)" where there is nothing.
    [[nodiscard]] std::string text(const std::string& pointer) const;
    [[nodiscard]] std::int64_t number(const std::string& pointer) const;
    [[nodiscard]] std::size_t size(const std::string& pointer = "") const;
    // The names of an object's members, sorted.
    [[nodiscard]] std::vector<std::string> members(const std::string& pointer = "") const;
    // A member of each element of an array: `each("/items", "email")`.
    [[nodiscard]] std::vector<std::string> each(const std::string& pointer, const std::string& name) const;
    // `pointer code` of each fault.
    [[nodiscard]] std::vector<std::string> faults() const;
    [[nodiscard]] std::string code() const { return text("/code"); }
};

// The next piece of a stream; nullopt where it is broken off. Waits at most a minute.
std::optional<http::Piece> next_piece(http::Stream& stream);

// `409 no_seats_remaining`: a refusal as tests compare it. Fails where the problem is not of its whole form.
std::string refusal(const Answer& answer);

using Headers = std::vector<std::pair<std::string, std::string>>;
using Words = std::vector<std::string>;

class Api {
public:
    explicit Api(bool with_spring = true, const std::function<void(SystemOptions&)>& change = {});

    Answer send(const std::string& method, const std::string& path, const std::string& body = {},
                const Headers& headers = {});
    Answer get(const std::string& path, const Headers& headers = {}) { return send("GET", path, {}, headers); }
    Answer post(const std::string& path, const std::string& body = {}, const Headers& headers = {}) {
        return send("POST", path, body, headers);
    }
    Answer put(const std::string& path, const std::string& body, const Headers& headers = {}) {
        return send("PUT", path, body, headers);
    }
    Answer patch(const std::string& path, const std::string& body, const Headers& headers = {}) {
        return send("PATCH", path, body, headers);
    }
    Answer remove(const std::string& path, const Headers& headers = {}) { return send("DELETE", path, {}, headers); }

    // Each must succeed; the new thing's id.
    std::string invite(const std::string& email, const std::string& more = {});
    std::string member(const std::string& email, const std::string& more = {});
    std::string team(const std::string& name);
    // Asks for an invitation from the sign-in page, where that is turned on if it is not.
    std::string request(const std::string& email, const std::string& more = {});
    std::string resource(const std::string& name, const std::string& group = "Spring Labs");
    std::string accept(const std::string& invitation);                   // the member's id; with `password`
    void licenses(int organization, int conversation_intelligence = 5);  // the plan's seats
    std::string token(const std::string& invitation);

    [[nodiscard]] std::int64_t head() { return static_cast<std::int64_t>(system->store().log->head()); }

    MovedClock clock;
    std::unique_ptr<System> system;
    std::string spring;  // its id
    std::string ada;     // its first admin's
    std::string token_of_operator = "operator";
    static constexpr const char* password = "an old engine room";
    std::string peer = "127.0.0.1";  // from where requests come

private:
    int places_ = 0;
};

// The same person by another prefix: `same("inv_…", "mem")`.
std::string same(const std::string& id, const std::string& prefix);

}  // namespace muster::test
