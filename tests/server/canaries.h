#pragma once
// Secrets that a test has planted, and the search for them in all that a server leaves behind [N7].

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace muster::server {

// No secret, but planted all the same: where it may stand it must be found, so that the search is known to read what it
// should.
inline const std::string visible = "Canarybird Aviary";
inline const std::string client_name = "canary-browser/7";

// Secrets by what they are. Each is looked for as it stands, in base64 wherever it may begin, and in hex; a token or
// a webhook's secret also as the bytes that it is made of.
class Canaries {
public:
    void plant(const std::string& what, const std::string& secret);
    // What they are of those that stand in the bytes.
    [[nodiscard]] std::set<std::string> in(std::string_view bytes) const;
    [[nodiscard]] std::string secret(const std::string& what) const { return secrets_.at(what); }
    [[nodiscard]] const std::map<std::string, std::string>& all() const { return secrets_; }

private:
    std::map<std::string, std::string> secrets_;
    std::multimap<std::string, std::string> forms_;  // what it is → bytes
};

// `"name":"value"`
std::string quoted(const std::string& name, const std::string& value);
// What begins with this, up to where no token goes on; empty where there is none.
std::string token_in(const std::string& text, const std::string& prefix);
// Fails after half a minute.
void wait_until(const std::function<bool()>& done);
// From the mail to this address that holds a token of this kind, once it is there.
std::string mailed(const std::string& outbox, const std::string& reader, const std::string& prefix);

// Places by name, and what stands there.
using Places = std::vector<std::pair<std::string, std::string>>;

// Every file below a directory, byte by byte.
Places files_of(const std::string& directory);
// Every row of the log, the vault and the views of a data directory at rest, unpacked; the vault's sealed rows and the
// log's events also as they read with its keys.
Places rows_of(const std::string& data);
// A backup of a folder (its log/ or vault/), laid out as the data directory that it was made from. The paths that it
// has.
std::vector<std::string> lay_out(const std::string& folder, const std::string& directory);

}  // namespace muster::server
