// Every event as bytes and back; bytes that are anything else are refused [N12].
#include "eventstore/codec.h"

#include "eventstore/former_events.h"
#include "tests/domain/print.h"
#include "tests/eventstore/samples.h"
#include "tests/golden.h"
#include "tests/places.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

namespace muster::test {
namespace {

const PersonKey grace_key{[] {
                              Uuid id;
                              id.bytes.fill(7);
                              return id;
                          }(),
                          SecretKey(std::string(32, 'k'))};

std::optional<SecretKey> known(const Uuid& id) {
    if (id == grace_key.id) return grace_key.key;
    return std::nullopt;
}
std::optional<SecretKey> gone(const Uuid&) { return std::nullopt; }

std::string payload_of(const Event& event) { return encode(event, has_personal_data(event) ? &grace_key : nullptr); }

// Where a payload's clear part begins and ends.
std::pair<std::size_t, std::size_t> clear_part(std::string_view payload) {
    if (payload[0] == 0) return {1, payload.size()};
    return {21, 21 + read_u32(payload.substr(17))};
}

std::string hexadecimal(std::string_view bytes) {
    std::string text;
    for (unsigned char each : bytes) text += {"0123456789abcdef"[each / 16], "0123456789abcdef"[each % 16]};
    return text;
}

std::string from_hexadecimal(const std::string& text) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2)
        bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
    return bytes;
}

// Refused as damage, or read as some event: never another exception, and no memory that the bytes do not pay for.
void survives(std::string_view type, const std::string& payload) {
    try {
        (void)decode(type, payload, known);
    } catch (const DecodeError&) {
        // Ignored: to be refused so is well.
    }
}

TEST_CASE("every event type is read back as it was written") {
    for (const auto& event : samples()) {
        auto back = decode(stored_name(event), payload_of(event), known);
        CHECK(spec::print(back) == spec::print(event));
    }
}

TEST_CASE("an event with nothing filled is read back too") {
    boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, EventTypes>>([&](auto each) {
        Event event = typename decltype(each)::type{};
        CHECK(spec::print(decode(stored_name(event), payload_of(event), known)) == spec::print(event));
    });
}

TEST_CASE("personal data is not in the payload, and without its key it is erased") {
    for (const auto& event : samples()) {
        if (!has_personal_data(event)) continue;
        auto payload = payload_of(event);
        CHECK(sealed_under(payload) == grace_key.id);
        auto erased = decode(stored_name(event), payload, gone);
        std::visit(
            [&](const auto& all, const auto& rest) {
                if constexpr (std::is_same_v<decltype(all), decltype(rest)>)
                    for_each_field(rest, [&](std::string_view name, const auto& field) {
                        if constexpr (IsPersonal<std::remove_cvref_t<decltype(field)>>::value) {
                            CAPTURE(name);
                            CHECK(field.erased());
                        }
                    });
            },
            event, erased);
        CHECK(payload.find("spring.example") == std::string::npos);
    }
    MemberInvited invited;
    invited.email = EmailAddress("Grace@spring.example", "grace@spring.example");
    invited.profile = Profile{"Grace Hopper", {}, {}, {}};
    auto payload = encode(invited, &grace_key);
    CHECK(payload.find("Grace") == std::string::npos);
    CHECK_THROWS_AS(encode(invited, nullptr), std::logic_error);
}

TEST_CASE("a payload that is cut anywhere, or longer by a byte, is refused") {
    for (const auto& event : samples()) {
        auto type = stored_name(event);
        auto payload = payload_of(event);
        CAPTURE(type);
        for (std::size_t size = 0; size < payload.size(); ++size)
            CHECK_THROWS_AS(decode(type, payload.substr(0, size), known), DecodeError);
        CHECK_THROWS_AS(decode(type, payload + '\0', known), DecodeError);
    }
}

TEST_CASE("each flipped bit of what is sealed is refused") {
    for (const auto& event : samples()) {
        if (!has_personal_data(event)) continue;
        auto payload = payload_of(event);
        for (std::size_t bit = 8 * clear_part(payload).second; bit < 8 * payload.size(); ++bit) {
            auto altered = payload;
            altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (1 << (bit % 8)));
            CHECK_THROWS_AS(decode(stored_name(event), altered, known), DecodeError);
        }
    }
}

