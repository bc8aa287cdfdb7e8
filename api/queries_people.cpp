// Members and invitations, one by one and in lists.
#include "api/file_source.h"
#include "api/listing.h"
#include "api/members_file.h"
#include "api/parameters.h"
#include "api/problem.h"
#include "api/queries.h"
#include "api/stood.h"
#include "api/views.h"
#include "projections/roster_query.h"

namespace muster::queries {
namespace {

// Teams as a filter names them, by id or name; what is no team, or none any more, finds nobody. Nothing has the nil id.
std::vector<TeamId> team_ids(const Call& call, const std::vector<std::string>& named) {
    std::vector<TeamId> ids;
    for (const auto& each : named) {
        auto id = TeamId::parse(each);
        if (!id)
            if (const auto* team = call.workspace->team_named(call.service.unicode.folded(each))) id = team->id;
        ids.push_back(id && call.workspace->teams.contains(*id) ? *id : TeamId{});
    }
    return ids;
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

// What read_list also looks at, of the list of members and of the file.
template <class Wanted>
std::function<void(Faults&)> member_faults(const Wanted& wanted) {
    return [&wanted](Faults& faults) {
        if (wanted.q && wanted.sort)
            faults.add({"?sort", Code::invalid_value, "A search is listed by the word found; leave `sort` out.", {}});
    };
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

// What a page, or counting its total, may cost: so many people folded, and so many walked past who came only later.
struct StoodEffort {
    std::size_t folded = 0, met = 0;
    [[nodiscard]] bool is_over() const {
        return folded == limits::people_folded_most || met == limits::people_met_most;
    }
    void spend(const Membership& membership) {
        ++met;
        if (membership.exists()) ++folded;
    }
};

// A page of those who stood then, of whom `listed` says so, in the order of their ids. A page that met its fill of
// people ends there, short or empty.
template <class Wanted, class Listed, class Write>
void answer_stood(const std::shared_ptr<Call>& call, const Wanted& wanted, const StoodPlace& place, Listed listed,
                  Write write) {
    when_stood(call, *place.moment, [call, wanted, place, listed, write](const Stood& stood) {
        auto known = names(stood.as_of, stood.workspace, call->service.unicode);
        std::string items;
        ArrayWriter array(items);
        std::optional<MemberId> last;
        std::optional<std::string> next;
        std::int64_t shown = 0;
        StoodEffort effort;
        for_all(stood.people, place.after ? MemberId::parse(*place.after) : std::nullopt, [&](MemberId id) {
            const auto membership = stood.as_of.membership(id);
            bool full = effort.is_over() || (membership.exists() && shown == wanted.limit);
            if (last && full) {
                next = place.next(last->text());
                return false;
            }
            effort.spend(membership);
            last = id;
            if (!listed(membership)) return true;
            ++shown;
            ObjectWriter into(array.next());
            write(into, membership, known);
            into.end();
            return true;
        });
        array.end();
        Counted counted;
        if (wanted.include_total) {
            std::size_t found = 0;
            bool all = true;
            StoodEffort counting;
            for_all(stood.people, std::nullopt, [&](MemberId id) {
                if (counting.is_over()) return all = false;
                const auto membership = stood.as_of.membership(id);
                counting.spend(membership);
                if (listed(membership)) ++found;
                return true;
            });
            counted = Counted::of(found, all);
        }
        answer_list(*call, std::move(items), next, stood.as_of.moment().position, counted);
    });
}

}  // namespace

void members(std::shared_ptr<Call> call) {
    MemberParameters wanted;
    std::optional<Moment> moment;
    if (!read_list_as_of(*call, wanted, moment, member_faults(wanted))) return;
    auto place = place_of(*call, wanted.cursor);
    if (!place) return;
    if (moment)
        return answer_stood(
            call, wanted, stood_place(moment, *place),
            [statuses = wanted.status](const Membership& each) {
                auto status = each.phase == Phase::active ? MemberStatus::active : MemberStatus::deactivated;
                return each.member() && (statuses.empty() || std::ranges::find(statuses, status) != statuses.end());
            },
            write_member);
    auto filter = member_filter(*call, wanted);
    filter.paging = {static_cast<std::size_t>(wanted.limit), place->after, wanted.include_total};
    when_fresh(call, "roster", [call, filter](const Reading& reading, Position position) {
        answer_people(*call, reading, roster::members(reading, call->workspace_id, filter), position, write_member);
    });
}

void members_file(std::shared_ptr<Call> call) {
    MembersFileParameters wanted;
    if (!read_list(*call, wanted, member_faults(wanted))) return;
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
    std::optional<Moment> moment;
    if (!read_list_as_of(*call, wanted, moment)) return;
    auto place = place_of(*call, wanted.cursor);
    if (!place) return;
    if (moment) {
        auto statuses = wanted.status;
        if (statuses.empty()) statuses = {roster::InvitationStatus::pending, roster::InvitationStatus::expired};
        return answer_stood(
            call, wanted, stood_place(moment, *place),
            [statuses](const Membership& each) {
                auto status = roster::invitation_status(each);
                return status && std::ranges::find(statuses, *status) != statuses.end();
            },
            write_invitation);
    }
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
