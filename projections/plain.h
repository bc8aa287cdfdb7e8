#pragma once
// Any field of an event as a plain value, and the difference of two. Templates, for sentence.cpp and difference.cpp
// alone.

#include "projections/sentence.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace muster::plain {

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <class T>
struct IsList : std::false_type {};
template <class T>
struct IsList<std::vector<T>> : std::true_type {};
template <class T>
struct IsList<std::set<T>> : std::true_type {};

// A list whose elements are described and told apart by their key: a plan's licences.
template <class T>
concept KeyedList = IsList<T>::value && Described<typename T::value_type> && requires(typename T::value_type element) {
    element.key;
    requires !std::is_same_v<typename T::value_type, Grant>;
};

// Names that would be words of C++ have an underscore behind them.
inline std::string outside(std::string_view name) {
    if (name.ends_with('_')) name.remove_suffix(1);
    return std::string(name);
}

// An element of a list, in one word.
template <class T>
std::string word(const T& value) {
    if constexpr (std::is_same_v<T, ResourceAccess>)
        return value.id.text() + ":" + outside(name_of(value.access));
    else if constexpr (requires { value.key; })
        return value.key.text();
    else
        return value.text();
}

template <class T>
Plain plain(const T& value) {
    if constexpr (IsOptional<T>::value) {
        return value ? plain(*value) : Plain(nullptr);
    } else if constexpr (IsPersonal<T>::value) {
        return value.if_known() ? plain(*value.if_known()) : Plain(nullptr);
    } else if constexpr (IsList<T>::value) {
        std::vector<std::string> words;
        for (const auto& element : value) words.push_back(word(element));
        return words;
    } else if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, std::string>) {
        return value;
    } else if constexpr (std::is_integral_v<T>) {
        return static_cast<std::int64_t>(value);
    } else if constexpr (DescribedEnum<T>) {
        return outside(name_of(value));
    } else if constexpr (std::is_same_v<T, Uuid>) {
        return base32(value);
    } else {
        return std::string(value.text());
    }
}

inline std::string joined(const std::string& path, std::string_view name) {
    return path.empty() ? outside(name) : path + "." + outside(name);
}

// Calls f(name, field of a, the same field of b).
template <Described T, class F>
void for_each_pair(const T& a, const T& b, F&& f) {
    boost::mp11::mp_for_each<FieldsOf<T>>(
        [&](auto field) { f(std::string_view(field.name), a.*field.pointer, b.*field.pointer); });
}

// What an element that came or went consists of, but for its key or id.
template <Described T>
void append_parts(const std::string& path, const T& element, bool came, std::vector<Change>& changes) {
    for_each_field(element, [&](std::string_view name, const auto& field) {
        auto value = plain(field);
        if (name == "key" || name == "id" || value == Plain(nullptr)) return;
        changes.push_back({joined(path, name), came ? Plain(nullptr) : value, came ? value : Plain(nullptr)});
    });
}

template <class T>
void append_changes(const std::string& path, const T& from, const T& to, std::vector<Change>& changes) {
    if (from == to) return;
    if constexpr (IsPersonal<T>::value) {
        if (!from.erased() && !to.erased()) append_changes(path, *from.if_known(), *to.if_known(), changes);
    } else if constexpr (Described<T>) {
        for_each_pair(from, to, [&](std::string_view name, const auto& was, const auto& is) {
            append_changes(joined(path, name), was, is, changes);
        });
    } else if constexpr (KeyedList<T>) {
        auto find = [](const T& list, const auto& key) {
            for (const auto& each : list)
                if (each.key == key) return &each;
            return static_cast<const typename T::value_type*>(nullptr);
        };
        for (const auto& was : from) {
            const auto at = path + "." + was.key.text();
            if (const auto* is = find(to, was.key))
                append_changes(at, was, *is, changes);
            else
                append_parts(at, was, false, changes);
        }
        for (const auto& is : to)
            if (!find(from, is.key)) append_parts(path + "." + is.key.text(), is, true, changes);
    } else {
        changes.push_back({path.empty() ? "name" : path, plain(from), plain(to)});
    }
}

