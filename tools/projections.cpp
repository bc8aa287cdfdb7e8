#include "tools/projections.h"

#include "api/json/write.h"
#include "api/system.h"
#include "api/text/unicode.h"
#include "projections/rebuild.h"
#include "tools/commands.h"
#include "tools/progress.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <iostream>

namespace muster::tools {
namespace {

// ---- What is printed.

struct View {
    std::string name;
    std::int64_t version = 0;
    std::optional<std::int64_t> generation;
    std::string state;
    Position position = 0;
    Position lag = 0;
    std::optional<std::string> reason;
};
MUSTER_DESCRIBE(View, name, version, generation, state, position, lag, reason);

struct Compared {
    std::string name;
    Position position = 0;
    std::uint64_t rows = 0;
    bool same = false;
    std::optional<std::string> difference;
};
MUSTER_DESCRIBE(Compared, name, position, rows, same, difference);

template <class T>
std::string in_json(const T& value) {
    std::string out;
    write_json(out, value);
    return out;
}

void print(const std::vector<View>& views, const std::string& format, const OnLine& line) {
    if (format == "json") return line(in_json(views));
    auto row = [&](const std::vector<std::string>& first, const std::string& last) {
        std::string text;
        for (const auto& cell : first) text += cell + std::string(cell.size() < 12 ? 12 - cell.size() : 1, ' ');
        text += last;
        text.erase(text.find_last_not_of(' ') + 1);
        line(text);
    };
    row({"NAME", "VERSION", "GENERATION", "STATE", "POSITION"}, "LAG");
    for (const auto& view : views) {
        row({view.name, std::to_string(view.version), view.generation ? std::to_string(*view.generation) : "none",
             view.state, std::to_string(view.position)},
            std::to_string(view.lag));
        if (view.reason) line("    " + *view.reason);
    }
}

void print(const Compared& each, const std::string& format, const OnLine& line) {
    if (format == "json") return line(in_json(each));
    const auto where = std::to_string(each.rows) + " rows at position " + std::to_string(each.position);
    const auto why = each.difference.value_or("");
    if (each.same) return line(each.name + ": the same, " + where);
    line(each.name + (each.position == 0 ? ": can't be read: " : ": differs, " + where + ": ") + why);
}

// What a verification found that could not read the live rows to their end; throws on where it was the log.
Compared unreadable(const Projection& projection, const DamageError& error) {
    const std::string why = error.what();
    if (!why.contains("/views/")) throw;
    const std::string name(projection.name());
    return {name, 0, 0, false, why + "; `muster projections rebuild " + name + "` makes it anew from the log"};
}

// ---- At rest and on the server alike.

std::optional<std::int64_t> current(const Origin& origin, const Projection& projection) {
    auto number = Generations(origin.views, projection).current();
    return number ? std::optional(static_cast<std::int64_t>(*number)) : std::nullopt;
}

Compared compared_by(const Verified& verified, const Projection& projection) {
    Compared compared{std::string(projection.name()), verified.position, verified.live.rows, !verified.difference, {}};
    if (verified.difference) compared.difference = verified.difference->text();
    return compared;
}

// ---- At rest.

// What is live of a projection, and why it can't be gone on with.
struct Live {
    View view;
    std::unique_ptr<Table> table;
};

Live open_live(const Origin& origin, const Projection& projection) {
    Live live{{std::string(projection.name()), projection.version(), current(origin, projection), "ready", 0, 0, {}},
              {}};
    auto& view = live.view;
    auto stale = [&](const std::string& why) {
        view.state = "stale";
        view.reason = why + ": the next start makes it anew";
    };
    const auto head = origin.feed.head();
    view.lag = head;
    if (!view.generation) {
        view.state = "none";
        return live;
    }
    try {
        auto number = static_cast<std::uint64_t>(*view.generation);
        live.table = origin.open(Generations(origin.views, projection).path(number), false);
    } catch (const StorageError& error) {
        stale(error.what());
        return live;
    }
    auto checkpoint = read_checkpoint(*live.table);
    if (!checkpoint) {
        stale("it has no checkpoint");
        return live;
    }
    view.position = checkpoint->position;
    view.lag = head - std::min(head, view.position);
    if (checkpoint->version != projection.version())
        stale("it is of version " + std::to_string(checkpoint->version));
    else if (checkpoint->store != origin.store || view.position > head ||
             checkpoint->link != origin.feed.link_at(view.position))
        stale("it was made from another history");
    return live;
}

// Asks the server, else does it on the store at rest.
template <class AtRest>
int server_or(const ProjectionsSettings& settings, Ask ask, AtRest at_rest) {
    Request request;
    request.ask = ask;
    request.format = settings.format;
    request.names = settings.names;
    ProgressBar bar("projections");
    auto on_line = [&](std::string_view line) {
        bar.clear();
        print_line(line);
    };
    auto answered = ask_server(settings.data, request, on_line, [&](Position done, Position all) { bar(done, all); });
    bar.clear();
    if (answered) {
        if (!answered->words.empty()) std::cerr << "muster: " << answered->words << std::endl;
        return answered->status;
    }
    const auto store = open_store(settings.data, {.master_key_file = settings.master_key_file});
    const LogFeed feed(*store.log, *store.history);
    return at_rest(origin_of(store, feed), Projections(icu_unicode()));
}

int list(const ProjectionsSettings& settings) {
    return server_or(settings, Ask::projections, [&](const Origin& origin, const Projections& projections) {
        std::vector<View> views;
        for (const auto* each : projections.all()) views.push_back(open_live(origin, *each).view);
        print(views, settings.format, print_line);
        return well;
    });
}

int verify_all(const ProjectionsSettings& settings) {
    return server_or(settings, Ask::verify, [&](const Origin& origin, const Projections& projections) {
        int result = well;
        for (const auto* each : chosen(projections.all(), settings.names)) {
            auto live = open_live(origin, *each);
            if (live.view.state != "ready") {
                auto why = live.view.reason.value_or("there is no generation yet");
                print({live.view.name, live.view.position, 0, false, why}, settings.format, print_line);
                result = failed;
                continue;
            }
            const auto compared = [&] {
                ProgressBar bar(live.view.name);
                try {
                    auto told = [&](Position done, Position all) { bar(done, all); };
                    return compared_by(verify(origin, *each, *live.table, told), *each);
                } catch (const DamageError& error) {
                    return unreadable(*each, error);
                }
            }();
            print(compared, settings.format, print_line);
            if (!compared.same) result = failed;
        }
        return result;
    });
}

}  // namespace

std::vector<const Projection*> chosen(std::vector<const Projection*> all, const std::vector<std::string>& names) {
    for (const auto& name : names)
        if (std::ranges::none_of(all, [&](const Projection* each) { return each->name() == name; })) {
            std::string known;
            for (const auto* each : all) known += (known.empty() ? "" : ", ") + std::string(each->name());
            throw std::runtime_error("there is no projection `" + name + "`, only " + known);
        }
    if (!names.empty())
        std::erase_if(all,
                      [&](const Projection* each) { return std::ranges::find(names, each->name()) == names.end(); });
    return all;
}

Origin origin_of(const Store& store, const Feed& feed) {
    return {feed, open_views(*store.shared), store.directory + "/views", store.id};
}

// ---- On the server.

Answered list_projections(System& system, const Request& request, const OnLine& line) {
    const LogFeed feed(*system.store().log, *system.store().history);
    const auto origin = origin_of(system.store(), feed);
    const auto anew = system.rebuilder().standing();
    std::vector<View> views;
    for (const auto* each : system.projections()) {
        auto standing = system.runner().standing(each->name());
        auto reason = standing.reason.empty() ? std::nullopt : std::optional(standing.reason);
        if (anew.under_way && anew.name == standing.name) reason = "its next generation is being made";
        views.push_back({standing.name, each->version(), current(origin, *each), std::string(name_of(standing.state)),
                         standing.position, standing.lag, reason});
    }
    print(views, request.format.value_or("text"), line);
    return {well, {}};
}

Answered verify_projections(System& system, const Request& request, const OnLine& line, const OnProgress& progress) {
    const LogFeed feed(*system.store().log, *system.store().history);
    const auto origin = origin_of(system.store(), feed);
    int result = well;
    for (const auto* each : chosen(system.projections(), request.names)) {
        Compared compared;
        // Who is erased meanwhile is in the one and not in the other; a second look tells that from a real difference.
        for (int looks = 0; looks < 2 && !compared.same; ++looks) {
            try {
                auto verified = verify(origin, *each, system.runner(), progress);
                if (!verified) return {failed, "`" + std::string(each->name()) + "` is being built; ask again later"};
                compared = compared_by(*verified, *each);
            } catch (const DamageError& error) {
                compared = unreadable(*each, error);
            }
        }
        print(compared, request.format.value_or("text"), line);
        if (!compared.same) result = failed;
    }
    return {result, {}};
}

void add_projections(CLI::App& program, int& result) {
    auto settings = std::make_shared<ProjectionsSettings>();
    auto* all =
        program.add_subcommand("projections", "The read models: how they stand, making them anew, proving them");
    all->require_subcommand(1);
    std::vector<std::string> names;
    const Projections projections(icu_unicode());
    for (const auto* each : projections.all()) names.emplace_back(each->name());
    auto add = [&](const char* name, const char* what, bool named, int (*run)(const ProjectionsSettings&)) {
        auto* command = all->add_subcommand(name, what);
        command->add_option("--data", settings->data, "The data directory")->required()->envname("MUSTER_DATA");
        command->add_option("--format", settings->format, "text (as by default) or json")
            ->check(CLI::IsMember({"text", "json"}));
        command
            ->add_option("--master-key-file", settings->master_key_file,
                         "Opens the personal keys; by default DIR/master.key")
            ->envname("MUSTER_MASTER_KEY_FILE");
        if (named)
            command->add_option("NAME", settings->names, "Which of them; by default all")->check(CLI::IsMember(names));
        command->callback([settings, run, &result] { result = run(*settings); });
    };
    add("list", "Version, generation, position and lag of each", false, list);
    add("rebuild", "Make the next generation from the first event on; beside a server, while it serves", true,
        rebuild_all);
    add("verify", "Make the rows a second time, aside, and compare", true, verify_all);
}

}  // namespace muster::tools
