#pragma once
// One field list per plain struct. MUSTER_DESCRIBE names each field once; the codec, JSON in and out, the OpenAPI
// schema, the audit's changes and what a failing test prints are all made from it. A field that is declared but not
// named does not compile.

#include <boost/describe.hpp>
#include <boost/mp11.hpp>
#include <boost/pfr.hpp>

#include <string_view>
#include <type_traits>

namespace muster {

template <class T>
using FieldsOf = boost::describe::describe_members<T, boost::describe::mod_public>;

template <class T>
concept Described = boost::describe::has_describe_members<std::remove_const_t<T>>::value && !std::is_union_v<T>;

template <class T>
concept DescribedEnum = boost::describe::has_describe_enumerators<T>::value;

// Calls f(name, field) for each field in the order of declaration.
template <Described T, class F>
void for_each_field(T& value, F&& f) {
    boost::mp11::mp_for_each<FieldsOf<std::remove_const_t<T>>>(
        [&](auto field) { f(std::string_view(field.name), value.*field.pointer); });
}

// The name of an enumerator as it stands in code and JSON; "" for a value that has none.
template <DescribedEnum E>
constexpr std::string_view name_of(E value) {
    std::string_view name;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto each) {
        if (each.value == value) name = each.name;
    });
    return name;
}

// The enumerator of that name; false where there is none.
template <DescribedEnum E>
constexpr bool from_name(std::string_view name, E& value) {
    bool found = false;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto each) {
        if (name == each.name) {
            value = each.value;
            found = true;
        }
    });
    return found;
}

}  // namespace muster

#define MUSTER_DESCRIBE(Type, ...)                                                                         \
    BOOST_DESCRIBE_STRUCT(Type, (), (__VA_ARGS__))                                                         \
    static_assert(boost::mp11::mp_size<::muster::FieldsOf<Type>>::value == boost::pfr::tuple_size_v<Type>, \
                  #Type ": a field is missing from MUSTER_DESCRIBE")

#define MUSTER_ENUM(Type, ...) BOOST_DESCRIBE_ENUM(Type, __VA_ARGS__)
