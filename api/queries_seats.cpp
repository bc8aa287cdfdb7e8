// Seats: how many are taken, who holds them, and when they come free.
#include "api/listing.h"
#include "api/parameters.h"
#include "api/queries.h"
#include "api/stood.h"
#include "api/views.h"
#include "domain/seats.h"
#include "eventstore/frame.h"
#include "projections/seats.h"

namespace muster::queries {
namespace {

void answer_seats(const Call& call, const Workspace& workspace, const muster::seats::Use& use, Instant now,
                  Position position) {
    std::string out;
    ObjectWriter into(out);
    write_seats(into, workspace, use, now);
    into.end();
    call.done(response({200, std::move(out), position, std::nullopt, {}}));
}

// The workspace's pool of that name; nullopt where the caller is answered.
std::optional<Counter> pool_of(const Call& call) {
    std::string pool(call.parameter("pool"));
    if (pool == muster::pool_of(Counter::users())) return Counter::users();
    if (call.workspace->license(LicenseKey{pool})) return Counter::license(pool);
    call.refuse({Code::not_found, "There is no such pool here: it is `users` or the key of a licence.", {}, {}});
    return std::nullopt;
}

void write_whose(ObjectWriter& into, MemberId id, bool member) {
    into.field("kind", member ? "member" : "invitation");
    into.field("id", member ? id.text() : InvitationId{id.uuid}.text());
}

}  // namespace

void seats(std::shared_ptr<Call> call) {
    SeatsParameters wanted;
    std::optional<Moment> moment;
    if (!read_list_as_of(*call, wanted, moment)) return;
    if (moment)
        return when_stood(call, *moment, [call](const Stood& stood) {
            const auto& at = stood.as_of.moment();
            answer_seats(*call, stood.workspace, tally(stood.as_of, stood.people).seats, at.at, at.position);
        });
    when_fresh(call, "seats", [call](const Reading& reading, Position position) {
        answer_seats(*call, *call->workspace, muster::seats::use(reading, call->workspace_id),
                     call->service.execute.now(), position);
    });
}

void seat_holders(std::shared_ptr<Call> call) {
    ListParameters wanted;
    if (!read_list(*call, wanted)) return;
    auto place = place_of(*call, wanted.cursor);
    if (!place) return;
    auto counter = pool_of(*call);
    if (!counter) return;
    auto after = place->after ? MemberId::parse(*place->after) : std::nullopt;
    when_fresh(call, "seats",
               [call, wanted, after, pool = muster::pool_of(*counter)](const Reading& reading, Position position) {
                   auto limit = static_cast<std::size_t>(wanted.limit);
                   auto page = muster::seats::holders(reading, call->workspace_id, pool, after, limit + 1);
                   std::optional<std::string> next;
                   if (page.size() > limit) {
                       page.pop_back();
                       next = page.back().member.text();
                   }
                   auto known = names(*call, *call->workspace);
                   std::string items;
                   ArrayWriter array(items);
                   for (const auto& holder : page) {
                       ObjectWriter into(array.next());
                       write_whose(into, holder.member, holder.status == muster::seats::Status::assigned);
                       into.field("name", known.actor({ActorKind::member, holder.member.uuid}));
                       into.field("status", holder.status);
                       into.field("since", holder.since);
                       into.field("position", holder.position);
                       into.end();
                   }
                   array.end();
                   Counted counted;
                   if (wanted.include_total) {
                       auto use = muster::seats::use(reading, call->workspace_id)[pool];
                       counted.total = use.active + use.pending;
                   }
                   answer_list(*call, std::move(items), next, position, counted);
               });
}

namespace {

// The end of a trial stands among what falls due as of no stream: before all of the same time.
Log::Due trial_end(const Workspace& workspace) { return {workspace.plan.value.trial_ends_at.value(), {}}; }

std::string bytes_of(const Log::Due& due) {
    std::string bytes;
    append_u64(bytes, static_cast<std::uint64_t>(due.at.ms));
    append_u8(bytes, static_cast<std::uint8_t>(due.stream.kind));
    append_uuid(bytes, due.stream.id);
    return bytes;
}

Log::Due due_in(const std::string& bytes) {
    ByteReader reader(bytes);
    Log::Due due{Instant{static_cast<std::int64_t>(reader.take<std::uint64_t>())}, {}};
    due.stream.kind = static_cast<StreamKind>(reader.take<std::uint8_t>());
    due.stream.id = take_uuid(reader);
    return due;
}

constexpr std::size_t walked_most = 10'000;  // invitations of other pools, for one page: it may be short

// Calls `each` for what will fall due behind `after`, the trial's end in its place, until it says false.
void for_schedule(const Call& call, bool with_trial, std::optional<Log::Due> after,
                  const std::function<bool(const Log::Due&)>& each) {
    constexpr std::size_t at_once = 200;
    while (true) {
        auto chunk = call.service.log.schedule(call.workspace_id, after, at_once);
        bool last = chunk.size() < at_once;
        if (with_trial) {
            auto end = trial_end(*call.workspace);
            bool in_reach = last || end < chunk.back();
            if (in_reach && (!after || *after < end)) chunk.insert(std::ranges::lower_bound(chunk, end), end);
        }
        for (const auto& due : chunk)
            if (!each(due)) return;
        if (last) return;
        after = chunk.back();
    }
}

}  // namespace

void seat_forecast(std::shared_ptr<Call> call) {
    ListParameters wanted;
    if (!read_list(*call, wanted)) return;
    auto place = place_of(*call, wanted.cursor);
    if (!place) return;
    auto counter = pool_of(*call);
    if (!counter) return;
    auto after = place->after ? std::optional(due_in(*place->after)) : std::nullopt;
    when_fresh(call, "seats", [call, wanted, after, counter = *counter](const Reading& reading, Position position) {
        const auto& workspace = *call->workspace;
        const auto pool = muster::pool_of(counter);
        bool with_trial = counter == Counter::users() && workspace.plan.value.user_limit &&
                          workspace.trial_runs(call->service.execute.now());
        std::string items;
        ArrayWriter array(items);
        std::optional<std::string> next;
        std::optional<Log::Due> last;
        std::int64_t shown = 0;
        std::size_t walked = 0;
        for_schedule(*call, with_trial, after, [&](const Log::Due& due) {
            if (last && (shown == wanted.limit || walked == walked_most)) {
                next = bytes_of(*last);
                return false;
            }
            ++walked;
            last = due;
            bool trial = due.stream == StreamId{};
            MemberId id{due.stream.id};
            auto holder = trial ? std::nullopt : muster::seats::holder(reading, call->workspace_id, pool, id);
            if (!trial && (!holder || holder->status != muster::seats::Status::reserved)) return true;
            ++shown;
            ObjectWriter into(array.next());
            into.field("at", due.at);
            into.field("frees", trial ? 0 : 1);
            if (trial) {
                into.field("kind", "trial_end");
                into.null("id");
            } else {
                write_whose(into, id, false);
            }
            into.end();
            return true;
        });
        array.end();
        Counted counted;
        if (wanted.include_total)
            counted.total = muster::seats::use(reading, call->workspace_id)[pool].pending + (with_trial ? 1 : 0);
        answer_list(*call, std::move(items), next, position, counted);
    });
}

}  // namespace muster::queries
