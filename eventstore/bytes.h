#pragma once
// Integers as big-endian bytes, so that the order of the bytes is the order of the numbers, and a reader that never
// reads past the end. Keys, frames and rows are made of these.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace muster {

// Stored bytes do not have the layout that they should have.
struct DecodeError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

namespace detail {
template <std::unsigned_integral Number>
void append_big_endian(std::string& bytes, Number number) {
    for (std::size_t shift = 8 * sizeof(Number); shift > 0; shift -= 8)
        bytes.push_back(static_cast<char>(static_cast<std::uint64_t>(number) >> (shift - 8) & 0xff));
}
}  // namespace detail

inline void append_u8(std::string& bytes, std::uint8_t number) { detail::append_big_endian(bytes, number); }
inline void append_u16(std::string& bytes, std::uint16_t number) { detail::append_big_endian(bytes, number); }
inline void append_u32(std::string& bytes, std::uint32_t number) { detail::append_big_endian(bytes, number); }
inline void append_u64(std::string& bytes, std::uint64_t number) { detail::append_big_endian(bytes, number); }

// Takes bytes from the front of a view, which must outlive it. Every taking function throws DecodeError, and takes
// nothing, where fewer bytes are left than are asked for.
class ByteReader {
public:
    explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

    template <std::unsigned_integral Number>
    [[nodiscard]] Number take() {
        std::uint64_t number = 0;
        for (char byte : take(sizeof(Number))) number = number << 8 | static_cast<unsigned char>(byte);
        return static_cast<Number>(number);
    }
    [[nodiscard]] std::string_view take(std::size_t size) {
        if (size > rest_.size())
            throw DecodeError("needs " + std::to_string(size) + " bytes where " + std::to_string(rest_.size()) +
                              " are left");
        std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }
    // What is left, without taking it.
    [[nodiscard]] std::string_view rest() const { return rest_; }
    [[nodiscard]] bool empty() const { return rest_.empty(); }
    // Throws DecodeError if anything is left.
    void expect_end() const {
        if (!rest_.empty()) throw DecodeError(std::to_string(rest_.size()) + " bytes too many");
    }

private:
    std::string_view rest_;
};

[[nodiscard]] inline std::uint16_t read_u16(std::string_view bytes) { return ByteReader(bytes).take<std::uint16_t>(); }
[[nodiscard]] inline std::uint32_t read_u32(std::string_view bytes) { return ByteReader(bytes).take<std::uint32_t>(); }
[[nodiscard]] inline std::uint64_t read_u64(std::string_view bytes) { return ByteReader(bytes).take<std::uint64_t>(); }

// The first key that is greater than every key beginning with `prefix`, or nothing where there is none.
[[nodiscard]] inline std::optional<std::string> end_of_prefix(std::string_view prefix) {
    std::string end(prefix);
    while (!end.empty() && end.back() == '\xff') end.pop_back();
    if (end.empty()) return std::nullopt;
    end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
    return end;
}

}  // namespace muster
