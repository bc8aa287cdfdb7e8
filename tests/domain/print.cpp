#include "tests/domain/print.h"

#include <iterator>
#include <type_traits>

namespace muster::spec {
namespace {

template <class T>
std::string shown(const T& value) {
    if constexpr (Described<T>) {
        std::string out = "{";
        for_each_field(value, [&](std::string_view name, const auto& field) {
            out += (out.size() > 1 ? ", " : "") + std::string(name) + ": " + shown(field);
        });
        return out + "}";
    } else if constexpr (DescribedEnum<T>) {
        return std::string(name_of(value));
    } else if constexpr (std::is_same_v<T, bool>) {
        return value ? "true" : "false";
    } else if constexpr (std::is_arithmetic_v<T>) {
        return std::to_string(value);
    } else if constexpr (std::is_same_v<T, std::string>) {
        return "\"" + value + "\"";
    } else if constexpr (std::is_same_v<T, Uuid>) {
        return base32(value);
    } else if constexpr (std::is_same_v<T, Actor>) {
        return std::string(name_of(value.kind)) + " " + base32(value.id);
    } else if constexpr (requires { value.text(); }) {
        return std::string(value.text());
    } else if constexpr (IsPersonal<T>::value) {
        return value.if_known() ? shown(*value.if_known()) : "erased";
    } else if constexpr (requires { value.has_value(); }) {
        return value ? shown(*value) : "none";
    } else {
        std::string out = "[";
        for (const auto& each : value) out += (out.size() > 1 ? ", " : "") + shown(each);
        return out + "]";
    }
}

std::string shown(const Details& details) {
    std::string out;
    for (const auto& [name, detail] : details) {
        out += " " + name + "=";
        if (const auto* text = std::get_if<std::string>(&detail)) out += *text;
        if (const auto* number = std::get_if<std::int64_t>(&detail)) out += std::to_string(*number);
        if (std::holds_alternative<std::nullptr_t>(detail)) out += "null";
    }
    return out;
}

}  // namespace

std::string print(const Event& event) {
    return std::visit([](const auto& each) { return shown(each); }, event).insert(0, std::string(type_of(event)) + " ");
}

std::string print(const std::vector<NewEvent>& events) {
    std::string out;
    for (const auto& each : events) out += "\n  " + base32(each.stream.id) + " " + print(each.event);
    return out.empty() ? "no events" : out;
}

std::string print(const Membership& membership) { return shown(membership); }

std::string print(const Holdings& holdings) {
    std::string out;
    for (const auto& claim : holdings.claims) out += claim.name + " ";
    for (const auto& [counter, count] : holdings.takes) out += counter.name + "=" + std::to_string(count) + " ";
    return out;
}

std::string print(const Refusal& refusal) {
    std::string out = std::string(name_of(refusal.code)) + ": " + refusal.detail + shown(refusal.details);
    for (const auto& fault : refusal.faults)
        out += "\n  " + fault.pointer + " " + std::string(name_of(fault.code)) + ": " + fault.detail;
    return out;
}

}  // namespace muster::spec
