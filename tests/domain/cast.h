// The cast of the domain's tests: who and what they speak of, and how things are made from text.
#pragma once

#include "domain/event.h"

#include <string>
#include <string_view>
#include <vector>

namespace muster::spec {

// Compares by ASCII rules alone, so that the domain's tests need no library; api/unicode_test has the real ones.
struct PlainUnicode final : Unicode {
    [[nodiscard]] std::optional<std::string> canonical_local_part(std::string_view text) const override;
    [[nodiscard]] std::optional<std::string> canonical_domain(std::string_view text) const override;
    [[nodiscard]] std::string folded(std::string_view text) const override;
    [[nodiscard]] std::string titled(std::string_view word) const override;
    [[nodiscard]] std::vector<std::string> search_words(std::string_view text) const override;
    [[nodiscard]] std::string sort_key(std::string_view text) const override;
};
inline const PlainUnicode ascii;

// ---- Time: everything begins on a Monday morning.

inline constexpr Instant monday{1'767'603'600'000};  // 2026-01-05T09:00:00.000Z
constexpr std::int64_t hours(std::int64_t n) { return n * 3600; }
constexpr std::int64_t days(std::int64_t n) { return n * 86'400; }
constexpr Instant moment(std::int64_t seconds) { return {monday.ms + seconds * 1000}; }

// ---- Ids, numbered by hand.

template <class Id>
constexpr Id numbered(std::uint8_t n) {
    Id id;
    id.uuid.bytes[6] = 0x70;
    id.uuid.bytes[15] = n;
    return id;
}

inline constexpr auto spring = numbered<WorkspaceId>(1);  // the workspace, of preset `default`
inline constexpr auto ada = numbered<MemberId>(1);        // its active admin from the beginning
inline constexpr auto grace = numbered<MemberId>(2);      // whom most tests are about
inline constexpr auto linus = numbered<MemberId>(3);      // another person
inline constexpr auto newcomer = numbered<MemberId>(9);   // the id that a new person gets
inline constexpr auto wish = numbered<RequestId>(1);      // the request that most tests on requests are about
inline constexpr auto sales = numbered<TeamId>(1);
inline constexpr auto support = numbered<TeamId>(2);
inline constexpr auto kept = numbered<TeamId>(31).uuid;    // the credential that a new password is kept under
inline constexpr auto former = numbered<TeamId>(30).uuid;  // one that was kept before
inline constexpr auto robot = numbered<ResourceId>(1);     // a resource: an agent
inline constexpr auto parrot = numbered<ResourceId>(2);

// ---- Values from text; a text that is not valid is the test's own mistake, and throws.

template <class T>
T made(std::string_view text) {
    return T::parse(text, ascii).value();
}
inline EmailAddress address(std::string_view text) { return made<EmailAddress>(text); }
inline Name named(std::string_view text) { return made<Name>(text); }
inline FoldedName team_name(std::string_view text) { return made<FoldedName>(text); }
template <class... Texts>
std::vector<TeamRef> teams(const Texts&... texts) {
    return {team_name(texts)...};
}

inline const EmailAddress ada_address = address("ada@spring.example");
inline const EmailAddress grace_address = address("grace@spring.example");
inline const EmailAddress linus_address = address("linus@spring.example");
inline const EmailAddress new_address = address("nina.north@spring.example");

// What stands for the address's HMAC.
inline std::string claim_of(const EmailAddress& email) { return "HMAC of " + email.canonical(); }

inline const RoleKey admin{"admin"};
inline const RoleKey plain{"member"};
inline const RoleKey guest{"guest"};

inline const LicenseKey basic{"basic"};                // free and unlimited
inline const LicenseKey organization{"organization"};  // paid
inline const LicenseKey coaching{"coaching"};          // an add-on that goes with `organization`
inline const PermissionKey crm{"crm.access"};
inline const PermissionKey recordings{"recordings.view"};

}  // namespace muster::spec
