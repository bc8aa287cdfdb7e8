#include "api/cloud_event.h"

#include "api/json/write.h"
#include "projections/sentence.h"

#include <algorithm>

namespace muster {
namespace {

constexpr std::string_view internal_fields[] = {"email_claim", "credential"};

// An id that names nothing is null.
template <class T>
void write_field(ObjectWriter& into, std::string_view name, const T& field) {
    if constexpr (std::same_as<T, Uuid>) {
        into.field(name, field.nil() ? std::nullopt : std::optional(base32(field)));
    } else if constexpr (requires { field.uuid.nil(); }) {
        into.field(name, field.uuid.nil() ? std::nullopt : std::optional(field));
    } else {
        into.field(name, field);
    }
}

}  // namespace

bool is_told(std::string_view field) { return std::ranges::find(internal_fields, field) == std::end(internal_fields); }

void write_event_data(std::string& out, const Event& event) {
    ObjectWriter into(out);
    std::visit(
        [&](const auto& each) {
            for_each_field(each, [&]<class T>(std::string_view name, const T& field) {
                if (is_told(name)) write_field(into, json_name(name), field);
            });
        },
        event);
    into.end();
}

std::string cloud_event(const Recorded& recorded, std::string_view public_url) {
    std::string out;
    ObjectWriter into(out);
    into.field("specversion", "1.0");
    into.field("id", recorded.id);
    into.field("source", std::string(public_url) + "/v1/workspaces/" + recorded.workspace.text());
    into.field("type", std::string(event_type_prefix) + event_type(recorded.event));
    into.field("subject", target_of(recorded).id);
    into.field("time", recorded.meta.at);
    into.field("datacontenttype", "application/json");
    into.field("position", std::to_string(recorded.meta.position));
    write_event_data(into.key("data"), recorded.event);
    into.end();
    return out;
}

}  // namespace muster
