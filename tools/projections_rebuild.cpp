// muster projections rebuild, at rest and beside a server.
#include "api/json/write.h"
#include "api/system.h"
#include "api/text/unicode.h"
#include "projections/rebuild.h"
#include "tools/commands.h"
#include "tools/progress.h"
#include "tools/projections.h"

#include <chrono>
#include <iostream>
#include <thread>

namespace muster::tools {
namespace {

constexpr std::chrono::milliseconds ask_again{200};

struct Made {
    std::string name;
    std::uint64_t generation = 0;
    Position position = 0;
    std::uint64_t rows = 0;
    std::optional<bool> same_as_before;
    std::optional<std::string> not_compared;  // why
    std::optional<std::string> difference;
};
MUSTER_DESCRIBE(Made, name, generation, position, rows, same_as_before, not_compared, difference);

std::string text_of(const std::string& name, const Rebuilt& rebuilt, const std::string& format) {
    if (format == "json") {
        std::string out;
        Made made{name, rebuilt.generation, rebuilt.position, rebuilt.rows.rows, rebuilt.same_as_before, {}, {}};
        if (!rebuilt.not_compared.empty()) made.not_compared = rebuilt.not_compared;
        if (rebuilt.difference) made.difference = rebuilt.difference->text();
        write_json(out, made);
        return out;
    }
    std::string before = "no generation before to compare with";
    if (!rebuilt.not_compared.empty()) before = rebuilt.not_compared + ", not compared";
    if (rebuilt.same_as_before) before = *rebuilt.same_as_before ? "the same as before" : "not the same as before";
    if (rebuilt.difference) before += ": " + rebuilt.difference->text();
    return name + ": generation " + std::to_string(rebuilt.generation) + ", " + std::to_string(rebuilt.rows.rows) +
           " rows at position " + std::to_string(rebuilt.position) + ", " + before;
}

// A finding: what was served was not what the log makes. What is served now is.
bool differs(const Rebuilt& rebuilt) { return rebuilt.same_as_before == false; }

// Follows what the server makes, by asking again and again, since one client at a time is answered.
int follow(const ProjectionsSettings& settings, Request request, Answered answered) {
    ProgressBar bar("projections");
    auto on_line = [&](std::string_view line) {
        bar.clear();
        print_line(line);
        ++request.after;
    };
    while (answered.status == well && !answered.words.empty()) {
        std::this_thread::sleep_for(ask_again);
        request.resume = answered.words;
        auto next = ask_server(settings.data, request, on_line, [&](Position done, Position all) { bar(done, all); });
        if (!next) throw std::runtime_error("the server has stopped; the next rebuild goes on where this one was");
        answered = std::move(*next);
    }
    bar.clear();
    if (answered.status != well && !answered.words.empty()) std::cerr << "muster: " << answered.words << std::endl;
    return answered.status;
}

}  // namespace

int rebuild_all(const ProjectionsSettings& settings) {
    Request request;
    request.ask = Ask::rebuild;
    request.format = settings.format;
    request.names = settings.names;
    if (auto answered = ask_server(settings.data, request, print_line))
        return follow(settings, std::move(request), std::move(*answered));
    const auto store = open_store(settings.data, {.master_key_file = settings.master_key_file});
    const LogFeed feed(*store.log, *store.history);
    const Projections projections(icu_unicode());
    int result = well;
    for (const auto* each : chosen(projections.all(), settings.names)) {
        const std::string name(each->name());
        Rebuilt rebuilt;
        {
            ProgressBar bar(name);
            rebuilt = rebuild(origin_of(store, feed), *each, [&](Position done, Position all) { bar(done, all); });
        }
        print_line(text_of(name, rebuilt, settings.format));
        if (differs(rebuilt)) result = failed;
    }
    return result;
}

Answered rebuild_projections(System& system, const Request& request, const OnLine& line, const OnProgress& progress) {
    auto& rebuilder = system.rebuilder();
    if (!request.resume) return {well, std::to_string(rebuilder.begin(chosen(system.projections(), request.names)))};
    const auto standing = rebuilder.standing();
    if (*request.resume != std::to_string(standing.run)) return {failed, "another rebuild was begun since"};
    std::string failures;
    std::int64_t results = 0;
    int result = well;
    for (const auto& [name, made, failure] : standing.ended) {
        if (!failure.empty() || differs(made)) result = failed;
        if (!failure.empty())
            failures += (failures.empty() ? "" : "; ") + name + ": " + failure;
        else if (results++ >= request.after)
            line(text_of(name, made, request.format.value_or("text")));
    }
    progress(standing.done, standing.all);
    if (standing.under_way) return {well, *request.resume};
    return {result, failures};
}

}  // namespace muster::tools
