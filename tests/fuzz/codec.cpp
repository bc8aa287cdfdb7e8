#include "eventstore/codec.h"

#include "tests/domain/print.h"
#include "tests/fuzz/targets.h"

#include <algorithm>

namespace muster::fuzz {
namespace {

// The key of tests/golden/events.
const PersonKey& grace_key() {
    static const PersonKey key{[] {
                                   Uuid id;
                                   id.bytes.fill(7);
                                   return id;
                               }(),
                               SecretKey(std::string(32, 'k'))};
    return key;
}

std::optional<SecretKey> known(const Uuid& id) {
    if (id == grace_key().id) return grace_key().key;
    return std::nullopt;
}

template <class Read>
void refused_or(const Read& read) {
    try {
        read();
    } catch (const DecodeError&) {
    } catch (const UnknownEvent&) {
    }
}

}  // namespace

void codec(std::string_view bytes) {
    const auto type = bytes.substr(0, bytes.find('\n'));
    const auto payload = bytes.substr(std::min(bytes.size(), type.size() + 1));
    refused_or([&] {
        const auto event = decode(type, payload, known);
        must(type_of(event) == type.substr(0, type.find('.')), "an event of another type");
        const auto again = encode(event, has_personal_data(event) ? &grace_key() : nullptr);
        must(spec::print(decode(stored_name(event), again, known)) == spec::print(event),
             "an event is another one when it comes back");
    });
    refused_or([&] { (void)decode(type, payload, [](const Uuid&) { return std::optional<SecretKey>{}; }); });
    refused_or([&] { (void)sealed_under(payload); });
    refused_or([&] {
        const auto row = encode_state(decode_membership(payload));
        must(encode_state(decode_membership(row)) == row, "a row of a person is another one when it comes back");
    });
    refused_or([&] {
        const auto row = encode_state(decode_resource(payload));
        must(encode_state(decode_resource(row)) == row, "a row of a resource is another one when it comes back");
    });
}

}  // namespace muster::fuzz
