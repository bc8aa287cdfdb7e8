#pragma once
// What `/metrics` shows, in Prometheus' text format. Safe for use by any number of threads.

#include "api/http/message.h"

#include <memory>
#include <string>

namespace muster {

struct Route;
class InFlight;
class Log;
class Runner;
namespace mail {
class Mails;
}
namespace webhooks {
class Webhooks;
}

class Metrics {
public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    // The same `done`, which also counts the answer and its time under the route's name (nullptr: of no route).
    http::Done counted(const Route* route, http::Done done);
    // Reads the log's, the projections', the webhooks' and the mails' (nullptr: none are sent) standing now, and how
    // many requests are worked on. No label names a workspace, a webhook or a person: there is no end of those, and
    // whoever reads figures may see none.
    std::string text(const Log& log, const Runner& runner, const InFlight& requests, const webhooks::Webhooks& webhooks,
                     const mail::Mails* mails);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace muster
