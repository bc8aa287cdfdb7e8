// An event of every type with every field filled, made from the one field list: a new type or field is covered by
// being described.
#pragma once

#include "domain/event.h"

#include <set>
#include <string>
#include <type_traits>
#include <vector>

namespace muster::test {

// Fills by type; equal calls in the same order make equal values, so that golden files stay as they are.
class Filler {
public:
    template <class T>
    void fill(T& value) {
        if constexpr (IsPersonal<T>::value) {
            std::remove_cvref_t<decltype(value.or_blank())> known;
            fill(known);
            value = T(known);
        } else if constexpr (Described<T>) {
            for_each_field(value, [&](std::string_view, auto& field) { fill(field); });
        } else if constexpr (DescribedEnum<T>) {
            boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto each) { value = each.value; });
        } else if constexpr (std::is_same_v<T, bool>) {
            value = true;
        } else if constexpr (std::is_arithmetic_v<T>) {
            value = static_cast<T>(1000 + next());  // NOLINT(bugprone-misplaced-widening-cast): of small numbers
        } else if constexpr (std::is_same_v<T, std::string>) {
            value = "text " + std::to_string(next());
        } else if constexpr (std::is_same_v<T, Uuid>) {
            for (auto& byte : value.bytes) byte = static_cast<std::uint8_t>(next());
        } else if constexpr (std::is_same_v<T, EmailAddress>) {
            auto number = std::to_string(next());
            value = EmailAddress("Ada" + number + "@Spring.example", "ada" + number + "@spring.example");
        } else if constexpr (std::is_same_v<T, FoldedName>) {
            fill(value.value);
            fill(value.folded);
        } else if constexpr (requires { value.uuid; }) {
            fill(value.uuid);
        } else if constexpr (requires { value.ms; }) {
            fill(value.ms);
        } else if constexpr (requires { value.kind, value.id; }) {
            fill(value.kind);
            fill(value.id);
        } else if constexpr (requires { value.has_value(); }) {
            value.emplace();
            fill(*value);
        } else if constexpr (requires { value.push_back({}); } || requires { value.insert(*value.begin()); }) {
            for (int i = 0; i < 2; ++i) {
                typename T::value_type each;
                fill(each);
                value.insert(value.end(), each);
            }
        } else {
            fill(value.value);  // names, keys and other checked text
        }
    }

private:
    int next() { return ++last_; }
    int last_ = 0;
};

inline std::vector<Event> samples() {
    std::vector<Event> all;
    boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, EventTypes>>([&](auto each) {
        typename decltype(each)::type event;
        Filler().fill(event);
        all.emplace_back(std::move(event));
    });
    return all;
}

}  // namespace muster::test
