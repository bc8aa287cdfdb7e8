#pragma once
// A text that must not be seen: a key, a token, a password. It can't be printed, logged or compared by accident; who
// needs the text itself calls reveal(), which is easy to find. Wiped from memory when it goes.

#include "domain/refusal.h"
#include "domain/text.h"
#include "eventstore/crypto.h"

#include <nlohmann/json_fwd.hpp>

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace muster {

class Secret {
public:
    Secret() = default;
    Secret(std::string text) : text_(std::move(text)) {}
    Secret(std::string_view text) : text_(text) {}
    Secret(const char* text) : text_(text) {}
    Secret(const Secret&) = default;  // and no move, which would leave a short text where it was
    Secret& operator=(Secret other) {
        text_.swap(other.text_);
        return *this;
    }
    ~Secret() { wipe(text_.data(), text_.size()); }

    [[nodiscard]] std::string_view reveal() const { return text_; }
    [[nodiscard]] bool empty() const { return text_.empty(); }
    bool operator==(const Secret& other) const { return equal_in_constant_time(text_, other.text_); }

    // As a field of a body: any text, exactly as it was sent.
    static std::expected<Secret, Fault> parse(std::string_view text, const Unicode&) {
        return Secret(std::string(text));
    }

    template <class Stream>
    friend Stream& operator<<(Stream&, const Secret&) = delete;

private:
    std::string text_;
};

namespace schema {
nlohmann::json text_of(const Secret*);
}

}  // namespace muster
