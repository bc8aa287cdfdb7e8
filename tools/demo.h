#pragma once
// The demo: a workspace with people, teams, licences, and pending and expired invitations, made by the commands that
// everybody uses, under a clock that begins 30 days ago.

#include <string>

namespace muster::tools {

bool is_empty_store(const std::string& directory);
void seed_demo(const std::string& directory, const std::string& master_key_file);
inline constexpr const char* demo_slug = "spring";
// Where it is served and how to call it. `directory`: where the operator's key is, empty where it was given.
void print_demo(const std::string& address, const std::string& directory);

}  // namespace muster::tools
