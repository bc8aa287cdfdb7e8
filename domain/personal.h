#pragma once
// What a person can have erased. A Personal<T> is a value or erased; code that reads one must take both. In the log
// it never stands in clear: the codec seals it under the person's key, and without the key it is read as erased.

#include <optional>
#include <utility>

namespace muster {

template <class T>
class Personal {
public:
    Personal() = default;  // erased
    Personal(T value) : value_(std::move(value)) {}
    [[nodiscard]] bool erased() const { return !value_; }
    // nullptr where erased.
    [[nodiscard]] const T* operator->() const { return value_ ? &*value_ : nullptr; }
    [[nodiscard]] const T* if_known() const { return value_ ? &*value_ : nullptr; }
    // The value, or a blank one where it is erased.
    [[nodiscard]] T or_blank() const { return value_ ? *value_ : T{}; }
    bool operator==(const Personal&) const = default;

private:
    std::optional<T> value_;
};

template <class T>
struct IsPersonal : std::false_type {};
template <class T>
struct IsPersonal<Personal<T>> : std::true_type {};

}  // namespace muster
