#pragma once
// Secrets that a test has planted, and the search for them in all that a server leaves behind [N7].

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace muster::server {

// Secrets by what they are. Each is looked for as it stands, in base64 wherever it may begin, and in hex; a token also
// as the bytes that it is made of.
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

// Places by name, and what stands there.
using Places = std::vector<std::pair<std::string, std::string>>;

// Every file below a directory, byte by byte.
Places files_of(const std::string& directory);
// Every row of the log, the vault and the views of a data directory at rest, unpacked; the vault's sealed rows and the
// log's events also as they read with its keys.
Places rows_of(const std::string& data);

}  // namespace muster::server
