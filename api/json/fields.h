#pragma once
// How the types of described fields stand in JSON: the one place where reading, writing and the schema agree.

#include "domain/decision.h"
#include "domain/describe.h"
#include "domain/ids.h"
#include "domain/instant.h"
#include "domain/personal.h"
#include "domain/refusal.h"
#include "domain/text.h"

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace muster {

// A name that C++ reserves has an underscore behind it there: `requires_`, `operator_`.
constexpr std::string_view json_name(std::string_view name) {
    if (name.ends_with('_')) name.remove_suffix(1);
    return name;
}

// A value that its text must be parsed into: EmailAddress, Name, a key.
template <class T>
concept ParsedValue = requires(std::string_view text, const Unicode& unicode) {
    { T::parse(text, unicode) } -> std::same_as<std::expected<T, Fault>>;
};

template <class T>
concept IdValue = requires(std::string_view text, const T& id) {
    { T::parse(text) } -> std::same_as<std::optional<T>>;
    { id.uuid } -> std::convertible_to<Uuid>;
};

// What stands in JSON as a string.
template <class T>
concept TextValue =
    ParsedValue<T> || IdValue<T> || DescribedEnum<T> || std::same_as<T, Instant> || std::same_as<T, std::string>;

// `mem_` of a MemberId.
template <IdValue T>
std::string_view id_prefix() {
    static const std::string text = T{}.text();
    return std::string_view(text).substr(0, text.find('_') + 1);
}

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
inline constexpr bool is_list = false;
template <class T>
inline constexpr bool is_list<std::vector<T>> = true;
template <class T>
inline constexpr bool is_list<std::set<T>> = true;

// The JSON names of all enumerators, or of all fields, in the order of declaration.
template <DescribedEnum E>
inline constexpr auto choices_of = []<class... D>(boost::mp11::mp_list<D...>) {
    return std::array<std::string_view, sizeof...(D)>{json_name(D::name)...};
}(boost::mp11::mp_rename<boost::describe::describe_enumerators<E>, boost::mp11::mp_list>{});

template <Described T>
inline constexpr auto field_names_of = []<class... D>(boost::mp11::mp_list<D...>) {
    return std::array<std::string_view, sizeof...(D)>{json_name(D::name)...};
}(boost::mp11::mp_rename<FieldsOf<T>, boost::mp11::mp_list>{});

// Whether a body must name the field: a value without a default that is more than blank, or a part that has fields of
// its own. Anything else keeps its default where it is absent.
template <class T>
bool required_field(const T& by_default) {
    if constexpr (ParsedValue<T> || IdValue<T> || std::same_as<T, Instant>) return by_default == T{};
    return Described<T>;
}

// The fields that a body has to name although they look as if they had a default: their rules say so in words of their
// own. A struct lists them as `required`, by their JSON names.
template <class T>
bool named_required(std::string_view name) {
    if constexpr (requires { T::required; })
        return std::ranges::find(T::required, name) != std::end(T::required);
    else
        return false;
}

}  // namespace muster
