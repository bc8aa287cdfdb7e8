#pragma once
// Reading one value from its text, wherever the text comes from: a JSON string or a query parameter.

#include "api/json/faults.h"
#include "api/json/fields.h"
#include "domain/values.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace muster::reading {

// What every step of reading needs.
struct Reader {
    Faults& faults;
    const Unicode& unicode;
};

// "One of: a, b."
std::string one_of(std::span<const std::string_view> names);
// The index of the name; a fault and none where there is no such.
std::optional<std::size_t> choice(std::string_view text, std::span<const std::string_view> names, const Place&,
                                  Faults&);
bool instant(std::string_view text, Instant& into, const Place&, Faults&);
bool not_an_id(std::string_view prefix, const Place&, Faults&);  // always false

// What a body names by a key or an id.
enum class Named { nothing, role, license, permission, resource, member };
template <class T>
inline constexpr Named named_by = Named::nothing;
template <>
inline constexpr Named named_by<RoleKey> = Named::role;
template <>
inline constexpr Named named_by<LicenseKey> = Named::license;
template <>
inline constexpr Named named_by<PermissionKey> = Named::permission;
template <>
inline constexpr Named named_by<ResourceId> = Named::resource;
template <>
inline constexpr Named named_by<MemberId> = Named::member;

// Where a body refers to something, a text that can be nobody's key or id is one that is not there. False where it
// does not: there the key is made (its field is `key`), or is looked for (in a query).
bool not_there(Named, const Place&, Faults&);

// False, and a fault, where the text is no such value; `into` is as it was.
template <TextValue T>
bool text(std::string_view given, T& into, const Place& place, const Reader& reader) {
    if constexpr (std::same_as<T, std::string>) {
        into = given;
        return true;
    } else if constexpr (std::same_as<T, Instant>) {
        return instant(given, into, place, reader.faults);
    } else if constexpr (DescribedEnum<T>) {
        auto index = choice(given, choices_of<T>, place, reader.faults);
        if (!index) return false;
        std::size_t i = 0;
        boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto each) {
            if (i++ == *index) into = each.value;
        });
        return true;
    } else if constexpr (ParsedValue<T>) {
        auto parsed = T::parse(given, reader.unicode);
        if (parsed) {
            into = std::move(*parsed);
            return true;
        }
        if (not_there(named_by<T>, place, reader.faults)) return false;
        parsed.error().pointer = place.pointer();
        reader.faults.add(std::move(parsed.error()));
        return false;
    } else {
        auto parsed = T::parse(given);
        if (!parsed && not_there(named_by<T>, place, reader.faults)) return false;
        if (!parsed) return not_an_id(id_prefix<T>(), place, reader.faults);
        into = *parsed;
        return true;
    }
}

}  // namespace muster::reading
