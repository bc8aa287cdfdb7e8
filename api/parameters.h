#pragma once
// The parameters of each list, described once: read from the query, and stated in the OpenAPI document.

#include "domain/describe.h"
#include "domain/instant.h"
#include "domain/membership.h"
#include "projections/roster_query.h"

#include <optional>
#include <string>
#include <vector>

namespace muster {

enum class MemberStatus { active, deactivated };
enum class PersonStatus { pending, expired, active, deactivated };
enum class MemberSort { name, email, joined_at, last_login_at };
enum class SortOrder { asc, desc };
enum class GroupBy { group };
MUSTER_ENUM(MemberStatus, active, deactivated);
MUSTER_ENUM(PersonStatus, pending, expired, active, deactivated);
MUSTER_ENUM(MemberSort, name, email, joined_at, last_login_at);
MUSTER_ENUM(SortOrder, asc, desc);
MUSTER_ENUM(GroupBy, group);

// Of every list: how many, from where, and whether to count all.
struct ListParameters {
    std::int64_t limit = 50;
    std::optional<std::string> cursor;
    bool include_total = false;
};
MUSTER_DESCRIBE(ListParameters, limit, cursor, include_total);

// Of the lists of the catalogue that also tell how they stood.
struct CatalogParameters {
    std::optional<std::string> as_of;  // a time or a position
    std::int64_t limit = 50;
    std::optional<std::string> cursor;
    bool include_total = false;
};
MUSTER_DESCRIBE(CatalogParameters, as_of, limit, cursor, include_total);

struct SeatsParameters {
    std::optional<std::string> as_of;
};
MUSTER_DESCRIBE(SeatsParameters, as_of);

struct DiffParameters {
    static constexpr std::string_view required[] = {"from"};
    std::optional<std::string> from;
    std::optional<std::string> to;    // none: now
};
MUSTER_DESCRIBE(DiffParameters, from, to);

struct MemberParameters {
    std::optional<std::string> as_of;
    std::vector<MemberStatus> status;
    std::vector<RoleKey> role;
    std::vector<std::string> team;  // ids or names
    std::vector<LicenseKey> license;
    std::vector<ResourceId> resource;
    std::optional<Instant> inactive_since;
    std::optional<std::string> q;
    std::optional<MemberSort> sort;
    std::optional<SortOrder> order;
    std::int64_t limit = 50;
    std::optional<std::string> cursor;
    bool include_total = false;
};
MUSTER_DESCRIBE(MemberParameters, as_of, status, role, team, license, resource, inactive_since, q, sort, order, limit,
                cursor, include_total);

// The same without pages: a file has all.
struct MembersFileParameters {
    std::vector<MemberStatus> status;
    std::vector<RoleKey> role;
    std::vector<std::string> team;  // ids or names
    std::vector<LicenseKey> license;
    std::vector<ResourceId> resource;
    std::optional<Instant> inactive_since;
    std::optional<std::string> q;
    std::optional<MemberSort> sort;
    std::optional<SortOrder> order;
};
MUSTER_DESCRIBE(MembersFileParameters, status, role, team, license, resource, inactive_since, q, sort, order);

struct PeopleParameters {
    std::vector<PersonStatus> status;
    std::optional<std::string> q;
    std::int64_t limit = 50;
    std::optional<std::string> cursor;
    bool include_total = false;
};
MUSTER_DESCRIBE(PeopleParameters, status, q, limit, cursor, include_total);

struct InvitationParameters {
    std::optional<std::string> as_of;
    std::vector<roster::InvitationStatus> status;
    std::optional<std::string> q;
    std::vector<RoleKey> role;
    std::vector<std::string> team;
    std::vector<MailStatus> delivery;
    std::int64_t limit = 50;
    std::optional<std::string> cursor;
    bool include_total = false;
};
MUSTER_DESCRIBE(InvitationParameters, as_of, status, q, role, team, delivery, limit, cursor, include_total);

struct ResourceParameters {
    std::vector<Name> kind;
    std::vector<Name> group;
    std::optional<GroupBy> group_by;
    std::int64_t limit = 50;
    std::optional<std::string> cursor;
    bool include_total = false;
};
MUSTER_DESCRIBE(ResourceParameters, kind, group, group_by, limit, cursor, include_total);

struct AuditParameters {
    std::vector<std::string> actor;   // ids of members, invitations or API keys, `operator`, `system`
    std::vector<std::string> member;  // ids of members or invitations
    std::vector<std::string> type;
    std::optional<Instant> from;
    std::optional<Instant> to;
    std::optional<std::string> q;
    std::int64_t limit = 50;
    std::optional<std::string> cursor;
    bool include_total = false;
};
MUSTER_DESCRIBE(AuditParameters, actor, member, type, from, to, q, limit, cursor, include_total);

enum class ExportFormat { ndjson, csv };
MUSTER_ENUM(ExportFormat, ndjson, csv);

struct AuditExportParameters {
    ExportFormat format = ExportFormat::ndjson;
    std::optional<Instant> from;
    std::optional<Instant> to;
};
MUSTER_DESCRIBE(AuditExportParameters, format, from, to);

struct EventsParameters {
    std::int64_t after = 0;  // a position; Last-Event-ID counts before it
};
MUSTER_DESCRIBE(EventsParameters, after);

struct ReadyParameters {
    std::optional<std::string> verbose;
};
MUSTER_DESCRIBE(ReadyParameters, verbose);

}  // namespace muster
