// Members and invitations, one by one and in lists.
#include "api/file_source.h"
#include "api/listing.h"
#include "api/members_file.h"
#include "api/parameters.h"
#include "api/problem.h"
#include "api/queries.h"
#include "api/views.h"
#include "projections/roster_query.h"

namespace muster::queries {
namespace {

// Teams as a filter names them, by id or name; a name of no team finds nobody.
std::vector<TeamId> team_ids(const Call& call, const std::vector<std::string>& named) {
    std::vector<TeamId> ids;
    for (const auto& each : named) {
        auto id = TeamId::parse(each);
        const auto* team = id ? nullptr : call.workspace->team_named(call.service.unicode.folded(each));
        ids.push_back(id ? *id : team ? team->id : TeamId{});
    }
    return ids;
}

std::vector<std::string> words_of(const Call& call, const std::optional<std::string>& q) {
    return q ? call.service.unicode.search_words(*q) : std::vector<std::string>{};
}

// Mails as the list's own read model has them, which was filtered by it.
NameLookup names_in(const Call& call, const Reading& reading) {
    auto known = names(call, *call.workspace);
    known.last_login = nullptr;
    known.delivery = [&reading](const Membership& membership) { return roster::delivery(reading, membership.id); };
    return known;
}

template <class Page, class Write>
void answer_people(const Call& call, const Reading& reading, const Page& page, Position position, Write write) {
    auto known = names_in(call, reading);
    std::string items;
    ArrayWriter array(items);
    for (const auto& each : page.items) {
        ObjectWriter into(array.next());
        write(into, each, known);
        into.end();
    }
    array.end();
    answer_list(call, std::move(items), page.next, position, {page.total, page.total_at_least});
}

template <class Write>
void answer_person(const Call& call, const Reading& reading, const Membership& membership, Position position,
                   Write write) {
    std::string out;
    ObjectWriter into(out);
    write(into, membership, names_in(call, reading));
    into.end();
    call.done(response({200, std::move(out), position, membership.version, {}}));
}

// An item of `people`: which of the two it is, then as it is elsewhere.
void write_of_people(ObjectWriter& into, const Membership& membership, const NameLookup& names) {
    bool member = membership.member();
    into.field("kind", member ? "member" : "invitation");
    member ? write_member(into, membership, names) : write_invitation(into, membership, names);
}

// The parameters of the list of members, or of the file; false where the caller is answered.
template <class Wanted>
bool read_members(const Call& call, Wanted& wanted) {
    return read_list(call, wanted, [&](Faults& faults) {
        if (wanted.q && wanted.sort)
            faults.add({"?sort", Code::invalid_value, "A search is listed by the word found; leave `sort` out.", {}});
    });
}

template <class Wanted>
roster::MemberFilter member_filter(const Call& call, const Wanted& wanted) {
    roster::MemberFilter filter;
    for (auto each : wanted.status)
        filter.statuses.push_back(each == MemberStatus::active ? Phase::active : Phase::deactivated);
    filter.words = words_of(call, wanted.q);
    filter.roles = wanted.role;
    filter.teams = team_ids(call, wanted.team);
    filter.licenses = wanted.license;
    filter.resources = wanted.resource;
    filter.inactive_since = wanted.inactive_since;
    constexpr roster::Sort sorts[] = {roster::Sort::name, roster::Sort::email, roster::Sort::joined_at,
                                      roster::Sort::last_login_at};
    filter.sort = sorts[static_cast<std::size_t>(wanted.sort.value_or(MemberSort::name))];
    filter.order = wanted.order == SortOrder::desc ? roster::Order::descending : roster::Order::ascending;
    return filter;
}

}  // namespace

void members(std::shared_ptr<Call> call) {
    MemberParameters wanted;
    if (!read_members(*call, wanted)) return;
    auto place = place_of(*call, wanted.cursor);
    if (!place) return;
    auto filter = member_filter(*call, wanted);
    filter.paging = {static_cast<std::size_t>(wanted.limit), place->after, wanted.include_total};
    when_fresh(call, "roster", [call, filter](const Reading& reading, Position position) {
        answer_people(*call, reading, roster::members(reading, call->workspace_id, filter), position, write_member);
    });
}

void members_file(std::shared_ptr<Call> call) {
    MembersFileParameters wanted;
    if (!read_members(*call, wanted)) return;
    when_fresh(call, "roster", [call, filter = member_filter(*call, wanted)](const Reading&, Position position) {
        auto name = "members-" + call->workspace->slug.value + ".csv";
        http::Response response;
        response.headers = {{"content-type", "text/csv; charset=utf-8; header=present"},
                            {"content-disposition", "attachment; filename=\"" + name + "\""},
                            {"muster-position", std::to_string(position)}};
        response.stream = file_stream(call, MembersFile(call, filter));
        call->done(std::move(response));
    });
}

void people(std::shared_ptr<Call> call) {
    PeopleParameters wanted;
    if (!read_list(*call, wanted)) return;
    auto place = place_of(*call, wanted.cursor);
    if (!place) return;
    constexpr Phase phases[] = {Phase::pending, Phase::expired, Phase::active, Phase::deactivated};
    roster::PeopleFilter filter;
    for (auto each : wanted.status) filter.statuses.push_back(phases[static_cast<std::size_t>(each)]);
    filter.words = words_of(*call, wanted.q);
    filter.paging = {static_cast<std::size_t>(wanted.limit), place->after, wanted.include_total};
    when_fresh(call, "roster", [call, filter](const Reading& reading, Position position) {
        answer_people(*call, reading, roster::people(reading, call->workspace_id, filter), position, write_of_people);
    });
}

void invitations(std::shared_ptr<Call> call) {
    InvitationParameters wanted;
    if (!read_list(*call, wanted)) return;
    auto place = place_of(*call, wanted.cursor);
    if (!place) return;
    roster::InvitationFilter filter;
    filter.statuses = wanted.status;
    filter.words = words_of(*call, wanted.q);
    filter.roles = wanted.role;
    filter.teams = team_ids(*call, wanted.team);
    filter.paging = {static_cast<std::size_t>(wanted.limit), place->after, wanted.include_total};
    filter.deliveries = wanted.delivery;
    when_fresh(call, "roster", [call, filter](const Reading& reading, Position position) {
        answer_people(*call, reading, roster::invitations(reading, call->workspace_id, filter), position,
                      write_invitation);
    });
}

void invitation(std::shared_ptr<Call> call) {
    auto id = InvitationId::parse(call->parameter("id"));
    when_fresh(call, "roster", [call, id](const Reading& reading, Position position) {
        auto found = id ? roster::member(reading, call->workspace_id, MemberId{id->uuid}) : std::nullopt;
        if (!found || !found->invited)
            return call->refuse({Code::not_found, "There is no such invitation here.", {}, {}});
        if (found->phase == Phase::deleted)
            return call->refuse(
                {Code::member_deleted, "This person was deleted, for good; their history stays in the audit.", {}, {}});
        answer_person(*call, reading, *found, position, write_invitation);
    });
}

void member(std::shared_ptr<Call> call) {
    auto id = MemberId::parse(call->parameter("id"));
    when_fresh(call, "roster", [call, id](const Reading& reading, Position position) {
        auto found = id ? roster::member(reading, call->workspace_id, *id) : std::nullopt;
        if (found && found->phase == Phase::deleted && found->joined_at)
            return call->refuse(
                {Code::member_deleted, "This member was deleted, for good; their history stays in the audit.", {}, {}});
        if (!found || !found->member()) return call->refuse({Code::not_found, "There is no such member here.", {}, {}});
        answer_person(*call, reading, *found, position, write_member);
    });
}

}  // namespace muster::queries