TEST_CASE("a time that no calendar has is refused as damage") {
    ApiKey key;
    auto with_end = [&](Instant end) {
        key.expires_at = end;
        return encode(ApiKeyCreated{key}, nullptr);
    };
    const Instant first = *Instant::parse("0001-01-01T00:00:00.000Z");
    CHECK_NOTHROW(decode("ApiKeyCreated", with_end(first), known));
    CHECK_NOTHROW(decode("ApiKeyCreated", with_end(Instant::never()), known));
    CHECK_THROWS_AS(decode("ApiKeyCreated", with_end({first.ms - 1}), known), DecodeError);
    CHECK_THROWS_AS(decode("ApiKeyCreated", with_end({std::numeric_limits<std::int64_t>::min()}), known), DecodeError);
}

TEST_CASE("altered clear bytes and sizes that are too large do no harm") {
    for (const auto& event : samples()) {
        auto type = stored_name(event);
        auto payload = payload_of(event);
        auto [begin, end] = clear_part(payload);
        for (std::size_t i = 0; i < end; ++i) {
            for (int bit = 0; bit < 8; ++bit) {
                auto altered = payload;
                altered[i] = static_cast<char>(altered[i] ^ (1 << bit));
                survives(type, altered);
            }
            if (i < begin || i + 8 > end) continue;
            auto oversized = payload;
            oversized.replace(i, 8, std::string(8, '\xff'));
            survives(type, oversized);
            survives(type, oversized.replace(i + 7, 1, 1, '\x7f'));
        }
    }
}

TEST_CASE("what is sealed for one type or key opens for no other") {
    MemberChanged changed;
    changed.to_profile = Profile{"Grace", {}, {}, {}};
    auto payload = encode(changed, &grace_key);
    CHECK_THROWS_AS(decode("InvitationEdited", payload, known), DecodeError);  // the same fields
    auto another = [](const Uuid&) { return std::optional(SecretKey(std::string(32, 'x'))); };
    CHECK_THROWS_AS(decode("MemberChanged", payload, another), DecodeError);
}

TEST_CASE("unknown types, forms, enumerators and personal data in clear are refused") {
    CHECK_THROWS_AS(decode("MemberInvited.2", std::string(1, '\0'), known), UnknownEvent);
    CHECK_THROWS_AS(decode("InvitationExpired", "\2", known), DecodeError);
    CHECK_THROWS_AS(decode("InvitationRevoked", std::string("\0\3", 2), known), DecodeError);
    CHECK_THROWS_AS(decode("InvitationRevoked", std::string("\0\7", 2), known), DecodeError);
    auto payload = payload_of(InvitationExpired{});
    CHECK_NOTHROW(decode("InvitationExpired", payload, known));
    InvitationAccepted accepted;
    auto sealed = encode(accepted, &grace_key);
    auto [begin, end] = clear_part(sealed);
    CHECK_THROWS_AS(decode("InvitationAccepted", std::string(1, '\0') + sealed.substr(begin, end - begin), known),
                    DecodeError);
    CHECK_THROWS_AS(decode("InvitationExpired", sealed, gone), DecodeError);
    CHECK_FALSE(sealed_under(payload));
}

TEST_CASE("states are read back as they were written") {
    Membership membership;
    Filler().fill(membership);
    auto bytes = encode_state(membership);
    CHECK(spec::print(decode_membership(bytes)) == spec::print(membership));
    CHECK(spec::print(decode_membership(encode_state(Membership{}))) == spec::print(Membership{}));
    Resource resource;
    Filler().fill(resource);
    CHECK(decode_resource(encode_state(resource)) == resource);
    for (std::size_t size = 0; size < bytes.size(); ++size)
        CHECK_THROWS_AS(decode_membership(std::string_view(bytes).substr(0, size)), DecodeError);
    CHECK_THROWS_AS(decode_membership(bytes + "x"), DecodeError);
}

std::filesystem::path golden_events() {
    return std::filesystem::path(repository_root()) / "tests" / "golden" / "events";
}

// A file holds a key and a payload, because each sealing differs.
struct Stored {
    std::string key, payload;
    [[nodiscard]] KeyLookup keys() const {
        return [key = key](const Uuid&) { return std::optional(SecretKey(key)); };
    }
};

