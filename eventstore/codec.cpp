#include "eventstore/codec.h"

#include "eventstore/crypto.h"
#include "eventstore/former_events.h"

#include <cereal/cereal.hpp>
#include <cereal/types/array.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/set.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>

#include <bit>
#include <cstring>

namespace muster {

static_assert(std::endian::native == std::endian::little, "the archive writes numbers as they stand in memory");

// ---- The archives: clear bytes here, personal bytes apart.

class Output : public cereal::OutputArchive<Output, cereal::AllowEmptyClassElision> {
public:
    explicit Output(std::string& clear, std::string* personal)
        : OutputArchive(this), clear_(clear), personal_(personal) {}
    void write(const void* bytes, std::size_t size) { to().append(static_cast<const char*>(bytes), size); }

    template <class T>
    void personal(const Personal<T>& field) {
        const T* known = field.if_known();
        auto mark = static_cast<std::uint8_t>(known ? 1 : 0);
        write(&mark, 1);
        if (!known) return;
        within_personal_ = personal_ != nullptr;
        (*this)(*known);
        within_personal_ = false;
    }

private:
    std::string& to() { return within_personal_ ? *personal_ : clear_; }
    std::string& clear_;
    std::string* personal_;  // nullptr: personal fields stand in the clear part (a read model's rows)
    bool within_personal_ = false;
};

class Input : public cereal::InputArchive<Input, cereal::AllowEmptyClassElision> {
public:
    // `personal`: nullopt where the key is gone; `split` where personal fields stand apart.
    Input(std::string_view clear, std::optional<std::string_view> personal, bool split)
        : InputArchive(this), clear_(clear), personal_(personal), split_(split) {}

