#pragma once
// Query parameters into a described struct, by its field list: with every fault, whose pointer is `?` and the
// parameter. Lists are separated by commas.

#include "api/json/faults.h"
#include "api/json/fields.h"
#include "api/json/leaf.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace muster {

using Parameters = std::vector<std::pair<std::string, std::string>>;  // decoded, in their order

namespace reading {

// Its value; nullptr where it is absent, or (with a fault) where it stands twice or is not UTF-8.
const std::string* parameter_of(const Parameters&, std::string_view name, const Place&, Faults&);
void unknown_parameters(const Parameters&, std::span<const std::string_view> names, Faults&);
bool boolean(std::string_view text, bool& into, const Place&, Faults&);
bool integer(std::string_view text, std::int64_t& into, const Place&, Faults&);
void missing(const Place&, Faults&);

template <class T>
void parameter(std::string_view given, T& into, const Place& place, const Reader& reader) {
    if constexpr (std::same_as<T, bool>) {
        boolean(given, into, place, reader.faults);
    } else if constexpr (std::same_as<T, std::int64_t>) {
        integer(given, into, place, reader.faults);
    } else if constexpr (is_optional<T>) {
        parameter(given, into.emplace(), place, reader);
    } else if constexpr (is_list<T>) {
        into.clear();
        while (!given.empty()) {
            typename T::value_type element{};
            auto comma = std::min(given.find(','), given.size());
            parameter(given.substr(0, comma), element, place, reader);
            into.insert(into.end(), std::move(element));
            given.remove_prefix(std::min(comma + 1, given.size()));
        }
    } else {
        static_assert(TextValue<T>, "no way to read this type from a query");
        text(given, into, place, reader);
    }
}

}  // namespace reading

// Parameters that the struct has no field for are faults: leave out those that others read.
template <Described T>
void read_query(const Parameters& from, T& into, Faults& faults, const Unicode& unicode) {
    auto query = Place::query();
    reading::unknown_parameters(from, field_names_of<T>, faults);
    for_each_field(into, [&](std::string_view name, auto& each) {
        auto place = query.member(json_name(name));
        bool given = std::ranges::any_of(from, [&](const auto& one) { return one.first == json_name(name); });
        const auto* value = reading::parameter_of(from, json_name(name), place, faults);
        if (value)
            reading::parameter(*value, each, place, {faults, unicode});
        else if (!given && required_field(each))
            reading::missing(place, faults);
    });
}

}  // namespace muster
