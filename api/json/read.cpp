#include "api/json/read.h"

#include "api/json/limits.h"
#include "api/json/query.h"
#include "api/json/utf8.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace muster::reading {
namespace {

using nlohmann::json;

std::string_view kind_of(const json& from) {
    if (from.is_null()) return "null";
    if (from.is_boolean()) return "true or false";
    if (from.is_number()) return "a number";
    if (from.is_string()) return "a string";
    return from.is_array() ? "an array" : "an object";
}

bool wrong_type(std::string_view wanted, const json& from, const Place& place, Faults& faults) {
    faults.add(place, Code::invalid_type,
               std::string("This must be ").append(wanted).append(", not ").append(kind_of(from)) + ".");
    return false;
}

bool out_of_range(const Place& place, Faults& faults) {
    faults.add(place, Code::invalid_value, "This number is out of range.");
    return false;
}

void unknown(std::span<const std::string_view> names, const Place& place, Faults& faults) {
    faults.add(
        place, Code::unknown_field,
        names.empty() ? "There is no such field; none is taken here." : "There is no such field. " + one_of(names));
}

}  // namespace

bool object_of(const json& from, std::span<const std::string_view> names, const Place& place, Faults& faults) {
    if (!from.is_object()) return wrong_type("an object", from, place, faults);
    for (const auto& [name, _] : from.get_ref<const json::object_t&>())
        if (std::ranges::find(names, name) == names.end()) unknown(names, place.member(name), faults);
    return true;
}

bool array_of(const json& from, const Place& place, Faults& faults) {
    if (!from.is_array()) return wrong_type("an array", from, place, faults);
    if (from.size() <= limits::json_array_elements) return true;
    faults.add(place, Code::too_long,
               "This has " + std::to_string(from.size()) + " elements; at most " +
                   std::to_string(limits::json_array_elements) + " are taken.");
    return false;
}

bool boolean(const json& from, bool& into, const Place& place, Faults& faults) {
    if (!from.is_boolean()) return wrong_type("true or false", from, place, faults);
    into = from.get<bool>();
    return true;
}

bool integer(const json& from, std::int64_t& into, const Place& place, Faults& faults) {
    static constexpr auto largest = std::numeric_limits<std::int64_t>::max();
    // Digits that not even 64 bits without a sign can hold come as a float.
    if (from.is_number_float() && std::abs(from.get<double>()) >= 0x1p63) return out_of_range(place, faults);
    if (from.is_number_float()) return wrong_type("a whole number without a decimal point", from, place, faults);
    if (!from.is_number()) return wrong_type("a whole number", from, place, faults);
    if (from.is_number_unsigned() && from.get<std::uint64_t>() > std::uint64_t{largest})
        return out_of_range(place, faults);
    into = from.get<std::int64_t>();
    return true;
}

const std::string* string_of(const json& from, const Place& place, Faults& faults) {
    if (const auto* text = from.get_ptr<const std::string*>()) return text;
    wrong_type("a string", from, place, faults);
    return nullptr;
}

bool is_null(const json& from) { return from.is_null(); }

const json* member_of(const json& object, std::string_view name) {
    auto found = object.find(name);
    return found == object.end() ? nullptr : &*found;
}

std::size_t size_of(const json& array) { return array.size(); }
const json& element_of(const json& array, std::size_t index) { return array[index]; }

void missing(const Place& place, Faults& faults) { faults.add(place, Code::required, "This is required."); }

const std::string* parameter_of(const Parameters& parameters, std::string_view name, const Place& place,
                                Faults& faults) {
    auto named = [&](const auto& each) { return each.first == name; };
    auto found = std::ranges::find_if(parameters, named);
    if (found == parameters.end()) return nullptr;
    if (std::ranges::count_if(parameters, named) > 1) {
        faults.add(place, Code::duplicate_key, "This parameter stands more than once.");
        return nullptr;
    }
    if (valid_utf8(found->second)) return &found->second;
    faults.add(place, Code::invalid_value, "This is not valid UTF-8.");
    return nullptr;
}

void unknown_parameters(const Parameters& parameters, std::span<const std::string_view> names, Faults& faults) {
    auto query = Place::query();
    for (const auto& [name, _] : parameters)
        if (std::ranges::find(names, name) == names.end()) unknown(names, query.member(name), faults);
}

bool boolean(std::string_view text, bool& into, const Place& place, Faults& faults) {
    static constexpr std::string_view names[] = {"true", "false"};
    auto index = choice(text, names, place, faults);
    if (index) into = *index == 0;
    return index.has_value();
}

bool integer(std::string_view text, std::int64_t& into, const Place& place, Faults& faults) {
    std::int64_t number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc::result_out_of_range) return out_of_range(place, faults);
    if (error != std::errc{} || end != text.data() + text.size()) {
        faults.add(place, Code::invalid_value, "A whole number is needed.");
        return false;
    }
    into = number;
    return true;
}

}  // namespace muster::reading