    void read(void* bytes, std::size_t size) {
        auto& from = within_personal_ ? *personal_ : clear_;
        if (size > from.size()) throw DecodeError("the bytes end before the value does");
        std::memcpy(bytes, from.data(), size);
        from.remove_prefix(size);
    }
    // A declared number of elements, each of at least one byte.
    void bound(std::uint64_t count) const {
        if (count > (within_personal_ ? *personal_ : clear_).size())
            throw DecodeError("a declared size is larger than what remains");
    }
    template <class T>
    void personal(Personal<T>& field) {
        std::uint8_t mark = 0;
        read(&mark, 1);
        if (mark > 1) throw DecodeError("a personal field's mark is neither 0 nor 1");
        if (mark == 0 || (split_ && !personal_)) return;
        T value{};
        within_personal_ = split_;
        (*this)(value);
        within_personal_ = false;
        field = Personal<T>(std::move(value));
    }
    void finish() const {
        if (!clear_.empty() || (personal_ && !personal_->empty())) throw DecodeError("bytes are left over");
    }

private:
    std::string_view clear_;
    std::optional<std::string_view> personal_;
    bool split_;
    bool within_personal_ = false;
};

template <class T>
    requires std::is_arithmetic_v<T>
void CEREAL_SAVE_FUNCTION_NAME(Output& archive, const T& value) {
    archive.write(&value, sizeof value);
}
template <class T>
    requires std::is_arithmetic_v<T>
void CEREAL_LOAD_FUNCTION_NAME(Input& archive, T& value) {
    archive.read(&value, sizeof value);
}
template <>
inline void CEREAL_LOAD_FUNCTION_NAME(Input& archive, bool& value) {
    std::uint8_t byte = 0;
    archive.read(&byte, 1);
    if (byte > 1) throw DecodeError("a truth value is neither 0 nor 1");
    value = byte == 1;
}
template <class T>
void CEREAL_SERIALIZE_FUNCTION_NAME(Output& archive, cereal::NameValuePair<T>& pair) {
    archive(pair.value);
}
template <class T>
void CEREAL_SERIALIZE_FUNCTION_NAME(Input& archive, cereal::NameValuePair<T>& pair) {
    archive(pair.value);
}
template <class T>
void CEREAL_SAVE_FUNCTION_NAME(Output& archive, const cereal::SizeTag<T>& tag) {
    archive(static_cast<std::uint64_t>(tag.size));
}
template <class T>
void CEREAL_LOAD_FUNCTION_NAME(Input& archive, cereal::SizeTag<T>& tag) {
    std::uint64_t size = 0;
    archive(size);
    archive.bound(size);
    tag.size = static_cast<std::decay_t<T>>(size);
}
template <class T>
void CEREAL_SAVE_FUNCTION_NAME(Output& archive, const cereal::BinaryData<T>& data) {
    archive.write(data.data, static_cast<std::size_t>(data.size));
}
template <class T>
void CEREAL_LOAD_FUNCTION_NAME(Input& archive, cereal::BinaryData<T>& data) {
    archive.bound(data.size);
    archive.read(data.data, static_cast<std::size_t>(data.size));
}

// ---- Our types: described structs by their field list, values by what they hold.

// An enum is its number in one byte; one that the program does not know is damage.
template <class Archive, class Field>
void one_field(Archive& archive, Field& field) {
    if constexpr (DescribedEnum<Field>) {
        auto number = static_cast<std::uint8_t>(field);
        archive(number);
        field = static_cast<Field>(number);
        if (name_of(field).empty()) throw DecodeError("an enumerator of an unknown number");
    } else {
        archive(field);
    }
}

template <class Archive, Described T>
void serialize(Archive& archive, T& value) {
    for_each_field(value, [&](std::string_view, auto& field) { one_field(archive, field); });
}

template <class T>
void save(Output& archive, const Personal<T>& field) {
    archive.personal(field);
}
template <class T>
void load(Input& archive, Personal<T>& field) {
    archive.personal(field);
}

template <class Archive, class Rule>
void serialize(Archive& archive, Text<Rule>& text) {
    archive(text.value);
}
template <class Archive, class Tag>
void serialize(Archive& archive, Key<Tag>& key) {
    archive(key.value);
}
template <class Archive>
void serialize(Archive& archive, FoldedName& name) {
    archive(name.value, name.folded);
}
template <class Archive>
void serialize(Archive& archive, EmailDomain& domain) {
    archive(domain.value);
}
template <class Archive>
void serialize(Archive& archive, Instant& instant) {
    archive(instant.ms);
    if constexpr (std::is_same_v<Archive, Input>)
        if (!instant.in_calendar() && instant != Instant::never())
            throw DecodeError("a time is in no year from 1 to 9999");
}
template <class Archive>
void serialize(Archive& archive, Uuid& uuid) {
    archive(uuid.bytes);
}
template <class Archive, class Tag>
void serialize(Archive& archive, Id<Tag>& id) {
    archive(id.uuid);
}
template <class Archive>
void serialize(Archive& archive, Actor& actor) {
    one_field(archive, actor.kind);
    archive(actor.id);
}

void save(Output& archive, const EmailAddress& address) { archive(address.text(), address.canonical()); }
void load(Input& archive, EmailAddress& address) {
    std::string text, canonical;
    archive(text, canonical);
    address = EmailAddress(std::move(text), std::move(canonical));
}

}  // namespace muster

CEREAL_REGISTER_ARCHIVE(muster::Output)
CEREAL_REGISTER_ARCHIVE(muster::Input)
CEREAL_SETUP_ARCHIVE_TRAITS(muster::Input, muster::Output)

