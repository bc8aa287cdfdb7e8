#pragma once
// The JSON Schema (2020-12, as OpenAPI 3.1 takes it) of a described struct, by its field list: what is read and written
// can't differ from what is stated.
//
// Includes json.hpp: only openapi and its test should include this.

#include "api/json/fields.h"
#include "domain/password.h"
#include "domain/webhook.h"

#include <nlohmann/json.hpp>

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace muster {

// A body that is sent: fields with a default may be absent. An answer: every field is there.
enum class SchemaOf { body, answer };

template <class T>
[[nodiscard]] nlohmann::json schema_of(SchemaOf use = SchemaOf::body);

namespace schema {

nlohmann::json plain(std::string_view type);
nlohmann::json integer(bool is_signed);
nlohmann::json choice(std::span<const std::string_view> names);
nlohmann::json id(std::string_view prefix);
nlohmann::json list(nlohmann::json items);
nlohmann::json object();
// The same, or null.
nlohmann::json nullable(nlohmann::json schema);
// Between which numbers the field of that name is, or how many elements it has at most.
void state_limits(nlohmann::json& schema, std::string_view field);
void property(nlohmann::json& object, std::string_view name, nlohmann::json schema, bool required);

// Of values that have rules for their text.
nlohmann::json text_of(const EmailAddress*);
nlohmann::json text_of(const Name*);
nlohmann::json text_of(const FoldedName*);
nlohmann::json text_of(const Phone*);
nlohmann::json text_of(const HttpsUrl*);
nlohmann::json text_of(const FreeText*);
nlohmann::json text_of(const TargetUrl*);
nlohmann::json text_of(const EventType*);
nlohmann::json text_of(const Slug*);
nlohmann::json text_of(const Path*);
nlohmann::json text_of(const EmailDomain*);
nlohmann::json text_of(const Password*);
nlohmann::json text_of(const Instant*);
nlohmann::json key();
template <class Tag>
nlohmann::json text_of(const Key<Tag>*) {
    return key();
}

template <class T>
nlohmann::json value(SchemaOf use) {
    if constexpr (std::same_as<T, bool>) {
        return plain("boolean");
    } else if constexpr (std::integral<T>) {
        return integer(std::signed_integral<T>);
    } else if constexpr (std::same_as<T, std::string>) {
        return plain("string");
    } else if constexpr (DescribedEnum<T>) {
        return choice(choices_of<T>);
    } else if constexpr (ParsedValue<T> || std::same_as<T, Instant>) {
        return text_of(static_cast<const T*>(nullptr));
    } else if constexpr (IdValue<T>) {
        return id(id_prefix<T>());
    } else if constexpr (is_optional<T> || is_list<T>) {
        auto inner = value<typename T::value_type>(use);
        return is_list<T> ? list(std::move(inner)) : nullable(std::move(inner));
    } else if constexpr (IsPatch<T>::value) {
        return nullable(value<decltype(T::value)>(use));
    } else if constexpr (IsPersonal<T>::value) {
        return nullable(value<decltype(T{}.or_blank())>(use));
    } else {
        static_assert(Described<T>, "no schema for this type");
        return schema_of<T>(use);
    }
}

// What stands where a body does not name the field: a value's text or nothing is not worth stating.
template <class T>
void state_default(nlohmann::json& schema, const T& by_default) {
    if constexpr (std::same_as<T, bool> || std::same_as<T, std::int64_t>) {
        schema["default"] = by_default;
    } else if constexpr (DescribedEnum<T>) {
        schema["default"] = json_name(name_of(by_default));
    } else if constexpr (std::same_as<T, std::string>) {
        if (!by_default.empty()) schema["default"] = by_default;
    } else if constexpr (ParsedValue<T>) {
        if constexpr (requires { by_default.text(); })
            if (!(by_default == T{})) schema["default"] = by_default.text();
    } else if constexpr (is_optional<T>) {
        if (by_default) state_default(schema, *by_default);
    } else if constexpr (is_list<T>) {
        if (by_default.empty()) schema["default"] = nlohmann::json::array();
    }
}

}  // namespace schema

template <class T>
nlohmann::json schema_of(SchemaOf use) {
    if constexpr (!Described<T>) {
        return schema::value<T>(use);
    } else {
        auto object = schema::object();
        const T blank{};
        for_each_field(blank, [&](std::string_view name, const auto& field) {
            using Field = std::remove_cvref_t<decltype(field)>;
            const bool named = named_required<T>(json_name(name));
            const bool required = use == SchemaOf::answer || required_field(field) || named;
            auto property = schema::value<Field>(use);
            if constexpr (is_optional<Field>)
                if (named) property = schema::value<typename Field::value_type>(use);
            if (!required) schema::state_default(property, field);
            schema::state_limits(property, json_name(name));
            schema::property(object, json_name(name), std::move(property), required);
        });
        return object;
    }
}

}  // namespace muster
