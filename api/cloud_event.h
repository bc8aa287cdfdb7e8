#pragma once
// An event as the outside is told of it: CloudEvents 1.0 in JSON (https://github.com/cloudevents/spec). Read anew for
// each teller, so personal fields are null once the person is erased.

#include "domain/event.h"

#include <string>
#include <string_view>

namespace muster {

// Not the fields that mean something in here only: the claim of an address, which would outlive its erasure, and the id
// of a password's hash.
bool is_told(std::string_view field);
// Appends the event's own fields that are told, in its newest shape, as a JSON object.
void write_event_data(std::string& out, const Event& event);

// `{specversion, id, source, type, subject, time, datacontenttype, position, data}`: `type` is `muster.` and the
// event's name (`muster.member_invited`), `source` the workspace's address under `public_url`, `subject` the id of what
// it is about, `position` (an extension, as a string) its place in the log.
std::string cloud_event(const Recorded& recorded, std::string_view public_url);

}  // namespace muster
