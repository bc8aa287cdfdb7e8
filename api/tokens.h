#pragma once
// Links and cursors: what Muster hands out and takes back, authenticated by its own keys and stored nowhere.
//
//   invitation link  mbi_ ‖ base64url( invitation (16) ‖ key id u32 ‖ generation u32 ‖ HMAC-SHA-256 (32) )
//   password link    mbr_ ‖ base64url( member (16) ‖ credential (16) ‖ end u64 ‖ key id u32 ‖ HMAC-SHA-256 (32) )
//   cursor           base64url( key id u32 ‖ the place in the list, sealed )   it may name people, and URLs are logged
//
// A link's HMAC is also of what it is for and of the workspace, which is not written into it.

#include "domain/ids.h"
#include "eventstore/vault.h"

#include <optional>
#include <string>
#include <string_view>

namespace muster {

class Directory;

std::string base64url(std::string_view bytes);
std::optional<std::string> from_base64url(std::string_view text);

struct LinkToken {
    WorkspaceId workspace;
    InvitationId invitation;
    std::uint32_t generation = 0;
};

std::string link_token(Vault& vault, const LinkToken& token);
// nullopt for anything that was not made here; compared in constant time. `members` know the workspace.
std::optional<LinkToken> read_link_token(Vault& vault, Directory& members, std::string_view text);

// The link by which a member chooses a password: a new member's first one, or another for a forgotten one. It names the
// credential that it replaces (nil: none), so whatever changes the password spends it; and it ends by itself.
struct PasswordLink {
    WorkspaceId workspace;
    MemberId member;
    Uuid credential;
    Instant ends;
};
std::string password_token(Vault& vault, const PasswordLink& link);
std::optional<PasswordLink> read_password_token(Vault& vault, Directory& members, std::string_view text);

// `bound_to`: the list and its filter; a cursor is good for no other.
std::string cursor(Vault& vault, std::string_view place, std::string_view bound_to);
std::optional<std::string> read_cursor(Vault& vault, std::string_view text, std::string_view bound_to);

}  // namespace muster
