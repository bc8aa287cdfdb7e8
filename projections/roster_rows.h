#pragma once
// The roster's rows. Only the projection writes them and only its queries read them; integers are big-endian.
//
//   p ‖ member                  -> person: sort name ‖ number of words u16 ‖ words ‖ delivery ‖ Membership (codec.h)
//   x ‖ resource                -> resource: sort text ‖ Resource (codec.h)
//   c ‖ workspace ‖ claim       -> (member ‖ position of its first event u64)…: who came with that e-mail claim and is
//                                  not erased
//   q ‖ an index entry's base   -> how many entries have it (Rows::add)
//
// A text in a value is its size u16 ‖ bytes. delivery := status u8 ‖ attempts u32 ‖ detail ‖ cause u64 ‖ trouble u8.
// Index entries have no value. An entry's key is base ‖ sort key ‖ id, and the sort key ‖ id, called its suffix, is the
// same in all entries that list somebody in the same order: so entries of several bases merge into one list, and a
// suffix is what a page's cursor holds. `moment` is milliseconds since 1970 with the sign flipped; a text of a key ends
// with 0, and none holds one.
//
//   base                                      suffix
//   s ‖ workspace ‖ place                     moment of creation ‖ member       by status
//   o ‖ workspace ‖ role ‖ 0 ‖ place          moment of creation ‖ member       by role
//   t ‖ workspace ‖ team ‖ place              moment of creation ‖ member       by team
//   d ‖ workspace ‖ mail status u8 ‖ place    moment of creation ‖ member       by delivery, who was invited
//   l ‖ workspace ‖ licence ‖ 0 ‖ place       moment of creation ‖ member       by licence or add-on
//   r ‖ workspace ‖ resource ‖ place          moment of creation ‖ member       by resource
//   n ‖ workspace ‖ place                     name ‖ 0 ‖ member                 members only, as are the next three
//   e ‖ workspace ‖ place                     canonical e-mail ‖ 0 ‖ member
//   j ‖ workspace ‖ place                     moment of joining ‖ member
//   i ‖ workspace ‖ place                     0 or 1 ‖ moment of last sign-in ‖ member
//   w ‖ workspace ‖ place                     word ‖ 0 ‖ member
//   a ‖ workspace                             sort text ‖ resource              all resources
//   k ‖ workspace ‖ kind ‖ 0                  sort text ‖ resource
//   g ‖ workspace ‖ group ‖ 0                 sort text ‖ resource

#include "domain/mail.h"
#include "domain/membership.h"
#include "domain/resource.h"
#include "domain/text.h"
#include "eventstore/table.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace muster::roster {

inline constexpr Family rows_family = 0;
// Longer ones are cut in keys: behind that, ids order them.
inline constexpr std::size_t sort_text_bytes_max = 256;
inline constexpr std::size_t word_bytes_max = 128;

// Where a person is listed; deleted people nowhere. Numbers stand in keys.
enum class Place : std::uint8_t {
    pending = 1,
    expired = 2,
    revoked = 3,
    active_invited = 4,
    active_created = 5,
    deactivated_invited = 6,
    deactivated_created = 7
};
std::optional<Place> place_of(const Membership& membership);

// What Unicode made of a person's texts is kept, so that their entries are found again under a newer Unicode.
struct PersonRow {
    Membership state;
    std::string sort_name;
    std::vector<std::string> words;  // in order, each once
    MailDelivery delivery{};         // of the invitation
};
PersonRow person_row(Membership state, MailDelivery delivery, const Unicode& unicode);
std::string encode(const PersonRow& row);
PersonRow decode_person(std::string_view bytes);

struct ResourceRow {
    Resource state;
    // group as it is sorted ‖ 0 ‖ group as it is ‖ 0 ‖ name as it is sorted ‖ 0: groups that differ in case alone stand
    // side by side, each with all of its own.
    std::string sort_text;
};
ResourceRow resource_row(Resource state, const Unicode& unicode);
std::string encode(const ResourceRow& row);
ResourceRow decode_resource_row(std::string_view bytes);

struct Entries {
    std::set<std::string> keys;
    std::set<std::string> counted;  // rows of q that count one for it
};
Entries entries_of(const PersonRow& row);
Entries entries_of(const ResourceRow& row);

// Those who came with an e-mail claim, in order of position.
struct ClaimUse {
    MemberId member;
    std::uint64_t first = 0;
};
std::string encode(const std::vector<ClaimUse>& uses);
std::vector<ClaimUse> decode_claim_uses(std::string_view bytes);

namespace keys {

std::string person(MemberId id);
std::string resource(ResourceId id);
std::string claim(WorkspaceId workspace, std::string_view email_claim);
std::string count(std::string_view base);

// Bases, the place left out where `place` is not named.
std::string by_status(WorkspaceId workspace);
std::string by_role(WorkspaceId workspace, const RoleKey& role);
std::string by_team(WorkspaceId workspace, TeamId team);
std::string by_delivery(WorkspaceId workspace, MailStatus status);
std::string by_license(WorkspaceId workspace, const LicenseKey& license);
std::string by_resource(WorkspaceId workspace, ResourceId resource);
std::string by_name(WorkspaceId workspace);
std::string by_email(WorkspaceId workspace);
std::string by_joined_at(WorkspaceId workspace);
std::string by_last_login_at(WorkspaceId workspace);
std::string by_word(WorkspaceId workspace);
std::string in(std::string base, Place place);
std::string all_resources(WorkspaceId workspace);
std::string resources_of_kind(WorkspaceId workspace, const Name& kind);
std::string resources_of_group(WorkspaceId workspace, const Name& group);

}  // namespace keys

namespace suffixes {

std::string created_at(const PersonRow& row);
std::string name(const PersonRow& row);
std::string email(const PersonRow& row);
std::string joined_at(const PersonRow& row);
std::string last_login_at(const PersonRow& row);
std::string word(const PersonRow& row, std::string_view word);
std::string resource(const ResourceRow& row);
// Every suffix ends with the id of what is listed. Throws DecodeError if there is no room for one.
Uuid id_in(std::string_view suffix);

}  // namespace suffixes

}  // namespace muster::roster
