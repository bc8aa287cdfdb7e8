#pragma once
// How the read models stand, the proof that they are what the log makes of them, and making them anew.

#include "projections/generation.h"
#include "tools/control.h"

#include <string>
#include <vector>

namespace muster {
struct Store;
}

namespace muster::tools {

struct ProjectionsSettings {
    std::string data;
    std::string master_key_file;
    std::string format = "text";
    std::vector<std::string> names;
};

// The projections of these names, or all; throws where there is none of a name.
std::vector<const Projection*> chosen(std::vector<const Projection*> all, const std::vector<std::string>& names);
Origin origin_of(const Store& store, const Feed& feed);

// The command, at rest or beside a server.
int rebuild_all(const ProjectionsSettings& settings);

// On the server, as the request's format has it. Of `verify`, status `failed` where one differs.
Answered list_projections(System& system, const Request& request, const OnLine& line);
Answered verify_projections(System& system, const Request& request, const OnLine& line, const OnProgress& progress);
// Begins a run, or says of the one that `resume` names what ended since `after` results were seen, and how far it is.
// The answer's words say what to resume with, and are empty where the run is over.
Answered rebuild_projections(System& system, const Request& request, const OnLine& line, const OnProgress& progress);

}  // namespace muster::tools
