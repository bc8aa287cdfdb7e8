#include "api/requests.h"

#include "api/commands.h"
#include "api/listing.h"
#include "api/problem.h"
#include "api/views.h"
#include "domain/person.h"
#include "projections/requests.h"
#include "projections/sentence.h"

#include <algorithm>
#include <ranges>

namespace muster {
namespace {

Refusal none_are_taken() {
    return {Code::not_found, "Invitations can't be asked for here; ask an admin to invite you.", {}, {}};
}

Command filing(const Call& call, const RequestInvitation& body) {
    Command command;
    command.workspace = call.workspace_id;
    command.actor.kind = ActorKind::visitor;
    command.target = stream_of(RequestId{call.service.execute.fresh()});
    command.fresh = call.service.execute.fresh();
    command.address = body.email;
    command.whole_person = true;
    command.correlation = call.correlation;
    command.decide = [body](const Loaded& loaded, const Context& context) {
        return decide(*loaded.request, *loaded.workspace, body, context);
    };
    return command;
}

// The event by which a member became active the last time.
RecordedPtr joining(const History& history, MemberId member) {
    auto events = history.stream(stream_of(member));
    for (const auto& each : events | std::views::reverse) {
        const auto& event = each->event;
        if (std::holds_alternative<InvitationAccepted>(event) || std::holds_alternative<MemberCreated>(event) ||
            std::holds_alternative<MemberProvisioned>(event) || std::holds_alternative<MemberReactivated>(event))
            return each;
    }
    return nullptr;
}

// How things stand for whoever asked: by the aggregates, so never behind. Whoever is erased is not looked for, or it
// would show when they come back.
void write_standing(ObjectWriter& into, const Call& call, const InvitationRequest& request) {
    auto holder = request.email.erased()
                      ? nullptr
                      : call.service.directory.holder(request.workspace, EmailClaim{request.email_claim});
    bool stale = holder && holder->phase == Phase::active;
    bool waiting = holder && holder->phase == Phase::pending && !holder->due(call.service.execute.now());
    into.field("stale", stale);
    auto event = stale ? joining(call.service.history, holder->id) : nullptr;
    if (event) {
        ObjectWriter because(into.key("stale_because"));
        because.field("event_id", event->id);
        because.field("type", event_type(event->event));
        because.field("position", event->meta.position);
        because.field("at", event->meta.at);
        because.field("member_id", holder->id);
        because.end();
    } else {
        into.null("stale_because");
    }
    into.field("invitation_id", waiting ? std::optional(InvitationId{holder->id.uuid}) : std::nullopt);
}

void write_request(ObjectWriter& into, const Call& call, const InvitationRequest& request, const NameLookup& known) {
    const auto* applicant = request.applicant.if_known();
    into.field("id", request.id);
    into.field("status", request.phase);
    into.field("email", request.email);
    into.field("name", applicant ? applicant->name : std::nullopt);
    into.field("message", applicant ? applicant->message : std::nullopt);
    into.field("requested_at", request.requested_at);
    into.field("closed_at", request.closed_at);
    if (request.closed_at)
        write_actor(into.key("closed_by"), request.closed_by, known.actor(request.closed_by));
    else
        into.null("closed_by");
    write_standing(into, call, request);
}

}  // namespace

void request_invitation(std::shared_ptr<Call> call) {
    if (!call->workspace->settings.value.invitation_requests) return call->refuse(none_are_taken());
    auto& rates = *call->service.rates;
    if (auto refusal = rates.take(Rate::request_ip, call->client())) return call->refuse(*refusal);
    Faults faults;
    RequestInvitation body;
    bool read_whole = read_body(*call, faults, [&](const nlohmann::json& json) {
        read(json, body, faults, Place::body(), call->service.unicode);
    });
    if (!read_whole) return;
    faults.merge(identity_faults(*call->workspace, body.email, true));
    if (!faults.empty()) return call->refuse(std::move(faults).refusal());
    // Known or not, an address has so many.
    if (auto refusal = rates.take(Rate::request_address, body.email.canonical())) return call->refuse(*refusal);
    // Who is looked up answers nobody: what is decided behind the answer shows nothing of itself.
    bool taken = call->service.pool.post([call, command = filing(*call, body)]() mutable {
        try {
            (void)call->service.execute.run_and_wait(std::move(command));
        } catch (const std::exception& error) {
            call->service.report(std::string("a request for an invitation was not filed: ") + error.what());
        }
    });
    if (!taken) return call->refuse(overloaded());
    call->done(response({202, R"({"status":"received"})", std::nullopt, std::nullopt, {}}));
}

namespace queries {

void sign_in_page(std::shared_ptr<Call> call) {
    const auto& workspace = *call->workspace;
    std::string out;
    ObjectWriter into(out);
    into.field("name", workspace.name);
    into.field("slug", workspace.slug);
    into.field("sign_in", workspace.settings.value.sign_in);
    into.field("invitation_requests", workspace.settings.value.invitation_requests);
    into.end();
    call->done(response({200, std::move(out), call->position, std::nullopt, {}}));
}

void invitation_requests(std::shared_ptr<Call> call) {
    RequestParameters wanted;
    if (!read_list(*call, wanted)) return;
    auto place = place_of(*call, wanted.cursor);
    if (!place) return;
    constexpr RequestPhase phases[] = {RequestPhase::open, RequestPhase::approved, RequestPhase::dismissed};
    std::vector<RequestPhase> chosen;
    for (auto each : wanted.status) chosen.push_back(phases[static_cast<std::size_t>(each)]);
    std::ranges::sort(chosen);
    chosen.erase(std::ranges::unique(chosen).begin(), chosen.end());
    if (chosen.empty()) chosen = {RequestPhase::open};
    auto after = place->after ? RequestId::parse(*place->after) : std::nullopt;
    when_fresh(call, "requests", [call, wanted, chosen, after](const Reading& reading, Position position) {
        auto limit = static_cast<std::size_t>(wanted.limit);
        auto ids = requests::newest(reading, call->workspace_id, chosen, after, limit + 1);
        std::optional<std::string> next;
        if (ids.size() > limit) {
            ids.pop_back();
            next = ids.back().text();
        }
        auto known = names(*call, *call->workspace);
        std::string items;
        ArrayWriter array(items);
        for (auto id : ids) {
            ObjectWriter into(array.next());
            write_request(into, *call, *call->service.directory.request(call->workspace_id, id), known);
            into.end();
        }
        array.end();
        Counted counted;
        if (wanted.include_total) {
            auto count = requests::count(reading, call->workspace_id, chosen, limits::counted_most + 1);
            counted = Counted::of(std::min(count, limits::counted_most), count <= limits::counted_most);
        }
        answer_list(*call, std::move(items), next, position, counted);
    });
}

}  // namespace queries

namespace shapes {

std::vector<AnswerPart> request(const Call& call, const Outcome& outcome) {
    auto known = names(call, *outcome.workspace);
    auto text_of = [&](const InvitationRequest& request) {
        std::string text;
        ObjectWriter into(text);
        write_request(into, call, request, known);
        return text;
    };
    auto blank = *outcome.request;
    blank.email = {};
    blank.applicant = {};
    return {{AnswerPart::Kind::personal, text_of(*outcome.request), text_of(blank), outcome.person_key.value_or(Uuid{}),
             0}};
}

}  // namespace shapes
}  // namespace muster
