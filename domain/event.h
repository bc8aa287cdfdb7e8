#pragma once
// Every event there is, and what a decision and a recorded event are. The names of these types stand in the log; a
// changed shape has another name there, and the old one stays readable (eventstore/former_events.h).

#include "domain/credentials.h"
#include "domain/mail.h"
#include "domain/membership.h"
#include "domain/request.h"
#include "domain/resource.h"
#include "domain/workspace.h"
#include "domain/workspace_deletion.h"

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <variant>

namespace muster {

// The key under which a person's data was sealed is gone, in every copy that names it in its list of erasures. Whoever
// keeps a copy of what events told learns from it what to forget: a member's, or of somebody who was none all
// invitations and requests. Of a workspace that was deleted only members are named: nothing of it may be kept.
struct PersonalDataDestroyed {
    static constexpr int shape = 2;
    static constexpr std::string_view sentence = "The personal data of {target} was destroyed";
    Uuid key;
    MemberId member;
    std::set<InvitationId> invitations = {};
    std::set<RequestId> requests = {};
};
MUSTER_DESCRIBE(PersonalDataDestroyed, key, member, invitations, requests);

// What somebody who is no member left here is to be destroyed.
struct PersonErased {
    static constexpr std::string_view sentence = "{actor} had destroyed what was left of somebody who was no member";
    std::string email_claim;
};
MUSTER_DESCRIBE(PersonErased, email_claim);

using EventTypes = boost::mp11::mp_rename<
    boost::mp11::mp_append<WorkspaceEvents, ApiKeyEvents, ResourceEvents, MembershipEvents, RequestEvents,
                           CredentialEvents, boost::mp11::mp_list<PersonErased, PersonalDataDestroyed>, MailEvents,
                           WebhookEvents, WorkspaceDeletionEvents>,
    std::variant>;

// One of them. Its special members are made once, in event.cpp: where each file makes its own, that is half of what a
// build does.
struct Event : EventTypes {
    using EventTypes::EventTypes;
    Event();
    Event(const Event&);
    Event(Event&&) noexcept;
    Event& operator=(const Event&);
    Event& operator=(Event&&) noexcept;
    ~Event();
};

// "MemberInvited": the type's own name, whatever its shape.
template <class T>
consteval std::string_view type_name() {
    std::string_view name = __PRETTY_FUNCTION__;
    name.remove_prefix(name.find("T = ") + 4);
    name = name.substr(0, name.find_first_of(";]"));
    return name.substr(name.rfind(':') + 1);
}

std::string_view type_of(const Event& event);

// The name that stands in the log: "MemberInvited", or "MailFailed.2" of a type whose shape is its second one.
template <class T>
std::string_view stored_name() {
    if constexpr (requires { T::shape; }) {
        static const std::string name = std::string(type_name<T>()) + '.' + std::to_string(T::shape);
        return name;
    } else {
        return type_name<T>();
    }
}
std::string_view stored_name(const Event& event);

// Whether a name that stands in the log is of this type, in whatever shape.
template <class T>
bool names_type(std::string_view stored) {
    return stored.substr(0, stored.find('.')) == type_name<T>();
}

// "member_invited": how a type of event is named outside, there with `muster.` before it where it leaves Muster.
inline constexpr std::string_view event_type_prefix = "muster.";
std::string event_type(std::string_view type);  // of its own name, or of the one that stands in the log
std::string event_type(const Event& event);
bool is_event_type(std::string_view type);

struct NewEvent {
    StreamId stream;
    Event event;
};

// The events of an accepted command (none: nothing changes), conditions on counters that it leaves alone, and the
// first moment that would change the answer.
struct Decision {
    std::vector<NewEvent> events;
    std::vector<Bound> bounds;
    Instant good_before = Instant::never();
};

// An event as the log has it.
struct Recorded {
    Meta meta;
    StreamId stream;
    WorkspaceId workspace;
    EventId id;
    Uuid command;      // all events of one append
    Uuid correlation;  // the request, import or batch that caused it
    Position causation = 0;
    Event event;
};

using RecordedPtr = std::shared_ptr<const Recorded>;

// An event that a state does not heed still counts as a version of its stream.
void evolve(Workspace&, const Recorded&);
void evolve(Membership&, const Recorded&);
void evolve(Resource&, const Recorded&);
void evolve(InvitationRequest&, const Recorded&);

}  // namespace muster