namespace muster {
namespace {

template <class T>
constexpr bool personal_in() {
    if constexpr (IsPersonal<T>::value) {
        return true;
    } else if constexpr (Described<T>) {
        return []<template <class...> class List, class... Field>(List<Field...>) {
            return (personal_in<std::remove_cvref_t<decltype(std::declval<T&>().*Field::pointer)>>() || ...);
        }(FieldsOf<T>{});
    } else {
        return false;
    }
}

// What sealed bytes are bound to, so that they open nowhere else and beside no other clear part.
std::string bound_to(const Uuid& key, std::string_view type, std::string_view clear) {
    std::string bound(reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size());
    return bound.append(type).append(1, '\0').append(clear);
}

template <class T>
std::string clear_bytes(const T& value) {
    std::string bytes;
    Output output(bytes, nullptr);
    output(value);
    return bytes;
}

template <class T>
T from_clear(std::string_view bytes) {
    T value;
    Input input(bytes, std::nullopt, false);
    input(value);
    input.finish();
    return value;
}

// A payload taken apart; its personal part is opened where the key is there.
struct Opened {
    std::string_view clear;
    std::optional<std::string_view> personal;
    bool split = false;  // it has a personal part
};

template <class Shape>
Shape read_as(const Opened& payload) {
    if (personal_in<Shape>() != payload.split)
        throw DecodeError("personal data stands in clear, or where there is none");
    Shape event;
    Input input(payload.clear, payload.personal, payload.split);
    input(event);
    input.finish();
    return event;
}

template <class List, class F>
void for_each_type(F&& f) {
    boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, List>>(std::forward<F>(f));
}

}  // namespace

bool has_personal_data(const Event& event) {
    return std::visit([]<class E>(const E&) { return personal_in<E>(); }, event);
}

std::string encode(const Event& event, const PersonKey* key) {
    std::string clear, personal;
    return std::visit(
        [&]<class E>(const E& each) {
            std::string payload;
            if constexpr (personal_in<E>()) {
                if (!key) throw std::logic_error("an event with personal data needs the person's key");
                Output output(clear, &personal);
                output(each);
                append_u8(payload, 1);
                payload.append(reinterpret_cast<const char*>(key->id.bytes.data()), key->id.bytes.size());
                append_u32(payload, static_cast<std::uint32_t>(clear.size()));
                payload += clear;
                payload += seal(key->key, personal, bound_to(key->id, stored_name<E>(), clear));
            } else {
                Output output(clear, nullptr);
                output(each);
                append_u8(payload, 0);
                payload += clear;
            }
            return payload;
        },
        event);
}

std::optional<Uuid> sealed_under(std::string_view payload) {
    if (payload.size() < 17 || payload[0] != 1) return std::nullopt;
    Uuid key;
    std::memcpy(key.bytes.data(), payload.data() + 1, 16);
    return key;
}

Event decode(std::string_view type, std::string_view payload, const KeyLookup& keys) {
    ByteReader reader(payload);
    auto form = reader.take<std::uint8_t>();
    if (form > 1) throw DecodeError("a payload begins with neither 0 nor 1");
    std::string_view clear = reader.rest();
    std::string opened;
    std::optional<std::string_view> personal;
    if (form == 1) {
        auto id = sealed_under(payload);
        (void)reader.take(16);
        auto size = reader.take<std::uint32_t>();
        clear = reader.take(size);
        if (auto key = keys(*id)) {
            auto plain = unseal(*key, reader.rest(), bound_to(*id, type, clear));
            if (!plain) throw DecodeError("personal data does not open under its key: it was altered");
            opened = std::move(*plain);
            personal = opened;
        }
    }
    const Opened parts{clear, personal, form == 1};
    std::optional<Event> event;
    for_each_type<EventTypes>([&](auto each) {
        using E = typename decltype(each)::type;
        if (type == stored_name<E>()) event = read_as<E>(parts);
    });
    for_each_type<FormerEvents>([&](auto each) {
        using Former = typename decltype(each)::type;
        if (type == Former::stored) event = today(read_as<Former>(parts));
    });
    if (!event)
        throw UnknownEvent("events of type `" + std::string(type) +
                           "` are unknown to this program; a newer one wrote them");
    return std::move(*event);
}

std::string encode_state(const Membership& membership) { return clear_bytes(membership); }
Membership decode_membership(std::string_view bytes) { return from_clear<Membership>(bytes); }
std::string encode_state(const Resource& resource) { return clear_bytes(resource); }
Resource decode_resource(std::string_view bytes) { return from_clear<Resource>(bytes); }

}  // namespace muster
