#include "api/auth/secret_token.h"
#include "api/tokens.h"
#include "tests/fuzz/targets.h"
#include "tests/fuzz/vault.h"

namespace muster::fuzz {

void token(std::string_view bytes) {
    static Keys keys;
    // What was made here is made by one text only; what was not is refused.
    if (const auto link = read_link_token(keys.vault, keys.members, bytes))
        must(link_token(keys.vault, *link) == bytes, "two texts are one invitation's link");
    if (const auto link = read_password_token(keys.vault, keys.members, bytes))
        must(password_token(keys.vault, *link) == bytes, "two texts are one password's link");
    for (const auto prefix : {session_prefix, api_key_prefix}) {
        const auto named = named_by(prefix, bytes);
        if (!named) continue;
        must(bytes.starts_with(prefix), "a token of another kind");
        Repeated entropy;
        const auto other = secret_token(prefix, named->owner, named->id, entropy);
        must(other.size() == bytes.size(), "a token of another length");
        const auto same = named_by(prefix, other);
        must(same && same->owner == named->owner && same->id == named->id, "a token names somebody else");
    }
    if (const auto decoded = from_base64url(bytes)) must(base64url(*decoded) == bytes, "two texts are the same bytes");
    must(from_base64url(base64url(bytes)) == bytes, "bytes are other ones when they come back");
}

}  // namespace muster::fuzz
