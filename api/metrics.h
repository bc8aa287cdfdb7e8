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

class Metrics {
public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    // The same `done`, which also counts the answer and its time under the route's name (nullptr: of no route).
    http::Done counted(const Route* route, http::Done done);
    // Reads the log's and the projections' standing now, and how many requests are worked on.
    std::string text(const Log& log, const Runner& runner, const InFlight& requests);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace muster
