#pragma once
// The parts of `muster audit`, each of a file of its own. What they find goes to standard output; they give the exit
// code, and throw where a file that is named cannot be read.

#include "tools/audit.h"

#include <memory>
#include <string>

namespace muster::tools {

// The workspace that a request names; nullptr where there is none, and what is said then.
std::shared_ptr<const Workspace> workspace_of(const Store& store, const Request& request);
Answered no_workspace(const Request& request);

// Whether the log of a data directory is unbroken, and whether it holds the kept head; `head` may be empty, `format` is
// text or json.
int verify_data(const std::string& data, const std::string& head, const std::string& format);
// The same of an exported file, and whether it is signed by the key; `key` and `head` are files, or empty.
int verify_file(const std::string& file, const std::string& key, const std::string& head, const std::string& format);

}  // namespace muster::tools
