#pragma once
// How people prove who they are: choosing, changing and resetting a password, and signing in. A credential is the id of
// a password's hash in the vault; whether the password was right is found out before a decision, which is told which
// credential was checked (Context::checked_credential): one that was replaced meanwhile is no proof any more.
//
// Sign-ins and forgotten passwords are on streams of their own (the member's id, of kinds sign_in and recovery), so
// that nobody's version moves by them.

#include "domain/membership.h"
#include "domain/password.h"

#include <string>

namespace muster {

// ---- What happened. PasswordSet stands on the membership's stream (domain/membership.h).

struct MemberSignedIn {
    static constexpr std::string_view sentence = "{target} signed in";
    MemberId member;
};
// The link that is mailed is good for limits::reset_link_seconds from then on.
struct PasswordResetRequested {
    static constexpr std::string_view sentence = "Somebody asked for a new password for {target}";
    MemberId member;
};
MUSTER_DESCRIBE(MemberSignedIn, member);
MUSTER_DESCRIBE(PasswordResetRequested, member);

using CredentialEvents = boost::mp11::mp_list<MemberSignedIn, PasswordResetRequested>;

inline StreamId sign_ins_of(MemberId id) { return {StreamKind::sign_in, id.uuid}; }
inline StreamId recoveries_of(MemberId id) { return {StreamKind::recovery, id.uuid}; }

// ---- What can be asked.

// By an admin, for somebody else.
struct SetPassword {
    Password password;
};
// By the person, who gave the current one.
struct ChangeOwnPassword {
    Password current_password;
    Password password;
};
// By the holder of a welcome or reset link, which names the credential that it replaces (Context::checked_credential)
// and when it ends (Context::link_ends).
struct ResetPassword {
    static constexpr std::string_view required[] = {"token"};
    std::string token;
    Password password;
};
struct LogIn {};
struct RequestPasswordReset {};
MUSTER_DESCRIBE(SetPassword, password);
MUSTER_DESCRIBE(ChangeOwnPassword, current_password, password);
MUSTER_DESCRIBE(ResetPassword, token, password);
MUSTER_DESCRIBE(LogIn);
MUSTER_DESCRIBE(RequestPasswordReset);

Decided decide(const Membership&, const Workspace&, const SetPassword&, const Context&);
Decided decide(const Membership&, const Workspace&, const ChangeOwnPassword&, const Context&);
Decided decide(const Membership&, const Workspace&, const ResetPassword&, const Context&);
// Refused alike for everybody who may not come in: invalid_credentials.
Decided decide(const Membership&, const Workspace&, const LogIn&, const Context&);
// Never refused: no event where there is nobody to send a link to.
Decided decide(const Membership&, const Workspace&, const RequestPasswordReset&, const Context&);

// May sign in with a password: active, has one, and the workspace lets them.
bool may_log_in(const Membership&, const Workspace&);

Refusal invalid_credentials();

}  // namespace muster
