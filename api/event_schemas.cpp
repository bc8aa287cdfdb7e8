// Schemas of events as they leave Muster: the CloudEvent, and each type's data by its one field list.
#include "api/cloud_event.h"
#include "api/json/schema.h"
#include "api/schemas.h"

#include <boost/mp11.hpp>
#include <nlohmann/json.hpp>

namespace muster {
namespace {

using nlohmann::json;

template <class T>
json told_field() {
    if constexpr (std::same_as<T, Uuid>)
        return schema::nullable(schema::plain("string"));
    else if constexpr (IdValue<T>)
        return schema::nullable(schema::value<T>(SchemaOf::answer));  // one that names nothing is null
    else
        return schema::value<T>(SchemaOf::answer);
}

template <class E>
json data_schema() {
    auto object = schema::object();
    const E blank{};
    for_each_field(blank, [&](std::string_view name, const auto& field) {
        using Field = std::remove_cvref_t<decltype(field)>;
        if (is_told(name)) schema::property(object, json_name(name), told_field<Field>(), true);
    });
    object["description"] = std::string(E::sentence);
    return object;
}

}  // namespace

json event_schemas() {
    json all;
    boost::mp11::mp_for_each<boost::mp11::mp_transform<boost::mp11::mp_identity, EventTypes>>([&](auto type) {
        using E = typename decltype(type)::type;
        all[std::string(event_type_prefix) + event_type(type_name<E>())] = data_schema<E>();
    });
    json types = json::array();
    for (const auto& [type, _] : all.items()) types.push_back(type);
    json text = {{"type", "string"}};
    all["Event"] = {
        {"type", "object"},
        {"description",
         "A CloudEvent 1.0. `data` is as the schema that is named like its type, to which only more fields are added; "
         "personal ones are null once the person is erased. The `subject` is the id or key of what it is about, "
         "`position` its place in the log."},
        {"required", {"specversion", "id", "source", "type", "subject", "time", "datacontenttype", "position", "data"}},
        {"properties",
         {{"specversion", {{"const", "1.0"}}},
          {"id", text},
          {"source", {{"type", "string"}, {"format", "uri"}}},
          {"type", {{"type", "string"}, {"enum", types}}},
          {"subject", text},
          {"time", {{"type", "string"}, {"format", "date-time"}}},
          {"datacontenttype", {{"const", "application/json"}}},
          {"position", {{"type", "string"}, {"pattern", "^[0-9]+$"}}},
          {"data", {{"type", "object"}}}}}};
    return all;
}

}  // namespace muster
