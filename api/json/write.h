#pragma once
// Described structs as JSON, by their field list, appended to a string. No DOM: an answer is written once, in order.
//
// Every field is there: what has no value is null. Text that is not UTF-8 is written with U+FFFD in its place.

#include "api/json/fields.h"

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace muster {

// A string with its quotes and escapes.
void write_text(std::string& out, std::string_view text);
void write_number(std::string& out, std::int64_t number);
void write_number(std::string& out, std::uint64_t number);

// A value that knows its text: an Instant, an id, a key, a name, an address.
template <class T>
concept HasText = requires(const T& value) {
    { value.text() } -> std::convertible_to<std::string_view>;
};

template <class T>
void write_json(std::string& out, const T& value);

// Writes an object member by member: `ObjectWriter w(out); w.field("id", id); w.end();`.
class ObjectWriter {
public:
    explicit ObjectWriter(std::string& out) : out_(out) { out_ += '{'; }
    template <class T>
    void field(std::string_view name, const T& value) {
        write_json(key(name), value);
    }
    // JSON as it stands.
    void raw(std::string_view name, std::string_view json) { key(name).append(json); }
    void null(std::string_view name) { raw(name, "null"); }
    // The name only; what is appended next is its value: `ObjectWriter owner(w.key("owner"));`.
    std::string& key(std::string_view name);
    void end() { out_ += '}'; }

private:
    std::string& out_;
    bool first_ = true;
};

class ArrayWriter {
public:
    explicit ArrayWriter(std::string& out) : out_(out) { out_ += '['; }
    template <class T>
    void item(const T& value) {
        write_json(next(), value);
    }
    void raw(std::string_view json) { next().append(json); }
    // What is appended next is the next item.
    std::string& next();
    void end() { out_ += ']'; }

private:
    std::string& out_;
    bool first_ = true;
};

template <class T>
void write_json(std::string& out, const T& value) {
    if constexpr (std::same_as<T, bool>) {
        out += value ? "true" : "false";
    } else if constexpr (std::signed_integral<T>) {
        write_number(out, std::int64_t{value});
    } else if constexpr (std::unsigned_integral<T>) {
        write_number(out, std::uint64_t{value});
    } else if constexpr (std::convertible_to<const T&, std::string_view>) {
        write_text(out, value);
    } else if constexpr (DescribedEnum<T>) {
        write_text(out, json_name(name_of(value)));
    } else if constexpr (std::same_as<T, Code>) {
        write_text(out, name_of(value));
    } else if constexpr (HasText<T>) {
        write_text(out, value.text());
    } else if constexpr (is_optional<T>) {
        if (value)
            write_json(out, *value);
        else
            out += "null";
    } else if constexpr (IsPersonal<T>::value) {
        if (const auto* known = value.if_known())
            write_json(out, *known);
        else
            out += "null";
    } else if constexpr (is_list<T>) {
        ArrayWriter array(out);
        for (const auto& each : value) array.item(each);
        array.end();
    } else {
        static_assert(Described<T>, "no way to write this type as JSON");
        ObjectWriter object(out);
        for_each_field(value, [&](std::string_view name, const auto& each) { object.field(json_name(name), each); });
        object.end();
    }
}

}  // namespace muster
