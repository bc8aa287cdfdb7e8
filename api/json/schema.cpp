#include "api/json/schema.h"

#include "api/json/field_limits.h"
#include "api/secret.h"
#include "domain/limits.h"

namespace muster::schema {
namespace {

using nlohmann::json;

json text(std::size_t longest) { return {{"type", "string"}, {"minLength", 1}, {"maxLength", longest}}; }

json with(json schema, std::string_view keyword, std::string_view content) {
    schema[keyword] = content;
    return schema;
}

}  // namespace

json plain(std::string_view type) { return {{"type", type}}; }

json integer(bool is_signed) {
    json schema{{"type", "integer"}, {"format", "int64"}};
    if (!is_signed) schema["minimum"] = 0;
    return schema;
}

json choice(std::span<const std::string_view> names) {
    json schema{{"type", "string"}, {"enum", json::array()}};
    for (auto name : names) schema["enum"].push_back(name);
    return schema;
}

json id(std::string_view prefix) {
    return {{"type", "string"}, {"pattern", "^" + std::string(prefix) + "[0-9A-Za-z]{26}$"}};
}

json list(json items) { return {{"type", "array"}, {"items", std::move(items)}}; }

void state_limits(json& schema, std::string_view field) {
    const auto* own = limits_of(field);
    if (schema.contains("items")) {
        schema["maxItems"] = own ? own->most : static_cast<std::int64_t>(limits::json_array_elements);
    } else if (own && schema.contains("format") && schema["format"] == "int64") {
        schema["minimum"] = own->least;
        if (own->most != without_end) schema["maximum"] = own->most;
    }
}

json object() { return {{"type", "object"}, {"properties", json::object()}, {"additionalProperties", false}}; }

json nullable(json schema) {
    auto& type = schema["type"];
    if (type.is_array()) return schema;  // it is already
    type = json::array({type, "null"});
    if (auto choices = schema.find("enum"); choices != schema.end()) choices->push_back(nullptr);
    return schema;
}

void property(json& object, std::string_view name, json schema, bool required) {
    object["properties"][std::string(name)] = std::move(schema);
    if (required) object["required"].push_back(name);
}

json text_of(const Secret*) { return {{"type", "string"}, {"writeOnly", true}}; }
json text_of(const EmailAddress*) { return with(text(limits::email_bytes), "format", "email"); }
json text_of(const Name*) { return text(limits::name_code_points); }
json text_of(const FoldedName*) { return text(limits::name_code_points); }
json text_of(const Phone*) { return with(text(40), "pattern", "^[0-9 +().\\/-]+$"); }
json text_of(const HttpsUrl*) { return with(with(text(limits::url_bytes), "format", "uri"), "pattern", "^https://"); }
json text_of(const TargetUrl*) { return with(with(text(limits::url_bytes), "format", "uri"), "pattern", "^https?://"); }
json text_of(const EventType*) { return with(text(limits::name_code_points), "pattern", "^muster[.][a-z_]+$"); }
json text_of(const FreeText*) { return text(limits::text_code_points); }
json text_of(const Slug*) { return with(text(63), "pattern", "^[a-z0-9](-?[a-z0-9])*$"); }
json text_of(const Path*) { return with(text(200), "pattern", "^/(?!/)"); }
json text_of(const EmailDomain*) { return with(text(253), "format", "idn-hostname"); }
json text_of(const Password*) { return with(text(limits::password_bytes), "format", "password"); }
json text_of(const Instant*) { return {{"type", "string"}, {"format", "date-time"}}; }
json key() { return with(text(64), "pattern", "^[a-z][a-z0-9_.]{0,63}$"); }

}  // namespace muster::schema