// Whether an event tells of something that is new, or that goes.
template <class E>
constexpr bool makes() {
    constexpr std::string_view words[] = {"Created", "Defined", "Registered", "Invited", "Provisioned"};
    return std::ranges::any_of(words, [](auto word) { return type_name<E>().ends_with(word); });
}
template <class E>
constexpr bool takes_away() {
    constexpr std::string_view words[] = {"Removed", "Revoked", "Deleted"};
    return std::ranges::any_of(words, [](auto word) { return type_name<E>().ends_with(word); });
}

// A field of such an event that says what is given or taken; others say how (a mail, a deadline, a batch).
constexpr bool is_given(std::string_view field) {
    constexpr std::string_view given[] = {"email", "profile", "assignment", "role", "permission",
                                          "team",  "api_key", "webhook",    "kind", "name",
                                          "group", "slug",    "external_id"};
    return std::ranges::find(given, field) != std::end(given);
}

// Its value, or the values of its parts, but for what a blank one has too.
template <class T>
void append_given(const std::string& path, const T& value, bool came, std::vector<Change>& changes) {
    if constexpr (IsPersonal<T>::value) {
        if (const auto* known = value.if_known()) append_given(path, *known, came, changes);
    } else if constexpr (Described<T>) {
        boost::mp11::mp_for_each<FieldsOf<T>>([&](auto field) {
            const std::string_view name = field.name;
            const auto& part = value.*field.pointer;
            if (name != "key" && name != "id" && part != T{}.*field.pointer)
                append_given(outside(name), part, came, changes);
        });
    } else if (auto shown = plain(value); value != T{}) {
        changes.push_back({path, came ? Plain(nullptr) : shown, came ? shown : Plain(nullptr)});
    }
}

// The pairs `from` and `to`, `from_name` and `to_name` of an event. The parts of a described pair stand for themselves.
// Beside them, what an event lets go of or hands on, and what is given at first or goes with what goes.
template <Described E>
std::vector<Change> changes(const E& event) {
    std::vector<Change> found;
    for_each_field(event, [&](std::string_view from_name, const auto& from) {
        if (!from_name.starts_with("from")) return;
        for_each_field(event, [&]<class To>(std::string_view to_name, const To& to) {
            using From = std::remove_cvref_t<decltype(from)>;
            if constexpr (std::is_same_v<From, To>) {
                if (!to_name.starts_with("to") || to_name.substr(2) != from_name.substr(4)) return;
                constexpr bool has_parts = Described<From> || IsPersonal<From>::value;
                auto path = std::string(has_parts || to_name.size() < 3 ? "" : to_name.substr(3));
                append_changes(path, from, to, found);
            }
        });
    });
    if constexpr (makes<E>() || takes_away<E>())
        for_each_field(event, [&]<class T>(std::string_view name, const T& field) {
            if (is_given(name)) append_given(outside(name), field, makes<E>(), found);
        });
    if constexpr (requires { event.reason == RevokeReason::revoked; })
        if (event.reason != RevokeReason::revoked) found.push_back({"reason", Plain(nullptr), plain(event.reason)});
    if constexpr (requires { event.dropped; })
        if (!event.dropped.empty()) found.push_back({"dropped", Plain(nullptr), plain(event.dropped)});
    if constexpr (requires { event.reassign_to; })
        if (event.reassign_to) found.push_back({"reassign_to", Plain(nullptr), plain(event.reassign_to)});
    return found;
}

// The field at a path such as `assignment.role`; for a path that the type does not have, see `has_field`.
template <Described T>
std::string field_text(const T& value, std::string_view path) {
    const auto head = path.substr(0, path.find('.'));
    std::string text;
    for_each_field(value, [&]<class F>(std::string_view name, const F& field) {
        if (name != head) return;
        if constexpr (Described<F>)
            text = field_text(field, path.substr(std::min(path.size(), head.size() + 1)));
        else if constexpr (!IsPersonal<F>::value)
            text = text_of(plain(field));
    });
    return text;
}

// A path to a field that is one value and not personal.
template <Described T>
constexpr bool has_field(std::string_view path) {
    const auto head = path.substr(0, path.find('.'));
    bool found = false;
    boost::mp11::mp_for_each<FieldsOf<T>>([&](auto field) {
        using F = std::remove_cvref_t<decltype(std::declval<T&>().*field.pointer)>;
        if (head != field.name) return;
        if constexpr (Described<F>)
            found = path.size() > head.size() && has_field<F>(path.substr(head.size() + 1));
        else
            found = path == head && !IsPersonal<F>::value;
    });
    return found;
}

}  // namespace muster::plain
