#pragma once
// Events and states as bytes. This is the one place that knows cereal; its archive is portable (little-endian) and
// bounded: a declared size that is larger than what remains is refused, and so are bytes left over.
//
//   payload := 0 ‖ clear                                         an event without personal data
//            | 1 ‖ key id (16) ‖ size of clear u32 ‖ clear ‖ sealed   personal fields, in order of declaration, sealed
//                                          under the person's key and bound to key id, type and clear part
// The payload's clear part holds a mark where a personal field was. Shapes never change: a changed one has a new name,
// and the old name is read as today's event (former_events.h).

#include "domain/event.h"
#include "eventstore/bytes.h"
#include "eventstore/vault.h"

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace muster {

// A type of event that this program does not know: it was written by a newer one.
struct UnknownEvent : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Whether the event has personal data, so that encoding needs the person's key.
bool has_personal_data(const Event& event);

// `key` may be null where the event has no personal data.
std::string encode(const Event& event, const PersonKey* key);

using KeyLookup = std::function<std::optional<SecretKey>(const Uuid&)>;
// `type` is the name that stands in the log (stored_name), of whatever shape. Personal fields whose key is gone are
// erased. Throws DecodeError, or UnknownEvent.
Event decode(std::string_view type, std::string_view payload, const KeyLookup& keys);

// The key that a payload is sealed under; nullopt where it holds no personal data.
std::optional<Uuid> sealed_under(std::string_view payload);

// A read model's own rows, in clear.
std::string encode_state(const Membership& membership);
Membership decode_membership(std::string_view bytes);
std::string encode_state(const Resource& resource);
Resource decode_resource(std::string_view bytes);

}  // namespace muster
