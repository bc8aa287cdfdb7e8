// Asking for people. A list is walked in the order asked for. Where no order is asked for (that of creation), the walk
// is along the narrowest index of those that the filter names; in another order it is along that order's index, unless
// so few fit one filter that they are sorted on the spot. Both give the same list, and the same cursors.
#include "projections/roster_query.h"

#include "eventstore/bytes.h"
#include "projections/projection.h"
#include "projections/roster_rows.h"
#include "projections/roster_walk.h"

#include <algorithm>

namespace muster::roster {
namespace {

// A filter, whoever asked.
struct Wanted {
    std::vector<Place> places;
    std::vector<std::string> words;  // the longest first
    std::vector<RoleKey> roles;
    std::vector<TeamId> teams;
    std::vector<LicenseKey> licenses;
    std::vector<ResourceId> resources;
    std::vector<MailStatus> deliveries;
    std::optional<Instant> inactive_since;
    Sort sort = Sort::created_at;
    Order order = Order::ascending;

    [[nodiscard]] bool searches() const { return !words.empty(); }
};

template <class T>
bool among(const std::vector<T>& values, const T& value) {
    return std::ranges::find(values, value) != values.end();
}

// ---- One row.

std::optional<PersonRow> load_person(const Reading& reading, MemberId id) {
    auto bytes = reading.get(rows_family, keys::person(id));
    if (!bytes) return std::nullopt;
    return decode_person(*bytes);
}

bool has_license(const Assignment& given, const std::vector<LicenseKey>& wanted) {
    return (given.license && among(wanted, *given.license)) ||
           std::ranges::any_of(given.add_ons, [&](const auto& each) { return among(wanted, each); });
}

bool fits(const PersonRow& row, const Wanted& wanted) {
    const auto& state = row.state;
    const auto& given = state.assignment;
    auto place = place_of(state);
    if (!place || !among(wanted.places, *place)) return false;
    if (!wanted.roles.empty() && !among(wanted.roles, given.role)) return false;
    if (!wanted.deliveries.empty() && !among(wanted.deliveries, row.delivery.status)) return false;
    if (!wanted.licenses.empty() && !has_license(given, wanted.licenses)) return false;
    if (!wanted.teams.empty() &&
        std::ranges::none_of(given.teams, [&](const auto& each) { return among(wanted.teams, each); }))
        return false;
    if (!wanted.resources.empty() &&
        std::ranges::none_of(given.resources, [&](const auto& each) { return among(wanted.resources, each.id); }))
        return false;
    if (wanted.inactive_since &&
        !(state.phase == Phase::active && state.joined_at && *state.joined_at < *wanted.inactive_since &&
          (!state.last_login_at || *state.last_login_at < *wanted.inactive_since)))
        return false;
    return std::ranges::all_of(wanted.words, [&](const auto& word) {
        auto found = std::ranges::lower_bound(row.words, word);
        return found != row.words.end() && found->starts_with(word);
    });
}

// Where the list has this row; a row that fits. In a search: by its first word that begins with the longest one asked.
std::string suffix_of(const PersonRow& row, const Wanted& wanted) {
    if (wanted.searches()) return suffixes::word(row, *std::ranges::lower_bound(row.words, wanted.words.front()));
    switch (wanted.sort) {
        case Sort::created_at:
            return suffixes::created_at(row);
        case Sort::name:
            return suffixes::name(row);
        case Sort::email:
            return suffixes::email(row);
        case Sort::joined_at:
            return suffixes::joined_at(row);
        case Sort::last_login_at:
            return suffixes::last_login_at(row);
    }
    return {};
}

// ---- Which index.

// The entries of one filter in all places asked for, in order of creation, and how many there are: counted twice where
// somebody fits two of its values.
struct Candidate {
    std::vector<Source> sources;
    std::int64_t count = 0;
};

void add_values(Candidate& candidate, const Reading& reading, const Wanted& wanted, const std::string& base) {
    for (auto place : wanted.places) {
        auto source = keys::in(base, place);
        candidate.count += number_in(reading.get(rows_family, keys::count(source)));
        candidate.sources.push_back({std::move(source), {}});
    }
}

struct Candidates {
    Candidate status;               // everybody in the places asked for
    std::vector<Candidate> others;  // by filter
    [[nodiscard]] const Candidate* narrowest() const {
        auto found = std::ranges::min_element(others, {}, &Candidate::count);
        return found == others.end() ? nullptr : &*found;
    }
};

Candidates candidates_for(const Reading& reading, WorkspaceId workspace, const Wanted& wanted) {
    Candidates candidates;
    add_values(candidates.status, reading, wanted, keys::by_status(workspace));
    auto add = [&](const auto& values, auto base_of) {
        if (values.empty()) return;
        Candidate candidate;
        for (const auto& each : values) add_values(candidate, reading, wanted, base_of(workspace, each));
        candidates.others.push_back(std::move(candidate));
    };
    add(wanted.roles, keys::by_role);
    add(wanted.teams, keys::by_team);
    add(wanted.licenses, keys::by_license);
    add(wanted.resources, keys::by_resource);
    add(wanted.deliveries, keys::by_delivery);
    return candidates;
}

// The index in the order asked for, over everybody in the places asked for.
std::vector<Source> ordered_sources(WorkspaceId workspace, const Wanted& wanted) {
    auto base = [&] {
        if (wanted.searches()) return keys::by_word(workspace);
        switch (wanted.sort) {
            case Sort::created_at:
                return keys::by_status(workspace);
            case Sort::name:
                return keys::by_name(workspace);
            case Sort::email:
                return keys::by_email(workspace);
            case Sort::joined_at:
                return keys::by_joined_at(workspace);
            case Sort::last_login_at:
                return keys::by_last_login_at(workspace);
        }
        return std::string();
    }();
    std::vector<Source> sources;
    for (auto place : wanted.places)
        sources.push_back({keys::in(base, place), wanted.searches() ? wanted.words.front() : std::string()});
    return sources;
}

// ---- The page.

// The row that an entry names, where it fits.
class Listed {
public:
    Listed(const Reading& reading, const Wanted& wanted) : reading_(reading), wanted_(wanted) {}
    [[nodiscard]] std::optional<PersonRow> row(const std::string& suffix) const {
        auto row = load_person(reading_, {suffixes::id_in(suffix)});
        if (!row) throw DamageError("the roster lists somebody of whom it has no row");
        if (!fits(*row, wanted_)) return std::nullopt;
        return row;
    }
    // In the order asked for, where each row has one place: a search meets a row at each of its words.
    [[nodiscard]] std::optional<Membership> operator()(const std::string& suffix) const {
        auto found = row(suffix);
        if (!found || (wanted_.searches() && suffix_of(*found, wanted_) != suffix)) return std::nullopt;
        return std::move(found->state);
    }

private:
    const Reading& reading_;
    const Wanted& wanted_;
};

// All of a few, sorted, and the page cut out.
Page<Membership> gathered(const Reading& reading, const Candidate& few, const Wanted& wanted, const Paging& paging) {
    Listed listed(reading, wanted);
    std::vector<std::pair<std::string, Membership>> all;
    for (Walk walk(reading, few.sources, Order::ascending, {}); walk.valid(); walk.next())
        if (auto row = listed.row(walk.suffix())) all.emplace_back(suffix_of(*row, wanted), std::move(row->state));
    bool ascending = wanted.searches() || wanted.order == Order::ascending;
    std::ranges::sort(all,
                      [&](const auto& a, const auto& b) { return ascending ? a.first < b.first : b.first < a.first; });
    Page<Membership> page;
    std::string last;
    for (auto& [suffix, state] : all) {
        if (paging.after && (ascending ? suffix <= *paging.after : suffix >= *paging.after)) continue;
        if (!page.items.empty() && page.items.size() >= paging.limit) {
            page.next = std::move(last);
            break;
        }
        last = suffix;
        page.items.push_back(std::move(state));
    }
    if (paging.include_total) page.total = static_cast<std::int64_t>(all.size());
    return page;
}

// Sorting `few` on the spot against meeting them along an index of everybody, a page full of them.
bool worth_gathering(const Candidate& few, std::int64_t everybody, const Paging& paging, const Effort& effort) {
    if (few.count > static_cast<std::int64_t>(effort.rows_gathered_max)) return false;
    return few.count * few.count <= static_cast<std::int64_t>(paging.limit + 1) * everybody;
}

void count_total(Page<Membership>& page, const Reading& reading, WorkspaceId workspace, const Wanted& wanted,
                 const Candidates& candidates, const Effort& effort) {
    bool rows_decide = wanted.searches() || wanted.inactive_since;
    if (!rows_decide && candidates.others.empty()) {
        page.total = candidates.status.count;
        return;
    }
    const auto* narrowest = candidates.narrowest();
    bool one_value = narrowest && narrowest->sources.size() == wanted.places.size();
    if (!rows_decide && candidates.others.size() == 1 && one_value) {
        page.total = narrowest->count;
        return;
    }
    Listed listed(reading, wanted);
    bool many = narrowest && narrowest->count > static_cast<std::int64_t>(effort.rows_gathered_max);
    if (!narrowest || (wanted.searches() && many)) {
        count_into(page, Walk(reading, ordered_sources(workspace, wanted), Order::ascending, {}),
                   effort.rows_walked_max, listed);
        return;
    }
    count_into(page, Walk(reading, narrowest->sources, Order::ascending, {}), effort.rows_walked_max,
               [&](const std::string& suffix) { return listed.row(suffix).has_value(); });
}

Page<Membership> list(const Reading& reading, WorkspaceId workspace, Wanted wanted, const Paging& paging,
                      const Effort& effort) {
    // A value that is given twice is one.
    auto once = [](auto& values) {
        std::ranges::sort(values);
        const auto [begin, end] = std::ranges::unique(values);
        values.erase(begin, end);
    };
    once(wanted.roles);
    once(wanted.teams);
    once(wanted.licenses);
    once(wanted.resources);
    once(wanted.deliveries);
    for (auto& word : wanted.words) word.resize(std::min(word.size(), word_bytes_max));
    std::ranges::stable_sort(wanted.words, std::ranges::greater(), &std::string::size);
    auto candidates = candidates_for(reading, workspace, wanted);
    const auto* narrowest = candidates.narrowest();
    bool by_creation = !wanted.searches() && wanted.sort == Sort::created_at;
    if (!by_creation && narrowest && worth_gathering(*narrowest, candidates.status.count, paging, effort))
        return gathered(reading, *narrowest, wanted, paging);

    auto sources = by_creation && narrowest ? narrowest->sources : ordered_sources(workspace, wanted);
    Order order = wanted.searches() ? Order::ascending : wanted.order;
    auto page = page_of<Membership>(Walk(reading, sources, order, paging.after), paging, effort.rows_walked_max,
                                    Listed(reading, wanted));
    if (paging.include_total) count_total(page, reading, workspace, wanted, candidates, effort);
    return page;
}

std::vector<Place> places_of(const std::vector<Phase>& phases) {
    std::vector<Place> places;
    auto add = [&](Phase phase, std::vector<Place> theirs) {
        if (among(phases, phase)) places.insert(places.end(), theirs.begin(), theirs.end());
    };
    add(Phase::pending, {Place::pending});
    add(Phase::expired, {Place::expired});
    add(Phase::active, {Place::active_invited, Place::active_created});
    add(Phase::deactivated, {Place::deactivated_invited, Place::deactivated_created});
    return places;
}

// What was removed stands in people's rows still, and is nobody's any more. Nothing has the nil id.
std::vector<ResourceId> none_removed(const Reading& reading, WorkspaceId workspace, std::vector<ResourceId> ids) {
    for (auto& id : ids) {
        auto found = resource(reading, workspace, id);
        if (!found || !found->exists()) id = {};
    }
    return ids;
}

template <class T>
std::vector<T> or_all(std::vector<T> given, std::vector<T> all) {
    return given.empty() ? std::move(all) : std::move(given);
}

std::vector<Place> places_of(const std::vector<InvitationStatus>& statuses) {
    std::vector<Place> places;
    auto add = [&](InvitationStatus status, std::vector<Place> theirs) {
        if (among(statuses, status)) places.insert(places.end(), theirs.begin(), theirs.end());
    };
    add(InvitationStatus::pending, {Place::pending});
    add(InvitationStatus::expired, {Place::expired});
    add(InvitationStatus::accepted, {Place::active_invited, Place::deactivated_invited});
    add(InvitationStatus::revoked, {Place::revoked});
    return places;
}

}  // namespace

// ---- Members, invitations, people.

std::optional<Membership> member(const Reading& reading, WorkspaceId workspace, MemberId id) {
    auto row = load_person(reading, id);
    if (!row || row->state.workspace != workspace) return std::nullopt;
    return std::move(row->state);
}

Page<Membership> members(const Reading& reading, WorkspaceId workspace, const MemberFilter& filter,
                         const Effort& effort) {
    auto statuses = or_all(filter.statuses, {Phase::active, Phase::deactivated});
    std::erase_if(statuses, [&](Phase phase) {
        return phase != Phase::active && (phase != Phase::deactivated || filter.inactive_since);
    });
    Wanted wanted{.places = places_of(statuses),
                  .words = filter.words,
                  .roles = filter.roles,
                  .teams = filter.teams,
                  .licenses = filter.licenses,
                  .resources = none_removed(reading, workspace, filter.resources),
                  .deliveries = {},
                  .inactive_since = filter.inactive_since,
                  .sort = filter.sort,
                  .order = filter.order};
    return list(reading, workspace, std::move(wanted), filter.paging, effort);
}

Page<Membership> invitations(const Reading& reading, WorkspaceId workspace, const InvitationFilter& filter,
                             const Effort& effort) {
    Wanted wanted;
    wanted.places = places_of(or_all(filter.statuses, {InvitationStatus::pending, InvitationStatus::expired}));
    wanted.words = filter.words;
    wanted.roles = filter.roles;
    wanted.teams = filter.teams;
    wanted.deliveries = filter.deliveries;
    wanted.order = Order::descending;
    return list(reading, workspace, std::move(wanted), filter.paging, effort);
}

Page<Membership> people(const Reading& reading, WorkspaceId workspace, const PeopleFilter& filter,
                        const Effort& effort) {
    Wanted wanted;
    wanted.places =
        places_of(or_all(filter.statuses, {Phase::pending, Phase::expired, Phase::active, Phase::deactivated}));
    wanted.words = filter.words;
    wanted.order = Order::descending;
    return list(reading, workspace, std::move(wanted), filter.paging, effort);
}

MailDelivery delivery(const Reading& reading, MemberId id) {
    auto row = load_person(reading, id);
    return row ? row->delivery : MailDelivery{};
}

std::optional<std::string> name_of(const Reading& reading, MemberId id) {
    auto row = load_person(reading, id);
    if (!row || row->state.profile.erased()) return std::nullopt;
    return row->state.profile->name;
}

std::optional<InvitationStatus> invitation_status(const Membership& membership) {
    auto place = place_of(membership);
    if (!place) return std::nullopt;
    switch (*place) {
        case Place::pending:
            return InvitationStatus::pending;
        case Place::expired:
            return InvitationStatus::expired;
        case Place::revoked:
            return InvitationStatus::revoked;
        case Place::active_invited:
        case Place::deactivated_invited:
            return InvitationStatus::accepted;
        case Place::active_created:
        case Place::deactivated_created:
            return std::nullopt;
    }
    return std::nullopt;
}

std::int64_t team_count(const Reading& reading, WorkspaceId workspace, TeamId team) {
    auto base = keys::by_team(workspace, team);
    return number_in(reading.get(rows_family, keys::count(keys::in(base, Place::active_invited)))) +
           number_in(reading.get(rows_family, keys::count(keys::in(base, Place::active_created))));
}

}  // namespace muster::roster
