#pragma once
// What is asked of the roster: people and resources of one workspace, by id, filtered, searched, sorted, page by page.
//
// Every function is a pure function of the reading, which should be a snapshot of the view. All throw DamageError or
// DecodeError where the rows are not what the projection writes.
//
// Paging: a page goes on strictly behind `after` (the `next` of the page before, asked with the same filter and order).
// A row whose sort key does not change is listed exactly once, whatever comes and goes. A page that walked its fill of
// rows ends there, short or empty, with `next`; only a page without `next` is the last. Its cost does not depend on
// how many people there are.

#include "domain/mail.h"
#include "domain/membership.h"
#include "domain/resource.h"
#include "eventstore/table.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace muster::roster {

template <class T>
struct Page {
    std::vector<T> items;
    std::optional<std::string> next;  // bytes for `after`
    // Where it was asked for, one of them: all that the filter lets through, or those found until counting was cut off.
    std::optional<std::int64_t> total;
    std::optional<std::int64_t> total_at_least;
};

struct Paging {
    std::size_t limit = 50;
    std::optional<std::string> after{};
    bool include_total = false;
};

enum class Sort : std::uint8_t { created_at, name, email, joined_at, last_login_at };
enum class Order : std::uint8_t { ascending, descending };

// Several values of a filter: any of them; none: all. Filters of different kinds must all hold.
//
// `words` is what is searched, split by Unicode::search_words: each must begin some word of name, e-mail (local part
// and domain) or job title. A search is listed by the word that was found, and `sort` and `order` are not heeded.
struct MemberFilter {
    std::vector<Phase> statuses{};  // active, deactivated; none: both
    std::vector<std::string> words{};
    std::vector<RoleKey> roles{};
    std::vector<TeamId> teams{};
    std::vector<LicenseKey> licenses{};       // base licences and add-ons
    std::vector<ResourceId> resources{};      // of one that is not there nobody has anything
    std::optional<Instant> inactive_since{};  // active, joined before it, and not signed in since
    Sort sort = Sort::created_at;
    Order order = Order::ascending;  // who never signed in is first in ascending order of last_login_at
    Paging paging{};
};

enum class InvitationStatus : std::uint8_t { pending, expired, accepted, revoked };
MUSTER_ENUM(InvitationStatus, pending, expired, accepted, revoked);

// Newest first; a search by the word found.
struct InvitationFilter {
    std::vector<InvitationStatus> statuses{};  // none: pending and expired
    std::vector<std::string> words{};
    std::vector<RoleKey> roles{};
    std::vector<TeamId> teams{};
    std::vector<MailStatus> deliveries{};
    Paging paging{};
};

// Members and open invitations in one list, newest first; a search by the word found.
struct PeopleFilter {
    std::vector<Phase> statuses{};  // pending, expired, active, deactivated; none: all four
    std::vector<std::string> words{};
    Paging paging{};
};

// By group and name; those without a group first.
struct ResourceFilter {
    std::vector<Name> kinds{};
    std::vector<Name> groups{};
    Paging paging{};
    std::optional<std::set<ResourceId>> only{};  // none: all
};

// What one page may cost; tests lower it.
struct Effort {
    std::size_t rows_walked_max = 10'000;   // also in counting a total
    std::size_t rows_gathered_max = 1'000;  // so many of a filter are sorted on the spot, more are met along the way
};

// Whoever has that id in this workspace, in any phase: revoked and deleted ones too (the latter without their data).
std::optional<Membership> member(const Reading&, WorkspaceId, MemberId);
Page<Membership> members(const Reading&, WorkspaceId, const MemberFilter&, const Effort& = {});
Page<Membership> invitations(const Reading&, WorkspaceId, const InvitationFilter&, const Effort& = {});
Page<Membership> people(const Reading&, WorkspaceId, const PeopleFilter&, const Effort& = {});

// How the mail of somebody's invitation stands.
MailDelivery delivery(const Reading&, MemberId);

// The name of whoever acted, to show beside an id; nullopt where the person is unknown or erased.
std::optional<std::string> name_of(const Reading&, MemberId);

// An invitation's status; nullopt for what never was one, and for deleted people.
std::optional<InvitationStatus> invitation_status(const Membership&);

// The active members of a team.
std::int64_t team_count(const Reading&, WorkspaceId, TeamId);

// Removed ones too: see Resource::exists.
std::optional<Resource> resource(const Reading&, WorkspaceId, ResourceId);
Page<Resource> resources(const Reading&, WorkspaceId, const ResourceFilter&, const Effort& = {});

}  // namespace muster::roster
