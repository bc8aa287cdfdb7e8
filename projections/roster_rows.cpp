#include "projections/roster_rows.h"

#include "eventstore/bytes.h"
#include "eventstore/codec.h"

#include <algorithm>
#include <cstring>

namespace muster::roster {
namespace {

void append(std::string& bytes, const Uuid& id) {
    bytes.append(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
}

void append(std::string& bytes, Instant at) {
    append_u64(bytes, static_cast<std::uint64_t>(at.ms) ^ std::uint64_t{1} << 63);
}

void append_ended(std::string& bytes, std::string_view text) {
    bytes += text;
    bytes += '\0';
}

void append_sized(std::string& bytes, std::string_view text) {
    append_u16(bytes, static_cast<std::uint16_t>(text.size()));
    bytes += text;
}

std::string take_sized(ByteReader& reader) { return std::string(reader.take(reader.take<std::uint16_t>())); }

Uuid to_uuid(std::string_view bytes) {
    Uuid id;
    std::memcpy(id.bytes.data(), bytes.data(), id.bytes.size());
    return id;
}

std::string of_id(char letter, const Uuid& id) {
    std::string key(1, letter);
    append(key, id);
    return key;
}

std::string with_id(char letter, WorkspaceId workspace, const Uuid& id) {
    auto key = of_id(letter, workspace.uuid);
    append(key, id);
    return key;
}

std::string with_text(char letter, WorkspaceId workspace, std::string_view text) {
    auto key = of_id(letter, workspace.uuid);
    append_ended(key, text);
    return key;
}

}  // namespace

// ---- Keys.

namespace keys {

std::string person(MemberId id) { return of_id('p', id.uuid); }
std::string resource(ResourceId id) { return of_id('x', id.uuid); }
std::string claim(WorkspaceId workspace, std::string_view email_claim) {
    return of_id('c', workspace.uuid).append(email_claim);
}
std::string count(std::string_view base) { return std::string("q").append(base); }

std::string by_status(WorkspaceId workspace) { return of_id('s', workspace.uuid); }
std::string by_role(WorkspaceId workspace, const RoleKey& role) { return with_text('o', workspace, role.value); }
std::string by_team(WorkspaceId workspace, TeamId team) { return with_id('t', workspace, team.uuid); }
std::string by_delivery(WorkspaceId workspace, MailStatus status) {
    auto key = of_id('d', workspace.uuid);
    append_u8(key, static_cast<std::uint8_t>(status));
    return key;
}
std::string by_license(WorkspaceId workspace, const LicenseKey& license) {
    return with_text('l', workspace, license.value);
}
std::string by_resource(WorkspaceId workspace, ResourceId resource) { return with_id('r', workspace, resource.uuid); }
std::string by_name(WorkspaceId workspace) { return of_id('n', workspace.uuid); }
std::string by_email(WorkspaceId workspace) { return of_id('e', workspace.uuid); }
std::string by_joined_at(WorkspaceId workspace) { return of_id('j', workspace.uuid); }
std::string by_last_login_at(WorkspaceId workspace) { return of_id('i', workspace.uuid); }
std::string by_word(WorkspaceId workspace) { return of_id('w', workspace.uuid); }
std::string in(std::string base, Place place) {
    append_u8(base, static_cast<std::uint8_t>(place));
    return base;
}
std::string all_resources(WorkspaceId workspace) { return of_id('a', workspace.uuid); }
std::string resources_of_kind(WorkspaceId workspace, const Name& kind) { return with_text('k', workspace, kind.value); }
std::string resources_of_group(WorkspaceId workspace, const Name& group) {
    return with_text('g', workspace, group.value);
}

}  // namespace keys

namespace suffixes {
namespace {

std::string text_then_id(std::string_view text, const PersonRow& row) {
    std::string suffix;
    append_ended(suffix, text.substr(0, sort_text_bytes_max));
    append(suffix, row.state.id.uuid);
    return suffix;
}

std::string moment_then_id(Instant at, const PersonRow& row) {
    std::string suffix;
    append(suffix, at);
    append(suffix, row.state.id.uuid);
    return suffix;
}

}  // namespace

std::string created_at(const PersonRow& row) { return moment_then_id(row.state.created_at, row); }
std::string name(const PersonRow& row) { return text_then_id(row.sort_name, row); }
std::string email(const PersonRow& row) { return text_then_id(row.state.email.or_blank().canonical(), row); }
std::string joined_at(const PersonRow& row) { return moment_then_id(row.state.joined_at.value_or(Instant{}), row); }
std::string last_login_at(const PersonRow& row) {
    std::string suffix;
    append_u8(suffix, row.state.last_login_at ? 1 : 0);  // who never signed in comes before all others
    return suffix.append(moment_then_id(row.state.last_login_at.value_or(Instant{}), row));
}
std::string word(const PersonRow& row, std::string_view word) { return text_then_id(word, row); }
std::string resource(const ResourceRow& row) {
    std::string suffix = row.sort_text;
    append(suffix, row.state.id.uuid);
    return suffix;
}

Uuid id_in(std::string_view suffix) {
    if (suffix.size() < sizeof(Uuid)) throw DecodeError("an index entry of the roster ends before its id does");
    return to_uuid(suffix.substr(suffix.size() - sizeof(Uuid)));
}

}  // namespace suffixes

// ---- Rows.

PersonRow person_row(Membership state, MailDelivery delivery, const Unicode& unicode) {
    PersonRow row{std::move(state), {}, {}, std::move(delivery)};
    std::set<std::string> words;
    auto add = [&](std::string_view text) {
        for (auto& each : unicode.search_words(text)) words.insert(each.substr(0, word_bytes_max));
    };
    if (const auto* profile = row.state.profile.if_known()) {
        row.sort_name = unicode.sort_key(profile->name).substr(0, sort_text_bytes_max);
        add(profile->name);
        if (profile->job_title) add(profile->job_title->value);
    }
    if (const auto* email = row.state.email.if_known()) add(email->text());
    row.words.assign(words.begin(), words.end());
    return row;
}

std::string encode(const PersonRow& row) {
    std::string bytes;
    append_sized(bytes, row.sort_name);
    append_u16(bytes, static_cast<std::uint16_t>(row.words.size()));
    for (const auto& each : row.words) append_sized(bytes, each);
    append_u8(bytes, static_cast<std::uint8_t>(row.delivery.status));
    append_u32(bytes, row.delivery.attempts);
    append_sized(bytes, row.delivery.detail);
    append_u64(bytes, row.delivery.cause);
    append_u8(bytes, static_cast<std::uint8_t>(row.delivery.trouble));
    return bytes.append(encode_state(row.state));
}

PersonRow decode_person(std::string_view bytes) {
    ByteReader reader(bytes);
    PersonRow row;
    row.sort_name = take_sized(reader);
    auto words = reader.take<std::uint16_t>();
    for (std::size_t each = 0; each < words; ++each) row.words.push_back(take_sized(reader));
    row.delivery.status = static_cast<MailStatus>(reader.take<std::uint8_t>());
    if (name_of(row.delivery.status).empty()) throw DecodeError("a row of the roster has a mail of an unknown status");
    row.delivery.attempts = reader.take<std::uint32_t>();
    row.delivery.detail = take_sized(reader);
    row.delivery.cause = reader.take<std::uint64_t>();
    row.delivery.trouble = static_cast<MailTrouble>(reader.take<std::uint8_t>());
    if (name_of(row.delivery.trouble).empty())
        throw DecodeError("a row of the roster has a mail of an unknown trouble");
    row.state = decode_membership(reader.rest());
    return row;
}

ResourceRow resource_row(Resource state, const Unicode& unicode) {
    auto sortable = [&](std::string_view text) { return unicode.sort_key(text).substr(0, sort_text_bytes_max); };
    ResourceRow row{std::move(state), {}};
    const auto group = row.state.group ? row.state.group->value : std::string();
    append_ended(row.sort_text, sortable(group));
    append_ended(row.sort_text, group);
    append_ended(row.sort_text, sortable(row.state.name.value));
    return row;
}

std::string encode(const ResourceRow& row) {
    std::string bytes;
    append_sized(bytes, row.sort_text);
    return bytes.append(encode_state(row.state));
}

ResourceRow decode_resource_row(std::string_view bytes) {
    ByteReader reader(bytes);
    ResourceRow row;
    row.sort_text = take_sized(reader);
    row.state = decode_resource(reader.rest());
    return row;
}

std::string encode(const std::vector<ClaimUse>& uses) {
    std::string bytes;
    for (const auto& each : uses) {
        append(bytes, each.member.uuid);
        append_u64(bytes, each.first);
    }
    return bytes;
}

std::vector<ClaimUse> decode_claim_uses(std::string_view bytes) {
    std::vector<ClaimUse> uses;
    for (ByteReader reader(bytes); !reader.empty();) {
        MemberId member{to_uuid(reader.take(sizeof(Uuid)))};
        uses.push_back({member, reader.take<std::uint64_t>()});
    }
    return uses;
}

// ---- Index entries.

std::optional<Place> place_of(const Membership& membership) {
    switch (membership.phase) {
        case Phase::none:
        case Phase::deleted:
            return std::nullopt;
        case Phase::pending:
            return Place::pending;
        case Phase::expired:
            return Place::expired;
        case Phase::revoked:
            return Place::revoked;
        case Phase::active:
            return membership.invited ? Place::active_invited : Place::active_created;
        case Phase::deactivated:
            return membership.invited ? Place::deactivated_invited : Place::deactivated_created;
    }
    return std::nullopt;
}

Entries entries_of(const PersonRow& row) {
    Entries entries;
    const auto& state = row.state;
    auto place = place_of(state);
    if (!place) return entries;
    auto add = [&](std::string base, std::string_view suffix) {
        entries.keys.insert(keys::in(std::move(base), *place).append(suffix));
    };
    auto add_counted = [&](std::string base, std::string_view suffix) {
        entries.counted.insert(keys::count(keys::in(base, *place)));
        add(std::move(base), suffix);
    };

    const auto& given = state.assignment;
    auto created = suffixes::created_at(row);
    add_counted(keys::by_status(state.workspace), created);
    add_counted(keys::by_role(state.workspace, given.role), created);
    for (const auto& team : given.teams) add_counted(keys::by_team(state.workspace, team), created);
    if (state.invited) add_counted(keys::by_delivery(state.workspace, row.delivery.status), created);
    if (given.license) add_counted(keys::by_license(state.workspace, *given.license), created);
    for (const auto& add_on : given.add_ons) add_counted(keys::by_license(state.workspace, add_on), created);
    for (const auto& each : given.resources) add_counted(keys::by_resource(state.workspace, each.id), created);

    if (state.member()) {
        add(keys::by_name(state.workspace), suffixes::name(row));
        add(keys::by_email(state.workspace), suffixes::email(row));
        add(keys::by_joined_at(state.workspace), suffixes::joined_at(row));
        add(keys::by_last_login_at(state.workspace), suffixes::last_login_at(row));
    }
    for (const auto& word : row.words) add(keys::by_word(state.workspace), suffixes::word(row, word));
    return entries;
}

Entries entries_of(const ResourceRow& row) {
    Entries entries;
    if (!row.state.exists()) return entries;
    auto suffix = suffixes::resource(row);
    auto add = [&](std::string base) {
        entries.counted.insert(keys::count(base));
        entries.keys.insert(base.append(suffix));
    };
    add(keys::all_resources(row.state.workspace));
    add(keys::resources_of_kind(row.state.workspace, row.state.kind));
    if (row.state.group) add(keys::resources_of_group(row.state.workspace, *row.state.group));
    return entries;
}

}  // namespace muster::roster