Stored stored_as(std::string_view name) {
    std::ifstream file(golden_events() / (std::string(name) + ".hex"));
    std::string word, key, payload;
    INFO(name);
    REQUIRE(file >> word >> key >> word >> payload);
    return {from_hexadecimal(key), from_hexadecimal(payload)};
}

template <class F>
void for_each_former(F&& f) {
    boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, FormerEvents>>(
        [&](auto each) { f(typename decltype(each)::type{}); });
}

// Bytes as they were once written stay readable for ever. A new type's or shape's file is added with UPDATE_GOLDEN=1,
// and none is ever altered.
TEST_CASE("events that were stored once decode for ever") {
    for (const auto& event : samples()) {
        std::string name(stored_name(event));
        CAPTURE(name);
        if (!std::filesystem::exists(golden_events() / (name + ".hex")))
            compare_golden("events/" + name + ".hex", "key " + hexadecimal(grace_key.key.bytes()) + "\npayload " +
                                                          hexadecimal(payload_of(event)) + "\n");
        const auto stored = stored_as(name);
        CHECK(spec::print(decode(name, stored.payload, stored.keys())) == spec::print(event));
    }
}

TEST_CASE("a former shape decodes into today's event, with all that it said") {
    for_each_former([]<class Former>(Former former) {
        CAPTURE(Former::stored);
        Filler().fill(former);
        const auto stored = stored_as(Former::stored);
        const Event event = today(former);
        CHECK(type_of(event) == Former::stored.substr(0, Former::stored.find('.')));
        CHECK(stored_name(event) != Former::stored);
        CHECK(spec::print(decode(Former::stored, stored.payload, stored.keys())) == spec::print(event));
        // Every field of the old shape that today's has too is as it was.
        std::visit(
            [&](const auto& now) {
                for_each_field(former, [&](std::string_view old_name, const auto& old) {
                    for_each_field(now, [&](std::string_view name, const auto& field) {
                        if constexpr (std::is_same_v<decltype(old), decltype(field)>)
                            if (name == old_name) CHECK(field == old);
                    });
                });
            },
            event);
    });
}

TEST_CASE("a former shape that is cut anywhere, longer by a byte, or under another name is refused [N12]") {
    for_each_former([]<class Former>(const Former&) {
        CAPTURE(Former::stored);
        const auto stored = stored_as(Former::stored);
        for (std::size_t size = 0; size < stored.payload.size(); ++size)
            CHECK_THROWS_AS(decode(Former::stored, stored.payload.substr(0, size), stored.keys()), DecodeError);
        CHECK_THROWS_AS(decode(Former::stored, stored.payload + '\0', stored.keys()), DecodeError);
    });
    const auto old = stored_as("MailFailed");
    CHECK_THROWS_AS(decode("MailFailed.2", old.payload, old.keys()), DecodeError);
    CHECK_THROWS_AS(decode("MailFailed", stored_as("MailFailed.2").payload, old.keys()), DecodeError);
    CHECK_THROWS_AS(decode("MailFailed.1", old.payload, old.keys()), UnknownEvent);
    CHECK_THROWS_AS(decode("MailFailed.3", old.payload, old.keys()), UnknownEvent);
    CHECK_THROWS_AS(decode("MemberInvited.1", old.payload, old.keys()), UnknownEvent);
}

TEST_CASE("no name that ever stood in a log is forgotten: each golden file is a shape's, and each shape has its own") {
    std::set<std::string> readable;
    for (const auto& event : samples()) CHECK(readable.emplace(stored_name(event)).second);
    for_each_former([&]<class Former>(const Former&) { CHECK(readable.emplace(Former::stored).second); });
    std::set<std::string> stored;
    for (const auto& file : std::filesystem::directory_iterator(golden_events()))
        stored.insert(file.path().stem().string());
    CHECK(stored == readable);
}

TEST_CASE("outside a type has one name, whatever its shape") {
    CHECK(stored_name(Event(MailFailed{})) == "MailFailed.2");
    CHECK(type_of(Event(MailFailed{})) == "MailFailed");
    CHECK(event_type("MailFailed.2") == "mail_failed");
    CHECK(event_type(Event(MailFailed{})) == "mail_failed");
    CHECK((names_type<MailFailed>("MailFailed") && names_type<MailFailed>("MailFailed.2")));
    CHECK_FALSE((names_type<MailFailed>("MailFailedToo") || names_type<MailSent>("MailFailed")));
}

}  // namespace
}  // namespace muster::test
