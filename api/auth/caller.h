#pragma once
// Who calls: the operator, a member by session (as a bearer token, or in the console's cookie), or a machine by API
// key. What they may do is read from the aggregates at that moment, so whoever is deactivated or deleted is out at once
// [N5].

#include "api/auth/sessions.h"
#include "api/service.h"

#include <optional>
#include <string>

namespace muster {

// nullopt for no or a bad token. What is only looked at does not count as used.
std::optional<Caller> caller_of(Service& service, const http::Request& request, SessionUse use = SessionUse::used);

// A session for a membership that was read at that position, when the password was found to be right.
OpenedSession open_session(const Call& call, MemberId member, Position checked_at);

// What the console keeps the session in; by TLS only where links are https.
std::string session_cookie(const Service& service, std::string_view token);
std::string ended_session_cookie(const Service& service);

// A request by cookie that changes something needs to come from the console's own pages (Sec-Fetch-Site, or Origin).
bool from_own_pages(const Service& service, const http::Request& request);

}  // namespace muster
