#pragma once
// JSON into a described struct, by its field list, with every fault and its pointer.
//
// Absent: an optional or a default stays, a Patch is absent, any other value is a fault (`required`). Null: an optional
// has none, a Patch is null, anything else is a fault. Where a value is at fault, what stands in its place is blank (a
// Patch: absent), so that the rules of the domain can still be asked about the rest.
//
// Templates: include it where bodies are read, in one or two .cpp files.

#include "api/json/faults.h"
#include "api/json/fields.h"
#include "api/json/leaf.h"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace muster {

// For what `into` holds already, the fields of `from` are optional.
template <Described T>
void read(const nlohmann::json& from, T& into, Faults& faults, const Place& place, const Unicode& unicode);

namespace reading {

// Each adds a fault where the JSON is of another type, and gives false or nullptr.
bool object_of(const nlohmann::json&, std::span<const std::string_view> names, const Place&, Faults&);
bool array_of(const nlohmann::json&, const Place&, Faults&);
bool boolean(const nlohmann::json&, bool& into, const Place&, Faults&);
bool integer(const nlohmann::json&, std::int64_t& into, const Place&, Faults&);
const std::string* string_of(const nlohmann::json&, const Place&, Faults&);

bool is_null(const nlohmann::json&);
const nlohmann::json* member_of(const nlohmann::json& object, std::string_view name);  // nullptr where absent
std::size_t size_of(const nlohmann::json& array);
const nlohmann::json& element_of(const nlohmann::json& array, std::size_t index);
void missing(const Place&, Faults&);

template <class T>
bool value(const nlohmann::json& from, T& into, const Place& place, const Reader& reader) {
    if constexpr (std::same_as<T, bool>) {
        return boolean(from, into, place, reader.faults);
    } else if constexpr (std::same_as<T, std::int64_t>) {
        return integer(from, into, place, reader.faults);
    } else if constexpr (TextValue<T>) {
        const auto* given = string_of(from, place, reader.faults);
        return given && text(*given, into, place, reader);
    } else if constexpr (is_list<T>) {
        if (!array_of(from, place, reader.faults)) return false;
        into.clear();
        for (std::size_t i = 0; i < size_of(from); ++i) {
            typename T::value_type element{};
            value(element_of(from, i), element, place.element(i), reader);
            into.insert(into.end(), std::move(element));  // a blank one too, so that the others keep their places
        }
        return true;
    } else {
        static_assert(Described<T>, "no way to read this type from JSON");
        read(from, into, reader.faults, place, reader.unicode);
        return true;
    }
}

template <class T>
void field(const nlohmann::json* from, T& into, const Place& place, const Reader& reader) {
    if constexpr (is_optional<T>) {
        if (!from) return;
        into.reset();
        if (!is_null(*from)) value(*from, into.emplace(), place, reader);
    } else if constexpr (IsPatch<T>::value) {
        if (!from) return;
        decltype(into.value) given{};
        if (is_null(*from))
            into = T::cleared();
        else if (value(*from, given, place, reader))
            into = T(std::move(given));
    } else {
        if (from)
            value(*from, into, place, reader);
        else if (required_field(into))
            missing(place, reader.faults);
    }
}

}  // namespace reading

template <Described T>
void read(const nlohmann::json& from, T& into, Faults& faults, const Place& place, const Unicode& unicode) {
    if (!reading::object_of(from, field_names_of<T>, place, faults)) return;
    for_each_field(into, [&](std::string_view name, auto& each) {
        name = json_name(name);
        reading::field(reading::member_of(from, name), each, place.member(name), {faults, unicode});
    });
}

}  // namespace muster
